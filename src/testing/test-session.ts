import { sessionCookie } from '../http/cookie.ts'
import { savePath, sessionFile } from '../save-handlers/save-path.ts'
import type { CodecOptions } from '../serialize-handlers/serialize-handler.ts'
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

/** How the stored bytes of a session are to be understood. */
export interface Reading extends CodecOptions {
  /** Undefined: whichever can read them. */
  readonly serialize_handler?: string | undefined
  /** The PHP to ask. */
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
  reading: Reading,
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
  return Object.defineProperty(handle, READING, { value: { serialize_handler: directives.serialize_handler, ...reading } })
}

/** How the session is to be understood, if this is one that a test made. */
export function readingOf(value: object): Reading | undefined {
  return (value as { [READING]?: Reading })[READING]
}

/** Registered, because a test runner may load this module several times. */
const READING = Symbol.for('session-start.reading')
