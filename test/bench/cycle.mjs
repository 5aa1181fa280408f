import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { micros, table, takeTurns, times } from './measure.mjs'
import { contestant, findProgram, removeFolder, roomForManyFiles, temporaryFolder } from './processes.mjs'

const { decodeSession, encodeSession } = createRequire(import.meta.url)('../../dist/index.js')

const ID = 'abcdefghijklmnopqrstuvwxyz012345'
/** Does not get longer while it is counted up. */
const COUNTER = 10_000_000

/**
 * A whole request's worth of session: start, add one to a counter, commit; against PHP and session-file-store. In memory, and on a disk: a
 * PHP that cuts each session before it writes it, as those since November 2026 do, makes ext4 put each to the disk at once.
 */
export async function benchCycle() {
  const cart = readFileSync(new URL('../../fixtures/8.5/php/sess_cart', import.meta.url))
  for (const place of new Set([roomForManyFiles(), tmpdir()])) {
    await cycleOf('A login session', encodeSession({ ...login, counter: COUNTER }), place)
    await cycleOf('A cart of 500 items', Buffer.concat([cart, encodeSession({ counter: COUNTER })]), place)
  }
}

const login = {
  user_id: 42,
  username: 'alice',
  email: 'alice@example.com',
  roles: ['admin', 'user'],
  token: 'b1946ac92492d2347c6235b4d2611184',
}

async function cycleOf(title, bytes, place) {
  const contestants = { 'session-start': ours(bytes, place), 'session-file-store': fileStore(bytes, place) }
  if (findProgram('php') === undefined) console.log('\nPHP is not installed here: no comparison with it.')
  else contestants['PHP'] = php(bytes, place)
  try {
    const turns = Object.entries(contestants).map(([name, { turn }]) => [name, turn])
    const spent = await takeTurns(Object.fromEntries(turns))
    for (const { check } of Object.values(contestants)) check()
    const to = (other, name, what) => times(spent[name]?.[what] / spent[other]?.[what])
    const row = (name) => [
      name,
      micros(spent[name]?.us),
      to('PHP', name, 'us'),
      to('session-start', name, 'us'),
      micros(spent[name]?.cpu),
      to('PHP', name, 'cpu'),
    ]
    console.log(
      `\n${title}, ${bytes.length} bytes, in ${place}: start, add one to a counter, commit. Medians in µs; on the right, of processor time.\n`,
    )
    const names = ['session-start', 'PHP', 'session-file-store']
    console.log(table(['', 'µs', 'to PHP', 'to us', 'CPU µs', 'to PHP'], names.map(row)))
  } finally {
    for (const { end } of Object.values(contestants)) await end()
  }
}

const ours = (bytes, place) => counting(place, 'cycle.mjs', `sess_${ID}`, bytes, readSession)
const php = (bytes, place) => counting(place, 'cycle.php', `sess_${ID}`, bytes, readSession)
const readSession = (bytes) => decodeSession(bytes)

/** The same data as JSON, with the cookie that express-session keeps beside it. */
function fileStore(bytes, place) {
  const cookie = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }
  const json = JSON.stringify({ cookie, ...decodeSession(bytes), __lastAccess: Date.now() })
  return counting(place, 'cycle-file-store.mjs', `${ID}.json`, json, (text) => JSON.parse(text))
}

function counting(place, script, file, content, read) {
  const folder = temporaryFolder('cycle', place)
  const path = join(folder, file)
  writeFileSync(path, content, { mode: 0o600 })
  const { ask, stop } = contestant(script, folder, ID)
  let counted = 0
  return {
    turn(count) {
      counted += count
      return ask(count)
    },
    check() {
      const { counter } = read(readFileSync(path))
      if (counter !== COUNTER + counted)
        throw new Error(`${script} counted ${counted} times, but the session says ${counter - COUNTER}`)
    },
    async end() {
      await stop()
      removeFolder(folder)
    },
  }
}
