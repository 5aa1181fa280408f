import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { checks } from '../../src/cli/doctor/checks.ts'
import type { Terminal } from '../../src/cli/output.ts'
import { run } from '../../src/cli/program.ts'
import { ensureBuilt, root } from '../support/package.ts'
import { ownFolder, php, phpSerialize } from './doctor/case.ts'
import { debian, Machine, phpUid } from './doctor/machines.ts'
import { doctor, report } from './doctor/run.ts'

/** What the doctor prints, and what it leaves behind. */

const id = 'k3jd8f7g6h5j4k3l2m1n0p9q8r'

beforeAll(ensureBuilt)
afterAll(() => Machine.removeAll())

/** A Debian with a bit of everything. */
function broken(): Machine {
  const machine = debian().file(
    'etc/php/8.2/fpm/conf.d/30-shop.ini',
    'session.cookie_samesite = "None"\nsession.cookie_lifetime = 604800\n',
  )
  ownFolder()(machine)
  return machine.session(`srv/sessions/sess_${id}`, phpSerialize).process(901, 'node /srv/app/server.js', phpUid + 1)
}

const node = JSON.stringify({ phpVersion: '8.2', save_path: '/srv/sessions', cookie_lifetime: 604800, name: 'SID' })

describe('what doctor prints', () => {
  it('is a verdict, and what is wrong, the worst first', async () => {
    const machine = broken()
    const { status, stdout, stderr } = await doctor(['--root', machine.root, '--node', node])
    expect(stderr).toBe('')
    expect(status).toBe(1)
    const text = stdout.replaceAll(machine.root, '').replaceAll(process.versions.node, '20.19.0')
    expect(text).toBe(`Node and PHP cannot share sessions here: 4 problems.
PHP 8.2, php-fpm, pool www as www-data; Node 20.19.0 as ${phpUid + 1}; sessions in /srv/sessions

✗ Node and PHP run as different users
  PHP: www-data; Node: ${phpUid + 1} (a running Node)
  Sessions are for their owner only, and both refuse those of others ("Session data file is not
  created by your uid"). Run Node as www-data; in its systemd unit: User=www-data. If Node runs as
  another user in truth, say so: --node-user.
    sudo -u www-data node server.js

✗ Sessions are in another format than PHP is set to
  session.serialize_handler = php; 1 session written by php_serialize
  PHP destroys a session that it cannot read: those users are logged out. Something else writes with
  another setting, or it was changed.
    [ -e /etc/php/8.2/fpm/php.ini.bak ] || cp -p /etc/php/8.2/fpm/php.ini /etc/php/8.2/fpm/php.ini.bak; sed -i '14s|=.*|= "php_serialize"|' /etc/php/8.2/fpm/php.ini

✗ Browsers refuse the cookie: SameSite=None needs Secure
  PHP: cookie_samesite = None, cookie_secure = off
  No browser of today keeps it, so nobody stays logged in.
    printf '%s\\n' '' 'session.cookie_secure = 1' >> /etc/php/8.2/fpm/conf.d/99-session-start.ini

✗ Node and PHP differ in the name of the cookie
  PHP: session.name = PHPSESSID; Node: SID
  Each looks for a cookie that the other never sets: nobody is logged in on both.
    new SessionManager({ …, name: 'PHPSESSID' })

! Cookies live longer than their sessions
  session.cookie_lifetime = 604800, session.gc_maxlifetime = 1440
  Users are to stay logged in for 7 d, and are logged out after 24 min without a visit.
    [ -e /etc/php/8.2/fpm/php.ini.bak ] || cp -p /etc/php/8.2/fpm/php.ini /etc/php/8.2/fpm/php.ini.bak; sed -i '17s|=.*|= 604800|' /etc/php/8.2/fpm/php.ini

! Node and PHP differ in cookie_samesite
  PHP: session.cookie_samesite = None; Node: (empty)
  Whoever makes the session decides whether its cookie comes along from other sites, as from a
  payment page back to the shop.
    new SessionManager({ …, cookie_samesite: 'None' })

PHP-FPM and Apache read changed settings when they are reloaded.
29 checks found nothing wrong: --verbose shows them.
`)
  })

  it('shows what is right when it is asked to', async () => {
    const machine = debian()
    expect((await doctor(['--root', machine.root])).stdout).not.toContain('✓')
    expect((await doctor(['--root', machine.root, '--verbose'])).stdout).toContain(
      `✓ The folder of sessions is there\n  ${machine.root}/var/lib/php/sessions (`,
    )
  })

  it('says how a SessionManager gets these settings', async () => {
    const machine = debian()
    const folder = `${machine.root}/etc/php/8.2/fpm`
    expect((await doctor(['--root', machine.root])).stdout).toContain(
      `In Node: SessionManager.fromPhpIni(['${folder}', '${folder}/pool.d/www.conf'])\n`,
    )
  })

  it('says what to set where no command can', async () => {
    const printed = 'PHP Version => 8.3.1\n\nServer API => FPM/FastCGI\nsession.save_path => sessions => sessions\n'
    const file = debian().file('info.txt', printed).at('info.txt')
    const { status, stdout } = await doctor([file, '--php-user', String(phpUid), '--node-user', String(phpUid)])
    expect([status, stdout]).toEqual([1, expect.stringContaining('\n    session.save_path = "/var/lib/php/sessions"\n')])
    const finding = (await report([file])).findings.find((each) => each.id === 'save-path-form')
    expect(finding).toMatchObject({ mend: null, phpSettings: { 'session.save_path': '/var/lib/php/sessions' } })
  })

  it('has colours where they are wanted, and the same words', async () => {
    const args = ['--root', broken().root, '--node', node, '--verbose']
    const words = async (env: NodeJS.ProcessEnv) => (await doctor(args, env)).stdout.replace(/.* of .* free, \d+ more files/, '…')
    const plain = await words({ NO_COLOR: '1' })
    const coloured = await words({ FORCE_COLOR: '1' })
    expect(plain).not.toContain('\x1b')
    expect(await words({})).toBe(plain)
    expect(coloured).toContain('\x1b[31m✗\x1b[39m')
    expect(coloured).toContain('\x1b[32m✓\x1b[39m')
    expect(stripVTControlCharacters(coloured)).toBe(plain)
  })

  it.each([40, 80, 300])('fits a terminal of %i columns, except for what is to be copied', async (columns) => {
    const machine = broken()
    let text = ''
    const write = (part: string) => {
      text += part
      return true
    }
    const stream = { columns, isTTY: true, write, on: () => stream }
    const terminal = { stdin: process.stdin, stdout: stream, stderr: stream, env: {} } as unknown as Terminal
    expect(await run(['doctor', '--root', machine.root, '--node', node, '--verbose'], terminal)).toBe(1)
    const lines = stripVTControlCharacters(text).split('\n')
    const long = lines.filter(
      (line) => stringWidth(line) > Math.min(columns, 100) && !line.startsWith('    ') && !line.includes(machine.root),
    )
    expect(long).toEqual([])
    expect(lines.some((line) => stringWidth(line) > Math.min(columns, 100) - 15)).toBe(true)
  })

  it('has no id of a session in it, nor what sessions hold', async () => {
    const machine = broken().session('srv/sessions/sess_damaged0000000000000000', `${php}\n`)
    for (const json of [[], ['--json']]) {
      const { stdout } = await doctor(['--root', machine.root, '--verbose', ...json])
      expect(stdout).toContain('php_serialize')
      expect(stdout).not.toContain(id.slice(0, 10))
      expect(stdout).not.toMatch(/damaged0|Ann/)
    }
  })

  it('has no password of a save_path in it', async () => {
    const savePath = 'tcp://127.0.0.1:6379?auth=hunter2&weight=1, tcp://me:hunter2@10.0.0.1'
    const machine = debian().file(
      'etc/php/8.2/fpm/conf.d/redis.ini',
      `session.save_handler = redis\nsession.save_path = "${savePath}"\n`,
    )
    expect((await doctor(['--root', machine.root, '--verbose'])).stdout).not.toContain('hunter2')
    const { php: side } = await report(['--root', machine.root])
    expect(side['savePath']).toBe('tcp://127.0.0.1:6379?auth=…&weight=1, tcp://me:…@10.0.0.1')
    expect(JSON.stringify(side)).not.toContain('hunter2')
  })

  it('is one JSON document with --json', async () => {
    const machine = broken()
    const result = await report(['--root', machine.root, '--node', node])
    expect(Object.keys(result)).toEqual(['canShare', 'php', 'node', 'findings'])
    expect(result.canShare).toBe(false)
    expect(result.php).toMatchObject({
      ...{ label: 'PHP 8.2, php-fpm, pool www', version: '8.2', sapi: 'fpm', savePath: '/srv/sessions' },
      files: [machine.at('etc/php/8.2/fpm'), machine.at('etc/php/8.2/fpm/pool.d/www.conf')],
      settings: { cookie_samesite: 'None', cookie_secure: false, gc_maxlifetime: 1440, name: 'PHPSESSID' },
    })
    expect(result.node).toEqual({ version: process.versions.node, user: String(phpUid + 1), userFrom: 'running' })
    for (const finding of result.findings) {
      expect(Object.keys(finding).sort()).toEqual([
        'id',
        'means',
        'mend',
        'nodeOptions',
        'phpSettings',
        'seen',
        'severity',
        'title',
      ])
    }
    expect(result.findings.find((each) => each.id === 'same-name')).toEqual({
      id: 'same-name',
      severity: 'problem',
      title: 'Node and PHP differ in the name of the cookie',
      seen: 'PHP: session.name = PHPSESSID; Node: SID',
      means: 'Each looks for a cookie that the other never sets: nobody is logged in on both.',
      mend: null,
      phpSettings: null,
      nodeOptions: { name: 'PHPSESSID' },
    })
  })
})

describe('doctor', () => {
  it('takes files in place of those it would find, and pools beside them', async () => {
    const machine = debian()
    const ini = machine.at('etc/php/8.2/fpm/php.ini')
    const pool = machine.at('etc/php/8.2/fpm/pool.d/www.conf')
    const user = ['--php-user', String(phpUid), '--root', machine.root]
    expect((await report([ini, ...user])).php).toMatchObject({ label: 'PHP 8.2, php-fpm, pool www', files: [ini, pool] })
    expect((await report([ini, pool, ...user])).php).toMatchObject({ label: 'PHP 8.2, php-fpm, pool www', files: [ini, pool] })
    expect((await report([machine.at('etc/php/8.2/cli'), ...user])).php).toMatchObject({ label: 'PHP 8.2, command line' })
  })

  it('takes Node’s options from a file', async () => {
    const machine = debian().file('options.json', node)
    const ids = (await report(['--root', machine.root, '--node', machine.at('options.json')])).findings.map((each) => each.id)
    expect(ids).toContain('same-name')
  })

  it('says who would need to be whom when it is told the users', async () => {
    const args = ['--root', debian().root, '--php-user', '4711', '--node-user', 'deploy']
    const { seen } = (await report(args)).findings.find((each) => each.id === 'users')!
    expect(seen).toBe('PHP: 4711; Node: deploy')
  })

  // biome-ignore format: a table
  it.each([
    ['an option there is not',            ['--nod', '{}'],             2, 'unknown option'],
    ['what is no JSON',                   ['--node', '{a:1}'],         2, 'JSON object'],
    ['JSON that is no object',            ['--node', '[]'],            2, 'JSON object'],
    ['a directive there is not',          ['--node', '{"nmae":"x"}'],  2, "did you mean 'name'"],
    ['a value that a directive refuses',  ['--node', '{"name":"a b"}'], 2, 'name must be'],
    ['a file there is not',               ['nowhere.ini'],             3, 'Cannot read nowhere.ini'],
    ['a user there is not',               ['--node-user', 'nobody-here'], 3, 'There is no user nobody-here'],
  ])('refuses %s', async (_what, args, status, message) => {
    const result = await doctor(['--root', debian().root, ...args])
    expect([result.status, result.stdout]).toEqual([status, ''])
    expect(result.stderr).toContain(message)
  })

  it('says what to give where there is no PHP', async () => {
    const machine = new Machine()
    expect(await doctor(['--root', machine.root])).toMatchObject({ status: 3, stdout: '' })
    expect((await doctor(['--root', machine.root])).stderr).toContain(
      'There is no PHP on this machine. Give its php.ini and pool',
    )
    expect((await doctor(['--root', machine.file('.dockerenv', '').root])).stderr).toContain('There is no PHP in this container')
  })

  it('says so where there is no such root, whatever else is given', async () => {
    const missing = `${debian().root}/missing`
    for (const files of [[], [`${debian().root}/etc/php/8.2/fpm`]]) {
      expect(await doctor(['--root', missing, ...files])).toMatchObject({
        status: 3,
        stdout: '',
        stderr: `session-start: There is no folder ${missing}\n`,
      })
    }
  })

  it('refuses a php.ini that PHP cannot read', async () => {
    const machine = debian().file('etc/php/8.2/fpm/conf.d/bad.ini', 'session.name = "open\n')
    const { status, stderr } = await doctor(['--root', machine.root])
    expect([status, stderr]).toEqual([3, expect.stringContaining('bad.ini:1: PHP cannot read this')])
  })

  it('changes nothing, and with --try leaves nothing behind', async () => {
    const machine = broken()
    const before = traces(machine.root)
    await report(['--root', machine.root])
    expect(traces(machine.root)).toEqual(before)

    const { findings } = await report(['--root', machine.root, '--try'])
    expect(findings.find((each) => each.id === 'lock-tried')).toMatchObject({ severity: 'ok' })
    // The folder itself was written to.
    expect(traces(machine.root).filter((each) => !before.includes(each))).toEqual([expect.stringMatching(/^srv\/sessions /)])
  })

  it('has a row in its page for each check', () => {
    const page = readFileSync(join(root, 'docs/doctor.md'), 'utf8')
    const [, table = ''] = /## The checks([\s\S]*?)\n## /.exec(page) ?? []
    const rows = [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name)
    expect(rows).toEqual(checks.map((each) => each.id))
  })
})

/** Names, sizes and times of all that is below. */
function traces(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((path) => {
    const stat = statSync(join(folder, path), { throwIfNoEntry: false })
    return stat === undefined ? [] : [`${path} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`]
  })
}
