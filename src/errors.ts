/**
 * Every failure this package reports, except a caller's mistake, which is a `TypeError`.
 * Codes are stable and documented, messages are for people and may change.
 * A message never holds session data, and of a session id only its first characters.
 */

/** The stable codes of {@link SessionError}; docs/errors.md has a heading for each. */
export type SessionErrorCode =
  | 'DECODE_FAILED'
  | 'ENCODE_FAILED'
  | 'HEADERS_SENT'
  | 'INVALID_ID'
  | 'INVALID_KEY'
  | 'LOCK_TIMEOUT'
  | 'LOCK_UNAVAILABLE'
  | 'NO_SESSION'
  | 'READ_FAILED'
  | 'SAVE_PATH'
  | 'SESSION_CLOSED'
  | 'SID_COLLISION'
  | 'WRITE_FAILED'

export class SessionError extends Error {
  readonly code: SessionErrorCode

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SessionError'
    this.code = code
  }
}

/**
 * Bytes that PHP would not read back. `offset` counts bytes from the start of the input;
 * `path` is the key path of the value that was being read, such as `cart[3].price`, and '' at the top.
 */
export class UnserializeError extends SessionError {
  readonly offset: number
  readonly path: string

  constructor(reason: string, offset: number, path: string) {
    super('DECODE_FAILED', `${reason} at byte ${offset}${path === '' ? '' : ` in ${path}`}`)
    this.name = 'UnserializeError'
    this.offset = offset
    this.path = path
  }
}

/** The first characters of a session id: enough to find it, too few to use it. */
export function idPrefix(id: string): string {
  return `${id.slice(0, 6)}…`
}
