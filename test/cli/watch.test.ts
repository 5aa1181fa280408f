import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { takePlace } from '../../src/cli/place.ts'
import { type SessionEvent, SessionWatcher } from '../../src/cli/session-watcher.ts'
import { describeWithPhp, runPhp } from '../save-handlers/processes.ts'
import { ensureBuilt } from '../support/package.ts'
import { itAsUser, itInTerminal, type LiveCli, type RunOptions, runCli, startCli, startInTerminal } from './support/run-cli.ts'
import { s, TestSavePath } from './support/save-path.ts'

beforeAll(ensureBuilt)

const [one, other] = ['1f3c0a9e7b54d2c86a0f31e5b97d4c20', '77ab21c4e90d5f36b8a1c7e24d0f93b5']
const savePath = new TestSavePath()

/** Starts to watch, and waits until it does. */
async function watching(args: readonly string[], options: RunOptions = {}): Promise<LiveCli> {
  const live = startCli(['watch', ...args], options)
  await new Promise<void>((resolve, reject) => {
    live.process.stderr?.on('data', (text) => /Watching/.test(String(text)) && resolve())
    void live.ended.then((result) => reject(new Error(JSON.stringify(result))))
  })
  return live
}

/** What it printed until it was interrupted; all times are one. */
async function printedBy(live: LiveCli): Promise<string[]> {
  const { status, stdout } = await live.interrupt()
  expect(status).toBe(0)
  return stdout
    .replace(/^\d\d:\d\d:\d\d/gm, 'TIME')
    .trimEnd()
    .split('\n')
}

const touch = (file: string, year: number) => utimesSync(file, new Date(), new Date(year, 0))

it('shows each change when it happens, until it is interrupted', async () => {
  savePath.write(one, `user|a:2:{s:2:"id";i:7;s:8:"password";${s('old')}}`)
  const live = await watching([savePath.path])
  savePath.write(one, `user|a:2:{s:2:"id";i:8;s:8:"password";${s('new')}}`)
  await live.printed(/password.*\n/)
  const file = savePath.write(other, 'n|i:1;')
  await live.printed(/\+ n: .*\n/)
  touch(file, 2030)
  await live.printed(/touched.*\n/)
  savePath.write(other, 'n|i:1;m|s:2:"x";')
  await live.printed(/PHP stops.*\n/)
  savePath.write(other, 'n|d:1;')
  await live.printed(/float.*\n/)
  savePath.write(other, 'n|d:1.0;')
  await live.printed(/how they are stored.*\n/)
  rmSync(file)
  await live.printed(/destroyed\n/)
  expect(await printedBy(live)).toEqual([
    'TIME  1f3c0a9e…  changed        49 B',
    '  ~ user.id: int(7) → int(8)',
    '  ~ user.password: string(3) •••••• → string(3) ••••••',
    'TIME  77ab21c4…  created         6 B',
    '  + n: int(1)',
    'TIME  77ab21c4…  touched         6 B',
    'TIME  77ab21c4…  changed        16 B',
    expect.stringMatching(/^ {2}PHP stops at byte \d+ of 16, in m: /),
    'TIME  77ab21c4…  changed         6 B',
    '  ~ n: int(1) → float(1)',
    'TIME  77ab21c4…  changed         8 B',
    '  (no value is another, only how they are stored)',
    'TIME  77ab21c4…  destroyed',
  ])
})

it('shows only the sessions that are asked for', async () => {
  const file = savePath.write(one, 'n|i:1;')
  savePath.write(other, 'n|i:1;')
  for (const args of [[savePath.path, '1f3c'], [file]]) {
    const live = await watching(args)
    savePath.write(other, `n|${s(String(Math.random()))}`)
    savePath.write(one, `n|${s(String(Math.random()))}`)
    await live.printed(/~ n: .*\n/)
    expect((await printedBy(live)).filter((line) => line.startsWith('TIME'))).toEqual([expect.stringMatching('1f3c0a9e…')])
  }
})

it('looks into the folders of a save_path with levels', async () => {
  mkdirSync(join(savePath.path, '1'))
  const live = await watching([`1;${savePath.path}`])
  savePath.writeFile(`1/sess_${one}`, 'n|i:1;')
  await live.printed(/\+ n: int\(1\)\n/)
  mkdirSync(join(savePath.path, '7'))
  await live.interrupt()
})

it('prints a line of JSON for each event', async () => {
  savePath.write(one, 'n|i:1;')
  const live = await watching([savePath.path, '--json'])
  savePath.write(one, 'n|i:2;')
  await live.printed(/\n/)
  const { stdout } = await live.interrupt()
  expect(JSON.parse(stdout)).toEqual({
    ...{ time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), session: '1f3c0a9e…', event: 'changed', size: 6 },
    ...{ holder: null, problem: null },
    changes: [
      {
        ...{ kind: 'changed', path: 'n', keys: ['n'], note: null },
        before: { type: 'int', value: 1, offset: 2, length: 4, slot: 1 },
        after: { type: 'int', value: 2, offset: 2, length: 4, slot: 1 },
      },
    ],
  })
})

it('touches nothing', async () => {
  const file = savePath.write(one, 'n|i:1;')
  const times = () => {
    const { mtimeNs, ctimeNs } = statSync(file, { bigint: true })
    return { mtimeNs, ctimeNs, files: readdirSync(savePath.path) }
  }
  const before = times()
  await (await watching([savePath.path])).interrupt()
  expect(times()).toEqual(before)
})

it('refuses a folder that is not there', async () => {
  const { status, stderr } = await runCli(['watch', join(savePath.path, 'none')])
  expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(/There is no folder .*none/) })
})

itAsUser('watches one session of a folder that cannot be listed, as Debian’s', async (user) => {
  const file = savePath.write(one, 'n|i:1;')
  if (user.uid !== undefined) chownSync(file, user.uid, user.uid)
  chmodSync(savePath.path, 0o333)
  const { status, stderr } = await runCli(['watch', savePath.path], user)
  expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(/cannot be listed by this user: give the ids/) })
  const live = await watching([savePath.path, one], user)
  savePath.write(one, 'n|i:2;')
  await live.printed(/~ n: int\(1\) → int\(2\)\n/)
  rmSync(file)
  await live.printed(/destroyed\n/)
  await live.interrupt()
  chmodSync(savePath.path, 0o700)
})

itInTerminal('uses colours in a terminal, and ends with Ctrl+C', async () => {
  savePath.write(one, 'n|i:1;')
  const live = startInTerminal(['watch', savePath.path], { columns: 200 })
  await live.printed(/Watching 1 session in .*; Ctrl\+C ends it/)
  savePath.write(one, 'n|i:2;')
  const output = await live.printed(/~.*\n/)
  expect(output).toContain('\x1b[1m1f3c0a9e…\x1b[22m  \x1b[33mchanged  \x1b[39m')
  expect((await live.interrupt()).status).toBe(0)
})

it('waits for the rest of a session that is being written', async () => {
  savePath.write(one, 'n|i:1;')
  const next = await watcherOf()
  const event = next()
  for (const part of ['', 'n|i:2;m|s:5:']) {
    savePath.write(one, part)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  savePath.write(one, 'n|i:2;m|s:5:"Alice";')
  expect((await event).after?.toString()).toBe('n|i:2;m|s:5:"Alice";')
})

it('remembers only so much of what sessions were', async () => {
  for (const each of [one, other]) savePath.write(each, 'n|i:1;')
  const next = await watcherOf('n|i:1;'.length)
  const events: SessionEvent[] = []
  for (const [id, bytes] of [
    [one, 'n|i:2;'],
    [one, 'n|i:3;'],
    [other, 'n|i:4;'],
    [one, 'n|i:5;'],
  ] as const) {
    const event = next()
    savePath.write(id, bytes)
    events.push(await event)
  }
  // Which of both is remembered from the beginning, is chance.
  expect(events.slice(1).map(({ kind, before }) => [kind, before?.toString()])).toEqual([
    ['changed', 'n|i:2;'],
    ['changed', undefined],
    ['changed', undefined],
  ])
})

describeWithPhp('with PHP', () => {
  const start = `session_id('${one}'); session_start();`

  it('shows what a request changes, and who holds its lock', async () => {
    savePath.write(one, 'n|i:1;')
    const live = await watching([savePath.path])
    const request = runPhp(savePath.path, `${start} echo "locked\\n"; fgets(STDIN); $_SESSION['n'] = 2;`)
    await request.line()
    // Longer than it takes between two looks at the locks.
    await new Promise((resolve) => setTimeout(resolve, 500))
    request.tell('go on')
    const output = await live.printed(/~ n: .*\n/)
    const holder = process.platform === 'linux' ? `  by \\S+ ${request.child.pid}` : ''
    expect(output).toMatch(new RegExp(`  1f3c0a9e…  changed  +6 B${holder}\\n  ~ n: int\\(1\\) → int\\(2\\)\\n$`))
    await live.interrupt()
  })
})

let watcher: SessionWatcher | undefined
afterEach(() => watcher?.close())

/** Watches in this process; → what waits for the next event. */
async function watcherOf(mostBytes?: number): Promise<() => Promise<SessionEvent>> {
  const { place } = await takePlace([savePath.path], {})
  const started = new SessionWatcher(place, undefined, mostBytes)
  watcher = started
  await started.start()
  return () =>
    new Promise((resolve) => {
      started.onEvent = resolve
    })
}
