/** Counts in one session: arguments are the folder and the id; each line says how often, the answer is what it took. */
import { createRequire } from 'node:module'
import { answerLines, timed } from './answer.mjs'

const { SessionManager } = createRequire(import.meta.url)('../../../dist/index.js')
const [save_path, id] = process.argv.slice(2)
const sessions = new SessionManager({ save_path, gc_probability: 0, use_strict_mode: true })

await answerLines((count) =>
  timed(async () => {
    for (let i = 0; i < count; i++) {
      const session = await sessions.start({ id })
      session.$_SESSION.counter++
      await session.commit()
    }
  }),
)
