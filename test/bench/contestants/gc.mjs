/**
 * Removes old sessions: the argument is the folder. The answer to each line is how many went, in how many milliseconds, and for
 * how long the event loop stood still at worst.
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
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  delay.enable()
  await setTimeout(20)
  delay.reset()
  const start = performance.now()
  const removed = await sessions.gc()
  const ms = performance.now() - start
  // What stood still last is noted when it goes on.
  await setTimeout(20)
  delay.disable()
  return { removed, ms, stall: delay.max / 1e6 - RESOLUTION }
})
