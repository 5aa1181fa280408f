// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of php.ini look like this
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { phpIniOptions, readPhpSettings } from '../../src/session/php-ini.ts'
import { SessionManager } from '../../src/session/session-manager.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'php-ini-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Writes files, and returns the path of the first. */
function write(files: Readonly<Record<string, string | Buffer>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return join(folder, Object.keys(files)[0]!)
}

describe('the options of a php.ini', () => {
  it('are its session settings, without their prefix, and nothing else', () => {
    const path = write({
      'php.ini': [
        '[PHP]',
        'engine = On',
        'error_reporting = E_ALL & ~E_NOTICE',
        'extension=redis',
        'date.timezone = "Europe/Berlin"',
        'a.b[] = 1',
        'redis.session.locking_enabled = 1',
        '[Session]',
        '; session.save_path = "/tmp"',
        '# session.save_path = "/tmp"',
        'session.save_path = "5;0600;/srv/php sessions"',
        "session.name = 'SHOP'",
        'session.cookie_lifetime = 3600 ; an hour',
        'session.cookie_secure = On',
        'session.use_strict_mode = off',
        'session.cookie_domain =',
        'session.upload_progress.freq = "1%"',
        '[mbstring]',
        'session.gc_maxlifetime = 1K',
      ].join('\r\n'),
    })
    expect(phpIniOptions(path)).toEqual({
      save_path: '5;0600;/srv/php sessions',
      name: 'SHOP',
      cookie_lifetime: '3600',
      cookie_secure: '1',
      use_strict_mode: '',
      cookie_domain: '',
      'upload_progress.freq': '1%',
      gc_maxlifetime: '1K',
    })
  })

  it('lie under those that are given, of which undefined is none', () => {
    const path = write({ 'php.ini': 'session.name = SHOP\nsession.cookie_path = /shop\nsession.cookie_lifetime = 5\n' })
    const options: object = { name: 'SID', cookie_path: undefined, lockTimeout: 5 }
    expect(phpIniOptions(path, options)).toEqual({ name: 'SID', cookie_path: '/shop', cookie_lifetime: '5', lockTimeout: 5 })
  })

  it('are not checked where one is given', () => {
    const ini =
      'session.name = 1\nsession.save_handler = redis\nsession.save_path = "tcp://redis:6379?auth=x"\nsession.gc_divisor = E_ALL'
    const save_handler = memorySaveHandler()
    expect(phpIniOptions(write({ 'php.ini': ini }), { save_handler, name: 'SID', gc_divisor: 5 })).toEqual({
      ...{ save_handler, name: 'SID', gc_divisor: 5 },
      save_path: 'tcp://redis:6379?auth=x',
    })
  })

  it('have a save_path that is read by the save handler only', () => {
    const path = write({ 'php.ini': 'session.save_path = "-1;/srv"' })
    expect(phpIniOptions(path, { save_handler: 'memory' })).toMatchObject({ save_path: '-1;/srv' })
    expect(phpIniOptions(path, { save_handler: memorySaveHandler() })).toMatchObject({ save_path: '-1;/srv' })
    expect(phpIniOptions(path, { save_path: '/x' })).toEqual({ save_path: '/x' })
  })

  it('are those of a php.ini whatever else stands there', () => {
    const ini = 'include = x\nphp_value[session.name] = X\npm = static\nsession.name = SID'
    expect(phpIniOptions(write({ 'php.ini': ini }))).toEqual({ name: 'SID' })
  })

  it('leave out what newer PHPs do not know any more', () => {
    expect(phpIniOptions(write({ 'php.ini': 'session.hash_function = 0\nsession.bug_compat_42 = 0' }))).toEqual({})
  })

  it('do not hold what is for some folders or hosts, which ends with the file', () => {
    const ini =
      'session.name = A\n[PATH=/www]\nsession.name = B\n[Session]\nsession.name = C\nsession.x = 1\n[host=example.com]\nsession.name = D'
    const path = write({ 'php.ini': ini, 'conf.d/a.ini': 'session.cookie_path = /a' })
    expect(phpIniOptions(path)).toEqual({ name: 'A', cookie_path: '/a' })
  })

  it('do not hold below a section for some folders that is empty', () => {
    const ini = 'session.name = A\n[PATH=/www]\n[Session]\nsession.name = C'
    expect(phpIniOptions(write({ 'php.ini': ini }))).toEqual({ name: 'A' })
  })

  it('know the variables of the environment, and the settings above', () => {
    process.env['PHP_INI_TEST'] = '/srv/ä;b'
    const ini = 'my.folder = ${PHP_INI_TEST}/x\nmy.constant = E_ALL\nsession.save_path = "${my.folder}/y"\n'
    const path = write({ 'php.ini': ini, 'conf.d/a.ini': 'session.referer_check = ${session.save_path}z' })
    expect(phpIniOptions(path)).toEqual({ save_path: '/srv/ä;b/x/y', referer_check: '/srv/ä;b/x/yz' })
    delete process.env['PHP_INI_TEST']
  })
})

// biome-ignore format: a table
const mistakes: [ini: string, line: number, message: string | RegExp][] = [
  ['session.cookie_secure = maybe',                1, `cookie_secure must be true or false, 1 or 0, 'On' or 'Off', not "maybe"`],
  ['\n\nsession.name = 123',                       3, /^name must be a name .*, not "123"$/],
  ['session.gc_maxlifetime = 60*60',               1, /^gc_maxlifetime must be .*, not "60\*60"$/],
  ['session.cookie_samesite = Loose',              1, /^cookie_samesite must be /],
  ['session.serialize_handler = wddx',             1, /^serialize_handler must be one of .*, not "wddx"$/],
  ['session.save_path = 5;0600;/srv\n',            1, 'session.save_path is the folder 5: a ; outside of quotes begins a comment, write "5;/path" in quotes'],
  ['\nsession.save_path = "5;77777;/srv"',          2, 'The mode in save_path "5;77777;/srv" is not an octal mode'],
  ['session.save_path = "-1;/srv"',                1, 'The number of levels in save_path "-1;/srv" is out of range'],
  ['session.save_path = "-1;/srv"\nsession.save_handler = Files', 1, /out of range$/],
  ['session.save_handler = redis',                 1, "Unknown save_handler 'redis': this package has none for Redis; pass one of your own (docs/save-handlers.md): fromPhpIni(path, { save_handler: … })"],
  ['session.save_handler = "rediscluster"',        1, /none for Redis; pass one of your own .*: fromPhpIni/],
  ['session.save_handler = memcached',             1, /none for Memcached; pass one of your own .*: fromPhpIni/],
  ['session.save_handler = User',                  1, /^Unknown save_handler .user.: pass .*: fromPhpIni/],
  ['session.save_handler = sqlite',                1, /^Unknown save_handler 'sqlite': .*: fromPhpIni/],
  ['session.cookie_lifetme = 1',                   1, "Unknown option 'cookie_lifetme': did you mean 'cookie_lifetime'?"],
  ['Session.Name = SID',                           1, "Unknown option 'Session.Name': did you mean 'name'?"],
  ['session.__proto__ = 1',                        1, "Unknown option '__proto__'"],
  ['session.name[] = SID',                         1, 'session.name: PHP takes no array for it'],
  ['session.name SID',                             1, 'session.name: PHP ignores a line without ='],
  ['php_value session.save_path /srv',             1, 'session.save_path: PHP ignores a line without ='],
  ['session.save_path = ${toString}/x',             1, /is neither a setting above it nor in the environment$/],
  ['x = 1\nsession.name = PHP_OS',                 2, 'session.name: PHP_OS is a constant of PHP: write its value, or put it in quotes'],
  ['session.save_path = ${NO_SUCH_FOLDER}/x',      1, 'session.save_path: ${NO_SUCH_FOLDER} is neither a setting above it nor in the environment'],
  ['x[] = 1\nsession.referer_check = ${x}',         2, /is neither a setting above it nor in the environment$/],
  ['my.os = PHP_OS\nsession.name = x${my.os}',     2, /^session.name: PHP_OS is a constant of PHP/],
  ['session.cookie_path = /a&b',                   1, /^session.cookie_path: PHP calculates with/],
  ['session.save_path = ~/sessions',               1, /^session.save_path: PHP calculates with/],
  ['session.save_path = "tcp://x?auth=secret',     1, 'PHP cannot read this: a quote or bracket is not closed'],
  ['\nsession.save_path = tcp://x?auth=secret',    2, 'PHP cannot read this: a value with = | & ^ ~ ! ( ) " or a word such as no stands in quotes'],
  ['[x]\nsession.cookie_partitioned = on',         2, 'cookie_partitioned needs cookie_secure: browsers refuse the cookie without'],
]

describe('a mistake in a php.ini', () => {
  it.each(mistakes)('%j is told with file and line %d', (ini, line, message) => {
    const path = write({ 'php.ini': ini })
    const start = `${path}:${line}: `
    const error = errorOf(() => phpIniOptions(path))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message.slice(0, start.length)).toBe(start)
    expect(error.message.slice(start.length)).toMatch(typeof message === 'string' ? exactly(message) : message)
    expect(error.message).not.toContain('secret')
  })

  it('is told with the file of the scan folder in which it stands', () => {
    const path = write({ 'php.ini': 'session.name = SID', 'conf.d/90.ini': '\nsession.gc_divisor = 0' })
    expect(() => phpIniOptions(path)).toThrow(`${join(folder, 'conf.d/90.ini')}:2: gc_divisor must be`)
  })

  it('does not matter where a later setting holds', () => {
    const path = write({ 'php.ini': 'session.name = 1\nsession.name = SID' })
    expect(phpIniOptions(path)).toEqual({ name: 'SID' })
  })

  it.each([
    ['session.cookie_partitioned = 1\nsession.cookie_secure = 1', {}],
    ['session.cookie_partitioned = 1', { cookie_secure: true }],
    ['session.cookie_partitioned = 1', { cookie_partitioned: false }],
  ])('is none in %j with %j', (ini, options) => {
    expect(() => phpIniOptions(write({ 'php.ini': ini }), options)).not.toThrow()
  })

  it('is text that is not UTF-8, where it counts', () => {
    const latin1 = Buffer.from('; für\nsession.name = SID\nx = für\nsession.save_path = "/für"', 'latin1')
    const path = write({ 'php.ini': latin1 })
    expect(() => phpIniOptions(path)).toThrow(`${path}:4: session.save_path: it is not UTF-8`)
    expect(phpIniOptions(path, { save_path: '/x' })).toEqual({ name: 'SID', save_path: '/x' })
  })

  it('is UTF-16', () => {
    const path = write({ 'php.ini': Buffer.from('session.name = SID', 'utf16le') })
    expect(() => phpIniOptions(path)).toThrow(`${path} holds NUL bytes: it is no text, or not UTF-8`)
  })

  it('is a path that is not there, or holds nothing', () => {
    const error = errorOf(() => phpIniOptions(join(folder, 'php.ini')))
    expect(error).toEqual(new TypeError(`Cannot read ${join(folder, 'php.ini')}: ENOENT`))
    expect(error.cause).toMatchObject({ code: 'ENOENT' })
    expect(() => phpIniOptions(folder)).toThrow(`${folder} has neither a php.ini nor a conf.d`)
  })
})

describe('the files beside a php.ini', () => {
  const files = {
    'etc/php.ini': 'session.name = A\nsession.cookie_path = /a',
    'etc/conf.d/10-b.ini': 'session.name = B\nsession.cookie_domain = b.example',
    'etc/conf.d/9-c.ini': 'session.name = C',
    'etc/conf.d/Z.ini': 'session.referer_check = z',
    'etc/conf.d/a.ini': 'session.referer_check = a',
    'etc/conf.d/z.ini.bak': 'session.name = D',
    'etc/conf.d/z.ini/x': '',
  }
  const read = { name: 'C', cookie_path: '/a', cookie_domain: 'b.example', referer_check: 'a' }

  it('are read after it, in the order of their bytes', () => {
    expect(phpIniOptions(write(files))).toEqual(read)
  })

  it('may be in php.d', () => {
    const moved = Object.fromEntries(Object.entries(files).map(([name, text]) => [name.replace('conf.d', 'php.d'), text]))
    expect(phpIniOptions(write(moved))).toEqual(read)
  })

  it('are read too when the folder is given, and without a php.ini', () => {
    const folder = dirname(write(files))
    expect(phpIniOptions(folder)).toEqual(read)
    rmSync(join(folder, 'php.ini'))
    expect(phpIniOptions(folder)).toEqual({ name: 'C', cookie_domain: 'b.example', referer_check: 'a' })
  })

  it('may be links, and links to nothing', () => {
    const path = write({ 'php.ini': '', 'session.ini': 'session.name = SID', 'conf.d/x': '' })
    symlinkSync(join(folder, 'session.ini'), join(folder, 'conf.d/a.ini'))
    symlinkSync(join(folder, 'nothing.ini'), join(folder, 'conf.d/b.ini'))
    expect(phpIniOptions(path)).toEqual({ name: 'SID' })
  })
})

describe('where a setting stands', () => {
  it('is told for each, which ones PHP does not know included', () => {
    const path = write({
      'php.ini': 'session.name = A\nsession.x = "1\n2"\n\nsession.gc_divisor = E_ALL',
      'conf.d/a.ini': '\nsession.name = B',
    })
    expect(readPhpSettings(path)).toEqual({
      phpVersion: undefined,
      settings: [
        { name: 'name', value: 'B', file: join(folder, 'conf.d/a.ini'), line: 2, problem: undefined },
        { name: 'x', value: '1\n2', file: path, line: 2, problem: undefined },
        { name: 'gc_divisor', value: 'E_ALL', file: path, line: 5, problem: expect.stringMatching('E_ALL') },
      ],
    })
  })
})

describe('SessionManager.fromPhpIni', () => {
  it('makes a session manager with these options', () => {
    const path = write({ 'php.ini': 'session.name = SHOP\nsession.gc_maxlifetime = 1K\nsession.cookie_secure = On' })
    const { directives } = SessionManager.fromPhpIni(path, { phpVersion: '8.2', cookie_path: '/shop' })
    const read = { name: 'SHOP', gc_maxlifetime: 1024, cookie_secure: true, cookie_path: '/shop', use_strict_mode: false }
    expect(directives).toMatchObject(read)
  })

  it('takes a save handler in capital letters, as PHP does', () => {
    const { saveHandler } = SessionManager.fromPhpIni(write({ 'php.ini': 'session.save_handler = FILES' }))
    expect(saveHandler.name).toBe('files')
  })
})

describe('a default of a variable, which PHP has since 8.3', () => {
  const ini = 'session.save_path = ${PHP_INI_NONE:-/srv/def}\nsession.referer_check = "x${PATH:-y}z"'

  it.each([undefined, '8.3', '8.3.1', '9.0'])('holds for PHP %s', (phpVersion) => {
    const options: object = { phpVersion }
    expect(phpIniOptions(write({ 'php.ini': ini }), options)).toMatchObject({ save_path: '/srv/def' })
  })

  it.each(['5.6', '7.4', '8.2', '8.2.36'])('is empty for PHP %s', (phpVersion) => {
    const options = { save_path: '', referer_check: 'xz', phpVersion }
    expect(phpIniOptions(write({ 'php.ini': ini }), { phpVersion })).toEqual(options)
  })

  it('is empty where the path tells the version, in a pool too', () => {
    const path = write({ 'etc/php/8.2/fpm/php.ini': ini })
    const pool = write({ 'etc/php/8.2/fpm/pool.d/www.conf': '[www]\nphp_value[session.name] = S${PHP_INI_NONE:-ID}' })
    expect(phpIniOptions([path, pool])).toMatchObject({ save_path: '', referer_check: 'xz', name: 'S' })
    expect(phpIniOptions(path, { phpVersion: '8.3' })).toMatchObject({ save_path: '/srv/def' })
  })
})

describe('several paths', () => {
  it('are read one after the other, as php.ini and a pool', () => {
    const ini = write({ 'php.ini': 'session.name = A\nsession.cookie_path = /a' })
    const pool = write({ 'www.conf': '[www]\nphp_value[session.name] = B' })
    expect(phpIniOptions([ini, pool])).toEqual({ name: 'B', cookie_path: '/a' })
  })
})

describe('a path of Debian', () => {
  it('tells the version of PHP, and where sessions are when no setting says it', () => {
    const path = write({ 'etc/php/7.4/fpm/php.ini': 'session.gc_probability = 0' })
    expect(phpIniOptions(path)).toEqual({ phpVersion: '7.4', save_path: '/var/lib/php/sessions', gc_probability: '0' })
    expect(phpIniOptions(dirname(path))).toMatchObject({ phpVersion: '7.4', save_path: '/var/lib/php/sessions' })
    expect(readPhpSettings(path).settings.find(({ name }) => name === 'save_path')).toMatchObject({ file: path, line: 0 })
    expect(phpIniOptions(path, { phpVersion: '8.2', save_path: '/x' })).toMatchObject({ phpVersion: '8.2', save_path: '/x' })
  })

  it('says nothing about a folder that is set', () => {
    const ini = write({ 'etc/php/8.2/apache2/php.ini': 'session.save_path = /srv' })
    expect(phpIniOptions(ini)).toEqual({ phpVersion: '8.2', save_path: '/srv' })
    const pool = write({ 'etc/php/8.2/fpm/pool.d/www.conf': '[www]\nphp_value[session.save_path] = /pool' })
    expect(phpIniOptions([ini, pool])).toEqual({ phpVersion: '8.2', save_path: '/pool' })
  })

  it('is none where only the version is in it', () => {
    expect(phpIniOptions(write({ 'etc/php/8.3/php.ini': '' }))).toEqual({ phpVersion: '8.3' })
    expect(phpIniOptions(write({ 'etc/php/php.ini': '' }))).toEqual({})
    expect(phpIniOptions(write({ 'etc/php82/php.ini': '' }))).toEqual({})
  })
})

function errorOf(action: () => unknown): Error {
  try {
    action()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`)
}
