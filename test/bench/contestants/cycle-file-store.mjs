/** The same for session-file-store, by the calls that express-session makes of a store. */
import { promisify } from 'node:util'
import expressSession from 'express-session'
import fileStore from 'session-file-store'
import { answerLines, timed } from './answer.mjs'

const [path, id] = process.argv.slice(2)
const store = new (fileStore(expressSession))({ path, reapInterval: -1, logFn: () => {} })
const get = promisify(store.get.bind(store))
const set = promisify(store.set.bind(store))

await answerLines((count) =>
  timed(async () => {
    for (let i = 0; i < count; i++) {
      const session = await get(id)
      session.counter++
      await set(id, session)
    }
  }),
)
