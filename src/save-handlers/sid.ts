import { SessionError } from '../errors.ts'
import { isValidSid } from '../session-id.ts'
import type { Awaitable } from './save-handler.ts'

/** What every save handler does with ids, before it does anything else with them. */

/** @throws SessionError INVALID_ID for what is not 1 to 256 characters of `0-9a-zA-Z,-`, and could be a path or worse */
export function assertSid(id: string): void {
  if (!isValidSid(id)) {
    throw new SessionError('INVALID_ID', 'A session id is 1 to 256 characters of 0-9, a-z, A-Z, comma and minus')
  }
}

/**
 * An id that is not taken, as `createSid` has to make it: calls `newId`, and again while the answer is taken, up to three more times.
 * @throws SessionError SID_COLLISION when all four were taken
 */
export function freeSid(newId: () => string, isTaken: (id: string) => boolean): string
export function freeSid(newId: () => string, isTaken: (id: string) => Awaitable<boolean>): Awaitable<string>
export function freeSid(newId: () => string, isTaken: (id: string) => Awaitable<boolean>): Awaitable<string> {
  let tries = 4
  const attempt = (): Awaitable<string> => {
    if (tries-- === 0) throw new SessionError('SID_COLLISION', 'Four new session ids in a row were taken')
    const id = newId()
    const taken = isTaken(id)
    if (typeof taken === 'boolean') return taken ? attempt() : id
    return taken.then((taken) => (taken ? attempt() : id))
  }
  return attempt()
}
