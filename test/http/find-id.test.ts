import type { Exchange } from '../../src/http/exchange.ts'
import { type FindIdDirectives, type FoundId, findId } from '../../src/http/find-id.ts'
import { describeNative } from '../oracle/php.ts'
import { type PhpServer, servePhp } from './php-server.ts'

interface Request {
  readonly cookie?: string
  readonly query?: string
  readonly form?: string
  readonly referer?: string
}

const a = 'a'.repeat(32)
const b = 'b'.repeat(32)
const c = 'c'.repeat(32)
const everywhere: Request = { cookie: `PHPSESSID=${a}`, query: `PHPSESSID=${b}`, form: `PHPSESSID=${c}` }
const anywhere = { use_only_cookies: false }
const fromCookie: FoundId = { id: a, source: 'cookie' }
const fromQuery: FoundId = { id: b, source: 'query' }
const fromForm: FoundId = { id: c, source: 'form' }

// biome-ignore format: a table
const cases: [what: string, request: Request, directives: Partial<FindIdDirectives>, found: FoundId | undefined][] = [
  ['nothing where there is nothing',               {},                                        {},       undefined],
  ['the cookie',                                   everywhere,                                {},       fromCookie],
  ['the cookie of another name',                   { cookie: `SID=${a}` },                    { name: 'SID' }, fromCookie],
  ['the cookie first',                             everywhere,                                anywhere, fromCookie],
  ['no query and no form by default',              { ...everywhere, cookie: '' },             {},       undefined],
  ['the query, when it may count',                 { ...everywhere, cookie: '' },             anywhere, fromQuery],
  ['the form, when it may count',                  { form: everywhere.form! },                anywhere, fromForm],
  ['no cookie without use_cookies',                everywhere,                                { use_cookies: false }, undefined],
  ['the query without use_cookies',                everywhere,                                { ...anywhere, use_cookies: false }, fromQuery],
  ['the query behind a cookie that is an array',   { ...everywhere, cookie: `PHPSESSID[]=${a}` }, anywhere, fromQuery],
  ['the form behind a query that is an array',     { ...everywhere, cookie: '', query: `PHPSESSID[x]=${b}` }, anywhere, fromForm],
  ['nothing behind an empty cookie',               { ...everywhere, cookie: 'PHPSESSID=' },   anywhere, undefined],
  ['nothing behind a cookie with a space',         { ...everywhere, cookie: `PHPSESSID=${a}%20` }, anywhere, undefined],
  ['what a Referer from here brings',              { ...everywhere, referer: 'https://shop.example/' }, { ...anywhere, referer_check: 'shop.example' }, fromCookie],
  ['nothing that a stranger brings',               { ...everywhere, referer: 'https://evil.example/' }, { ...anywhere, referer_check: 'shop.example' }, undefined],
  ['what comes without a Referer',                 everywhere,                                { ...anywhere, referer_check: 'shop.example' }, fromCookie],
  ['a stranger’s cookie, where only cookies count', { ...everywhere, referer: 'https://evil.example/' }, { referer_check: 'shop.example' }, fromCookie],
  ['an id with a comma and a dash, encoded',       { cookie: 'PHPSESSID=%61%2C-Z' },          {},       { id: 'a,-Z', source: 'cookie' }],
  ['an id of 250 characters',                      { cookie: `PHPSESSID=${'x'.repeat(250)}` }, {},    { id: 'x'.repeat(250), source: 'cookie' }],
]

/** None of these must come near a file name, in any of the three places. */
// biome-ignore format: a table
const hostile = [
  '..%2Fetc', '../etc', '%2e%2e%2f', '..', '.', '/etc/passwd', 'a%00b', '%00', 'a%0d%0aSet-Cookie:x=y', '%3Cscript%3E', "a'b", 'a%22b',
  'a%5Cb', 'a%20b', 'a%09b', 'a+b', 'é', '%C3%A9', 'a%7Fb', 'a=b', 'a:b', 'a%25b', '%', 'x'.repeat(257), 'x'.repeat(300), '*', 'a|b', '~', '',
]

const defaults: FindIdDirectives = { name: 'PHPSESSID', use_cookies: true, use_only_cookies: true, referer_check: '' }

describe('the id of a request', () => {
  it.each(cases)('is %s', (_what, request, directives, found) => {
    expect(findId(exchange(request), { ...defaults, ...directives })).toEqual(found)
  })

  it.each(hostile)('is never %j', (id) => {
    for (const request of [{ cookie: `PHPSESSID=${id}` }, { query: `PHPSESSID=${id}` }, { form: `PHPSESSID=${id}` }]) {
      expect(findId(exchange(request), { ...defaults, ...anywhere })).toBeUndefined()
    }
  })

  it('may have 256 characters', () => {
    const id = 'x'.repeat(256)
    expect(findId(exchange({ cookie: `PHPSESSID=${id}` }), defaults)).toEqual({ id, source: 'cookie' })
  })

  it('may come with a Referer that is not ASCII', () => {
    const referer = Buffer.from('https://exämple.example/').toString('latin1')
    const directives = { ...defaults, ...anywhere, referer_check: 'exämple' }
    expect(findId(exchange({ ...everywhere, referer }), directives)).toEqual(fromCookie)
  })
})

describeNative('PHP', () => {
  let php: PhpServer

  beforeAll(async () => {
    php = await servePhp(`<?php
      session_start(json_decode($_SERVER['HTTP_X_OPTIONS'], true));
      echo session_id();`)
  })
  afterAll(() => php.close())

  it.each(cases)('starts with %s too', async (_what, request, directives, found) => {
    const { id, hasCookie } = await started(request, directives)
    if (found === undefined) expect(id).toMatch(/^[0-9a-f]{32}$/)
    else expect(id).toBe(found.id)
    expect([a, b, c].filter((each) => each !== found?.id)).not.toContain(id)
    expect(hasCookie).toBe(found === undefined && directives.use_cookies !== false)
  })

  // PHP takes what stands before a NUL for the id; nobody who means well sends one.
  it.each(hostile.filter((id) => !/^[^%]+%00/.test(id)))('does not start with %j either', async (id) => {
    for (const request of [{ cookie: `PHPSESSID=${id}` }, { query: `PHPSESSID=${id}` }, { form: `PHPSESSID=${id}` }]) {
      // A new id, or none at all where the files save handler refuses it.
      expect((await started(request, anywhere)).id).toMatch(/^([0-9a-f]{32})?$/)
    }
  })

  async function started({ cookie = '', query = '', form = '', referer = '' }: Request, directives: Partial<FindIdDirectives>) {
    const headers = { Cookie: cookie, Referer: referer, 'X-Options': JSON.stringify(directives) }
    const present = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))
    const answer = await php.ask({
      query: query.replace('é', '%E9'),
      headers: present,
      ...(form === '' ? {} : { form: form.replace('é', '%E9') }),
    })
    return { id: answer.body, hasCookie: answer.headers.some(([name]) => name === 'set-cookie') }
  }
})

function exchange({ cookie = '', query = '', form = '', referer }: Request): Exchange {
  const unused = () => {
    throw new Error('not for reading an id')
  }
  return {
    key: {},
    cookieHeader: cookie,
    queryString: query,
    host: undefined,
    referer,
    form: (name) => new URLSearchParams(form).get(name) ?? undefined,
    headersSent: false,
    setHeader: unused,
    setCookie: unused,
    beforeEnd: unused,
    onClose: unused,
  }
}
