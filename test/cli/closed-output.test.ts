import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, root } from '../support/package.ts'
import { startCli } from './support/run-cli.ts'
import { TestSavePath } from './support/save-path.ts'

/** What commands do when nobody reads what they print any more, as behind `| head -1`, or when there is no room for it. */

beforeAll(ensureBuilt)

const savePath = new TestSavePath()

/** Runs a command whose standard output is closed before its first word. */
async function runUnread(args: readonly string[]) {
  const live = startCli(args)
  live.process.stdout?.destroy()
  live.process.stdin?.end()
  const { status, stderr } = await live.ended
  return { status, stderr }
}

/** Each prints a line for each session, or at its end. */
const changing: [string, string[], (bytes: string) => boolean][] = [
  ['rm', ['rm', '.', ...Array.from({ length: 40 }, (_, at) => `a${at + 10}`)], () => false],
  ['gc', ['gc', '.'], () => false],
  ['convert', ['convert', '.', '--to', 'php_serialize'], (bytes) => bytes.startsWith('a:1:{')],
  ['explain --fix', ['explain', '.', '--fix'], (bytes) => bytes === 'n|s:2:"ab";'],
]

function writeForty(bytes: string): void {
  for (let at = 10; at < 50; at++) utimesSync(savePath.write(`a${at}`, bytes), 1, 1)
}

const left = () => readdirSync(savePath.path).map((name) => savePath.read(name.slice('sess_'.length)))
const inFolder = (args: readonly string[]) => args.map((arg) => (arg === '.' ? savePath.path : arg))

it.each(changing)('%s does all of its work although nobody reads on', async (name, args, isDone) => {
  writeForty(name === 'explain --fix' ? 'n|s:1:"ab";' : 'n|s:2:"ab";')
  expect(await runUnread(inFolder(args))).toEqual({ status: 0, stderr: '' })
  expect(left().every(isDone)).toBe(true)
})

it.each([
  ['set', 'n', '2', '--int'],
  ['unset', 'm'],
])('%s changes the session although nobody reads on', async (command, ...args) => {
  const file = savePath.write('a1', 'n|i:2;m|i:1;')
  expect(await runUnread([command, file, ...args])).toEqual({ status: 0, stderr: '' })
  expect(savePath.read('a1')).toBe(command === 'set' ? 'n|i:2;m|i:1;' : 'n|i:2;')
})

it('a command that looks ends when nobody reads on', async () => {
  writeForty('n|i:1;')
  expect(await runUnread(['ls', savePath.path])).toEqual({ status: 0, stderr: '' })
  expect(await runUnread(['show', join(savePath.path, 'sess_a10')])).toEqual({ status: 0, stderr: '' })
})

const full = existsSync('/dev/full') ? it : it.skip

full('a disk that is full is told in a line, with status 3', () => {
  writeForty('n|i:1;')
  const intoFull = (args: readonly string[]) => {
    const command = [process.execPath, join(root, 'dist/cli/main.js'), ...args].map((word) => `'${word}'`).join(' ')
    const { status, stderr } = spawnSync('sh', ['-c', `${command} > /dev/full`], { encoding: 'utf8' })
    return { status, stderr }
  }
  const told = { status: 3, stderr: 'session-start: What was to be printed is lost: ENOSPC: no space left on device, write\n' }
  expect(intoFull(['ls', savePath.path])).toEqual(told)
  expect(intoFull(['show', join(savePath.path, 'sess_a10')])).toEqual(told)
  expect(intoFull(['rm', savePath.path, 'a10', 'a11', 'a12'])).toEqual(told)
  expect(left()).toHaveLength(37)
})
