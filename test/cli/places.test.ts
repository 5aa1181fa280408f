import { spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ensureBuilt } from '../support/package.ts'
import { itAsUser, runCli } from './support/run-cli.ts'
import { TestSavePath } from './support/save-path.ts'

/** What stands for a place or a file on the command line, and what is said when it is none. */

beforeAll(ensureBuilt)

const id = '1f3c0a77ab1f3c0a77ab1f3c0a77ab99'
const savePath = new TestSavePath()

/** Where a command without a place finds its sessions, unless this is a Debian with PHP. */
const usual = () => ({ cwd: savePath.path, env: { TMPDIR: savePath.path } })

describe.each<[string, string[]]>([
  ['gc', []],
  ['gc', ['--dry-run']],
  ['ls', []],
  ['stats', []],
  ['stats', ['--json']],
  ['convert', ['--to', 'php_serialize']],
])('%s %j', (command, args) => {
  it.each(['sesions', './sesions', '2;/no/such/folder', '/no/such/folder'])(
    'does not take PHP’s own place for %s',
    async (place) => {
      const file = savePath.write(id, 'n|i:1;')
      utimesSync(file, 1, 1)
      const { status, stdout, stderr } = await runCli([command, place, ...args], usual())
      const folder = place.replace('2;', '')
      expect({ status, stdout, stderr }).toEqual({
        status: 3,
        stdout: '',
        stderr: `session-start: There is no folder ${folder}\n`,
      })
      expect(savePath.read(id)).toBe('n|i:1;')
    },
  )

  it('takes no empty place, and not two', async () => {
    expect(await runCli([command, '', ...args], usual())).toMatchObject({ status: 2, stdout: '' })
    const two = await runCli([command, '.', '--save-path', '.', ...args], usual())
    expect(two).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Give one place') })
    // The lifetime, the serialize handler of the php.ini would not be those of the save_path.
    const both = await runCli([command, '--save-path', '.', '--ini', 'php.ini', ...args], usual())
    expect(both).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Give one place') })
  })

  it('takes no session for a place, and does not print its id', async () => {
    savePath.write(id, 'n|i:1;')
    const { status, stdout, stderr } = await runCli([command, `./sess_${id}`, ...args], usual())
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: 'session-start: ./sess_1f3c0a77… is a session’s file, not a place\n',
    })
  })
})

it.each<[string[], RegExp]>([
  [['show', './nonexist'], /There is no such file or folder: \.\/nonexist$/m],
  [['get', './nonexist', 'n'], /There is no such file or folder: \.\/nonexist$/m],
  [['set', './nonexist', 'n', '1'], /There is no such file or folder: \.\/nonexist$/m],
  [['rm', `./sess_${id}`], /There is no such file or folder: \.\/sess_1f3c0a77…$/m],
  [['rm', '.', `./sess_${id}`], /There is no such file or folder: \.\/sess_1f3c0a77…$/m],
  [['show', 'backup.txt'], /There is no such file or folder: backup\.txt$/m],
  [['explain', 'backup.txt'], /There is no folder or file backup\.txt$/m],
  [['show', '--save-path', `./sess_${id}`, 'aaaa'], /\.\/sess_1f3c0a77…: ENO/m],
  [['convert', '.', '--to', 'php', '--target', `./sess_${id}`], /\.\/sess_1f3c0a77… takes no sessions: /],
  [['explain', './nonexist'], /There is no folder or file \.\/nonexist$/m],
  [['watch', `./sess_${id}`], /There is no such file or folder: \.\/sess_1f3c0a77…$/m],
  [['diff', '.', 'aaaa', '--against', `sess_${id}`], /There is no file sess_1f3c0a77…$/m],
])('says of %j that there is no such file', async (args, message) => {
  savePath.write('aaaa1', 'n|i:1;')
  expect(await runCli(args, usual())).toMatchObject({ status: 3, stdout: '', stderr: expect.stringMatching(message) })
})

it.each([['ls'], ['doctor'], ['ls', '--ini']])(
  'takes for no php.ini what says nothing of sessions: %s %s',
  async (...command) => {
    savePath.writeFile('users', 'root:x:0:0\n')
    savePath.writeFile('empty', '\n')
    savePath.writeFile('php.ini', '[PHP]\n')
    expect(await runCli([...command, 'users'], usual())).toMatchObject({
      status: 2,
      stdout: '',
      stderr: 'session-start: users holds no setting of sessions: is it a php.ini?\n',
    })
    for (const name of ['empty', 'php.ini']) expect((await runCli([...command, name], usual())).stderr).not.toMatch(/no setting/)
  },
)

it('takes /dev/null for an empty session', async () => {
  expect(await runCli(['explain', '/dev/null'])).toMatchObject({ status: 0, stdout: 'PHP reads /dev/null: 0 variables\n' })
  expect(await runCli(['get', '/dev/null', 'n'])).toMatchObject({ status: 1, stderr: 'There is no n\n' })
})

it('takes an empty id for none, also where there is only one session', async () => {
  savePath.write('aaaa1', 'n|i:1;')
  expect(await runCli(['rm', '.', ''], usual())).toMatchObject({ status: 2, stdout: '' })
  expect(savePath.read('aaaa1')).toBe('n|i:1;')
})

itAsUser('asks for the whole id where this user may not list the folder', async (user) => {
  const file = savePath.write(id, 'n|i:1;')
  if (user.uid !== undefined) chownSync(file, user.uid, user.uid)
  chmodSync(savePath.path, user.uid === undefined ? 0o300 : 0o733)
  const short = await runCli(['show', savePath.path, '1f3c'], user)
  const whole = await runCli(['show', savePath.path, id], user)
  chmodSync(savePath.path, 0o700)
  expect(short).toMatchObject({ status: 3, stderr: expect.stringContaining('give the whole id') })
  expect(whole).toMatchObject({ status: 0 })
})

describe('a file that is in no save_path', () => {
  it.each(['backup.txt', 'backup.conf', 'backup.html'])('is a session when it holds one, whatever its name: %s', async (name) => {
    savePath.writeFile(name, 'user|s:5:"Alice";')
    expect(await runCli(['explain', name], usual())).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 variable, php'),
    })
    expect((await runCli(['get', name, 'user'], usual())).stdout).toBe('Alice\n')
    expect((await runCli(['ls', name], usual())).stderr).toContain('is a session’s file, not a place')
  })

  it.each<[string, string]>([
    ['php_serialize', 'a:1:{s:4:"user";s:5:"Alice";}'],
    ['php_binary', '\x04users:5:"Alice";'],
    ['damaged', 'user|s:6:"Alice";'],
  ])('is a session also as %s', async (_what, bytes) => {
    savePath.writeFile('backup.txt', bytes)
    expect((await runCli(['explain', 'backup.txt'], usual())).stdout).toMatch(/user|PHP reads/)
  })

  const itPipes = process.platform === 'win32' ? it.skip : it
  itPipes('is a session also as a pipe, such as a shell makes of <(cat backup.txt)', async () => {
    const file = savePath.writeFile('backup.txt', 'user|s:5:"Alice";')
    const pipe = join(savePath.path, 'pipe')
    for (const args of [
      ['show', pipe],
      ['explain', pipe],
      ['diff', pipe, file],
      ['diff', file, pipe],
      ['diff', file, '--against', pipe],
    ]) {
      spawn('sh', ['-c', `mkfifo "${pipe}" && cat "${file}" > "${pipe}"`])
      while (!existsSync(pipe)) await setTimeout(5)
      expect(await runCli(args)).toMatchObject({ status: 0, stderr: '' })
      rmSync(pipe)
    }
  })

  it('is a php.ini when it holds settings', async () => {
    savePath.write(id, 'n|i:1;')
    savePath.writeFile('pool.conf', `[www]\nphp_value[session.save_path] = ${savePath.path}\n; a|i:1;\n`)
    expect((await runCli(['show', 'pool.conf', '1f3c'], usual())).stdout).toContain('n: int(1)')
  })

  it.each([`damaged-1-sess_${id}`, `sess_${id}.bak`, `ci_session${id}`, `sess_${id}~`])(
    'is shown without the id in its name',
    async (name) => {
      savePath.writeFile(name, 'n|i:1;')
      for (const command of ['show', 'explain']) {
        for (const args of [
          [command, name],
          [command, name, '--json'],
          [command, `./${name}`],
        ]) {
          const { status, stdout, stderr } = await runCli(args, usual())
          expect(status).toBe(0)
          expect(stdout + stderr).not.toContain(id.slice(0, 12))
        }
      }
      const { stdout } = await runCli(['diff', name, name], usual())
      expect(stdout).not.toContain(id.slice(0, 12))
      expect((await runCli(['show', name, '--full-ids'], usual())).stdout).toContain(name)
    },
  )

  it('does nothing to a terminal by its name', async () => {
    savePath.writeFile('a\x1b[31mb', 'n|i:1;')
    expect((await runCli(['show', 'a\x1b[31mb'], usual())).stdout).toContain('# a\\e[31mb, 6 B')
    expect((await runCli(['ls', 'c\x1b[31m'], usual())).stderr).toBe('session-start: There is no folder c\\e[31m\n')
    mkdirSync(join(savePath.path, 'd\x1b[31m'))
    expect((await runCli(['ls', 'd\x1b[31m'], usual())).stderr).toBe('No sessions in d\\e[31m\n')
  })
})

describe('a path that the system refuses', () => {
  const refused = async (args: string[], user = {}) => {
    const { status, stdout, stderr } = await runCli(args, { ...usual(), ...user })
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
    expect(stderr).toMatch(/^session-start: .*\n$/)
    expect(stderr).not.toContain(id.slice(0, 12))
  }

  it.each<[string, string[]]>([
    ['goes through a file', ['show', `file/sess_${id}`]],
    ['goes through a file, for all sessions', ['ls', `file/sess_${id}`]],
    ['is too long', ['show', `./${'a'.repeat(300)}sess_${id}`]],
    ['is too long for an id too', ['show', `${id}${'a'.repeat(5000)}`]],
    ['goes round in a circle', ['show', `circle/sess_${id}`]],
    ['is no place for a page', ['stats', '.', '--html', `none/${id}.html`]],
  ])('%s', async (_what, args) => {
    savePath.writeFile('file', '')
    symlinkSync('circle', join(savePath.path, 'circle'))
    await refused(args)
  })

  itAsUser('is closed to this user', async (user) => {
    mkdirSync(join(savePath.path, 'closed'))
    savePath.writeFile(`closed/sess_${id}`, 'n|i:1;')
    const unreadable = savePath.writeFile('copy', 'n|i:1;')
    chmodSync(unreadable, 0)
    chmodSync(join(savePath.path, 'closed'), 0)
    chmodSync(savePath.path, 0o755)
    const open = savePath.writeFile('open', 'n|i:1;')
    for (const args of [
      ['show', `closed/sess_${id}`],
      ['ls', 'closed/inside'],
      ['diff', open, '--against', 'copy'],
      ['show', 'copy'],
    ]) {
      await refused(args, user)
    }
    chmodSync(join(savePath.path, 'closed'), 0o755)
  })
})

it('writes nothing for stats where there is no such folder', async () => {
  expect(await runCli(['stats', '--save-path', './nonexist'], usual())).toMatchObject({
    status: 3,
    stdout: '',
    stderr: 'session-start: There is no folder ./nonexist\n',
  })
  expect(existsSync(join(savePath.path, 'nonexist'))).toBe(false)
})
