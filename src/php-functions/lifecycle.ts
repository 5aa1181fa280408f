import { userCall } from '../save-handlers/user-object.ts'
import { isValidSid } from '../session-id.ts'
import { bool, string } from './arguments.ts'
import { warn } from './error-handler.ts'
import { globals } from './globals.ts'
import { collectGarbage, randomSid, unknownSid } from './modules.ts'

/**
 * What a request does with the session it started. What needs an active session returns false without one, mostly with a warning. What
 * fails in the store throws, where PHP warns and returns false: SessionError as the methods of `Session`. All throw NO_SESSION where
 * no request is bound.
 */

/** session_write_close(), session_commit(): stores the session and gives its lock back. */
export async function session_write_close(): Promise<boolean> {
  const session = globals().active
  await session?.commit()
  return session !== undefined
}

/** session_abort(): gives the lock back and stores nothing. */
export async function session_abort(): Promise<boolean> {
  const session = globals().active
  await session?.abort()
  return session !== undefined
}

/** session_reset(): reads the session from the store again, giving up all changes. */
export async function session_reset(): Promise<boolean> {
  const session = globals().active
  await session?.reset()
  return session !== undefined
}

/** session_unset(): removes all variables; the session itself stays. */
export function session_unset(): boolean {
  const session = globals().active
  session?.unset()
  return session !== undefined
}

/** session_destroy(): removes the session from the store. `$_SESSION` keeps its values, the browser its cookie. */
export async function session_destroy(): Promise<boolean> {
  const session = globals().active
  if (session === undefined) warn('session_destroy', 'Trying to destroy uninitialized session')
  await session?.destroy()
  return session !== undefined
}

/** session_regenerate_id(): gives the session a new id, and removes the old session with `delete_old_session`. */
export async function session_regenerate_id(delete_old_session = false): Promise<boolean> {
  const deleteOld = bool('session_regenerate_id', 'delete_old_session', delete_old_session)
  const request = globals()
  if (request.active === undefined) {
    warn('session_regenerate_id', 'Session ID cannot be regenerated when there is no active session')
    return false
  }
  if (request.headersSent) {
    warn('session_regenerate_id', 'Session ID cannot be regenerated after headers have already been sent')
    return false
  }
  await request.active.regenerate(deleteOld)
  return true
}

/**
 * session_create_id(): a new id, after `prefix`. While a session is active, the save handler makes it, and sees to it that nobody has it;
 * not while it is called itself.
 * @returns false, with a warning, for a prefix that an id cannot have, and when the save handler has three new ids in a row already
 */
export async function session_create_id(prefix = ''): Promise<string | false> {
  const given = string('session_create_id', 'prefix', prefix)
  const request = globals()
  if (given !== '' && !isValidSid(given)) {
    const message = 'Prefix cannot contain special characters. Only the A-Z, a-z, 0-9, "-", and "," characters are allowed'
    warn('session_create_id', message)
    return false
  }
  const asks = request.active !== undefined && userCall.getStore() === undefined
  const id = asks ? await unknownSid(request) : randomSid(request)
  if (id !== undefined) return given + id
  warn('session_create_id', 'Failed to create new ID')
  return false
}

/** session_gc(): removes the sessions that nobody touched for `gc_maxlifetime` seconds, and returns how many. */
export async function session_gc(): Promise<number | false> {
  const request = globals()
  if (request.active !== undefined) return collectGarbage(request)
  warn('session_gc', 'Session cannot be garbage collected when there is no active session')
  return false
}

/** session_encode(): the variables as the bytes that would be stored; false where these are none. */
export function session_encode(): Buffer | false {
  const { session } = globals()
  if (session === undefined || session.status === 'destroyed') {
    warn('session_encode', 'Cannot encode non-existent session')
    return false
  }
  const bytes = session.encode()
  return bytes.length > 0 && bytes
}

/** session_decode(): takes variables from stored bytes. @throws UnserializeError when PHP would not read them; PHP destroys the session */
export function session_decode(data: string | Uint8Array): boolean {
  const bytes = data instanceof Uint8Array ? data : Buffer.from(string('session_decode', 'data', data))
  const session = globals().active
  if (session === undefined) warn('session_decode', 'Session data cannot be decoded when there is no active session')
  session?.decode(bytes)
  return session !== undefined
}

/**
 * session_register_shutdown(): does nothing, because it is done already. PHP has its session stored before its objects are gone; here
 * every response stores its session before its last byte leaves.
 */
export function session_register_shutdown(): void {}
