/**
 * `npm run fuzz`: the random tests, over and over with new cases, SESSION_START_RUNS (5) times as many as usual, until one fails or
 * SESSION_START_MINUTES (10) are over. Arguments name the tests: `npm run fuzz -- test/inspect`.
 *
 * The line before a failure runs the same cases again: `SESSION_START_SEED=… SESSION_START_RUNS=… npm test -- …`. What was found becomes
 * a row of a table, which is run always.
 */
import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, root, run } from './prepare.mjs'

await ensureInstalled()
await ensureBuilt()

const isRandom = (path) => path.endsWith('.test.ts') && readFileSync(join(root, path), 'utf8').includes('/support/random.ts')
const random = readdirSync(join(root, 'test'), { recursive: true })
  .map((path) => join('test', path))
  .filter(isRandom)
const wanted = process.argv.slice(2)
const files = wanted.length === 0 ? random : random.filter((path) => wanted.some((each) => path.includes(each)))
if (files.length === 0) throw new Error(`no random test is named like ${wanted.join(', ')}; there are ${random.join(', ')}`)

const runs = process.env.SESSION_START_RUNS ?? '5'
const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--testTimeout=3600000', '--runTestsByPath', ...files]
const end = Date.now() + Number(process.env.SESSION_START_MINUTES ?? 10) * 60_000
let status = 0
while (status === 0 && Date.now() < end) {
  const seed = String(randomInt(2 ** 31))
  console.log(`SESSION_START_SEED=${seed} SESSION_START_RUNS=${runs}`)
  const env = { ...process.env, SESSION_START_SEED: seed, SESSION_START_RUNS: runs }
  ;({ status } = await run(process.execPath, jest, { show: true, env }))
}
process.exitCode = status
