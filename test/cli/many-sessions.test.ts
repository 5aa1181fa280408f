import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt } from '../support/package.ts'
import { spawnCli } from './support/run-cli.ts'

/** A hundred thousand sessions take as much memory as a thousand. */

const MANY = 100_000
const FEW = 1000
/** In kB. To keep no more than the ids of all would take more. */
const NO_MORE = 5_000

let folder: string
let many: string
let few: string

beforeAll(() => {
  ensureBuilt()
  folder = mkdtempSync(join(roomForManyFiles(), 'cli-many-'))
  many = fill('many', MANY)
  few = fill('few', FEW)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Each with a user and four keys of its own, every fourth old. */
function fill(name: string, count: number): string {
  const path = join(folder, name)
  mkdirSync(path)
  const old = Date.now() / 1000 - 10_000
  for (let at = 0; at < count; at++) {
    const file = join(path, `sess_${String(at * 7919).padStart(32, '0')}`)
    const own = Array.from({ length: 4 }, (_, key) => `key_${at}_${key}|i:1;`)
    writeFileSync(file, `user_id|i:${at};username|s:5:"alice";${own.join('')}`)
    if (at % 4 === 0) utimesSync(file, old, old)
  }
  return path
}

/** In memory, if there is room: 4 kB each, and as much again for what the system keeps of it. */
function roomForManyFiles(): string {
  const memory = '/dev/shm'
  if (!existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > 2 * MANY * 4096 ? memory : tmpdir()
}

/** Runs a command on a place: what it printed, and the most it kept in memory, in kB. */
async function run(place: string, [command = '', ...args]: readonly string[]) {
  const file = join(folder, 'memory')
  const NODE_OPTIONS = `--expose-gc --require ${join(__dirname, 'support/report-kept-memory.cjs')}`
  const { status, stdout, stderr } = await spawnCli([command, place, ...args], { env: { NODE_OPTIONS, MEMORY_FILE: file } })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return { stdout, memory: Number(readFileSync(file, 'utf8')) }
}

const lines = (text: string) => text.trimEnd().split('\n').length

const keys = (count: number) => [
  { key: 'username', sessions: count, bytes: count * 'username|s:5:"alice";'.length, missed: 0 },
  { key: 'user_id', sessions: count, missed: 0 },
]

// biome-ignore format: a table
it.each<[args: string[], check: (stdout: string, count: number) => void]>([
  [['ls'], (stdout, count) => expect(lines(stdout)).toBe(count + 1)],
  [['stats', '--json', '--keys', '2'], (stdout, count) => expect(JSON.parse(stdout)).toMatchObject({ sessions: count, expired: count / 4, users: { sessions: count }, keys: keys(count) })],
  [['convert', '--to', 'php', '--dry-run', '--json'], (stdout, count) => expect(JSON.parse(stdout)).toMatchObject({ looked: count, already: count })],
  [['gc', '--dry-run', '--json'], (stdout, count) => expect(JSON.parse(stdout)).toMatchObject({ looked: count, old: count / 4 })],
])('%j needs no more memory for many', async (args, check) => {
  const little = await run(few, args)
  const much = await run(many, args)
  check(little.stdout, FEW)
  check(much.stdout, MANY)
  expect(much.memory - little.memory).toBeLessThan(NO_MORE)
})

it('["gc"] removes the old ones among many', async () => {
  const little = await run(few, ['gc'])
  const much = await run(many, ['gc'])
  expect(much.stdout).toContain(`Removed ${MANY / 4} sessions`)
  expect(readdirSync(many)).toHaveLength(MANY - MANY / 4)
  expect(much.memory - little.memory).toBeLessThan(NO_MORE)
})
