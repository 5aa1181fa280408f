import { rmSync } from 'node:fs'
import { filesSaveHandler } from '../../src/save-handlers/files.ts'
import { ensureBuilt } from '../support/package.ts'
import { itInTerminal, runCli, runInTerminal, startCli, startInTerminal } from './support/run-cli.ts'
import { s, TestSavePath } from './support/save-path.ts'

beforeAll(ensureBuilt)

const [one, other] = ['1f3c0a9e7b54d2c86a0f31e5b97d4c20', '77ab21c4e90d5f36b8a1c7e24d0f93b5']
const savePath = new TestSavePath()

const before = `user|a:2:{s:4:"name";${s('Alice')}s:8:"password";${s('old')}}n|i:1;gone|N;`
const after = `user|a:2:{s:4:"name";${s('Alicia')}s:8:"password";${s('new!')}}n|i:1;cart|a:1:{i:0;N;}`
const changes = `- gone: null
~ user.name: string(5) "Alice" → string(6) "Alicia"
~ user.password: string(3) •••••• → string(4) ••••••
+ cart: array(1)
`

it('shows what is different in two sessions, with status 1', async () => {
  savePath.write(one, before)
  savePath.write(other, after)
  const { status, stdout, stderr } = await runCli(['diff', savePath.path, '1f3c', '77ab'])
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
  expect(stdout).toBe(`--- 1f3c0a9e… in ${savePath.path} (72 B)\n+++ 77ab21c4… in ${savePath.path} (84 B)\n${changes}`)
})

it('takes files, standard input and a saved copy', async () => {
  const [first, second] = [savePath.write(one, before), savePath.write(other, after)]
  const copy = savePath.writeFile('copy.txt', before)
  const same = await runCli(['diff', first, second])
  expect(same.stdout).toContain('~ user.name')
  for (const args of [
    [first, savePath.path, '77ab'],
    [savePath.path, '1f3c', second],
    [savePath.path, '77ab', '--against', copy],
  ]) {
    const { stdout } = await runCli(['diff', ...args])
    expect(stdout.split('\n').slice(2)).toEqual(same.stdout.split('\n').slice(2))
  }
  const { stdout } = await runCli(['diff', '-', second], { input: before })
  expect(stdout.split('\n')[0]).toBe('--- standard input (72 B)')
})

it('refuses to compare standard input with itself', async () => {
  expect(await runCli(['diff', '-', '-'], { input: before })).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/one of the two, not both/),
  })
})

it('finds nothing where only the bytes differ, with status 0', async () => {
  const first = savePath.write(one, 'n|i:1;o|a:1:{i:0;d:0.10;}')
  expect(await runCli(['diff', first, first])).toMatchObject({ status: 0, stdout: expect.stringMatching(/\nNo difference\n$/) })
  const second = savePath.write(other, `a:2:{s:1:"n";i:1;s:1:"o";a:1:{i:0;d:0.1;}}`)
  const stored = /\nNo difference in values, only in how they are stored\n$/
  expect(await runCli(['diff', first, second])).toMatchObject({ status: 0, stdout: expect.stringMatching(stored) })
})

it('prints JSON', async () => {
  const [first, second] = [savePath.write(one, 'n|i:1;'), savePath.write(other, 'n|i:2;m|N;')]
  const { stdout, status } = await runCli(['diff', first, second, '--json'])
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toEqual({
    before: { session: '1f3c0a9e…', place: savePath.path, size: 6, problem: null },
    after: { session: '77ab21c4…', place: savePath.path, size: 10, problem: null },
    changes: [
      {
        ...{ kind: 'changed', path: 'n', keys: ['n'], note: null },
        before: { type: 'int', value: 1, offset: 2, length: 4, slot: 1 },
        after: { type: 'int', value: 2, offset: 2, length: 4, slot: 1 },
      },
      {
        ...{ kind: 'added', path: 'm', keys: ['m'], note: null, before: null },
        after: { type: 'null', value: null, offset: 8, length: 2, slot: 2 },
      },
    ],
  })
})

it('says what it could not compare', async () => {
  const [first, second] = [savePath.write(one, 'n|i:1;m|i:1;'), savePath.write(other, 'n|i:1;m|i:1')]
  const { status, stderr } = await runCli(['diff', first, second])
  expect(status).toBe(1)
  expect(stderr).toMatch(/^77ab21c4… in .*: PHP stops at byte \d+ of 11, in m: .*\. What comes after that was not compared\.\n$/)
})

it('waits for the next change of a session', async () => {
  savePath.write(one, 'n|i:0;')
  const waiting = startCli(['diff', savePath.path, '1f3c', '--wait'])
  // Nobody sees from outside when it begins to wait: the session changes until it ends.
  const handle = await filesSaveHandler.open(savePath.path, 'PHPSESSID', { lock: true, lockTimeout: 1000 })
  let n = 0
  const writing = setInterval(() => handle.write(one, Buffer.from(`n|i:${++n};`)), 50)
  const { status, stdout } = await waiting.ended
  clearInterval(writing)
  await handle.close()
  expect(status).toBe(1)
  expect(stdout).toMatch(
    /^--- 1f3c0a9e… in .*, before \(\d B\)\n\+\+\+ 1f3c0a9e… in .*, after \(\d B\)\n~ n: int\(\d+\) → int\(\d+\)\n$/,
  )
})

it('ends its wait when the time is over', async () => {
  savePath.write(one, before)
  const { status, stdout } = await runCli(['diff', savePath.path, '1f3c', '--wait', '0.1'])
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/\nNo difference\n$/) })
})

itInTerminal('ends its wait when the session is gone', async () => {
  const file = savePath.write(one, before)
  const waiting = startInTerminal(['diff', savePath.path, '1f3c', '--wait'])
  await waiting.printed(/Waiting for a change/)
  rmSync(file)
  expect(await waiting.ended).toMatchObject({ status: 1, stdout: expect.stringMatching(/The session was destroyed/) })
})

it.each<[string, string[], number, RegExp]>([
  ['one session', ['.', '1f3c'], 2, /Compare with what\?/],
  ['three', ['.', '1f3c', '77ab', '77ab'], 2, /Two sessions can be compared, and no more/],
  ['two and a copy', ['.', '1f3c', '77ab', '--against', 'copy'], 2, /compare one session with itself/],
  ['a copy that is not there', ['.', '1f3c', '--against', 'copy'], 3, /There is no file copy/],
  ['a wait for no time', ['.', '1f3c', '--wait', 'now'], 2, /seconds are a number/],
  ['a wait that took the place for its time', ['--wait', '.', '1f3c'], 2, /--wait .: seconds are a number/],
  ['a second session that is not there', ['.', '1f3c', 'ffff'], 3, /No session/],
])('refuses %s', async (_what, args, status, message) => {
  savePath.write(one, before)
  savePath.write(other, after)
  const result = await runCli(['diff', ...args], { cwd: savePath.path })
  expect(result).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(message) })
})

itInTerminal('uses colours in a terminal', async () => {
  const [first, second] = [savePath.write(one, 'n|i:1;'), savePath.write(other, 'm|i:1;')]
  const { output } = await runInTerminal(['diff', first, second], { columns: 200 })
  expect(output).toContain('\x1b[31m--- 1f3c0a9e… ')
  expect(output).toContain('\x1b[31m-\x1b[39m\x1b[1m n\x1b[22m')
  expect(output).toContain('\x1b[32m+\x1b[39m\x1b[1m m\x1b[22m')
})
