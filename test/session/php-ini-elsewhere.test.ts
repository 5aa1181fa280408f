// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of php.ini look like this
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { directiveNames, resolveDirectives } from '../../src/session/directives.ts'
import { phpIniOptions, readPhpSettings } from '../../src/session/php-ini.ts'
import { describeNative, nativePhp, openPhp, type PhpVersion } from '../oracle/php.ts'
import { seed } from '../support/random.ts'
import { describePhpFpm, phpFpm } from './support/php-fpm.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'php-ini-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

/** The settings by their names; none of them has a problem. */
function valuesOf(path: string): Record<string, string> {
  const { settings } = readPhpSettings(path)
  expect(settings.filter(({ problem }) => problem !== undefined)).toEqual([])
  return Object.fromEntries(settings.map(({ name, value }) => [name, value]))
}

describe('the output of php -i', () => {
  const info = `phpinfo()
PHP Version => 8.2.35

System => Linux

session

Session Support => enabled
Registered save handlers => files user redis rediscluster

Directive => Local Value => Master Value
session.cookie_domain => no value => shop.example
session.cookie_secure => On => Off
session.name => SHOP => PHPSESSID
session.referer_check => a => b => a => b
session.save_path => 5;/srv/php sessions => no value
redis.session.locking_enabled => 0 => 0

Environment

Variable => Value
X =>
session.name => SPOOFED => SPOOFED
PHP Version => 5.2.0
`

  it('gives the local values, and the version', () => {
    const options = {
      ...{ phpVersion: '8.2.35', cookie_domain: '', cookie_secure: 'On', name: 'SHOP' },
      ...{ referer_check: 'a => b', save_path: '5;/srv/php sessions' },
    }
    expect(phpIniOptions(write('info.txt', info))).toEqual(options)
    expect(phpIniOptions(write('crlf.txt', info.replaceAll('\n', '\r\n')))).toEqual(options)
    expect(phpIniOptions(write('info.txt', info), { phpVersion: '8.1' })).toMatchObject({ phpVersion: '8.1' })
  })

  it('may be that of php --ri session, which tells no version', () => {
    const path = write('session.txt', info.slice(info.indexOf('\nsession\n'), info.indexOf('\nEnvironment')))
    expect(readPhpSettings(path).phpVersion).toBeUndefined()
    expect(valuesOf(path)).toMatchObject({ name: 'SHOP' })
  })

  it('may be what grep left of it', () => {
    const lines = info.slice(0, info.indexOf('\nEnvironment')).split('\n')
    const options = { ...{ cookie_domain: '', cookie_secure: 'On', name: 'SHOP' }, referer_check: 'a => b' }
    for (const pattern of [/session/, /^session\./, /^session\.(cookie|name|save_path|referer)/]) {
      const path = write('session.txt', lines.filter((line) => pattern.test(line)).join('\n'))
      expect(phpIniOptions(path)).toEqual({ ...options, save_path: '5;/srv/php sessions' })
    }
  })

  it('tells the lines', () => {
    const path = write('info.txt', info.replace('=> On =>', '=> maybe =>'))
    expect(() => phpIniOptions(path)).toThrow(`${path}:13: cookie_secure must be`)
  })

  it('does not say where a value ends that holds an arrow and is not the master value', () => {
    const path = write('info.txt', info.replace('a => b => a => b', 'a => b => a'))
    expect(() => phpIniOptions(path)).toThrow(`${path}:15: session.referer_check: its value holds =>`)
    expect(phpIniOptions(path, { referer_check: '' })).toMatchObject({ name: 'SHOP' })
  })
})

describe('the page of phpinfo(), copied as text', () => {
  const page = `PHP Version 8.2.35
session
Session Support\tenabled
Directive\tLocal Value\tMaster Value
session.cookie_domain\tno value\tshop.example
session.name \tSHOP\tPHPSESSID
session.trans_sid_tags\ta=href,form=\ta=href,form=
`

  it.each([page, page.replaceAll('\n', '\r\n')])('gives the local values, and the version', (text) => {
    const options = { phpVersion: '8.2.35', cookie_domain: '', name: 'SHOP', trans_sid_tags: 'a=href,form=' }
    expect(phpIniOptions(write('info.txt', text))).toEqual(options)
  })

  it('may be some of its lines', () => {
    expect(phpIniOptions(write('info.txt', page.slice(page.indexOf('session.cookie'))))).toMatchObject({ name: 'SHOP' })
  })

  it.each(['\t=\t', '\t\t=', '\t\t = ', '=\t\t', '\t=\t\t', '\t = \t'])(
    'is no php.ini, where tabs stand beside the =: %j',
    (between) => {
      expect(phpIniOptions(write('php.ini', `session.name${between}SHOP\nsession.cookie_path = /a`))).toEqual({
        name: 'SHOP',
        cookie_path: '/a',
      })
    },
  )
})

/** Each way in which PHP writes it: two kinds of HTML, and text. */
describe.each<PhpVersion | 'native'>(['5.2', '8.5', ...(nativePhp === undefined ? [] : (['native'] as const))])(
  'phpinfo() of PHP %s',
  (version) => {
    it('is read as what ini_get_all says', async () => {
      const ini = {
        'session.save_path': "/a'<&>b; c",
        'session.referer_check': 'ä => &amp; x',
        'session.name': 'SHOP',
        'session.use_cookies': '0',
        'session.gc_maxlifetime': '1K',
      }
      const php = await openPhp(version, { ini })
      const [page, all] = [await php.run('phpinfo();'), await php.run('echo json_encode(ini_get_all());')]
      await php.close()
      const path = write('phpinfo', page)
      expect(readPhpSettings(path).phpVersion).toBe(php.version)
      if (page.includes('<td')) expect(valuesOf(write('one-line', page.toString().replace(/\n/g, '')))).toEqual(valuesOf(path))
      const [ours, theirs] = [valuesOf(path), JSON.parse(all.toString()) as Record<string, { local_value: string | null }>]
      expect(
        Object.keys(ours)
          .map((name) => `session.${name}`)
          .sort(),
      ).toEqual(
        Object.keys(theirs)
          .filter((name) => name.startsWith('session.'))
          .sort(),
      )
      for (const name of directiveNames.filter((name) => Object.hasOwn(ours, name))) {
        const value = theirs[`session.${name}`]!.local_value ?? ''
        // It says On and Off where ini_get says 1 and 0.
        expect(resolveDirectives({ [name]: ours[name] })).toEqual(resolveDirectives({ [name]: value }))
      }
    })
  },
)

const pool = `; a comment with php_value[session.name] = X
[www]
user = www-data
listen = /run/php/$pool.sock
pm = dynamic
env[PATH] = /usr/bin
php_admin_value[session.save_path] = "5;0600;/srv/$pool/$pool"
php_value[session.save_path] = /tmp
php_value[session.name] = FIRST
php_value[session.name] = SECOND
php_value [session.cookie_domain] = example.com ; a comment
php_flag[session.cookie_secure] = on
php_flag[session.use_strict_mode] = "yes"
php_admin_flag[session.cookie_httponly] = off
php_admin_value[error_log] = /var/log/x
php_value[error_reporting] = E_ALL
`
const fromPool = {
  ...{ save_path: '5;0600;/srv/www/www', name: 'FIRST', cookie_domain: 'example.com' },
  ...{ cookie_secure: '1', use_strict_mode: '1', cookie_httponly: '0' },
}

describe('the file of a PHP-FPM pool', () => {
  it('gives its settings: admin before plain, then the first', () => {
    expect(phpIniOptions(write('www.conf', pool))).toEqual(fromPool)
  })

  it('may set nothing', () => {
    expect(phpIniOptions(write('www.conf', '[www]\nlisten = 9000\npm = static\n'))).toEqual({})
  })

  it('is left alone by the files beside it', () => {
    mkdirSync(join(folder, 'conf.d'))
    write('conf.d/a.ini', 'session.cookie_path = /a')
    expect(phpIniOptions(write('www.conf', pool))).toEqual(fromPool)
  })

  // biome-ignore format: a table
  it.each([
    ['php_flag[session.cookie_secure] = maybe',        2, 'session.cookie_secure: a flag is on or off'],
    ['php_flag[session.cookie_secure] = "On"',         2, 'session.cookie_secure: a flag is on or off'],
    ['php_flag[session.cookie_secure] = toString',     2, 'session.cookie_secure: a flag is on or off'],
    ['php_value[session.cookie_path] = shop',          2, 'session.cookie_path: PHP-FPM puts its own prefix before a path without / at its start'],
    ['php_value[session.cookie_path] =',               2, 'session.cookie_path: PHP-FPM puts its own prefix before a path without / at its start'],
    ['php_value[session.name] = "S\nID"',              2, 'session.name: PHP-FPM reads each line for itself, and here is a quote that is not closed'],
    ['php_value[session.name] = PHP_OS',               2, 'session.name: PHP_OS is a constant of PHP: write its value, or put it in quotes'],
    ['php_value[session.save_path] = 5;/srv\n',        2, 'session.save_path is the folder 5: a ; outside of quotes begins a comment, write "5;/path" in quotes'],
    ['\nphp_admin_value[session.save_handler] = redis', 3, "Unknown save_handler 'redis': "],
    ['php_value[session.nmae] = X',                    2, "Unknown option 'nmae': did you mean 'name'?"],
    ['php_value[session.name] = no way',               2, 'PHP cannot read this: '],
  ])('%j is a mistake in line %d', (line, at, message) => {
    const path = write('www.conf', `[www]\n${line}`)
    expect(() => phpIniOptions(path)).toThrow(`${path}:${at}: ${message}`)
  })

  it('has a pool where it says $pool', () => {
    const path = write('part.conf', 'php_value[session.name] = x$pool')
    expect(() => phpIniOptions(path)).toThrow(`${path}:1: session.name: $pool stands outside of a pool`)
    expect(phpIniOptions(write('part.conf', 'php_value[session.name] = SID'))).toEqual({ name: 'SID' })
  })

  it('may hold several that do the same, or nothing', () => {
    const two = '[a]\nphp_value[session.name] = A\nphp_value[session.gc_divisor] = 5\n[b]\nphp_value[session.gc_divisor] = 5\n'
    expect(phpIniOptions(write('pools.conf', `${two}php_value[session.name] = A\n[c]\npm = static\n`))).toMatchObject({
      name: 'A',
    })
    const path = write('pools.conf', `${two}php_value[session.name] = B\n`)
    const error = new TypeError(`${path}: the pools a, b have different session settings: give a file with one of them`)
    expect(() => phpIniOptions(path)).toThrow(error)
  })

  it('is not the file that includes it', () => {
    const main = '[global]\npid = /run/php-fpm.pid\ninclude=/etc/php-fpm.d/*.conf\n'
    const path = write('php-fpm.conf', main)
    const error = `${path}: the pools are in the files it includes: give one of them, or the output of php-fpm -tt`
    expect(() => phpIniOptions(path)).toThrow(error)
    expect(phpIniOptions(write('php-fpm.conf', `${main}[www]\nphp_value[session.name] = A`))).toEqual({ name: 'A' })
  })
})

describe('the output of php-fpm -tt', () => {
  const dump = [
    ...['[global]', '\tpid = /run/fpm.pid', ' ', '[www]', '\tlisten = 9000'],
    ...['\tphp_value[session.name] = FIRST', '\tphp_value[session.name] =  last;x ', '\tphp_value[session.cookie_secure] = 1'],
    ...[
      '\tphp_admin_value[session.cookie_secure] = 0',
      '\tphp_admin_value[error_log] = /x',
      ' ',
      'configuration file /x test is successful',
    ],
  ].map((line) => `[20-Nov-2026 20:57:04] NOTICE: ${line}`)

  it('gives the settings as they are applied, one after the other', () => {
    expect(valuesOf(write('fpm.txt', dump.join('\n')))).toEqual({ name: ' last;x ', cookie_secure: '0' })
  })

  it('tells the line of a mistake', () => {
    const path = write('fpm.txt', dump.join('\n'))
    expect(() => phpIniOptions(path)).toThrow(`${path}:7: name must be`)
  })

  it('tells pools apart', () => {
    const other = ['[b]', '\tphp_value[session.name] = B'].map((line) => `[20-Nov-2026 20:57:04] NOTICE: ${line}`)
    const path = write('fpm.txt', [...dump, ...other].join('\n'))
    expect(() => readPhpSettings(path)).toThrow(`${path}: the pools www, b have different session settings`)
  })
})

describePhpFpm('PHP-FPM', () => {
  it('says the same of a pool with -tt', () => {
    const global = `[global]\npid = ${folder}/fpm.pid\nerror_log = ${folder}/fpm.log\n`
    const servers = ['max_children', 'start_servers', 'min_spare_servers', 'max_spare_servers'].map((name) => `pm.${name} = 1\n`)
    const main = `${global}${pool.replace('www-data', 'nobody')}${servers.join('')}`
    const { stderr } = spawnSync(phpFpm!, ['-tt', '-n', '-y', write('fpm.conf', main)])
    expect(valuesOf(write('fpm.txt', stderr))).toEqual(fromPool)
    expect(valuesOf(join(folder, 'fpm.conf'))).toEqual(fromPool)
  })
})

describeNative(`the installed PHP (SESSION_START_SEED=${seed})`, () => {
  const ask = (...options: string[]) => {
    const code = 'echo json_encode(ini_get_all("session", false), JSON_UNESCAPED_UNICODE);'
    const env = { ...process.env, PHP_INI_SCAN_DIR: join(folder, 'conf.d') }
    const { stdout } = spawnSync(nativePhp!, [...options, '-d', 'html_errors=0', '-d', 'display_startup_errors=0', '-r', code], {
      env,
      encoding: 'utf8',
    })
    return JSON.parse(stdout) as Record<string, string>
  }

  // biome-ignore format: a list
  const pieces = ['a', '/b', '0', ' ', '  ', '"c;d"', '"\\"e"', "'f;g'", ';h', '$i', '${session.name}', '${x}', '\t', '"k\nl"', 'é']
  const value = fc.array(fc.constantFrom(...pieces), { maxLength: 5 }).map((some) => some.join(''))
  const name = fc.constantFrom('referer_check', 'cookie_domain', 'upload_progress.prefix').map((each) => `session.${each}`)
  const others = [
    '[Session]',
    '[PATH=/srv]',
    '[HOST=example.com]',
    'session.name = SID',
    '; session.name = X',
    '# session.name = Y',
  ]
  const setting = fc.tuple(fc.oneof(name, name, fc.constantFrom('x', 'y[]')), value).map((both) => both.join(' = '))
  const line = fc.oneof({ weight: 4, arbitrary: setting }, { weight: 1, arbitrary: fc.constantFrom(...others) })
  const file = fc.array(line, { maxLength: 8 }).map((lines) => `${lines.join('\n')}\n`)

  test('reads the same from random files', () => {
    const samples = fc.sample(fc.tuple(file, file, file), { seed, numRuns: 80 })
    const builtIn = ask('-n')
    mkdirSync(join(folder, 'conf.d'))
    let compared = 0
    for (const [ini, a, b] of samples) {
      const path = write('php.ini', ini)
      write('conf.d/10.ini', a)
      write('conf.d/9.ini', b)
      const own = readOrError(path)
      // Where PHP finds a syntax error it goes on with the next file.
      if (own === undefined || own.some(({ problem }) => problem !== undefined)) continue
      compared += 1
      const ours = { ...builtIn, ...Object.fromEntries(own.map(({ name, value }) => [`session.${name}`, value])) }
      expect([ini, a, b, ask('-c', path)]).toEqual([ini, a, b, ours])
    }
    expect(compared).toBeGreaterThan(10)
  })
})

function readOrError(path: string): ReturnType<typeof readPhpSettings>['settings'] | undefined {
  try {
    return readPhpSettings(path).settings
  } catch {
    return undefined
  }
}
