/**
 * Removes old sessions: the argument is the folder. The answer to each line is how many went, in how many milliseconds, and for
 * how long the event loop stood still at worst: then, and when it had nothing to do.
 */
import { createRequire } from 'node:module'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { answerLines } from './answer.mjs'

const { SessionManager } = createRequire(import.meta.url)('../../../dist/index.js')
const [save_path] = process.argv.slice(2)
const sessions = new SessionManager({ save_path, gc_probability: 0, gc_maxlifetime: 1440 })

/** In milliseconds. */
const RESOLUTION = 1

await answerLines(async () => {
  let removed = 0
  let ms = 0
  const stall = await longestStall(async () => {
    const start = performance.now()
    removed = await sessions.gc()
    ms = performance.now() - start
  })
  return { removed, ms, stall, idleStall: await longestStall(() => setTimeout(ms)) }
})

async function longestStall(work) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  delay.enable()
  await setTimeout(20)
  delay.reset()
  await work()
  // What stood still last is noted when it goes on.
  await setTimeout(20)
  delay.disable()
  return delay.max / 1e6 - RESOLUTION
}
