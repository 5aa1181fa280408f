import { idPrefix, SessionError } from '../errors.ts'
import type { Exchange } from '../http/exchange.ts'
import type { SaveHandle, SaveHandler } from '../save-handlers/save-handler.ts'
import type { CodecOptions, SerializeHandler, SessionVars } from '../serialize-handlers/serialize-handler.ts'
import { newSid } from './choose-id.ts'
import type { Directives } from './directives.ts'
import { superglobal } from './superglobal.ts'

export type SessionStatus = 'active' | 'closed' | 'destroyed'

/** `$_SESSION` of an application that does not say what it keeps there. */
// biome-ignore lint/suspicious/noExplicitAny: as in PHP, a variable holds anything
export type DefaultVars = Record<string, any>

/** All that a session works with; the session manager puts it together for each start. */
export interface SessionContext {
  readonly directives: Directives
  readonly saveHandler: SaveHandler
  readonly serializeHandler: SerializeHandler
  readonly codec: CodecOptions
  readonly lock: boolean
  /** In milliseconds. */
  readonly lockTimeout: number
  /** The request and its response; undefined for a session without HTTP. */
  readonly exchange: Exchange | undefined
  /** Sets the session cookie, if there is a response and `use_cookies` is on. */
  sendCookie(id: string): void
}

/** What was opened: a session that is locked and read. */
export interface OpenedSession {
  readonly id: string
  readonly handle: SaveHandle
  readonly bytes: Buffer
  readonly vars: SessionVars
}

/**
 * One session, from `start` to `commit`. It holds PHP's lock while it is active: any other request, in PHP or here, that starts
 * the same session waits. Made by `SessionManager.start`.
 */
export class Session<T extends object = DefaultVars> {
  readonly #context: SessionContext
  readonly #superglobal: T
  #handle: SaveHandle
  #id: string
  #vars: SessionVars
  /** The bytes in the store, where they are known; PHP's PS(session_vars). */
  #stored: Buffer | undefined
  #status: SessionStatus = 'active'
  /** What is being stored, or could not be. */
  #storing: Promise<void> | undefined
  /** A regenerate or reset on its way: whoever does not await it and goes on, waits for it here. Never rejects. */
  #changing: Promise<unknown> | undefined

  /** @internal */
  constructor(context: SessionContext, opened: OpenedSession) {
    this.#context = context
    this.#handle = opened.handle
    this.#id = opened.id
    this.#vars = opened.vars
    this.#stored = opened.bytes
    this.#superglobal = superglobal({ read: () => this.#vars, write: () => this.#writable('change $_SESSION') }) as T
    abandoned.register(this, { handle: opened.handle, id: opened.id }, this)
  }

  /** The id that the cookie carries: session_id(). It changes with `regenerate`. */
  get id(): string {
    return this.#id
  }

  /** The session's name, which is the cookie's: session_name(). */
  get name(): string {
    return this.#context.directives.name
  }

  /** `active` while the lock is held: session_status(). */
  get status(): SessionStatus {
    return this.#status
  }

  /**
   * The session's variables, as a plain object. They stay readable when the session is closed or destroyed, as in PHP; to change
   * them then throws SESSION_CLOSED, because nobody would store it. Assigning an object replaces all variables.
   */
  get $_SESSION(): T {
    return this.#superglobal
  }

  set $_SESSION(vars: T) {
    this.#writable('change $_SESSION')
    if (vars === this.#superglobal) return
    const { serializeHandler, codec } = this.#context
    // All or nothing: a variable that cannot be kept must not leave half of them.
    const assigned = serializeHandler.open(Buffer.alloc(0), codec)
    for (const [key, value] of Object.entries(vars)) assigned.set(key, value)
    this.#vars = assigned
  }

  /**
   * Stores the session and gives the lock back: session_write_close(). Does nothing when the session is not active.
   * Where `lazy_write` is on and nothing changed, the session is only made young again.
   * @throws TypeError for a value PHP cannot hold, with its key path: the session stays active and can be mended
   * @throws SessionError WRITE_FAILED: the stored session is what it was; the lock is given back
   */
  async commit(): Promise<void> {
    if (this.#changing !== undefined) await this.#changing
    if (this.#status !== 'active') return this.#storing
    const bytes = this.#vars.encode()
    this.#close('closed')
    this.#storing = this.#store(this.#handle, bytes)
    await this.#storing
    this.#storing = undefined
  }

  /** Gives the lock back and stores nothing: session_abort(). Does nothing when the session is not active. */
  async abort(): Promise<void> {
    if (this.#changing !== undefined) await this.#changing
    if (this.#status !== 'active') return this.#storing
    this.#close('closed')
    await this.#handle.close()
  }

  /**
   * Reads the session from the store again, giving up all changes: session_reset().
   * @throws SessionError SESSION_CLOSED; DECODE_FAILED, and nothing is changed; READ_FAILED, and the session is closed
   */
  async reset(): Promise<void> {
    return this.#change(async () => {
      this.#writable('reset the session')
      let bytes: Buffer
      try {
        bytes = await this.#handle.read(this.#id)
      } catch (error) {
        this.#close('closed')
        throw error
      }
      this.#vars = this.#context.serializeHandler.open(bytes, this.#context.codec)
      this.#stored = bytes
    })
  }

  /** Removes all variables; the session itself stays: session_unset(). @throws SessionError SESSION_CLOSED */
  unset(): void {
    const vars = this.#writable('unset $_SESSION')
    for (const key of vars.keys()) vars.delete(key)
  }

  /**
   * Removes the session from the store and gives the lock back: session_destroy(). `$_SESSION` keeps its values in memory and
   * the browser keeps its cookie, as in PHP.
   * @throws SessionError SESSION_CLOSED; WRITE_FAILED, and the session is closed
   */
  async destroy(): Promise<void> {
    if (this.#changing !== undefined) await this.#changing
    this.#writable('destroy the session')
    this.#close('destroyed')
    try {
      await this.#handle.destroy(this.#id)
    } catch (error) {
      this.#status = 'closed'
      throw error
    }
  }

  /**
   * Gives the session a new id, against session fixation: session_regenerate_id(). The variables go on under the new id, which
   * is locked before the old one is let go. The old session is stored as it is now, or removed with `deleteOld`.
   * @throws SessionError SESSION_CLOSED, HEADERS_SENT; after an error the session goes on under its old id, except when that cannot be
   *   removed: then it is closed
   */
  async regenerate(deleteOld = false): Promise<void> {
    return this.#change(() => this.#regenerate(deleteOld))
  }

  /** The variables as the bytes that would be stored: session_encode(). */
  encode(): Buffer {
    return Buffer.from(this.#vars.encode())
  }

  /**
   * Takes variables from stored bytes: session_decode(). They are added to those there are, except with php_serialize, which
   * replaces all, as in PHP.
   * @throws UnserializeError when PHP would not read them: nothing is changed, where PHP destroys the session
   */
  decode(bytes: Uint8Array): void {
    this.#writable('decode into $_SESSION').decode(Buffer.from(bytes))
  }

  /** The same as `commit`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.commit()
  }

  /** @internal What a commit has not stored yet, or could not; undefined when there is nothing to wait for. */
  get storing(): Promise<void> | undefined {
    return this.#storing
  }

  // --- Inside ----------------------------------------------------------------------------------------------------------

  #writable(what: string): SessionVars {
    if (this.#status === 'active') return this.#vars
    throw new SessionError('SESSION_CLOSED', `Cannot ${what}: session ${idPrefix(this.#id)} is ${this.#status}`)
  }

  /** One change after the other, also for those who do not await them. */
  async #change(work: () => Promise<void>): Promise<void> {
    const done = this.#changing === undefined ? work() : this.#changing.then(work)
    const settled = done.catch(() => {})
    this.#changing = settled
    await settled
    if (this.#changing === settled) this.#changing = undefined
    return done
  }

  async #regenerate(deleteOld: boolean): Promise<void> {
    this.#writable('regenerate the id')
    const { directives, exchange, saveHandler, lock, lockTimeout } = this.#context
    if (exchange?.headersSent) throw new SessionError('HEADERS_SENT', 'The id cannot be regenerated: the headers are sent')
    const bytes = this.#vars.encode()
    const old = { handle: this.#handle, id: this.#id }
    const handle = await saveHandler.open(directives.save_path, directives.name, { lock, lockTimeout })
    let id = ''
    try {
      id = await handle.createSid(() => newSid(directives))
      await handle.read(id)
      // PHP removes the old session before the new one holds anything; a crash between loses it.
      if (deleteOld) await handle.write(id, bytes)
      else await old.handle.write(old.id, bytes)
    } catch (error) {
      await (id === '' ? handle.close() : handle.destroy(id))
      throw error
    }
    try {
      await (deleteOld ? old.handle.destroy(old.id) : old.handle.close())
    } catch (error) {
      this.#close('closed')
      await handle.destroy(id)
      throw error
    }
    this.#handle = handle
    this.#id = id
    this.#stored = deleteOld ? bytes : undefined
    abandoned.unregister(this)
    abandoned.register(this, { handle, id }, this)
    this.#context.sendCookie(id)
  }

  #close(status: SessionStatus): void {
    this.#status = status
    abandoned.unregister(this)
  }

  async #store(handle: SaveHandle, bytes: Buffer): Promise<void> {
    const isUnchanged = this.#context.directives.lazy_write && this.#stored?.equals(bytes) === true
    try {
      const stored = isUnchanged ? handle.updateTimestamp(this.#id, bytes) : handle.write(this.#id, bytes)
      if (stored !== undefined) await stored
    } finally {
      const closed = handle.close()
      if (closed !== undefined) await closed
    }
  }
}

/** Sessions that were dropped while they held their lock: everybody else would wait for it until the process ends. */
const abandoned = new FinalizationRegistry<{ handle: SaveHandle; id: string }>(({ handle, id }) => {
  void handle.close()
  process.emitWarning(
    `Session ${idPrefix(id)} was dropped without commit() or abort(); its changes are lost, its lock is free now`,
    {
      type: 'SessionWarning',
      code: 'SESSION_ABANDONED',
    },
  )
})
