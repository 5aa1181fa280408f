import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { retiredDirectives } from '../../src/session/directive-names.ts'
import {
  type DirectiveName,
  type DirectiveOptions,
  type Directives,
  directiveNames,
  overrideDirectives,
  resolveDirectives,
} from '../../src/session/directives.ts'
import { openPhp, type Php, phpVersions } from '../oracle/php.ts'

/** What is given, and what is made of it. */
// biome-ignore format: a table
const accepted: [name: DirectiveName, given: unknown, value: unknown][] = [
  ...each('cookie_secure', [true, 1, '1', 'On', 'on', 'TRUE', 'Yes', '-1', '01', 2], true),
  ...each('use_cookies', [false, 0, '0', '', 'Off', 'no', 'false', 'None', 'null', '00', '-0'], false),
  ['gc_maxlifetime',          1440,                   1440],
  ['gc_maxlifetime',          '1440',                 1440],
  ['gc_maxlifetime',          ' 1440 ',               1440],
  ['gc_maxlifetime',          '+10',                  10],
  ['gc_maxlifetime',          '1K',                   1024],
  ['gc_maxlifetime',          '2m',                   2097152],
  ['gc_maxlifetime',          '1 k',                  1024],
  ['gc_maxlifetime',          '0x1A',                 26],
  ['gc_maxlifetime',          '010',                  8],
  ['gc_maxlifetime',          '0o10',                 8],
  ['gc_maxlifetime',          '0b11',                 3],
  ['gc_maxlifetime',          '',                     0],
  ['gc_maxlifetime',          true,                   1],
  ['gc_probability',          0,                      0],
  ['gc_divisor',              1,                      1],
  ['cookie_lifetime',         '31536000',             31536000],
  ['cache_expire',            '-5',                   -5],
  ['sid_length',              22,                     22],
  ['sid_length',              '256',                  256],
  ['sid_length',              '026',                  26],
  ['sid_length',              ' +32',                 32],
  ['sid_bits_per_character',  '6',                    6],
  ['name',                    'SID',                  'SID'],
  ['name',                    '__Host-sid',           '__Host-sid'],
  ['name',                    '1a',                   '1a'],
  ['name',                    'a]b',                  'a]b'],
  ['save_path',               '5;0600;/path with ä',  '5;0600;/path with ä'],
  ['save_path',               '',                     ''],
  ['save_handler',            'Files',                'files'],
  ['save_handler',            memorySaveHandler(),    'memory'],
  ['serialize_handler',       'PHP_serialize',        'php_serialize'],
  ['cookie_path',             '',                     ''],
  ['cookie_path',             '/a b/%20,c',           '/a b/%20,c'],
  ['cookie_domain',           '.example.com',         '.example.com'],
  ['cookie_samesite',         'lax',                  'Lax'],
  ['cookie_samesite',         'NONE',                 'None'],
  ['cookie_samesite',         '',                     ''],
  ['cache_limiter',           'Private_No_Expire',    'private_no_expire'],
  ['cache_limiter',           'none',                 'none'],
  ['cache_limiter',           false,                  ''],
  ['referer_check',           'exämple.com',          'exämple.com'],
  ['upload_progress.freq',    '1%',                   '1%'],
  ['upload_progress.freq',    '100%',                 '100%'],
  ['upload_progress.freq',    '4096',                 4096],
  ['upload_progress.freq',    '017',                  17],
  ['upload_progress.freq',    '2147483647',           2147483647],
  ['upload_progress.freq',    '',                     0],
  ['upload_progress.freq',    0,                      0],
  ['upload_progress.min_freq', '0.5',                 0.5],
  ['upload_progress.min_freq', 2,                     2],
]

// biome-ignore format: a table
const refused: [name: string, given: unknown, says: string][] = [
  ['cookie_secure',           'maybe',                "cookie_secure must be true or false, 1 or 0, 'On' or 'Off', not \"maybe\""],
  ['cookie_secure',           null,                   "cookie_secure must be true or false, 1 or 0, 'On' or 'Off', not null"],
  ['cookie_secure',           '1 ',                   'cookie_secure must be true or false'],
  ['lazy_write',              0.5,                    'lazy_write must be true or false'],
  ['gc_probability',          -1,                     'gc_probability must be a whole number from 0, not -1'],
  ['gc_divisor',              0,                      'gc_divisor must be a whole number from 1, not 0'],
  ['gc_divisor',              '',                     'gc_divisor must be a whole number from 1, not ""'],
  ['gc_maxlifetime',          '24 minutes',           'gc_maxlifetime must be a whole number of seconds from 0, not "24 minutes"'],
  ['gc_maxlifetime',          -1,                     'gc_maxlifetime must be'],
  ['gc_maxlifetime',          1.5,                    'not 1.5'],
  ['gc_maxlifetime',          Number.NaN,             'not NaN'],
  ['gc_maxlifetime',          Number.POSITIVE_INFINITY, 'not Infinity'],
  ['gc_maxlifetime',          '08',                   'not "08"'],
  ['gc_maxlifetime',          [1440],                 'not an array'],
  ['gc_maxlifetime',          {},                     'not an object'],
  ['gc_maxlifetime',          () => 1,                'not a function'],
  ['cookie_lifetime',         -1,                     'cookie_lifetime must be a whole number of seconds from 0, not -1'],
  ['cookie_lifetime',         '9223372036854775807',  'cookie_lifetime must be'],
  ['sid_length',              21,                     'sid_length must be a whole number from 22 to 256, not 21'],
  ['sid_length',              257,                    'sid_length must be'],
  ['sid_length',              '1K',                   'sid_length must be'],
  ['sid_length',              '0x20',                 'sid_length must be'],
  ['sid_length',              '32 ',                  'sid_length must be'],
  ['sid_bits_per_character',  '0b101',                'sid_bits_per_character must be'],
  ['sid_bits_per_character',  3,                      'sid_bits_per_character must be a whole number from 4 to 6, not 3'],
  ['name',                    '',                     'name must be a name of ASCII characters: not empty, not a number, without white space and =,;.[, not ""'],
  ['name',                    '123',                  'not "123"'],
  ['name',                    42,                     'not 42'],
  ['name',                    '-1e5',                 'not "-1e5"'],
  ['name',                    'a b',                  'not "a b"'],
  ['name',                    'a.b',                  'not "a.b"'],
  ['name',                    'a[b',                  'not "a[b"'],
  ['name',                    'a;b',                  'not "a;b"'],
  ['name',                    'a\0',                  'name must be'],
  ['name',                    'säd',                  'name must be'],
  ['name',                    `${'x'.repeat(50)} `,   `not "${'x'.repeat(40)}…"`],
  ['save_path',               'tcp://redis?auth=secret\0', 'save_path must be a string without NUL, not this string'],
  ['save_handler',            'user',                 "save_handler must be the name of a save handler (not 'user') or a save handler, not \"user\""],
  ['save_handler',            {},                     'save_handler must be'],
  ['save_handler',            '',                     'save_handler must be'],
  ['serialize_handler',       'wddx',                 "serialize_handler must be one of 'php', 'php_binary', 'php_serialize', not \"wddx\""],
  ['cookie_path',             '/; Domain=evil.example', 'cookie_path must be a path of ASCII characters without ;'],
  ['cookie_path',             '/\r\nSet-Cookie: a=b', 'cookie_path must be'],
  ['cookie_domain',           'example.com; Secure',  'cookie_domain must be a domain name'],
  ['cookie_domain',           'exa mple.com',         'cookie_domain must be'],
  ['cookie_samesite',         'Loose',                "cookie_samesite must be one of '', 'Lax', 'Strict', 'None', not \"Loose\""],
  ['cookie_samesite',         'Lax; Secure',          'cookie_samesite must be'],
  ['cache_limiter',           'cached',               "cache_limiter must be one of '', 'none', 'nocache', 'public', 'private', 'private_no_expire', not \"cached\""],
  ['referer_check',           5.5,                    'referer_check must be a string without NUL, not 5.5'],
  ['upload_progress.freq',    '101%',                 "upload_progress.freq must be a number of bytes from 0, or a percentage from '0%' to '100%', not \"101%\""],
  ['upload_progress.freq',    -1,                     'upload_progress.freq must be'],
  ['upload_progress.freq',    '1K',                   'upload_progress.freq must be'],
  ['upload_progress.freq',    '0x10',                 'upload_progress.freq must be'],
  ['upload_progress.freq',    '2147483648',           'upload_progress.freq must be'],
  ['upload_progress.min_freq', '1s',                  'upload_progress.min_freq must be a number from 0, not "1s"'],
  ['cookie_lifetme',          1,                      "Unknown option 'cookie_lifetme': did you mean 'cookie_lifetime'?"],
  ['cookieLifetime',          1,                      "Unknown option 'cookieLifetime': did you mean 'cookie_lifetime'?"],
  ['session.cookie_lifetime', 1,                      "Unknown option 'session.cookie_lifetime': directives are written without 'session.' here, use 'cookie_lifetime'"],
  ['session.cookieLifetime',  1,                      "did you mean 'cookie_lifetime'?"],
  ['cookie-secure',           1,                      "did you mean 'cookie_secure'?"],
  ['samesite',                1,                      "Unknown option 'samesite'"],
  ['gc_max_lifetime',         1,                      "did you mean 'gc_maxlifetime'?"],
  ['use_strict_mod',          1,                      "did you mean 'use_strict_mode'?"],
  ['upload_progress_freq',    1,                      "did you mean 'upload_progress.freq'?"],
  ['locktimeout',             1,                      "did you mean 'lockTimeout'?"],
  ['php_version',             1,                      "did you mean 'phpVersion'?"],
  ['hash_function',           1,                      "Unknown option 'hash_function': PHP 7.1 removed it; use sid_length"],
  ['toString',                1,                      "Unknown option 'toString'"],
  ['constructor',             1,                      "Unknown option 'constructor'"],
  ['x'.repeat(10_000),        1,                      `Unknown option '${'x'.repeat(60)}'`],
]

/** Accepted by PHP, and by good reason not here. */
// biome-ignore format: a table
const stricter: [names: RegExp, value: RegExp, why: string][] = [
  [/^(cookie_|use_|lazy_)/,                           /./,                 'a text that is neither on nor off'],
  [/^(gc_|cookie_lifetime|cache_expire)/,             /./,                 'a number PHP guesses (it warns), a negative lifetime, or one beyond all dates'],
  [/^name$/,                                          /[^!-~]/,            'a cookie’s name is ASCII'],
  [/^cookie_(path|domain|samesite)$/,                 /./,                 'what breaks out of its attribute, or browsers do not know'],
  [/^cache_limiter$/,                                 /./,                 'PHP sends no headers for a name it does not know'],
  [/^referer_check$/,                                 /\0/,                'what PHP would cut'],
]

const others = ['lockTimeout', 'phpVersion']

describe('a directive', () => {
  it.each(accepted)('%s may be %j', (name, given, value) => {
    expect(resolveDirectives({ [name]: given })[name]).toBe(value)
  })

  it.each(refused)('%.30s may not be %j', (name, given, says) => {
    const resolve = () => resolveDirectives({ [name]: given }, others)
    expect(resolve).toThrow(TypeError)
    expect(resolve).toThrow(says)
  })

  it('that is undefined is not there', () => {
    expect(resolveDirectives({ name: undefined })).toEqual(resolveDirectives({}))
    expect(() => resolveDirectives({ nmae: undefined })).toThrow("did you mean 'name'?")
  })

  it('never shows a password in an error', () => {
    expect(() => resolveDirectives({ save_path: 'tcp://redis?auth=secret\0' })).not.toThrow('secret')
  })
})

describe('all directives', () => {
  it('are the defaults of the newest PHP where nothing is given', () => {
    expect(resolveDirectives({})).toEqual({
      ...{ save_path: '', name: 'PHPSESSID', save_handler: 'files', serialize_handler: 'php', auto_start: false },
      ...{ gc_probability: 1, gc_divisor: 100, gc_maxlifetime: 1440 },
      ...{ cookie_lifetime: 0, cookie_path: '/', cookie_domain: '', cookie_secure: false, cookie_partitioned: false },
      ...{ cookie_httponly: true, cookie_samesite: 'Lax' },
      ...{ use_cookies: true, use_only_cookies: true, use_strict_mode: true, referer_check: '' },
      ...{ cache_limiter: 'nocache', cache_expire: 180 },
      ...{ use_trans_sid: false, trans_sid_tags: 'a=href,area=href,frame=src,form=', trans_sid_hosts: '' },
      ...{ sid_length: 32, sid_bits_per_character: 4, lazy_write: true },
      ...{ 'upload_progress.enabled': false, 'upload_progress.cleanup': true, 'upload_progress.prefix': 'upload_progress_' },
      ...{ 'upload_progress.name': 'PHP_SESSION_UPLOAD_PROGRESS', 'upload_progress.freq': '1%', 'upload_progress.min_freq': 1 },
    })
  })

  // biome-ignore format: a table
  it.each([
    ['5.2',  { use_only_cookies: false, lazy_write: false, use_strict_mode: false, 'upload_progress.enabled': false }],
    ['5.3',  { use_only_cookies: true,  lazy_write: false, use_strict_mode: false, 'upload_progress.enabled': false }],
    ['5.4',  { use_only_cookies: true,  lazy_write: false, use_strict_mode: false, 'upload_progress.enabled': true }],
    ['7.0',  { lazy_write: true, use_strict_mode: false, cookie_httponly: false, cookie_samesite: '' }],
    ['8.5',  { use_strict_mode: false, cookie_httponly: false, cookie_samesite: '' }],
    ['8.5.10', { use_strict_mode: false, cookie_httponly: false, cookie_samesite: '' }],
    ['8.6',  { use_strict_mode: true, cookie_httponly: true, cookie_samesite: 'Lax' }],
    ['8.10', { use_strict_mode: true, cookie_httponly: true, cookie_samesite: 'Lax' }],
    ['8.2.35', { 'upload_progress.enabled': true }],
    ['8.2.36', { 'upload_progress.enabled': false }],
    ['8.2',    { 'upload_progress.enabled': false }],
    ['8.3.0',  { 'upload_progress.enabled': true }],
    ['8.3.36', { 'upload_progress.enabled': false }],
    ['8.4.27', { 'upload_progress.enabled': true }],
    ['8.4.28', { 'upload_progress.enabled': false }],
    ['8.5.10', { 'upload_progress.enabled': true }],
    ['8.5.13', { 'upload_progress.enabled': false }],
    ['8.6',    { 'upload_progress.enabled': false }],
    ['10.0', { use_strict_mode: true, cookie_httponly: true, cookie_samesite: 'Lax' }],
  ])('have the defaults of PHP %s', (phpVersion, some) => {
    expect(resolveDirectives({ phpVersion })).toMatchObject(some)
  })

  it.each(['5.1', '4', '8', 8.2, 'eight', '', null, '8.2x'])('have no defaults of PHP %j', (phpVersion) => {
    expect(() => resolveDirectives({ phpVersion })).toThrow("phpVersion must be a version such as '8.2', from '5.2' on, not ")
  })

  it('cannot be changed', () => {
    expect(Object.isFrozen(resolveDirectives({}))).toBe(true)
    expect(Object.isFrozen(overrideDirectives(resolveDirectives({}), { name: 'SID' }))).toBe(true)
  })

  it('leave further options alone', () => {
    expect(resolveDirectives({ lockTimeout: 5, name: 'SID' }, others)).not.toHaveProperty('lockTimeout')
    expect(() => resolveDirectives({ lockTimeout: 5 })).toThrow("Unknown option 'lockTimeout'")
  })

  it('are refused together where browsers would refuse the cookie', () => {
    expect(() => resolveDirectives({ cookie_partitioned: true })).toThrow('cookie_partitioned needs cookie_secure')
    expect(resolveDirectives({ cookie_partitioned: true, cookie_secure: true }).cookie_partitioned).toBe(true)
  })
})

describe('the directives of one start', () => {
  const base = resolveDirectives({ name: 'SID', cookie_lifetime: 60 })

  it('lie over those of the manager', () => {
    expect(overrideDirectives(base, { cookie_lifetime: '0', read_and_close: true }, ['read_and_close'])).toEqual({
      ...base,
      cookie_lifetime: 0,
    })
    expect(base.cookie_lifetime).toBe(60)
  })

  it('are those of the manager where nothing is given', () => {
    expect(overrideDirectives(base, {})).toBe(base)
    expect(overrideDirectives(base, { name: undefined, read_and_close: true }, ['read_and_close'])).toBe(base)
  })

  it.each(['auto_start', 'save_handler', 'phpVersion', 'upload_progress.enabled', 'upload_progress.freq'])(
    'cannot be %s',
    (name) => {
      expect(() => overrideDirectives(base, { [name]: '1' })).toThrow(
        `${name} cannot be set for a single start: give it to the SessionManager`,
      )
    },
  )

  it('are checked as the others', () => {
    expect(() => overrideDirectives(base, { cookie_lifetime: -1 })).toThrow('cookie_lifetime must be')
    expect(() => overrideDirectives(base, { read_and_close: true })).toThrow("Unknown option 'read_and_close'")
  })
})

describe.each(phpVersions)('PHP %s', (version) => {
  it('has the same directives and the same defaults', async () => {
    const php = await openPhp(version)
    const all = await ask<Record<string, { global_value: string | null; access: number }>>(php, 'ini_get_all("session")')
    await php.close()
    const ours = resolveDirectives({ phpVersion: php.version })
    const theirs = Object.entries(all).map(([name, row]) => [name.replace('session.', ''), row] as const)
    for (const [name, { global_value }] of theirs) {
      // The oracle's own setting; and those that newer PHPs do not know.
      if (name === 'gc_probability' || retiredDirectives.has(name)) continue
      expect([name, resolveDirectives({ [name]: global_value ?? '' })[name as DirectiveName]]).toEqual([
        name,
        ours[name as DirectiveName],
      ])
    }
    const missing = directiveNames.filter((name) => !theirs.some(([theirName]) => theirName === name))
    if (version === '8.5') expect(missing).toEqual(['trans_sid_tags', 'trans_sid_hosts'])
    const fixed = theirs.filter(([, { access }]) => access !== 7).map(([name]) => name)
    for (const name of fixed) expect(() => overrideDirectives(ours, { [name]: '1' })).toThrow('cannot be set for a single start')
  })
})

describe('PHP 8.5', () => {
  let php: Php
  beforeAll(async () => {
    php = await openPhp('8.5')
  })
  afterAll(() => php.close())

  const values = [
    ...[
      '',
      '0',
      '1',
      '2',
      '-1',
      '+1',
      ' 1',
      '1 ',
      '01',
      '08',
      '1.5',
      '1e3',
      '1K',
      '1k',
      '1kk',
      'K',
      '0x10',
      '0x',
      '0b2',
      '0o7',
      '-0',
      '--1',
    ],
    ...['on', 'On', 'OFF', 'yes', 'no', 'true', 'false', 'none', 'null', 'maybe', 'o', 'N'],
    ...['9223372036854775807', '9223372036854775808', '99999999999', '21', '22', '256', '257', '3', '4', '6', '7', '026', '32'],
    ...['32 ', ' 32', '+32', '+ 32', '0x20', '0b101'],
    ...['SID', 'a=b', 'a,b', 'a;b', 'a.b', 'a[b', 'a b', 'a\tb', 'a\nb', 'a\vb', 'a\fb', 'a]b', '1a', '1e5', '.5', 'é', 'a\0b'],
    ...['php', 'PHP', 'php_serialize', 'wddx', 'files', 'FILES', 'user', 'nocache', 'Public', 'none'],
    ...['/', '/a;b', '/a\r\nb', 'example.com', 'Lax', 'lax', 'Loose', '1%', '100%', '101%', '-1%', '%', '50 %'],
  ]

  /** What this PHP does not have, what no script can set, and what is looked up later here. */
  const NOT_ASKED = /^(trans_sid|auto_start|upload_progress|save_handler)/

  it.each(directiveNames.filter((name) => !NOT_ASKED.test(name)))('takes every %s that is taken here', async (name) => {
    const set = `array_map(fn($value) => ini_set('session.${name}', $value) !== false, json_decode($input, true))`
    const theirs = await ask<boolean[]>(php, set, values)
    values.forEach((value, at) => {
      const isOurs = takes(name, value)
      const isStricter = stricter.some(([names, what]) => names.test(name) && what.test(value))
      expect([value, isOurs || (isStricter && theirs[at])]).toEqual([value, theirs[at]])
    })
  })

  it('reads numbers as we do, or warns', async () => {
    const signs = '0 1 7 x b k -'.split(' ').concat(' ', '\v', 'é')
    const pairs = signs.flatMap((a) => signs.map((b) => a + b))
    const numbers = [
      ...values,
      ...pairs.flatMap((a) => pairs.map((b) => a + b)),
      ' +1 k ',
      '0x10 K',
      '0b1\tm',
      '0o7 k',
      '1 kb',
      '1k k',
    ]
    const parse =
      'array_map(function($value) { error_clear_last(); $number = @ini_parse_quantity($value); return error_get_last() ? null : $number; }, json_decode($input, true))'
    const theirs = await ask<(number | null)[]>(php, parse, numbers)
    numbers.forEach((value, at) => {
      const isInRange = Math.abs(theirs[at] ?? 0) < 1e9
      if (takes('cache_expire', value))
        expect([value, resolveDirectives({ cache_expire: value }).cache_expire]).toEqual([value, theirs[at]])
      else expect([value, isInRange ? theirs[at] : null]).toEqual([value, null])
    })
  })

  it('reads on and off as we do', async () => {
    const parse =
      "array_map(function($value) { ini_set('session.cookie_secure', $value); return session_get_cookie_params()['secure']; }, json_decode($input, true))"
    const theirs = await ask<boolean[]>(php, parse, values)
    values.forEach((value, at) => {
      if (takes('cookie_secure', value))
        expect([value, resolveDirectives({ cookie_secure: value }).cookie_secure]).toEqual([value, theirs[at]])
    })
  })
})

describe('docs/directives.md', () => {
  const rows = readFileSync(join(__dirname, '../../docs/directives.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| `[a-z_.]+` \|/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))

  it('has a row for every directive, in its order', () => {
    expect(rows.map(([, name]) => name)).toEqual(directiveNames)
  })

  it.each(['8.5', '8.6'])('names the defaults of PHP %s', (phpVersion) => {
    const directives = resolveDirectives({ phpVersion })
    for (const [, name, both] of rows) {
      const [to85, from86 = to85] = both!.split(' / ')
      const value = directives[name as DirectiveName]
      const written = typeof value === 'boolean' ? (value ? 'on' : 'off') : value === '' ? 'empty' : String(value)
      expect([name, phpVersion === '8.5' ? to85 : from86]).toEqual([name, written])
    }
  })
})

/** Held by the compiler: every directive has its option, and no option is none. */
const allOptions: Required<DirectiveOptions> = {} as { [Name in keyof Directives]: Required<DirectiveOptions>[Name] }
void allOptions

function each(name: DirectiveName, given: unknown[], value: unknown): [DirectiveName, unknown, unknown][] {
  return given.map((one) => [name, one, value])
}

function takes(name: DirectiveName, value: unknown): boolean {
  try {
    resolveDirectives({ [name]: value })
    return true
  } catch {
    return false
  }
}

async function ask<T>(php: Php, expression: string, input: unknown = null): Promise<T> {
  const answer = await php.run(`echo json_encode(${expression});`, Buffer.from(JSON.stringify(input)))
  return JSON.parse(answer.toString()) as T
}
