import { closeSync, futimesSync, openSync, readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { median, micros, table, times } from './measure.mjs'
import { contestant, findProgram, removeFolder, roomForManyFiles, temporaryFolder } from './processes.mjs'

const FILES = 100_000
const OLD = FILES / 2
const ROUNDS = 3
const TWO_HOURS = 7200

/** Cleaning up a folder of 100 000 sessions of which every other is old. */
export async function benchGc() {
  const contestants = { 'session-start': await folderFor('gc.mjs') }
  if (findProgram('php') === undefined) console.log('\nPHP is not installed here: no comparison with it.')
  else contestants['PHP'] = await folderFor('gc.php')
  const results = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]))
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, { turn }] of Object.entries(contestants)) results[name].push(await turn())
    }
  } finally {
    for (const { end } of Object.values(contestants)) await end()
  }

  const rate = (name) => results[name] && median(results[name].map(({ removed, ms }) => (removed / ms) * 1000))
  const worst = (name, what) => micros(Math.max(...results[name].map((each) => each[what])))
  const row = (name) => [
    name,
    rate(name).toFixed(0),
    times(rate(name) / rate('PHP')),
    worst(name, 'stall'),
    worst(name, 'idleStall'),
  ]
  console.log(
    `\n${FILES} sessions, every other of them old: removed per second, and the longest time nothing else could happen, meanwhile and in an idle process, in ${roomForManyFiles()}.\n`,
  )
  console.log(table(['', 'files/s', 'to PHP', 'stall, ms', 'idle, ms'], Object.keys(contestants).map(row)))
}

async function folderFor(script) {
  const folder = temporaryFolder('gc', roomForManyFiles())
  const { ask, stop } = contestant(script, folder)
  await fill(folder, 'new', FILES - OLD, Date.now() / 1000)
  return {
    async turn() {
      await fill(folder, 'old', OLD, Date.now() / 1000 - TWO_HOURS)
      const result = await ask(null)
      const left = readdirSync(folder)
      if (result.removed !== OLD || left.length !== FILES - OLD || left.some((name) => name.startsWith('sess_old'))) {
        throw new Error(`${script} says it removed ${result.removed} of ${OLD} old sessions, and left ${left.length} files`)
      }
      return result
    },
    async end() {
      await stop()
      removeFolder(folder)
    },
  }
}

async function fill(folder, name, count, mtime) {
  for (let i = 0; i < count; i++) {
    const fd = openSync(join(folder, `sess_${name}${String(i).padStart(29, '0')}`), 'w', 0o600)
    writeSync(fd, 'user_id|i:42;username|s:5:"alice";')
    futimesSync(fd, mtime, mtime)
    closeSync(fd)
    // Whoever presses Ctrl-C is heard.
    if (i % 1000 === 0) await setImmediate()
  }
}
