import { sessionCookie } from '../http/cookie.ts'
import { savePath, sessionFile } from '../save-handlers/save-path.ts'
import { READING, type Reading, readingOf } from '../session/reading.ts'
import type { SessionManager } from '../session/session-manager.ts'
import type { PhpCommand } from './php.ts'

/** A session that a test made: what a request needs to belong to it. The matchers take it, and see what is stored now. */
export interface TestSession {
  readonly id: string
  /** The session's name, which is the cookie's. */
  readonly name: string
  /** For a Cookie header: `PHPSESSID=…`. */
  readonly cookie: string
  /** The same, for those who send headers: `fetch(url, { headers: alice.headers })`. */
  readonly headers: { readonly Cookie: string }
  /** Where PHP keeps it; undefined with a save handler other than files. */
  readonly file: string | undefined
}

/** A session in a folder of files. */
export interface FileSession extends TestSession {
  readonly file: string
}

/** How a test's session is to be understood, and the PHP to ask. */
export interface TestReading extends Reading {
  readonly php?: PhpCommand | undefined
}

/**
 * Stores a session with these variables and no others, under PHP's lock; → what a browser that has it would send.
 * @throws SessionError INVALID_KEY, SAVE_PATH, LOCK_TIMEOUT; TypeError for a value PHP cannot hold
 */
export async function seedSession(
  sessions: SessionManager<object>,
  id: string,
  vars: object,
  php?: PhpCommand,
): Promise<TestSession> {
  const session = await sessions.start({ id, use_strict_mode: false })
  try {
    session.$_SESSION = vars
    await session.commit()
  } catch (error) {
    await session.abort()
    throw error
  }
  const { directives } = sessions
  const cookie = sessionCookie(directives.name, id, directives, new Date()).replace(/;.*/s, '')
  const file = directives.save_handler === 'files' ? sessionFile(savePath(directives.save_path), id) : undefined
  // `peek` takes it for a request, in which Node would have the name in lower case.
  const headers = Object.defineProperty({ Cookie: cookie }, 'cookie', { value: cookie })
  const handle = { id, name: directives.name, cookie, headers, file: file ?? undefined }
  const reading: TestReading = { ...readingOf(session), php }
  return Object.defineProperty(handle, READING, { value: reading })
}
