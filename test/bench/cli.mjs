import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { median, micros, table } from './measure.mjs'
import { findProgram, removeFolder, roomForManyFiles, start, temporaryFolder } from './processes.mjs'

const FILES = 100_000
const ROUNDS = 3
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const hook = fileURLToPath(new URL('../cli/support/report-memory.cjs', import.meta.url))

/** The command line on a folder of 100 000 sessions: when it says something first, when it has ended, and its memory. */
export async function benchCli() {
  const folder = temporaryFolder('cli', roomForManyFiles())
  const one = temporaryFolder('cli')
  const terminal = findProgram('script')
  try {
    await fill(folder, FILES)
    await fill(one, 1)
    const commands = [['ls'], ['stats'], ['gc', '--dry-run'], ['convert', '--to', 'php_serialize', '--dry-run']]
    const rows = []
    for (const place of [one, folder]) {
      for (const [command, ...args] of commands) {
        const runs = []
        for (let round = 0; round < ROUNDS; round++) runs.push(await run(terminal, [command, place, ...args], one))
        const of = (what) => median(runs.map((each) => each[what]))
        const memory = (of('memory') / 1000).toFixed(0)
        rows.push([`${command}, ${place === one ? 1 : FILES}`, micros(of('first')), micros(of('all')), memory])
      }
    }
    const bare = []
    for (let round = 0; round < ROUNDS; round++) bare.push(await measure(process.execPath, ['-e', 'console.log(1)'], {}))
    rows.push(['node alone', micros(median(bare.map(({ first }) => first))), micros(median(bare.map(({ all }) => all))), '–'])
    const where = terminal === undefined ? 'in a pipe, where nothing is said meanwhile' : 'in a terminal'
    console.log(`\nThe command line, ${where}: milliseconds to the first output and to the end, and the most memory in MB.\n`)
    console.log(table(['', 'first', 'end', 'MB'], rows))
  } finally {
    removeFolder(folder)
    removeFolder(one)
  }
}

async function run(terminal, args, folder) {
  const memoryFile = join(folder, 'memory')
  const env = { ...process.env, TERM: 'xterm', NODE_OPTIONS: `--require ${hook}`, MEMORY_FILE: memoryFile }
  const words = [process.execPath, main, ...args]
  const measured = await (terminal === undefined
    ? measure(words[0], words.slice(1), env)
    : measure(terminal, ['-qec', `exec ${words.join(' ')}`, '/dev/null'], env))
  return { ...measured, memory: Number(readFileSync(memoryFile, 'utf8')) }
}

/** Milliseconds from the start to the first output, and to the end. */
async function measure(program, args, env) {
  const since = performance.now()
  const child = start(program, args, { env: { ...process.env, ...env } })
  let first = Number.NaN
  child.stdout.on('data', () => {
    if (Number.isNaN(first)) first = performance.now() - since
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}\n${child.errors}`)
  return { first, all: performance.now() - since }
}

async function fill(folder, count) {
  for (let i = 0; i < count; i++) {
    const fd = openSync(join(folder, `sess_${String(i).padStart(32, '0')}`), 'w', 0o600)
    writeSync(fd, `user_id|i:${i};username|s:5:"alice";csrf_token|s:32:"b1946ac92492d2347c6235b4d2611184";`)
    closeSync(fd)
    // Whoever presses Ctrl-C is heard.
    if (i % 1000 === 0) await setImmediate()
  }
}
