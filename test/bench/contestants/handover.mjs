/**
 * Takes the lock on one session again and again: arguments are the folder and the id, each line says how often. The answer is when
 * the session was asked for, when it came and when it was given back, in nanoseconds of the clock that all processes share.
 */
import { createRequire } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import { answerLines } from './answer.mjs'

const { SessionManager } = createRequire(import.meta.url)('../../../dist/index.js')
const [save_path, id] = process.argv.slice(2)
const sessions = new SessionManager({ save_path, gc_probability: 0, use_strict_mode: true, lockTimeout: 5000 })
const now = () => Number(process.hrtime.bigint())

await answerLines(async (count) => {
  const turns = []
  for (let i = 0; i < count; i++) {
    const asked = now()
    const session = await sessions.start({ id })
    const came = now()
    session.$_SESSION.counter++
    await setTimeout(2)
    turns.push([asked, came, now()])
    await session.commit()
    // The other one has it now, and holds it for longer than this.
    await setTimeout(1)
  }
  return turns
})
