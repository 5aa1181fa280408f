import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { micros, percentile, table, times } from './measure.mjs'
import { contestant, findProgram, removeFolder, roomForManyFiles, temporaryFolder } from './processes.mjs'

const ID = 'handover00000000000000000000abcd'
const ROUNDS = 6
/** How often each of two processes takes the lock in a round. */
const TURNS = 60

/** How long a lock that somebody waits for takes from one process to the next: from the call that stores the session to the return of the other's start. */
export async function benchHandover() {
  const hasPhp = findProgram('php') !== undefined
  if (!hasPhp) console.log('\nPHP is not installed here: no comparison with it.')
  const pairs = [...(hasPhp ? [pair('PHP', 'PHP'), pair('PHP', 'Node')] : []), pair('Node', 'Node')]
  try {
    for (const { warmUp } of pairs) await warmUp()
    for (let round = 0; round < ROUNDS; round++) for (const { turn } of pairs) await turn()
    for (const { check } of pairs) check()
  } finally {
    for (const { end } of pairs) await end()
  }

  const ways = new Map()
  for (const { gaps } of pairs) for (const [way, all] of gaps) ways.set(way, all)
  const base = ways.has('PHP → PHP') ? percentile(ways.get('PHP → PHP'), 50) : undefined
  const row = ([way, all]) => [
    way,
    micros(percentile(all, 50)),
    base === undefined ? '–' : times(percentile(all, 50) / base),
    micros(percentile(all, 95)),
    all.length,
  ]
  console.log('\nA session that another process waits for: from commit there to start here, in µs.\n')
  console.log(table(['', 'median', 'to PHP', '95 %', 'handovers'], [...ways].sort(([a], [b]) => (a > b ? -1 : 1)).map(row)))
}

const SCRIPTS = { PHP: 'handover.php', Node: 'handover.mjs' }

/** Two processes that take turns on a session of their own. */
function pair(first, second) {
  const folder = temporaryFolder('handover', roomForManyFiles())
  const path = join(folder, `sess_${ID}`)
  writeFileSync(path, 'counter|i:0;', { mode: 0o600 })
  const names = [first, second]
  const both = names.map((name) => contestant(SCRIPTS[name], folder, ID))
  const gaps = new Map()
  let taken = 0

  const take = async (count) => {
    taken += 2 * count
    return Promise.all(both.map(({ ask }) => ask(count)))
  }
  return {
    gaps,
    // The first who waits in Node starts a thread for it.
    warmUp: () => take(30),
    async turn() {
      for (const { way, us } of handovers(await take(TURNS), names)) {
        if (!gaps.has(way)) gaps.set(way, [])
        gaps.get(way).push(us)
      }
    },
    check() {
      const found = readFileSync(path, 'latin1')
      if (found !== `counter|i:${taken};`)
        throw new Error(`${first} and ${second} took ${taken} turns, but the session says ${found}`)
    },
    async end() {
      for (const { stop } of both) await stop()
      removeFolder(folder)
    },
  }
}

/** Finds who came after whom, and keeps those who were waiting when the other gave the session back. */
function handovers(turns, names) {
  const all = turns.flatMap((each, who) => each.map(([asked, came, back]) => ({ who, asked, came, back })))
  all.sort((a, b) => a.came - b.came)
  return all.slice(1).flatMap((next, i) => {
    const before = all[i]
    if (next.came < before.back) throw new Error(`${names[before.who]} and ${names[next.who]} held the session at the same time`)
    if (next.who === before.who || next.asked > before.back) return []
    return [{ way: `${names[before.who]} → ${names[next.who]}`, us: (next.came - before.back) / 1000 }]
  })
}
