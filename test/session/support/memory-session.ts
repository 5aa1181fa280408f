import { memorySaveHandler } from '../../../src/save-handlers/memory.ts'
import type { SessionManagerOptions } from '../../../src/session/options.ts'
import type { Session } from '../../../src/session/session.ts'
import { SessionManager } from '../../../src/session/session-manager.ts'

/** A session that was stored by PHP, in memory. */
export interface StoredSession {
  readonly sessions: SessionManager
  /** Starts the session under its id. */
  start(): Promise<Session>
  /** What is stored now, one character per byte; null: nothing. */
  stored(): Promise<string | null>
}

export const storedId = 'stored'

/** A session manager whose save handler holds one session with these bytes, given with one character per byte. */
export async function storedSession(bytes: string, options: SessionManagerOptions = {}): Promise<StoredSession> {
  const save_handler = memorySaveHandler()
  const handle = await save_handler.open('', 'PHPSESSID', { lock: false, lockTimeout: 0 })
  await handle.write(storedId, Buffer.from(bytes, 'latin1'))
  const sessions = new SessionManager({ gc_probability: 0, ...options, save_handler })
  return {
    sessions,
    async start() {
      const session = await sessions.start({ id: storedId })
      started.push(session)
      return session
    },
    stored: async () => (await handle.peek(storedId))?.toString('latin1') ?? null,
  }
}

/** A test that failed, or has seen enough, leaves its session open: the garbage collector would complain. */
const started: Session[] = []
afterEach(async () => {
  for (const session of started.splice(0)) await session.abort()
})

/** What the session `bytes` is after `work` on its `$_SESSION`, committed; one character per byte. */
export async function afterwards(
  bytes: string,
  work: ($_SESSION: Session['$_SESSION']) => void,
  options: SessionManagerOptions = {},
): Promise<string> {
  const { start, stored } = await storedSession(bytes, options)
  const session = await start()
  work(session.$_SESSION)
  await session.commit()
  return (await stored()) ?? ''
}
