import type { Charset } from '../php/charset.ts'
import type { Classes } from '../php/classes.ts'
import type { Container } from '../php/memory.ts'

/**
 * A serialize handler turns `$_SESSION` into bytes and back (PHP's `session.serialize_handler`).
 * Each is one row of the table in serialize-handlers.ts; the engine never asks which one it holds.
 */
export interface SerializeHandler {
  /** As php.ini spells it: `php`, `php_binary`, `php_serialize`. */
  readonly name: string
  /**
   * Reads a whole session. The bytes are checked at once, as PHP checks them; values may be decoded when they are first asked
   * for. The bytes belong to the result from here on and must not be written to. Empty bytes are an empty session.
   * @throws UnserializeError where PHP would destroy the session
   */
  open(bytes: Buffer, options: CodecOptions): SessionVars
  /** All variables at once, as a plain object that `encode` turns back into the same bytes. @throws UnserializeError */
  decode(bytes: Buffer, options: CodecOptions): Container
  /** @throws SessionError INVALID_KEY, TypeError for a value PHP cannot hold */
  encode(vars: Container, options: CodecOptions): Buffer
}

/** What a session codec needs to know of the application. */
export interface CodecOptions {
  readonly charset?: Charset | undefined
  readonly classes?: Classes | undefined
}

/** The variables of one session, in PHP's order: what `$_SESSION` is a view of. */
export interface SessionVars {
  has(key: string): boolean
  /** The value, decoded; `undefined` for a key that is not there. The same object every time. */
  get(key: string): unknown
  /** @throws SessionError INVALID_KEY for a key the format cannot hold, TypeError for a value PHP cannot hold */
  set(key: string, value: unknown): void
  /** Whether the key was there. */
  delete(key: string): boolean
  keys(): string[]
  /**
   * Takes variables from the bytes of a session, in place of those of the same names or, where the handler's session_decode() does so,
   * of all.
   * @throws UnserializeError where PHP would destroy the session; the variables stay as they are
   */
  decode(bytes: Buffer): void
  /**
   * The session as bytes that PHP reads. Keys nobody touched keep their bytes; when nothing changed, the result equals the bytes
   * given to `open`.
   * @throws TypeError for a value PHP cannot hold, with its key path; the variables stay usable
   */
  encode(): Buffer
}

/**
 * What is given as `$_SESSION`, if its properties can be variables.
 * @throws TypeError for what has none, as a Map or a Date: all that is in it would be lost
 */
export function variablesIn(given: unknown): Container {
  const kind = Object.prototype.toString.call(given).slice('[object '.length, -1)
  if (typeof given === 'object' && given !== null && (/^(?:Object|Array)$/.test(kind) || Object.keys(given).length > 0)) {
    return given as Container
  }
  const article = /^[AEIOU]/.test(kind) ? 'an' : 'a'
  throw new TypeError(`$_SESSION must be an object of variables, not ${given == null ? given : `${article} ${kind}`}`)
}
