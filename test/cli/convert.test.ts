import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  opendirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { SaveHandle } from '../../src/save-handlers/save-handler.ts'
import { saveHandler } from '../../src/save-handlers/save-handlers.ts'
import { ensureBuilt, root } from '../support/package.ts'
import { itInTerminal, runCli, runInTerminal, startCli, withoutColors } from './support/run-cli.ts'

beforeAll(ensureBuilt)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-convert-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const alice = 'user|s:5:"Alice";n|i:1;'
const aliceSerialized = 'a:2:{s:4:"user";s:5:"Alice";s:1:"n";i:1;}'

function file(id: string, place = folder): string {
  return join(place, `sess_${id}`)
}

/** A session that was last used so many seconds ago. */
function write(id: string, bytes: string | Buffer, age = 0, place = folder): void {
  writeFileSync(file(id, place), bytes, { encoding: 'latin1', mode: 0o640 })
  const time = Date.now() / 1000 - age
  utimesSync(file(id, place), time, time)
}

function read(id: string, place = folder): string {
  return readFileSync(file(id, place), 'latin1')
}

function subfolder(name: string): string {
  mkdirSync(join(folder, name))
  return join(folder, name)
}

/** Holds a session as a request does, until `close`. */
async function hold(id: string): Promise<SaveHandle> {
  const handle = await saveHandler('files').open(folder, 'PHPSESSID', { lock: true, lockTimeout: 0 })
  await handle.read(id)
  return handle
}

const summary = async (...args: string[]) => JSON.parse((await runCli(['convert', folder, ...args, '--json'])).stdout)

describe('convert', () => {
  it('converts sessions where they are, as old and with the mode they had', async () => {
    write('aaa1', alice, 5000)
    write('bbb2', 'n|d:0.1;', 70)
    const before = ['aaa1', 'bbb2'].map((id) => statSync(file(id)))
    const { status, stdout, stderr } = await runCli(['convert', folder, '--from', 'php', '--to', 'php_serialize'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toBe(`Converted 2 of 2 sessions in ${folder} to php_serialize\n`)
    expect([read('aaa1'), read('bbb2')]).toEqual([aliceSerialized, 'a:1:{s:1:"n";d:0.1;}'])
    for (const [at, id] of ['aaa1', 'bbb2'].entries()) {
      const { mtimeMs, mode, ino } = statSync(file(id))
      expect({ mode, ino }).toEqual({ mode: before[at]!.mode, ino: before[at]!.ino })
      expect(mtimeMs).toBeCloseTo(before[at]!.mtimeMs, 1)
    }
  })

  it('finds out by the bytes who wrote a session, and skips what is converted or empty', async () => {
    write('aaa1', alice)
    write('bbb2', '\x01ni:1;')
    write('ccc3', aliceSerialized)
    write('ddd4', '')
    const { stdout } = await runCli(['convert', folder, '--to', 'php_serialize'])
    expect(stdout).toBe(`Converted 2 of 4 sessions in ${folder} to php_serialize; already so: 2\n`)
    expect(['aaa1', 'bbb2', 'ccc3', 'ddd4'].map((id) => read(id))).toEqual([
      aliceSerialized,
      'a:1:{s:1:"n";i:1;}',
      aliceSerialized,
      '',
    ])
  })

  it('leaves what the other format cannot hold, and says the session and the key', async () => {
    const bytes = 'a:3:{s:3:"a|b";i:1;s:1:"c";s:6:"secret";i:5;i:2;}'
    write('0123456789abcdef', bytes)
    const { status, stdout } = await runCli(['convert', folder, '--to', 'php'])
    expect(status).toBe(1)
    expect(stdout).toBe(
      `01234567…  "a|b", "5": PHP writes an empty session when a key of $_SESSION holds a '|'; PHP drops integer keys of $_SESSION\n` +
        `Converted 0 of 1 session in ${folder} to php; left as they were: 1\n`,
    )
    expect(read('0123456789abcdef')).toBe(bytes)
    expect(await summary('--to', 'php')).toEqual({
      ...{ place: folder, target: null, to: 'php', dryRun: false, interrupted: false, looked: 1, converted: 0, already: 0 },
      left: [{ id: '01234567…', reason: 'key', keys: ['a|b', '5'], message: expect.stringContaining('integer keys') }],
    })
    const { left } = await summary('--to', 'php', '--full-ids')
    expect(left[0].id).toBe('0123456789abcdef')
  })

  it('leaves a session that is damaged, bytes and time', async () => {
    write('aaa1', `${alice}\n`, 500)
    const { mtimeMs } = statSync(file('aaa1'))
    expect(await summary('--to', 'php_serialize')).toMatchObject({ left: [{ reason: 'damaged' }] })
    expect(read('aaa1')).toBe(`${alice}\n`)
    expect(statSync(file('aaa1')).mtimeMs).toBe(mtimeMs)
  })

  it('leaves a session that is in use, and says so', async () => {
    write('aaa1', alice)
    write('bbb2', alice)
    const handle = await hold('aaa1')
    const { left, converted } = await summary('--to', 'php_serialize', '--lock-timeout', '50')
    await handle.close()
    expect({ left, converted }).toEqual({
      converted: 1,
      left: [{ id: 'aa…', reason: 'in-use', message: expect.stringContaining('Waited 50 ms') }],
    })
    expect([read('aaa1'), read('bbb2')]).toEqual([alice, aliceSerialized])
    expect(await summary('--to', 'php_serialize')).toMatchObject({ converted: 1, already: 1, left: [] })
  })

  it('waits for a session that is in use only for a moment, and converts what was written then', async () => {
    write('aaa1', alice)
    const handle = await hold('aaa1')
    const running = startCli(['convert', folder, '--to', 'php_serialize', '--lock-timeout', '60000'])
    await setTimeout(500)
    await handle.write('aaa1', Buffer.from('user|s:3:"Bob";'))
    await handle.close()
    expect((await running.ended).status).toBe(0)
    expect(read('aaa1')).toBe('a:1:{s:4:"user";s:3:"Bob";}')
  })

  it('changes nothing and takes no lock with --dry-run', async () => {
    write('aaa1', alice, 5000)
    write('bbb2', 'broken', 5000)
    const before = statSync(file('aaa1'))
    const handle = await hold('aaa1')
    const { status, stdout } = await runCli(['convert', folder, '--to', 'php_serialize', '--dry-run', '--lock-timeout', '0'])
    await handle.close()
    expect(status).toBe(1)
    expect(stdout).toContain(`1 of 2 sessions in ${folder} can be converted to php_serialize; to be left as they are: 1\n`)
    const after = statSync(file('aaa1'))
    expect([after.mtimeMs, after.ctimeMs, read('aaa1')]).toEqual([before.mtimeMs, before.ctimeMs, alice])
  })

  itInTerminal('shows how far it is in a terminal', async () => {
    for (let id = 0; id < 20; id++) write(`aaa${id}`, alice)
    write('bbb', 'broken')
    const { output } = await runInTerminal(['convert', folder, '--to', 'php_serialize'])
    expect(output).toMatch(/\d+ of 21 sessions, \d+ converted(, \d+ left)?, \d+ s to go/)
    expect(output).toContain('\x1b[33mbb…\x1b[39m')
    expect(withoutColors(output)).toContain(`Converted 20 of 21 sessions in ${folder}`)
  })

  it('converts sessions that lie in levels of folders', async () => {
    mkdirSync(join(folder, 'a/b'), { recursive: true })
    write('abc1', alice, 0, join(folder, 'a/b'))
    const { stdout } = await runCli(['convert', `2;${folder}`, '--to', 'php_serialize'])
    expect(stdout).toContain('Converted 1 of 1 session in')
    expect(read('abc1', join(folder, 'a/b'))).toBe(aliceSerialized)
  })

  it('refuses a handler that there is not, and to go without one', async () => {
    for (const args of [['--to', 'igbinary2'], [], ['--to', 'php', '--lock-timeout', 'x']]) {
      expect((await runCli(['convert', folder, ...args])).status).toBe(2)
    }
  })

  it('says when the sessions may not be listed, instead of finding none', async () => {
    write('aaa1', alice)
    chmodSync(folder, 0o333)
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
    const run = () =>
      execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), 'convert', folder, '--to', 'php'], {
        ...nobody,
        stdio: 'pipe',
      })
    expect(run).toThrow(/cannot be listed by this user, /)
    chmodSync(folder, 0o755)
  })
})

describe('an interrupted convert', () => {
  it('ends by the signal after the session at hand, says how far it came, and the next run does the rest', async () => {
    for (let id = 10; id < 60; id++) write(`aaa${id}`, alice, 1000)
    const order = inOrder()
    // It cannot pass the last one, so it is interrupted in the middle for sure.
    const handles = [await hold(order[20]!), await hold(order[49]!)]
    const running = startCli(['convert', folder, '--to', 'php_serialize', '--lock-timeout', '60000'])
    while (read(order[19]!) !== aliceSerialized) await setTimeout(10)
    running.process.kill('SIGINT')
    await setTimeout(100)
    await handles[0]!.close()
    const { stdout, stderr } = await running.ended
    await handles[1]!.close()
    expect(running.process.signalCode).toBe('SIGINT')
    expect(stderr).toBe('Interrupted: run it again to convert the rest.\n')
    expect(stdout).toBe(`Converted 21 of 21 sessions in ${folder} to php_serialize\n`)
    expect(order.map((id) => read(id))).toEqual(order.map((_, at) => (at <= 20 ? aliceSerialized : alice)))

    expect(await summary('--to', 'php_serialize')).toMatchObject({ looked: 50, converted: 29, already: 21, left: [] })
    expect(order.map((id) => read(id))).toEqual(order.map(() => aliceSerialized))
    const ages = order.map((id) => Math.round((Date.now() - statSync(file(id)).mtimeMs) / 1000))
    expect(ages.every((age) => age >= 1000)).toBe(true)
  })

  function inOrder(): string[] {
    const open = opendirSync(folder)
    const names: string[] = []
    for (let entry = open.readSync(); entry !== null; entry = open.readSync()) names.push(entry.name.slice('sess_'.length))
    open.closeSync()
    return names
  }
})

describe('convert into another place', () => {
  it('leaves the sessions alone, and gives those converted their age', async () => {
    const target = subfolder('new')
    write('aaa1', alice, 5000)
    write('bbb2', aliceSerialized, 60)
    write('ccc3', '', 70)
    const before = statSync(file('aaa1'))
    const { stdout } = await runCli(['convert', folder, '--to', 'php_serialize', '--target', target])
    expect(stdout).toBe(`Converted 3 of 3 sessions in ${folder} to php_serialize, into ${target}\n`)
    expect(['aaa1', 'bbb2', 'ccc3'].map((id) => read(id, target))).toEqual([aliceSerialized, aliceSerialized, ''])
    expect(statSync(file('aaa1', target)).mtimeMs).toBeCloseTo(before.mtimeMs, 1)
    expect(statSync(file('aaa1', target)).mode & 0o777).toBe(0o600)
    const after = statSync(file('aaa1'))
    expect([read('aaa1'), after.mtimeMs, after.ctimeMs]).toEqual([alice, before.mtimeMs, before.ctimeMs])
    expect(await summary('--to', 'php_serialize', '--target', target)).toMatchObject({
      target,
      converted: 0,
      already: 3,
      left: [],
    })
  })

  it('replaces what is older there, and leaves what was used later', async () => {
    const target = subfolder('new')
    write('aaa1', alice, 100)
    write('bbb2', alice, 100)
    write('aaa1', 'a:1:{s:1:"n";i:1;}', 200, target)
    write('bbb2', 'a:1:{s:1:"n";i:2;}', 50, target)
    const { left, converted } = await summary('--to', 'php_serialize', '--target', target)
    expect({ left, converted }).toEqual({ converted: 1, left: [{ id: 'bb…', reason: 'newer', message: expect.any(String) }] })
    expect([read('aaa1', target), read('bbb2', target)]).toEqual([aliceSerialized, 'a:1:{s:1:"n";i:2;}'])
  })

  it('creates nothing with --dry-run', async () => {
    const target = subfolder('new')
    write('aaa1', alice)
    expect(await summary('--to', 'php', '--target', target, '--dry-run')).toMatchObject({ converted: 1 })
    expect(readdirSync(target)).toEqual([])
  })

  it('takes the same place for no other', async () => {
    write('aaa1', alice)
    await runCli(['convert', folder, '--to', 'php_serialize', '--target', `${folder}/.`])
    expect(read('aaa1')).toBe(aliceSerialized)
  })

  it('leaves a session whose id is too short for the levels there', async () => {
    const target = subfolder('new')
    mkdirSync(join(target, 'a'))
    write('a', alice)
    write('aaa1', alice)
    for (const dryRun of [['--dry-run'], []]) {
      const { left, converted } = await summary('--to', 'php_serialize', '--target', `1;${target}`, ...dryRun)
      expect({ left, converted }).toMatchObject({
        left: [{ id: 'a…', reason: 'unreadable', message: expect.stringContaining('too short') }],
        converted: 1,
      })
    }
    expect(read('aaa1', join(target, 'a'))).toBe(aliceSerialized)
  })

  it('stops where the other place takes no sessions', async () => {
    write('aaa1', alice)
    const { status, stderr } = await runCli(['convert', folder, '--to', 'php', '--target', join(folder, 'missing')])
    expect(status).toBe(3)
    expect(stderr).toMatch(/missing takes no sessions: Cannot open .* \(SAVE_PATH\)/)
  })

  const asRoot = process.getuid?.() === 0 ? it : it.skip
  asRoot('gives those converted to whom the sessions belong', async () => {
    const target = subfolder('new')
    write('aaa1', alice)
    execFileSync('chown', ['65534:65534', file('aaa1')])
    await summary('--to', 'php_serialize', '--target', target)
    const { uid, gid } = statSync(file('aaa1', target))
    expect({ uid, gid }).toEqual({ uid: 65_534, gid: 65_534 })
  })
})
