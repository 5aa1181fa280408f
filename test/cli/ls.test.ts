import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import stringWidth from 'string-width'
import { ensureBuilt } from '../support/package.ts'
import { itAsUser, itInTerminal, runCli, runInTerminal, startCli, withoutColors } from './support/run-cli.ts'

beforeAll(ensureBuilt)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-ls-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A session that was last used so many seconds ago. */
function write(id: string, bytes: string, age = 0): void {
  const file = join(folder, `sess_${id}`)
  writeFileSync(file, bytes, 'latin1')
  const time = Date.now() / 1000 - age
  utimesSync(file, time, time)
}

function writeThree(): void {
  write('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1', 'user|a:1:{s:4:"name";s:5:"Alice";}cart|a:0:{}', 3700)
  write('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2', `note|s:2000:"${'x'.repeat(2000)}";`, 65)
  write('ccccccccccccccccccccccccccccccc3', 'broken|s:9:"x";', 200_000)
}

const lines = (text: string) => text.trimEnd().split('\n')
const objects = (text: string) => lines(text).map((line) => JSON.parse(line))

it('lists sessions with age, size, user and keys', async () => {
  writeThree()
  const { status, stdout, stderr } = await runCli(['ls', folder, '--sort', 'id'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(lines(stdout)).toEqual([
    'ID             AGE      SIZE  USER            KEYS',
    'aaaaaaaa…      1 h      45 B  Alice           user cart',
    'bbbbbbbb…    1 min    2.0 kB                  note',
    'cccccccc…      2 d      15 B                   (damaged)',
  ])
})

it('leaves no trace: neither lock nor time', async () => {
  writeThree()
  const file = join(folder, 'sess_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1')
  const before = statSync(file)
  await runCli(['ls', folder])
  const after = statSync(file)
  expect([after.mtimeMs, after.ctimeMs, after.size]).toEqual([before.mtimeMs, before.ctimeMs, before.size])
})

it.each<[string, string[], string[]]>([
  ['by age', ['--sort', 'age'], ['bb', 'aa', 'cc']],
  ['by age, the other way round', ['--sort', 'age', '--reverse'], ['cc', 'aa', 'bb']],
  ['by size', ['--sort', 'size'], ['bb', 'aa', 'cc']],
  ['the first ones', ['--sort', 'id', '--limit', '2'], ['aa', 'bb']],
  ['of a user', ['--user', 'ali'], ['aa']],
  ['with a key', ['--key', 'note'], ['bb']],
  ['older than an hour', ['--older-than', '3600', '--sort', 'id'], ['aa', 'cc']],
  ['newer than an hour', ['--newer-than', '3600'], ['bb']],
  ['that are damaged', ['--damaged'], ['cc']],
])('lists %s', async (_what, args, wanted) => {
  writeThree()
  const { stdout } = await runCli(['ls', folder, ...args, '--json'])
  expect(objects(stdout).map(({ id }) => id.slice(0, 2))).toEqual(wanted)
})

it('prints one object a line as JSON, with whole ids only when they are asked for', async () => {
  write('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1', 'user|s:5:"Alice";')
  const [session] = objects((await runCli(['ls', folder, '--json'])).stdout)
  expect(session).toEqual({
    id: 'aaaaaaaa…',
    size: 17,
    modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    user: 'Alice',
    keys: ['user'],
    damaged: false,
  })
  expect(objects((await runCli(['ls', folder, '--json', '--full-ids'])).stdout)[0].id).toBe('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1')
})

it('takes a php.ini', async () => {
  writeThree()
  const ini = join(folder, 'php.ini')
  writeFileSync(ini, `session.save_path = "${folder}"\n`)
  expect(lines((await runCli(['ls', ini, '--json'])).stdout)).toHaveLength(3)
  expect(lines((await runCli(['ls', '--ini', ini, '--json'])).stdout)).toHaveLength(3)
})

it('goes into the levels of a save_path', async () => {
  mkdirSync(join(folder, 'd'))
  writeFileSync(join(folder, 'd', 'sess_ddd'), 'n|i:1;')
  expect(objects((await runCli(['ls', `1;${folder}`, '--json'])).stdout)).toEqual([expect.objectContaining({ keys: ['n'] })])
})

it('says that there are none', async () => {
  expect(await runCli(['ls', folder])).toMatchObject({ status: 0, stdout: '', stderr: `No sessions in ${folder}\n` })
})

it('says that none matches, where there are others', async () => {
  write('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1', 'n|i:1;')
  const one = `The one session in ${folder} does not match\n`
  expect(await runCli(['ls', folder, '--key', 'no'])).toMatchObject({ status: 0, stdout: '', stderr: one })
  writeThree()
  const stderr = `None of the 3 sessions in ${folder} matches\n`
  expect(await runCli(['ls', folder, '--user', 'zed'])).toMatchObject({ status: 0, stdout: '', stderr })
  expect(await runCli(['ls', folder, '--key', 'no', '--sort', 'age'])).toMatchObject({ status: 0, stdout: '', stderr })
})

it('names an order that is none', async () => {
  expect(await runCli(['ls', folder, '--sort', 'colour'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Allowed choices are age, size, id, keys, user'),
  })
})

it('wants an order that --reverse could turn round', async () => {
  expect(await runCli(['ls', folder, '--reverse'])).toMatchObject({
    status: 2,
    stderr: expect.stringMatching('--reverse goes with --sort'),
  })
})

itInTerminal('sends nothing to a terminal that it would obey, in JSON either', async () => {
  const key = Buffer.from('\u009b2J\u202ex').toString('latin1')
  write('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1', `${key}|i:1;`)
  const { output } = await runInTerminal(['ls', folder, '--json'])
  expect(output).toContain('"keys":["\\u009b2J\\u202ex"]')
  expect(objects(output)[0]).toMatchObject({ keys: ['\u009b2J\u202ex'] })
})

itInTerminal('has colours in a terminal, and cuts the keys to its width', async () => {
  write('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1', Array.from({ length: 40 }, (_, n) => `key_${n}|i:1;`).join(''))
  const { output } = await runInTerminal(['ls', folder], { columns: 60 })
  expect(output).toContain('\x1b[36maaaaaaaa…\x1b[39m')
  for (const line of lines(withoutColors(output))) expect(line.length).toBeLessThanOrEqual(60)
  expect(withoutColors((await runInTerminal(['ls', folder], { env: { NO_COLOR: '1' } })).output)).not.toContain('\x1b[36m')
})

itInTerminal('cuts them by the columns that characters take, and leaves them out where there is no room', async () => {
  const wide = (count: number) => Buffer.from('漢'.repeat(count)).toString('latin1')
  write('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1', `username|s:15:"${wide(5)}";${wide(40)}|i:1;`)
  const { output } = await runInTerminal(['ls', folder], { columns: 80 })
  for (const line of lines(withoutColors(output))) expect(stringWidth(line)).toBeLessThanOrEqual(80)
  const narrow = await runInTerminal(['ls', folder], { columns: 40 })
  expect(withoutColors(narrow.output)).not.toContain('username')
})

it('shows the list again when a session changes, with --watch', async () => {
  write('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1', 'n|i:1;')
  const live = startCli(['ls', folder, '--watch', '--json'])
  await live.printed(/"keys":\["n"\]/)
  // The watcher may not be listening yet.
  const again = setInterval(() => write('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2', 'other|i:1;'), 200)
  await live.printed(/"keys":\["other"\]/)
  clearInterval(again)
  expect((await live.interrupt()).status).toBe(0)
})

it('shows it again when a session in the levels of a save_path changes, with --watch', async () => {
  mkdirSync(join(folder, 'a'))
  mkdirSync(join(folder, 'b'))
  writeFileSync(join(folder, 'a', 'sess_aaa1'), 'n|i:1;')
  const live = startCli(['ls', `1;${folder}`, '--watch', '--json'])
  await live.printed(/"keys":\["n"\]/)
  const again = setInterval(() => writeFileSync(join(folder, 'b', 'sess_bbb2'), 'other|i:1;'), 200)
  await live.printed(/"keys":\["other"\]/)
  clearInterval(again)
  expect((await live.interrupt()).status).toBe(0)
})

itAsUser('says when the folder cannot be listed, also to other commands', async (user) => {
  writeThree()
  for (const mode of [0o733, 0o700]) {
    chmodSync(folder, mode)
    if (user.uid === undefined) chmodSync(folder, 0o333)
    for (const args of [
      ['ls', folder],
      ['ls', folder, '--watch'],
      ['gc', folder],
      ['gc', folder, '--dry-run'],
      ['explain', folder],
    ]) {
      const { status, stdout, stderr } = await runCli(args, user)
      expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
      expect(stderr).toMatch(/^session-start: .* cannot be listed by this user[,:] .*\n$/)
    }
  }
  chmodSync(folder, 0o755)
})

itAsUser('marks what this user may not read, and lists the others', async (user) => {
  writeThree()
  chmodSync(folder, 0o755)
  for (const [at, id] of ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2'].entries()) {
    const file = join(folder, `sess_${id}`)
    if (user.uid !== undefined && at === 0) chownSync(file, user.uid, user.uid)
    if (at === 1) chmodSync(file, 0)
  }
  const { status, stdout } = await runCli(['ls', folder, '--sort', 'id'], user)
  expect(status).toBe(0)
  expect(lines(stdout)[1]).toMatch(/^aaaaaaaa… .* Alice +user cart$/)
  expect(lines(stdout)[2]).toMatch(/^bbbbbbbb… +1 min +2\.0 kB +\(unreadable\)$/)
  const json = objects((await runCli(['ls', folder, '--sort', 'id', '--json'], user)).stdout)
  expect(json.map(({ unreadable }) => unreadable).slice(0, 2)).toEqual([undefined, true])
  expect(json[1]).toMatchObject({ keys: [], user: null, damaged: false })
})

it('shows no token as a user', async () => {
  write('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1', 'user|s:43:"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbm";')
  write('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2', 'user|a:2:{s:5:"token";s:6:"hunter";s:2:"id";i:7;}')
  const { stdout } = await runCli(['ls', folder, '--sort', 'id', '--json'])
  expect(objects(stdout).map(({ user }) => user)).toEqual([null, '#7'])
})
