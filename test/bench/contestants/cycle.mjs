/** Counts in one session: arguments are the folder and the id; each line says how often, the answer is the microseconds taken. */
import { createRequire } from 'node:module'
import { answerLines } from './answer.mjs'

const { SessionManager } = createRequire(import.meta.url)('../../../dist/index.js')
const [save_path, id] = process.argv.slice(2)
const sessions = new SessionManager({ save_path, gc_probability: 0, use_strict_mode: true })

await answerLines(async (count) => {
  const start = process.hrtime.bigint()
  for (let i = 0; i < count; i++) {
    const session = await sessions.start({ id })
    session.$_SESSION.counter++
    await session.commit()
  }
  return Number(process.hrtime.bigint() - start) / 1000
})
