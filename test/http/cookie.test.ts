import { parseSetCookie } from 'cookie'
import { type CookieDirectives, replaceCookie, sessionCookie } from '../../src/http/cookie.ts'
import { describeNative, openPhp, type Php } from '../oracle/php.ts'
import { type PhpServer, servePhp } from './php-server.ts'

const bare: CookieDirectives = {
  cookie_lifetime: 0,
  cookie_path: '',
  cookie_domain: '',
  cookie_secure: false,
  cookie_partitioned: false,
  cookie_httponly: false,
  cookie_samesite: '',
}
const everything: CookieDirectives = {
  cookie_lifetime: 3600,
  cookie_path: '/',
  cookie_domain: 'example.com',
  cookie_secure: true,
  cookie_partitioned: true,
  cookie_httponly: true,
  cookie_samesite: 'Lax',
}
const now = new Date('2026-11-20T16:00:00.999Z')

// biome-ignore format: a table
const cases: [what: string, directives: Partial<CookieDirectives>, attributes: string][] = [
  ['nothing',                         {},                                        ''],
  ['a path',                          { cookie_path: '/shop' },                  '; path=/shop'],
  ['a domain',                        { cookie_domain: '.example.com' },         '; domain=.example.com'],
  ['secure',                          { cookie_secure: true },                   '; secure'],
  ['HttpOnly',                        { cookie_httponly: true },                 '; HttpOnly'],
  ['SameSite',                        { cookie_samesite: 'None' },               '; SameSite=None'],
  ['a lifetime, in seconds and as a date', { cookie_lifetime: 3600 },            '; expires=Fri, 20 Nov 2026 17:00:00 GMT; Max-Age=3600'],
  ['a lifetime of ten years',         { cookie_lifetime: 315_360_000 },          '; expires=Mon, 17 Nov 2036 16:00:00 GMT; Max-Age=315360000'],
  ['a lifetime past the year 9999',   { cookie_lifetime: 300_000_000_000 },      '; expires=Wed, 05 Jul 11533 21:20:00 GMT; Max-Age=300000000000'],
  ['all, in PHP’s order',             { ...everything, cookie_partitioned: false }, '; expires=Fri, 20 Nov 2026 17:00:00 GMT; Max-Age=3600; path=/; domain=example.com; secure; HttpOnly; SameSite=Lax'],
]

describe('the cookie of a session', () => {
  it.each(cases)('says %s', (_what, directives, attributes) => {
    expect(sessionCookie('SID', 'abc', { ...bare, ...directives }, now)).toBe(`SID=abc${attributes}`)
  })

  it('says Partitioned where PHP 8.5 says it', () => {
    expect(sessionCookie('SID', 'abc', everything, now)).toMatch(/; secure; Partitioned; HttpOnly; SameSite=Lax$/)
  })

  it('is read back by the cookie package', () => {
    const { expires, ...rest } = parseSetCookie(sessionCookie('SID', 'a,-b', everything, now))
    expect(rest).toEqual({
      ...{ name: 'SID', value: 'a,-b', maxAge: 3600, path: '/', domain: 'example.com' },
      ...{ secure: true, httpOnly: true, partitioned: true, sameSite: 'lax' },
    })
    expect(expires).toEqual(new Date('2026-11-20T17:00:00Z'))
  })

  it('takes the place of one of its name and leaves the others', () => {
    const others = ['SID2=x', 'a=SID=1', 'sid=1', 'XSID=2']
    expect(replaceCookie(['SID=old; path=/', ...others, 'SID='], 'SID=new')).toEqual([...others, 'SID=new'])
  })
})

describeNative('PHP', () => {
  let php: PhpServer
  beforeAll(async () => {
    php = await servePhp(`<?php
      setcookie('other', '1'); setcookie('SID', 'old');
      session_name('SID');
      session_id($_SERVER['HTTP_X_ID']);
      session_set_save_handler(new class implements SessionHandlerInterface {
        function open($path, $name): bool { return true; }
        function close(): bool { return true; }
        function read($id): string { return ''; }
        function write($id, $data): bool { return true; }
        function destroy($id): bool { return true; }
        function gc($lifetime): int { return 0; }
      });
      session_start(json_decode($_SERVER['HTTP_X_OPTIONS'], true));`)
  })
  afterAll(() => php.close())

  it.each(cases)('sends a cookie that says %s, too', async (_what, directives) => {
    await expectSameCookie('abc', { ...bare, ...directives })
  })

  it.each(['a,b-c', 'A.b_c', 'a+b', 'a&b=c', '~!*()$@:;/?#[]{}|^`%'])('writes the id %j the same way', (id) =>
    expectSameCookie(id, bare),
  )

  async function expectSameCookie(id: string, { cookie_partitioned, ...directives }: CookieDirectives) {
    const { headers } = await php.ask({ headers: { 'X-Options': JSON.stringify(directives), 'X-Id': id } })
    const cookies = headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value)
    const sent = cookies.at(-1)!
    const expires = /expires=([^;]*)/.exec(sent)?.[1]
    const then = expires === undefined ? new Date() : new Date(Date.parse(expires) - directives.cookie_lifetime * 1000)
    expect(Math.abs(then.getTime() - Date.now())).toBeLessThan(30_000)
    expect(replaceCookie(['other=1', 'SID=old'], sessionCookie('SID', id, { ...directives, cookie_partitioned }, then))).toEqual(
      cookies,
    )
  }
})

describe('PHP 8.5', () => {
  let php: Php
  beforeAll(async () => {
    const ini = Object.entries({ ...everything, name: 'SID' }).map(([name, value]) => [
      `session.${name}`,
      String(Number(value) || value),
    ])
    php = await openPhp('8.5', { ini: Object.fromEntries(ini) })
  })
  afterAll(() => php.close())

  it('orders all attributes as we do', async () => {
    const headers = await php.run("session_id('abc'); session_start(); echo implode(PHP_EOL, headers_list());")
    const cookie = /^Set-Cookie: (.*)$/m.exec(headers.toString())![1]!
    const then = new Date(Date.parse(/expires=([^;]*)/.exec(cookie)![1]!) - 3_600_000)
    expect(cookie).toBe(sessionCookie('SID', 'abc', everything, then))
  })
})
