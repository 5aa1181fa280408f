import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { findingsIn } from '../../src/cli/doctor/checks.ts'
import type { Facts } from '../../src/cli/doctor/facts.ts'
import { gatherFacts } from '../../src/cli/doctor/gather.ts'
import { lookInto } from '../../src/cli/doctor/look.ts'
import { setDirective, word } from '../../src/cli/doctor/mend.ts'
import { mountOf } from '../../src/cli/doctor/mounts.ts'
import { phpInfo } from '../../src/cli/doctor/php-info.ts'
import { sessionSettings } from '../../src/cli/doctor/php-settings.ts'
import { nodes } from '../../src/cli/doctor/processes.ts'
import { check } from '../support/random.ts'
import { debian, docker, localDisk, Machine } from './doctor/machines.ts'

/** What no machine in a folder can have, and the small parts of the doctor. */

afterAll(() => Machine.removeAll())

const looking = { files: [], node: undefined, nodeUser: undefined, phpUser: undefined, tries: false }
const space = { free: 50e9, size: 100e9, freeFiles: 1e6, files: 2e6 }

// biome-ignore format: a table
const rows: [what: string, change: (facts: Facts) => Partial<Facts>, found: string[]][] = [
  ['room for sessions',           ({ folder }) => ({ folder: { ...folder!, space } }), []],
  ['a full disk',                 ({ folder }) => ({ folder: { ...folder!, space: { ...space, free: 0 } } }), ['disk: problem']],
  ['no room for one more file',   ({ folder }) => ({ folder: { ...folder!, space: { ...space, freeFiles: 0 } } }), ['disk: problem']],
  ['a disk that does not count files', ({ folder }) => ({ folder: { ...folder!, space: { ...space, freeFiles: 0, files: 0 } } }), []],
  ['little room',                 ({ folder }) => ({ folder: { ...folder!, space: { ...space, free: 90e6 } } }), ['disk: warning']],
  ['little room for files',       ({ folder }) => ({ folder: { ...folder!, space: { ...space, freeFiles: 900 } } }), ['disk: warning']],
  ['half of a small disk',        ({ folder }) => ({ folder: { ...folder!, space: { ...space, size: 64e6, free: 32e6 } } }), []],
  ['no koffi',                    () => ({ locking: { unavailable: 'Cannot find module', tried: undefined } }), ['lock: problem']],
  ['Windows',                     () => ({ platform: 'win32', folder: undefined, locking: { unavailable: 'Windows has no flock(2)', tried: undefined } }), ['lock: problem']],
  ['a lock that is given twice',  () => ({ locking: { unavailable: undefined, tried: { failure: undefined, nodeWaits: false, phpWaits: undefined } } }), ['lock-tried: problem']],
  ['a lock that PHP takes too',   () => ({ locking: { unavailable: undefined, tried: { failure: undefined, nodeWaits: true, phpWaits: false } } }), ['lock-tried: problem']],
  ['a lock that could not be tried', () => ({ locking: { unavailable: undefined, tried: { failure: 'EACCES', nodeWaits: false, phpWaits: undefined } } }), ['lock-tried: warning']],
  ['a lock without a PHP to ask', () => ({ locking: { unavailable: undefined, tried: { failure: undefined, nodeWaits: true, phpWaits: undefined } } }), []],
  ['sessions that cannot be listed', () => ({ sessions: undefined }), ['session-list: note']],
  ['nobody who runs PHP',         ({ php }) => ({ php: { ...php, user: undefined } }), ['users: note']],
  ['a folder that Node may not write to, and nobody knows who runs PHP', ({ php, node, folder }) => ({
    php: { ...php, user: undefined }, node: { ...node, user: { name: 'ann', uid: 4711, gid: 4711, groups: [4711] } },
    folder: { ...folder!, place: { ...folder!.place!, mode: 0o700 } },
  }), ['folder-for-node: problem', 'users: note']],
  ['a clock that is half a minute slow', ({ folder, now }) => ({ now: Math.max(now, folder!.place!.mtime) - 30_000 }), []],
  ['a clock that is an hour slow', ({ now }) => ({ now: now - 3_600_000 }), ['clock: warning']],
]

describe('doctor finds', () => {
  let usual: Facts
  beforeAll(async () => {
    usual = { ...(await gatherFacts({ ...looking, root: debian().root })), locking: { unavailable: undefined, tried: undefined } }
  })

  it.each(rows)('with %s', (_what, change, found) => {
    const wrong = findingsIn({ ...usual, ...change(usual) }).filter(({ severity }) => severity !== 'ok')
    expect(wrong.map(({ id, severity }) => `${id}: ${severity}`)).toEqual(found)
  })
})

describe('the Nodes that doctor sees', () => {
  it('are those that it was not started by', () => {
    const node = (pid: number, command: string, parent = 1) => ({ pid, parent, uid: 1, command })
    const all = [
      node(process.pid, 'node cli/main.js doctor', 70),
      node(70, 'node /usr/bin/npx session-start doctor', 71),
      node(71, 'bash'),
      node(80, 'node /srv/app/server.js'),
      node(81, '/usr/local/bin/node --inspect server.js'),
      node(82, 'nodemon'),
      node(83, '/opt/node/bin/python3 x'),
    ]
    expect(nodes(all).map(({ pid }) => pid)).toEqual([80, 81])
  })
})

describe('which PHP doctor looks at', () => {
  const label = async (machine: Machine) => (await gatherFacts({ ...looking, root: machine.root })).php.label
  const with81 = () =>
    debian()
      .file('etc/php/8.1/fpm/php.ini', '')
      .file('etc/php/8.1/fpm/pool.d/old.conf', '[old]\nuser = www-data\npm = static\n')
      .file('etc/php/8.10/cli/php.ini', '')

  // biome-ignore format: a table
  it.each([
    ['the newest that serves a site', () => with81().remove('proc/900'),                                    'PHP 8.2, php-fpm, pool www'],
    ['the one that runs',             () => with81().process(900, 'php-fpm: pool old', 33),                 'PHP 8.1, php-fpm, pool old'],
    ['Apache’s, if that runs',        () => with81().file('etc/php/8.1/apache2/php.ini', '').process(900, '/usr/sbin/apache2 -k start', 33), 'PHP 8.1, Apache'],
    ['the command line’s, if there is no other', () => debian().remove('etc/php/8.2/fpm'),                  'PHP 8.2, command line'],
    ['that of Alpine',                () => new Machine().file('etc/php83/php.ini', '').file('etc/php83/php-fpm.d/www.conf', '[www]\nuser=nobody\n'), 'PHP 8.3, php-fpm, pool www'],
    ['that of Remi’s repository',     () => new Machine().file('etc/opt/remi/php84/php.ini', '').file('etc/opt/remi/php84/php-fpm.d/www.conf', '[www]\nuser=apache\n'), 'PHP 8.4, php-fpm, pool www'],
  ])('is %s', async (_what, make, expected) => {
    expect(await label(make())).toBe(expected)
  })

  const shop = '[shop]\nuser = deploy\npm = static\nphp_value[session.name] = SHOP\n'

  it('is a PHP-FPM that was started with a file of its own, and what that includes', async () => {
    const machine = debian()
      .file('srv/fpm.conf', '[global]\npid = /run/x.pid\ninclude=/srv/pools/*.conf\n')
      .file('srv/pools/shop.conf', shop)
      .process(899, 'php-fpm: master process (/srv/fpm.conf)', 0)
      .process(900, 'php-fpm: pool shop', 1234, localDisk, 899)
    const { php } = await gatherFacts({ ...looking, root: machine.root })
    expect(php).toMatchObject({ label: 'PHP 8.2, php-fpm, pool shop', user: { name: 'deploy' }, directives: { name: 'SHOP' } })
    expect(php.files).toEqual([machine.at('etc/php/8.2/fpm'), machine.at('srv/pools/shop.conf')])
    expect(php.others.map((other) => other.label)).toContain('PHP 8.2, php-fpm, pool www')
  })

  it('is, of two pools of one name, that of the file that PHP-FPM was started with', async () => {
    const machine = debian()
      .file('etc/php/8.1/fpm/php.ini', '')
      .file('etc/php/8.1/fpm/php-fpm.conf', '[global]\ninclude=/etc/php/8.1/fpm/pool.d/*.conf\n')
      .file('etc/php/8.1/fpm/pool.d/www.conf', '[www]\nuser = www-data\npm = static\n')
      .process(899, 'php-fpm: master process (/etc/php/8.1/fpm/php-fpm.conf)', 0)
      .process(900, 'php-fpm: pool www', 33, localDisk, 899)
    expect(await label(machine)).toBe('PHP 8.1, php-fpm, pool www')
  })

  it.each([
    ['where PHP was installed', 'usr/local/etc/pools/shop.conf'],
    ['beside the file', 'srv/etc/pools/shop.conf'],
  ])('has the pools of a path that is not absolute, %s', async (_where, path) => {
    const machine = docker()
      .file('srv/fpm.conf', 'include=etc/pools/*.conf\n')
      .file(path, shop)
      .process(899, 'php-fpm: master process (/srv/fpm.conf)', 0)
      .process(900, 'php-fpm: pool shop', 1234, localDisk, 899)
    expect(await label(machine)).toBe('PHP, php-fpm, pool shop')
  })

  it('runs as nobody, where no process is its own', async () => {
    const machine = new Machine().file('etc/php/8.2/fpm/php.ini', '').process(900, 'bash', 1234)
    expect((await gatherFacts({ ...looking, root: machine.root })).php.user).toBeUndefined()
  })

  it('has the user that Apache says', async () => {
    const machine = debian().remove('etc/php/8.2/fpm').file('etc/php/8.2/apache2/php.ini', '')
    machine.file('etc/apache2/envvars', 'unset HOME\nexport APACHE_RUN_USER=deploy\n')
    expect((await gatherFacts({ ...looking, root: machine.root })).php.user).toMatchObject({ name: 'deploy', uid: 1234 })
  })
})

describe('what PHP prints about itself', () => {
  const text = `phpinfo()
PHP Version => 8.3.1

Server API => FPM/FastCGI
Configuration File (php.ini) Path => /usr/local/etc/php
Loaded Configuration File => (none)
Scan this dir for additional .ini files => /usr/local/etc/php/conf.d
Additional .ini files parsed => /usr/local/etc/php/conf.d/a.ini,
/usr/local/etc/php/conf.d/b.ini

Directive => Local Value => Master Value
open_basedir => no value => no value
session.save_path => /srv/a => b => /srv/a => b
sys_temp_dir => /srv/tmp => no value
`
  const page = `<h1 class="p">PHP Version 8.3.1</h1>
<tr><td class="e">Server API </td><td class="v">Apache 2.0 Handler </td></tr>
<tr><td class="e">Configuration File (php.ini) Path </td><td class="v">/etc/php/8.3/apache2 </td></tr>
<tr><td class="e">Loaded Configuration File </td><td class="v">/etc/php/8.3/apache2/php.ini </td></tr>
<tr><td class="e">User/Group </td><td class="v">www-data(33)/33 </td></tr>
<tr><td class="e">open_basedir</td><td class="v">/srv/www</td><td class="v"><i>no value</i></td></tr>`

  it('is understood as text', () => {
    const info = phpInfo(text)!
    expect(info).toMatchObject({
      version: '8.3.1',
      sapi: 'fpm',
      folder: '/usr/local/etc/php',
      scanFolder: '/usr/local/etc/php/conf.d',
    })
    expect(info.files).toEqual(['/usr/local/etc/php/conf.d/a.ini', '/usr/local/etc/php/conf.d/b.ini'])
    expect([info.user, info.setting('open_basedir'), info.setting('sys_temp_dir')]).toEqual([undefined, '', '/srv/tmp'])
  })

  it('is understood as a page', () => {
    const info = phpInfo(page)!
    expect(info).toMatchObject({
      version: '8.3.1',
      sapi: 'apache2',
      folder: '/etc/php/8.3/apache2',
      scanFolder: undefined,
      user: 'www-data',
    })
    expect([info.files, info.setting('open_basedir')]).toEqual([['/etc/php/8.3/apache2/php.ini'], '/srv/www'])
  })

  it('is nothing in other texts', () => {
    expect(phpInfo('session.name = PHPSESSID\n')).toBeUndefined()
  })
})

describe('a mount', () => {
  const info = `${localDisk}30 25 8:2 / /srv rw - xfs /dev/sdb rw,noquota
31 25 8:3 /inside /srv/my\\040data ro,nosuid shared:5 master:1 - ext4 /dev/sdc rw
32 25 0:9 / /srv rw - tmpfs tmpfs rw
`
  const look = lookInto(new Machine().file('proc/7/mountinfo', info).root)

  // biome-ignore format: a table
  it.each([
    ['/var/lib/php', { key: '8:1:/var/lib/php', type: 'ext4' }],
    ['/srv/my data/x', { key: '8:3:/inside/x', type: 'ext4', options: ['ro', 'nosuid', 'rw'] }],
    ['/srv', { key: '0:9:/', type: 'tmpfs' }],
    ['/srvx', { key: '8:1:/srvx', type: 'ext4' }],
  ])('is known for %s', (path, mount) => {
    expect(mountOf(look, 7, path)).toMatchObject(mount)
  })

  it('is unknown where nothing tells', () => {
    expect(mountOf(look, 8, '/srv')).toBeUndefined()
    expect(mountOf(look, 7, 'srv')).toBeUndefined()
  })
})

describe('a command that mends', () => {
  it('has each word as it was', () => {
    check(
      fc.property(
        fc.array(fc.string({ minLength: 1, unit: fc.constantFrom(...`a'"\\$\`|&;<>* ~!#=-\n{}()é`) }), {
          minLength: 20,
          maxLength: 60,
        }),
        (words) => {
          const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${words.map(word).join(' ')}`], { encoding: 'utf8' })
          expect(stdout).toBe(words.map((each) => `${each}\0`).join(''))
        },
      ),
      10,
    )
  })

  // biome-ignore format: a table
  it.each([
    ['in php.ini',               'session.name = OLD ; the name\n',                    'session.name = "NEW|&x"'],
    ['in a pool',                '[www]\nphp_admin_value[session.name] = OLD\n',       'php_admin_value[session.name] = "NEW|&x"'],
    ['in a pool, with blanks',   '[www]\n php_value[session.name] =OLD\n',           ' php_value[session.name] = "NEW|&x"'],
  ])('changes a setting %s and keeps the rest', (_what, text, expected) => {
    const machine = new Machine().file('a b.ini', `; before\n${text}; after\n`)
    const side = { ...sessionSettings(setupOf(machine.at('a b.ini'))), addTo: machine.at('a b.ini') }
    expect(run(setDirective(side, 'name', 'NEW|&x')!)).toBe('')
    expect(read(machine, 'a b.ini')).toContain(`; before\n${text.replace(/.*OLD.*/, () => expected)}; after\n`)
    expect(read(machine, 'a b.ini.bak')).toContain('OLD')
  })

  it('keeps the file that there was before the first of several changes', () => {
    const text = 'session.name = A\nsession.cookie_path = /a\n'
    const machine = new Machine().file('php.ini', text)
    const side = { ...sessionSettings(setupOf(machine.at('php.ini'))), addTo: machine.at('php.ini') }
    for (const [name, value] of [
      ['name', 'B'],
      ['cookie_path', '/b'],
    ] as const)
      expect(run(setDirective(side, name, value)!)).toBe('')
    expect(read(machine, 'php.ini')).toBe('session.name = "B"\nsession.cookie_path = /b\n')
    expect(read(machine, 'php.ini.bak')).toBe(text)
  })

  it('adds a setting behind a last line that does not end', () => {
    const machine = new Machine().file('php.ini', 'session.name = A')
    const side = { ...sessionSettings(setupOf(machine.at('php.ini'))), addTo: machine.at('php.ini') }
    expect(run(setDirective(side, 'cookie_samesite', 'Lax')!)).toBe('')
    expect(read(machine, 'php.ini')).toBe('session.name = A\nsession.cookie_samesite = "Lax"\n')
  })

  // biome-ignore format: a table
  it.each([
    ['a value over several lines', 'session.referer_check = "a\nb"\n', 'referer_check', 'x'],
    ['what PHP printed',           'Directive => Local Value => Master Value\nsession.name => A => A\n', 'name', 'B'],
    ['a value with a quote',       'session.name = A\n', 'name', 'a"b'],
  ] as const)('is not there for %s', (_what, text, name, value) => {
    const machine = new Machine().file('php.ini', text)
    expect(setDirective({ ...sessionSettings(setupOf(machine.at('php.ini'))), addTo: undefined }, name, value)).toBeUndefined()
  })
})

function setupOf(file: string): Parameters<typeof sessionSettings>[0] {
  return {
    version: undefined,
    sapi: undefined,
    files: [file],
    pool: undefined,
    info: undefined,
    addTo: undefined,
    process: undefined,
  }
}

function read(machine: Machine, path: string): string | undefined {
  return lookInto(machine.root).text(`/${path}`)
}

function run(line: string): string {
  const { status, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' })
  return status === 0 ? stderr : `status ${status}: ${stderr}`
}
