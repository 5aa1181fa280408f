import fc from 'fast-check'
import { cookieVariable, queryVariable } from '../../src/http/request-variables.ts'
import { describeNative } from '../oracle/php.ts'
import { check } from '../support/random.ts'
import { type PhpServer, servePhp } from './php-server.ts'

/** Cookie headers, and what PHP has under `$_COOKIE['SID_1']`. */
// biome-ignore format: a table
const cookies: [header: string, value: string | undefined][] = [
  ['',                                  undefined],
  ['SID_1=abc',                         'abc'],
  ['a=b; SID_1=abc; c=d',               'abc'],
  ['a=b;SID_1=abc;c=d',                 'abc'],
  ['a=b;  \tSID_1=abc',                 'abc'],
  ['SID_1=first; SID_1=second',         'first'],
  ['SID_1=; SID_1=second',              ''],
  ['SID_1; SID_1=second',               ''],
  ['sid_1=abc',                         undefined],
  ['SID_1 =abc',                        undefined],
  ['SID_1= abc',                        ' abc'],
  ['SID_1=abc ; a=b',                   'abc '],
  ['SID_1="abc"',                       '"abc"'],
  ['SID_1=a=b=c',                       'a=b=c'],
  ['SID_1=a+b',                         'a+b'],
  ['SID_1=a%2Cb%2cc',                   'a,b,c'],
  ['SID_1=%61bc',                       'abc'],
  ['SID_1=%',                           '%'],
  ['SID_1=%4',                          '%4'],
  ['SID_1=%4x%41',                      '%4xA'],
  ['SID_1=%00',                         '\0'],
  ['SID_1=%e4\xe4',                     '\xe4\xe4'],
  ['SID_1=%2541',                       '%41'],
  ['SID%5f1=abc',                       undefined],
  ['SID.1=abc',                         'abc'],
  ['SID 1=abc',                         'abc'],
  ['SID[1=abc',                         'abc'],
  ['SID[1[=abc',                        undefined],
  ['SID.1=dot; SID_1=real',             'dot'],
  ['SID_1[]=abc',                       undefined],
  ['SID_1[]=abc; SID_1=good',           undefined],
  ['SID_1=good; SID_1[]=abc',           undefined],
  ['SID_1=good; SID_1[=abc',            'good'],
  ['SID_1=good; SID.1[x][y=abc',        undefined],
  ['SID_1=good; SID.1[x]y[=abc',        undefined],
  ['SID_1]=abc',                        undefined],
  ['[SID_1]=abc',                       undefined],
  ['=abc; SID_1=x',                     'x'],
  ['; ;;SID_1=x',                       'x'],
  [' =SID_1; SID_1=x',                  'x'],
  ['SID_1[ ]=x',                        undefined],
  [`SID_1${'[]'.repeat(64)}=x; SID_1=y`, undefined],
  [`SID_1${'[]'.repeat(65)}=x; SID_1=y`, 'y'],
  [`SID_1${'[]'.repeat(64)}[=x; SID_1=y`, 'y'],
  [`SID_1=y; SID_1${'[]'.repeat(65)}=x`, undefined],
  ['a=1,SID_1=x',                       undefined],
  ['$Version=1; SID_1=x; $Path=/',      'x'],
  ['__proto__=x; constructor=y',        undefined],
]

/** Query strings, and what PHP has under `$_GET['SID_1']`. */
// biome-ignore format: a table
const queries: [query: string, value: string | undefined][] = [
  ['',                                  undefined],
  ['SID_1=abc',                         'abc'],
  ['a=b&SID_1=abc&c=d',                 'abc'],
  ['SID_1=first&SID_1=second',          'second'],
  ['SID_1=first&SID_1',                 ''],
  ['SID_1=a+b%20c',                     'a b c'],
  ['SID%5f1=abc',                       'abc'],
  ['SID%001=abc',                       undefined],
  ['SID_1%00=abc',                      'abc'],
  ['SID.1=abc',                         'abc'],
  ['SID+1=abc',                         'abc'],
  ['+SID_1=abc',                        'abc'],
  ['%09SID_1=abc',                      undefined],
  ['SID_1[]=abc',                       undefined],
  ['SID_1[]=abc&SID_1=good',            'good'],
  ['SID_1=good&SID_1[]=abc',            undefined],
  ['SID_1=good&SID_1%5B%5D=abc',        undefined],
  ['SID_1=a;SID_1=b',                   'a;SID_1=b'],
  ['SID_1=x#SID_1=y',                   'x'],
]

describe('a cookie', () => {
  it.each(cookies)('of %j is %j', (header, value) => expect(cookieVariable(header, 'SID_1')).toBe(value))

  it.each([
    ['__Host-SID=a', 'a'],
    ['..Host-SID=a', undefined],
    ['. Host-SID[]=a; __Host-SID=b', 'b'],
    ['__Host-SID=a; _.Host-SID[]=b', 'a'],
  ])('that another name would forge is not seen: %s', (header, value) => {
    expect(cookieVariable(header, '__Host-SID')).toBe(value)
  })

  it('is found in time that grows with the length: with its square, this would not end', () => {
    for (const pair of ['[', '[]', ' ', '.', '%', ';', '=', 'a[', ' =', '\t']) {
      expect(cookieVariable(pair.repeat(500_000), 'SID_1')).toBeUndefined()
    }
  })
})

describe('a variable of the query', () => {
  it.each(queries)('of %j is %j', (query, value) => expect(queryVariable(query.replace(/#.*/, ''), 'SID_1')).toBe(value))
})

describeNative('PHP', () => {
  let php: PhpServer

  beforeAll(async () => {
    php = await servePhp(`<?php
      foreach ([$_COOKIE, $_GET] as $vars) foreach (['SID_1', '__Host-SID'] as $name) {
        echo is_string($vars[$name] ?? null) ? base64_encode($vars[$name]) . '.' : '', ' ';
      }`)
  })
  afterAll(() => php.close())

  it.each(cookies)('agrees on the cookie %j', async (Cookie, value) => {
    expect((await asked({ Cookie })).cookie).toBe(value)
  })

  it.each(queries)('agrees on the query %j', async (query, value) => {
    expect((await asked({}, query)).query).toBe(value)
  })

  it('agrees on what was made up to confuse', async () => {
    const part = fc.constantFrom(
      ...'SID_1|SID.1|SID 1|SID[1|__Host-SID|..Host-SID|_ Host-SID|[|]|[]|=|=|;|; |&|%5B|%|%4|+| |\t|%00|é|a'.split('|'),
    )
    const text = fc.array(part, { maxLength: 14 }).map((parts) => parts.join(''))
    await check(
      fc.asyncProperty(text, text, async (cookie, query) => {
        // HTTP forbids white space around a header's value, and some characters in an address.
        const header = cookie.trim()
        const address = query.replace(/[ \té#]/g, '_')
        const answer = await asked({ Cookie: header }, address)
        expect(cookieVariable(header, 'SID_1')).toBe(answer.cookie)
        expect(cookieVariable(header, '__Host-SID')).toBe(answer.hostCookie)
        expect(queryVariable(address, 'SID_1')).toBe(answer.query)
        expect(queryVariable(address, '__Host-SID')).toBe(answer.hostQuery)
      }),
      1500,
    )
  })

  async function asked(headers: Record<string, string>, query = '') {
    const { body } = await php.ask({ query, headers })
    const [cookie, hostCookie, inQuery, hostQuery] = body.split(' ').map((text) => {
      return text === '' ? undefined : Buffer.from(text.slice(0, -1), 'base64').toString('latin1')
    })
    return { cookie, hostCookie, query: inQuery, hostQuery }
  }
})
