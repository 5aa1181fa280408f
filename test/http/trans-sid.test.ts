import fc from 'fast-check'
import { appliesTransSid, sidField, withSid } from '../../src/http/trans-sid.ts'
import { describeNative, openPhp, type Php } from '../oracle/php.ts'
import { check } from '../support/random.ts'
import { type PhpServer, servePhp } from './php-server.ts'
import { type Ask, defaults, fieldsInPhp, linksInPhp, page, pageInput, type Settings, sid, split } from './trans-sid-in-php.ts'
import { hostileUrl, ordinaryUrl } from './urls.ts'

const other = { trans_sid_hosts: 'other.example' }

type Row = [what: string, href: string, printed: string, settings?: Settings]

// biome-ignore format: a table
const links: Row[] = [
  ['a page',                              'cart.php',                    'cart.php?PHPSESSID=abc'],
  ['a path',                              '/a/b/../c;v=1,~',             '/a/b/../c;v=1,~?PHPSESSID=abc'],
  ['an empty link',                       '',                            '?PHPSESSID=abc'],
  ['a query',                             '?a=1',                        '?a=1&PHPSESSID=abc'],
  ['a page with a query',                 'x?a=1&b=2',                   'x?a=1&b=2&PHPSESSID=abc'],
  ['a query that is escaped',             'x?a=1&amp;b=2',               'x?a=1&amp;b=2&PHPSESSID=abc'],
  ['an empty query',                      'x?',                          'x?&PHPSESSID=abc'],
  ['nothing but an empty query',          '?',                           '?&PHPSESSID=abc'],
  ['a question mark in the query',        'x?a?b',                       'x?a?b&PHPSESSID=abc'],
  ['a fragment',                          'x#f?g#h',                     'x?PHPSESSID=abc#f?g#h'],
  ['an empty fragment',                   'x#',                          'x?PHPSESSID=abc#'],
  ['a query and a fragment',              'x?a=1#f',                     'x?a=1&PHPSESSID=abc#f'],
  ['a query that holds the name already', 'x?PHPSESSID=old',             'x?PHPSESSID=old&PHPSESSID=abc'],
  ['a URL in the query',                 'x?to=http://evil.example/',   'x?to=http://evil.example/&PHPSESSID=abc'],
  ['a time in the query',                 'x?at=12:30',                  'x?at=12:30&PHPSESSID=abc'],
  ['characters that are not ASCII',       'é/日本?ü=ö',                   'é/日本?ü=ö&PHPSESSID=abc'],
  ['characters that HTML escapes',        `a"b>c<d'e&f`,                 `a"b>c<d'e&f?PHPSESSID=abc`],
  ['a colon behind a slash',              'wiki/Talk:Unix',              'wiki/Talk:Unix?PHPSESSID=abc'],
  ['a colon at the end',                  'wiki/Talk:',                  'wiki/Talk:?PHPSESSID=abc'],
  ['a colon at the start',                ':x',                          ':x?PHPSESSID=abc'],
  ['a long number behind a colon',        'wiki/Unix:123456',            'wiki/Unix:123456?PHPSESSID=abc'],
  ['a host of the list',                  'http://other.example/x',      'http://other.example/x?PHPSESSID=abc', other],
  ['a host alone',                        'https://other.example',       'https://other.example/?PHPSESSID=abc', other],
  ['a host with a query',                 'http://other.example?a',      'http://other.example?a&PHPSESSID=abc', other],
  ['a host with a fragment',              'http://other.example#f',      'http://other.example?PHPSESSID=abc#f', other],
  ['a host in capitals',                  'HTTP://OTHER.example/x',      'HTTP://OTHER.example/x?PHPSESSID=abc', other],
  ['a host listed in capitals',           'http://other.example/x',      'http://other.example/x?PHPSESSID=abc', { trans_sid_hosts: ',a.example,,Other.Example' }],
  ['a host with any port',                'http://other.example:8443/x', 'http://other.example:8443/x?PHPSESSID=abc', other],
  ['a host with a user',                  'http://me@other.example/x',   'http://me@other.example/x?PHPSESSID=abc', other],
  ['a host without scheme',               '//other.example/x',           '//other.example/x?PHPSESSID=abc', other],
  ['a host without scheme, alone',        '//other.example',             '//other.example/?PHPSESSID=abc', other],
  ['a host without scheme, with a port',  '//other.example:81/x',        '//other.example:81/x?PHPSESSID=abc', other],
  ['an IPv6 address',                     'http://[::1]:81/x',           'http://[::1]:81/x?PHPSESSID=abc', { trans_sid_hosts: '[::1]' }],
  ['a host that is not ASCII',            'http://exämple.com/x',        'http://exämple.com/x?PHPSESSID=abc', { trans_sid_hosts: 'exämple.com' }],
  ['another tag',                         'x',                           'x?PHPSESSID=abc', { tag: 'frame', attribute: 'src' }],
  ['a tag in capitals',                   'x',                           'x?PHPSESSID=abc', { tag: 'AREA', trans_sid_tags: 'Area=HREF' }],
  ['a form with an attribute',            'x',                           'x?PHPSESSID=abc', { tag: 'form', attribute: 'target', trans_sid_tags: 'form=target' }],
  ['the first attribute of a tag',        'x',                           'x?PHPSESSID=abc', { trans_sid_tags: 'a=href,a=' }],
  ['an id with a comma',                  'x',                           'x?PHPSESSID=a%2C-Z', { sid: { name: 'PHPSESSID', id: 'a,-Z' } }],
  ['a name of odd characters',            'x',                           'x?%C3%A9%21%2A%27%28%29~%26%2B-_=abc', { sid: { name: 'é!*\'()~&+-_', id: 'abc' } }],
]

// biome-ignore format: a table
const untouched: [what: string, href: string, settings?: Settings][] = [
  ['a mark',                              '#f'],
  ['an empty mark',                       '#'],
  ['mail',                                'mailto:alice@shop.example'],
  ['a script',                            'javascript:go()'],
  ['a telephone',                         'tel:+123'],
  ['a short telephone',                   'tel:123'],
  ['data',                                'data:text/html,x'],
  ['FTP',                                 'ftp://other.example/',        other],
  ['a page that begins like a scheme',    'Talk:Unix'],
  ['a page that begins with a time',      '12:30.html'],
  ['another host',                        'http://evil.example/'],
  ['another host than those of the list', 'http://evil.example/',        other],
  ['a part of a host of the list',        'http://example/',             other],
  ['a subdomain of a host of the list',   'http://www.other.example/',   other],
  ['a host listed with its port',         'http://other.example:81/',    { trans_sid_hosts: 'other.example:81' }],
  ['a host listed with a blank',          'http://other.example/',       { trans_sid_hosts: 'a.example, other.example' }],
  ['a user named like a host',            'http://other.example@evil.example/', other],
  ['the host of the request',             'http://shop.example:8080/'],
  ['the host of the request beside a list', 'http://shop.example/',      other],
  ['no host',                             'http:///x'],
  ['no host and no scheme',               '//'],
  ['a port without host',                 'http://:80/'],
  ['a port that is too long',             'http://other.example:000080/', other],
  ['a port of white space',               '//other.example:\t',          other],
  ['a port that is too large',            'http://other.example:65536/',  other],
  ['a colon',                             ':'],
  ['a number behind the first colon',     'wiki/Unix:80'],
  ['a number and a path behind it',       'wiki/Unix:80/x'],
  ['a number behind a colon at the start', ':80'],
  ['a tag that is not listed',            'x', { tag: 'img', attribute: 'src' }],
  ['a tag without attribute',             'x', { tag: 'form', attribute: 'action' }],
  ['a fieldset',                          'x', { tag: 'fieldset', trans_sid_tags: 'fieldset=' }],
  ['a tag without equals sign',           'x', { trans_sid_tags: 'a,href' }],
  ['a tag behind a blank',                'x', { trans_sid_tags: 'form=, a=href' }],
  ['an attribute behind a blank',         'x', { trans_sid_tags: 'a= href' }],
  ['a tag with a digit',                  'x', { tag: 'h1', trans_sid_tags: 'h1=href' }],
  ['an attribute with a digit',           'x', { attribute: 'x1', trans_sid_tags: 'a=x1' }],
]

/** Where PHP changes more of the URL than to add the id. */
// biome-ignore format: a table
const broken: [what: string, href: string, php: string, here: string, settings?: Settings][] = [
  ['a password',         'http://me:secret@other.example/', 'http://mesecret:@other.example/?PHPSESSID=abc', 'http://me:secret@other.example/?PHPSESSID=abc', other],
  ['zeros of a port',    'http://other.example:0080/',      'http://other.example:80/?PHPSESSID=abc',        'http://other.example:0080/?PHPSESSID=abc', other],
  ['port 0',             'http://other.example:0/',         'http://other.example/?PHPSESSID=abc',           'http://other.example:0/?PHPSESSID=abc', other],
  ['an empty port',      'http://other.example:/x',         'http://other.example/x?PHPSESSID=abc',          'http://other.example:/x?PHPSESSID=abc', other],
  ['a number in a path', '//other.example/x:80',            '//other.example:80/x:80?PHPSESSID=abc',         '//other.example/x:80?PHPSESSID=abc', other],
  ['control characters', 'a\tb\0c',                         'a_b_c?PHPSESSID=abc',                           'a\tb\0c?PHPSESSID=abc'],
]

/** Where PHP gives the id to a host that is not ours, as browsers see it, or leads the browser to one. */
// biome-ignore format: a table
const leaks: [what: string, href: string, php: string, settings?: Settings][] = [
  ['a scheme with a page',       'https:x',                 'https://x?PHPSESSID=abc'],
  ['a scheme with a path',       'http:/evil.example',      'http:///evil.example?PHPSESSID=abc'],
  ['a scheme alone',             'https:',                  'https:/?PHPSESSID=abc'],
  ['a backslash for a slash',    '/\\evil.example',         '/\\evil.example?PHPSESSID=abc'],
  ['a backslash before a host',  'http://evil.example\\@other.example/', 'http://evil.example\\@other.example/?PHPSESSID=abc', other],
  ['a blank before a host',      ' //evil.example',         ' //evil.example?PHPSESSID=abc'],
  ['a blank before a scheme',    ' http:evil.example',      ' http:evil.example?PHPSESSID=abc'],
  ['a blank before a script',    ' javascript:go()',        ' javascript:go()?PHPSESSID=abc'],
]

// biome-ignore format: a table
const forms: [what: string, action: string | undefined, has: boolean, settings?: Settings][] = [
  ['without action',                      undefined,                     true],
  ['with an empty action',                '',                            true],
  ['for a page',                          'buy.php?a=1',                 true],
  ['for a mark',                          '#f',                          true],
  ['for the host of the request',         'https://Shop.Example:9/x',    true],
  ['for that host without scheme',        '//shop.example',              true],
  ['for that host, of which nobody knows', 'http://shop.example/',       false, { host: undefined }],
  ['for that host, which has no port',    'http://shop.example/',        true,  { host: 'SHOP.example' }],
  ['for a host of the list',              'http://other.example/',       true,  other],
  ['for a host listed in capitals',       'http://other.example/',       true,  { trans_sid_hosts: 'OTHER.example' }],
  ['for such a host in capitals',         'http://OTHER.example/',       false, other],
  ['for the request’s host beside a list', 'http://shop.example/',       false, other],
  ['for another host',                    'http://evil.example/',        false],
  ['for an IPv6 address, even our own',   'http://[::1]/',               false, { host: '[::1]:80' }],
  ['for mail',                            'mailto:alice@shop.example',   false],
  ['for a URL that is none',             'http:///',                    false],
  ['for a number behind a colon',         'wiki/Unix:80',                false],
  ['that is not in the tags',             'x',                           false, { trans_sid_tags: 'a=href' }],
  ['where form is a fieldset',            'x',                           false, { trans_sid_tags: 'fieldset=' }],
  ['without equals sign',                 'x',                           false, { trans_sid_tags: 'form' }],
  ['in capitals',                         'x',                           true,  { trans_sid_tags: 'FORM=' }],
  ['of a session with an odd name',       'x',                           true,  { sid: { name: `é&<>"'`, id: 'a,-Z' } }],
]

const condition = { use_trans_sid: true, use_cookies: true, use_only_cookies: false }
const conditions = [...Array(8).keys()].map((bits) => ({
  use_trans_sid: bits % 2 === 1,
  use_cookies: bits % 4 >= 2,
  use_only_cookies: bits >= 4,
}))

describe('the id in links', () => {
  it.each(links)('is added to %s', (_what, href, printed, settings = {}) => {
    expect(linkHere(href, settings)).toBe(printed)
  })

  it.each(untouched)('is not added to %s', (_what, href, settings = {}) => {
    expect(linkHere(href, settings)).toBe(href)
  })

  it.each(broken)('is added to a URL with %s, which PHP breaks', (_what, href, _php, here, settings = {}) => {
    expect(linkHere(href, settings)).toBe(here)
  })

  it.each(leaks)('is not added to %s, where PHP gives it away', (_what, href, _php, settings = {}) => {
    expect(linkHere(href, settings)).toBe(href)
  })
})

describe('the field in forms', () => {
  it.each(forms)('is written or not, as PHP does, behind one %s', (_what, action, has, settings = {}) => {
    expect(fieldHere(action, settings) !== '').toBe(has)
  })

  it('is PHP’s', () => {
    const field = '<input type="hidden" name="a&quot;&#039;&amp;b" value="a,-Z" />'
    expect(sidField({ name: `a"'&b`, id: 'a,-Z' }, defaults)).toBe(field)
  })

  it.each(leaks)('is not written for %s, where PHP gives it away', (_what, action) => {
    expect(fieldHere(action, other)).toBe('')
  })
})

describe('the id of a browser that takes cookies', () => {
  it('is nowhere but in the cookie', () => {
    expect(appliesTransSid(condition, true)).toBe(false)
    expect(appliesTransSid(condition, false)).toBe(true)
    expect(appliesTransSid({ ...condition, use_cookies: false }, true)).toBe(true)
    expect(appliesTransSid({ ...condition, use_only_cookies: true }, false)).toBe(false)
    expect(appliesTransSid({ ...condition, use_trans_sid: false }, false)).toBe(false)
  })
})

describe('a URL made to mislead', () => {
  const hosts = ['own.example', 'other.example']
  const reached = (url: string) =>
    ['http://own.example/', 'https://own.example/'].map((page) => URL.canParse(url, page) && new URL(url, page).hostname)

  it('takes the id nowhere but to our hosts, and is not changed otherwise', () => {
    const property = fc.property(hostileUrl, (url) => {
      const printed = linkHere(url, other)
      if (printed !== url) {
        expect([/[?&]PHPSESSID=abc/, '/?PHPSESSID=abc'].map((added) => printed.replace(added, ''))).toContain(url)
        for (const host of reached(printed)) expect(hosts).toContain(host)
      }
      if (fieldHere(url, other) !== '') for (const host of reached(url)) expect(hosts).toContain(host)
    })
    check(property, 5000)
  })
})

describeNative('PHP', () => {
  let php: PhpServer
  beforeAll(async () => {
    // PHP knows its host only in a page that names $_SERVER: auto_globals_jit.
    php = await servePhp(`<?php $_SERVER; $input = $_POST['input']; ${page}`)
  })
  afterAll(() => php.close())

  const ask: Ask = async (tags, settings = {}, headers = {}) => {
    const { host } = { ...defaults, ...settings }
    const form = `input=${encodeURIComponent(pageInput(tags, settings))}`
    return split((await php.ask({ form, headers: { Host: host ?? '', ...headers } })).body)
  }
  sameAs(ask)

  it.each(conditions)('gives the id with %j as we do', async (directives) => {
    const own = ['PHPSESSID=abc', 'PHPSESSID=', 'PHPSESSID=a%20b', 'PHPSESSID[]=abc']
    for (const cookie of ['a=PHPSESSID', 'PHPSESSI=abc', 'PHPSESSIDS=abc', ...own]) {
      const [printed] = await ask(['<a href="x">'], { directives }, { Cookie: cookie })
      expect([cookie, printed !== '<a href="x">']).toEqual([cookie, appliesTransSid(directives, own.includes(cookie))])
    }
  })
})

describe('PHP 8.5', () => {
  let php: Php
  beforeAll(async () => {
    php = await openPhp('8.5')
  })
  afterAll(() => php.close())

  sameAs(async (tags, settings = {}) => {
    const host = JSON.stringify({ ...defaults, ...settings }.host ?? null)
    return split((await php.run(`$_SERVER['HTTP_HOST'] = ${host}; ${page}`, Buffer.from(pageInput(tags, settings)))).toString())
  })
})

function sameAs(ask: Ask) {
  it.each(links)('adds the id to %s, too', async (_what, href, printed, settings = {}) => {
    expect(await linksInPhp(ask, [href], settings)).toEqual([printed])
  })

  it.each(untouched)('does not add it to %s, either', async (_what, href, settings = {}) => {
    expect(await linksInPhp(ask, [href], settings)).toEqual([href])
  })

  it.each(broken)('breaks a URL with %s', async (_what, href, printed, _here, settings = {}) => {
    expect(await linksInPhp(ask, [href], settings)).toEqual([printed])
  })

  it.each(leaks)('gives the id away with %s', async (_what, href, printed, settings = {}) => {
    expect(await linksInPhp(ask, [href], settings)).toEqual([printed])
  })

  it.each(forms)('writes the same behind a form %s', async (_what, action, _has, settings = {}) => {
    expect(await fieldsInPhp(ask, [action], settings)).toEqual([fieldHere(action, settings)])
  })

  it('does the same with any URL', async () => {
    const lists = fc.constantFrom('', 'other.example', 'other.example,shop.example', 'exämple.com,[::1]')
    const property = fc.asyncProperty(fc.array(ordinaryUrl, { minLength: 50, maxLength: 200 }), lists, async (urls, hosts) => {
      const settings = { trans_sid_hosts: hosts }
      expect(await linksInPhp(ask, urls, settings)).toEqual(urls.map((url) => linkHere(url, settings)))
      expect(await fieldsInPhp(ask, urls, settings)).toEqual(urls.map((url) => fieldHere(url, settings)))
    })
    await check(property, 20)
  })

  it('gives the id to every URL that gets it here', async () => {
    const property = fc.asyncProperty(fc.array(hostileUrl, { minLength: 100, maxLength: 500 }), async (urls) => {
      const printed = await linksInPhp(ask, urls, other)
      expect(urls.filter((url, at) => linkHere(url, other) !== url && printed[at] === url)).toEqual([])
      const fields = await fieldsInPhp(ask, urls, other)
      expect(urls.filter((url, at) => fieldHere(url, other) !== '' && fields[at] === '')).toEqual([])
    })
    await check(property, 10)
  })
}

function linkHere(href: string, { tag, sid: given = sid, ...rules }: Settings = {}): string {
  return withSid(href, given, { ...defaults, ...rules }, tag)
}

function fieldHere(action: string | undefined, { sid: given = sid, ...rules }: Settings = {}): string {
  return sidField(given, { ...defaults, ...rules }, action)
}
