import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SessionError } from '../../src/errors.ts'
import { saveHandlerConformance } from '../../src/save-handlers/conformance.ts'
import type { SaveHandler } from '../../src/save-handlers/save-handler.ts'
import { assertSid, freeSid } from '../../src/save-handlers/sid.ts'

/** The save handler that docs/save-handlers.md shows keeps the contract that it explains. */

const text = readFileSync(join(__dirname, '../../docs/save-handlers.md'), 'utf8')
const [, code = ''] = /```js\nimport .*\n([\s\S]*?)\nconst sessions = new SessionManager/.exec(text) ?? []

type Sessions = Map<string, { bytes: Buffer; mtime: Date }>
const mapSaveHandler = new Function('assertSid', 'freeSid', 'SessionError', `${code}\nreturn mapSaveHandler`)(
  assertSid,
  freeSid,
  SessionError,
) as (sessions: Sessions) => SaveHandler

saveHandlerConformance(test, () => {
  const sessions: Sessions = new Map()
  return {
    handler: mapSaveHandler(sessions),
    save_path: '',
    age(id, seconds) {
      sessions.get(id)!.mtime = new Date(Date.now() - seconds * 1000)
    },
  }
})
