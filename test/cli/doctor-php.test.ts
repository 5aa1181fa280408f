import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describeNative } from '../oracle/php.ts'
import { ensureBuilt } from '../support/package.ts'
import { phpSerialize } from './doctor/case.ts'
import { isRoot, Machine } from './doctor/machines.ts'
import { doctor, report } from './doctor/run.ts'

/** What the doctor says, and what PHP then does. */

beforeAll(ensureBuilt)
afterAll(() => Machine.removeAll())

const us = String(process.getuid?.())
const start = 'error_reporting(0); echo json_encode([session_start(), ini_get("session.cookie_samesite")]);'

/** A php.ini and a folder, for PHP and for the doctor. */
function setUp(lines: readonly string[], change: (machine: Machine) => unknown): Machine {
  const machine = new Machine().folder('sessions', 0o700)
  change(machine)
  return machine.file('php.ini', lines.map((line) => `${line.replaceAll('@', machine.root)}\n`).join(''))
}

function runPhp(machine: Machine, code: string, as?: number): unknown {
  const php = ['php', '-n', '-c', machine.at('php.ini'), '-d', 'session.use_strict_mode=0', '-r', code]
  const [command = '', ...args] = as === undefined ? php : ['setpriv', `--reuid=${as}`, `--regid=${as}`, '--clear-groups', ...php]
  const { stdout, stderr } = spawnSync(command, args, { cwd: machine.root, encoding: 'utf8', env: { PATH: process.env['PATH'] } })
  return JSON.parse(stdout || JSON.stringify(stderr))
}

async function severities(machine: Machine): Promise<Record<string, string>> {
  const { findings } = await report([machine.at('php.ini'), '--php-user', us, '--node-user', us])
  return Object.fromEntries(findings.map(({ id, severity }) => [id, severity]))
}

describeNative('PHP', () => {
  const nothing = () => {}
  // biome-ignore format: a table
  const rows: [what: string, lines: string[], change: (machine: Machine) => unknown, id: string, severity: string, starts: boolean][] = [
    ['a folder',                                ['session.save_path = @/sessions'],         nothing, 'folder', 'ok', true],
    ['a folder that is not there',              ['session.save_path = @/nowhere'],          nothing, 'folder', 'problem', false],
    ['a file in its place',                     ['session.save_path = @/file'],             (machine) => machine.file('file', ''), 'folder', 'problem', false],
    ['levels that are there not',               ['session.save_path = "1;@/sessions"'],     nothing, 'folder-levels', 'problem', false],
    ['levels that are there',                   ['session.save_path = "1;@/sessions"'],     (machine) => [...'0123456789abcdef'].map((level) => machine.folder(`sessions/${level}`, 0o700)), 'folder-levels', 'ok', true],
    ['a ; outside of quotes',                   ['session.save_path = 1;@/sessions'],       nothing, 'php-settings', 'problem', false],
    ['levels out of range',                     ['session.save_path = "-1;@/sessions"'],    nothing, 'save-path-form', 'problem', false],
    ['a mode out of range',                     ['session.save_path = "0;77777;@/sessions"'], nothing, 'save-path-form', 'problem', false],
    ['open_basedir without temporary files',    ['session.save_path =', 'open_basedir = @/sessions'], nothing, 'open-basedir', 'problem', false],
    ['open_basedir around a folder',            ['session.save_path = @/sessions', 'open_basedir = @'], nothing, 'open-basedir', 'ok', true],
    ['open_basedir beside a folder',            ['session.save_path = @/sessions', 'open_basedir = @/www'], nothing, 'open-basedir', 'note', true],
    ['a serialize_handler there is not',        ['session.save_path = @/sessions', 'session.serialize_handler = wddx'], nothing, 'serialize-handler', 'problem', false],
    ['a save_handler there is not',             ['session.save_path = @/sessions', 'session.save_handler = sqlite'], nothing, 'save-handler', 'problem', false],
  ]

  it.each(rows)('starts a session, or does not, as doctor says: %s', async (_what, lines, change, id, severity, starts) => {
    const machine = setUp(lines, change)
    expect(await severities(machine)).toMatchObject({ [id]: severity })
    expect((runPhp(machine, start) as [boolean])[0]).toBe(starts)
  })

  it('reads SameSite=None without quotes as nothing', async () => {
    const machine = setUp(['session.save_path = @/sessions', 'session.cookie_samesite = None'], nothing)
    expect(await severities(machine)).toMatchObject({ 'cookie-samesite-quotes': 'warning' })
    expect(runPhp(machine, start)).toEqual([true, ''])
    const { mend } = (await report([machine.at('php.ini'), '--php-user', us])).findings.find(
      ({ id }) => id === 'cookie-samesite-quotes',
    )!
    expect(spawnSync('sh', ['-c', mend!]).status).toBe(0)
    expect(runPhp(machine, start)).toEqual([true, 'None'])
  })

  it('destroys a session of another format, which doctor tells before', async () => {
    const machine = setUp(['session.save_path = @/sessions'], (made) => made.file('sessions/sess_a1b2c3', phpSerialize))
    expect(await severities(machine)).toMatchObject({ 'session-format': 'problem' })
    runPhp(machine, 'error_reporting(0); session_id("a1b2c3"); session_start(); echo 1;')
    expect(existsSync(machine.at('sessions/sess_a1b2c3')) ? readFileSync(machine.at('sessions/sess_a1b2c3'), 'utf8') : '').toBe(
      '',
    )
  })

  const asRoot = isRoot && spawnSync('setpriv', ['--version']).status === 0 ? it : it.skip
  asRoot(
    `opens a session, or does not, as doctor says${asRoot === it ? '' : ' (skipped: only root can be several users)'}`,
    async () => {
      const bytes = 'n|i:5;'
      const machine = setUp(['session.save_path = @/sessions'], (made) =>
        made
          .session('sessions/sess_own', bytes, { uid: 33 })
          .session('sessions/sess_roots', bytes, { uid: 0 })
          .session('sessions/sess_others', bytes, { uid: 34, mode: 0o666 }),
      )
      machine.folder('sessions', 0o755, 'php')
      const { findings } = await report([machine.at('php.ini'), '--php-user', '33', '--node-user', '33'])
      expect(findings.find(({ id }) => id === 'session-owners')).toMatchObject({ title: 'PHP cannot open 2 of 3 sessions' })
      const opened = ['own', 'roots', 'others'].map((id) =>
        runPhp(machine, `error_reporting(0); session_id("${id}"); echo json_encode(session_start());`, 33),
      )
      expect(opened).toEqual([true, false, false])
    },
  )

  it('waits for a lock of Node in the folder, which doctor tries', async () => {
    const machine = setUp(['session.save_path = @/sessions'], nothing)
    const { findings } = await report([machine.at('php.ini'), '--php-user', us, '--try'])
    expect(findings.find(({ id }) => id === 'lock-tried')).toMatchObject({ severity: 'ok', seen: 'PHP waits for Node’s' })
  })

  it('is found here, with the settings that it has', async () => {
    const { php, findings } = await report([])
    const asked = spawnSync('php', ['-r', 'echo PHP_VERSION, " ", session_save_path();'], { encoding: 'utf8' }).stdout.split(' ')
    expect(asked[0]).toMatch(new RegExp(`^${String(php['version']).replaceAll('.', '\\.')}`))
    if (existsSync('/etc/php')) expect(php['savePath']).toBe(asked[1])
    const others = await doctor(['--json', '--node-user', String(php['user'])])
    expect(JSON.parse(others.stdout).findings.find((each: { id: string }) => each.id === 'users')).toMatchObject({
      severity: 'ok',
    })
    expect(findings.find(({ id }) => id === 'php-settings')).toMatchObject({ severity: 'ok' })
  })
})
