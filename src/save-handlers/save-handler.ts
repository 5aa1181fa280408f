// All entries come by here. A program that names no types, the default of TypeScript since 6, would not know what a Buffer is.
/// <reference types="node" preserve="true" />
/**
 * What a save handler is: PHP's `ps_module` (ext/session/php_session.h), made safe for many requests in one process.
 *
 * A save handler keeps bytes under an id and owns the lock on them. It sees no session, no cookie, no directive, no value.
 * `open` returns a handle, which is what C calls mod_data: everything that belongs to one request. The usual order is
 *
 *     open → createSid or validateSid → read (takes the lock) → write or updateTimestamp → close (gives it back)
 *
 * but none is required. A handle holds the lock of one session at a time; it serves one caller, who waits for each call
 * before making the next. Two handles are independent, in one process as in two.
 *
 * Calls may answer at once or by a promise: a caller looks for a promise before it awaits, because to await costs more than
 * some save handlers need for the work. Whatever fails, throws or rejects with a `SessionError`; nothing is dropped in silence.
 */

/** A result, at once or later. */
export type Awaitable<T> = T | Promise<T>

export interface SaveHandler {
  /** As `session.save_handler` spells it. */
  readonly name: string

  /**
   * Makes the handle of one request (`PS_OPEN_FUNC`). Touches no session and takes no lock.
   * `save_path` is the directive, whatever it means to this save handler; `name` is the session's name, `PHPSESSID`.
   * @throws SessionError SAVE_PATH for a save_path that cannot be understood, LOCK_UNAVAILABLE where `options.lock` is asked
   *   for and a lock that PHP respects cannot be had.
   */
  open(save_path: string, name: string, options: OpenOptions): Awaitable<SaveHandle>
}

export interface OpenOptions {
  /** Whether `read` takes the lock. False is for those who know that nobody else is there. */
  readonly lock: boolean
  /** How long `read` waits for the lock, in milliseconds; `Infinity` waits as PHP does. */
  readonly lockTimeout: number
}

/** One request's view of the save handler. An id that is not well-formed is refused with INVALID_ID by every call that takes one. */
export interface SaveHandle {
  /**
   * An id nobody uses (`PS_CREATE_SID_FUNC`): calls `newId`, and again while the answer is taken, up to three more times.
   * Reserves nothing.
   * @throws SessionError SID_COLLISION when all four were taken.
   */
  createSid(newId: () => string): Awaitable<string>

  /** Whether there is a session under this id (`PS_VALIDATE_SID_FUNC`); false, and no error, for an id that is not well-formed. */
  validateSid(id: string): Awaitable<boolean>

  /**
   * The session's bytes, and its lock, which is held until `close`, `destroy` or the reading of another id
   * (`PS_READ_FUNC`). A session that is not there is empty bytes; whether it exists from then on is up to the save handler.
   * Reading again under the same lock gives what is stored now. The bytes must not be written to: they stay in use here.
   * @throws SessionError LOCK_TIMEOUT; READ_FAILED; SAVE_PATH when the place cannot be reached. After an error no lock is held.
   */
  read(id: string): Awaitable<Buffer>

  /**
   * Stores the bytes (`PS_WRITE_FUNC`), under the lock; takes it first if this handle does not hold it.
   * The lock stays held. The bytes may be used again afterwards.
   * @throws SessionError WRITE_FAILED, and then the session is what it was before; or as `read`.
   */
  write(id: string, bytes: Uint8Array): Awaitable<void>

  /**
   * Makes the session young again without storing anything (`PS_UPDATE_TIMESTAMP_FUNC`): the caller found that
   * `bytes` are what is stored. A save handler that cannot do this writes them.
   */
  updateTimestamp(id: string, bytes: Uint8Array): Awaitable<void>

  /** Removes the session and gives its lock back (`PS_DESTROY_FUNC`). What is not there is removed already. */
  destroy(id: string): Awaitable<void>

  /**
   * Removes the sessions that nobody wrote or touched for more than `maxLifetime` seconds (`PS_GC_FUNC`), except those that somebody
   * holds locked, and returns how many. 0 also where something else does the cleaning up. Does not stall the event loop. Who has many
   * to look at, may tell `progress` now and then how many it looked at and removed.
   */
  gc(maxLifetime: number, progress?: GcProgress): Awaitable<number>

  /**
   * Gives the lock back, if one is held (`PS_CLOSE_FUNC`). Closing again does nothing; the handle can be used again.
   * @throws SessionError WRITE_FAILED where a store keeps back until now what it was told to write, and cannot store it; else it does not fail.
   *   The lock is given back all the same.
   */
  close(): Awaitable<void>

  /**
   * The session's bytes, or null if there is none: without lock, without creating it, without making it younger.
   * @throws SessionError READ_FAILED; SAVE_PATH when the place cannot be reached
   */
  peek(id: string): Awaitable<Buffer | null>

  /** All sessions, in no order: without lock, without touching them. One that comes or goes meanwhile may be missing. */
  list(): AsyncIterable<SessionEntry>
}

export type GcProgress = (looked: number, removed: number) => void

export interface SessionEntry {
  readonly id: string
  /** In bytes, as stored. */
  readonly size: number
  /** When it was last written or touched. */
  readonly mtime: Date
}
