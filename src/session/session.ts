import { idPrefix, SessionError } from '../errors.ts'
import { sidField, withSid } from '../http/trans-sid.ts'
import type { Awaitable, SaveHandle } from '../save-handlers/save-handler.ts'
import { type SessionVars, variablesIn } from '../serialize-handlers/serialize-handler.ts'
import { abandoned } from './abandoned.ts'
import { Changes } from './changes.ts'
import { newSid } from './choose-id.ts'
import { READING, type Reading } from './reading.ts'
import type { DefaultVars, OpenedSession, SessionContext, SessionStatus } from './session-context.ts'
import type { SessionCookie } from './session-cookie.ts'
import { moveSession, Storing, storeSession, varsOver } from './session-storage.ts'
import { noVariables, refuseCallback } from './strangers.ts'
import { superglobal } from './superglobal.ts'

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
  /** There is no such session yet: it has no lock, no place in the store and no cookie. */
  #isNew: boolean
  #storing: Storing | undefined
  readonly #changes = new Changes()

  /** @internal */
  constructor(context: SessionContext, opened: OpenedSession) {
    this.#context = context
    this.#handle = opened.handle
    this.#id = opened.id
    this.#vars = opened.vars
    this.#stored = opened.bytes
    this.#isNew = opened.isNew
    this.#superglobal = superglobal({ read: () => this.#vars, write: () => this.#writable('change $_SESSION') }) as T
    if (!opened.isNew) this.#watch()
  }

  /** The id that the cookie carries: session_id(). It changes with `regenerate`. */
  get id(): string {
    return this.#id
  }

  /** The session's name, which is the cookie's: session_name(). */
  get name(): string {
    return this.#context.directives.name
  }

  /** Its cookie in this response. */
  get cookie(): SessionCookie {
    return this.#context.cookie
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
    // All or nothing: a variable that cannot be kept must not leave half of them.
    if (vars !== this.#superglobal) this.#vars = varsOver(this.#context, Buffer.alloc(0), Object.entries(variablesIn(vars)))
  }

  /**
   * Stores the session and gives the lock back: session_write_close(). Does nothing when the session is not active.
   * Where `lazy_write` is on and nothing changed, the session is only made young again.
   * @throws TypeError for a value PHP cannot hold, with its key path: the session stays active and can be mended
   * @throws SessionError WRITE_FAILED, also when asked again: the stored session is what it was; the lock is given back
   */
  async commit(): Promise<void> {
    if (this.#changes.pending !== undefined) await this.#changes.pending
    if (this.#status !== 'active') return this.#storing?.hear()
    if (this.#isNew) return this.abort()
    const bytes = this.#vars.encode()
    this.#close('closed')
    const isUnchanged = this.#context.directives.lazy_write && this.#stored?.equals(bytes) === true
    this.#storing = new Storing(storeSession(this.#handle, this.#id, bytes, isUnchanged), true)
    await this.#storing.hear()
  }

  /**
   * Stores the session as it is now, and goes on with it under its lock: for code that must know of it before it answers.
   * @throws as `commit`; after an error the session is still active
   */
  save(...none: []): Promise<void> {
    refuseCallback(none)
    return this.#save()
  }

  async #save(): Promise<void> {
    this.#writable('save the session')
    return this.#changes.add(async () => {
      this.#assertActive('save the session')
      const bytes = this.encode()
      await this.#handle.write(this.#id, bytes)
      this.#stored = bytes
    })
  }

  /** Gives the lock back and stores nothing: session_abort(). Does nothing when the session is not active. */
  async abort(): Promise<void> {
    if (this.#changes.pending !== undefined) await this.#changes.pending
    if (this.#status !== 'active') return this.#storing?.hear().catch(() => {})
    this.#close('closed')
    await this.#handle.close()
  }

  /**
   * Reads the session from the store again, giving up all changes: session_reset().
   * @throws SessionError SESSION_CLOSED; DECODE_FAILED, and nothing is changed; READ_FAILED, and the session is closed
   */
  async reset(): Promise<void> {
    return this.#changes.add(async () => {
      this.#assertActive('reset the session')
      if (this.#isNew) return
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
    this.#assertActive('unset $_SESSION')
    if (!this.#isNew) for (const key of this.#vars.keys()) this.#vars.delete(key)
  }

  /**
   * Removes the session from the store and gives the lock back: session_destroy(). `$_SESSION` keeps its values in memory and
   * the browser keeps its cookie, as in PHP.
   * @throws SessionError SESSION_CLOSED; WRITE_FAILED, and the session is closed
   */
  destroy(...none: []): Promise<void> {
    refuseCallback(none)
    return this.#changes.add(async () => {
      this.#assertActive('destroy the session')
      this.#close('destroyed')
      if (this.#isNew) return this.#handle.close()
      try {
        await this.#handle.destroy(this.#id)
      } catch (error) {
        this.#status = 'closed'
        throw error
      }
    })
  }

  /**
   * Gives the session a new id, against session fixation: session_regenerate_id(). The variables go on under the new id, which
   * is locked before the old one is let go. The old session is stored as it is now, or removed with `deleteOld`.
   * @throws SessionError SESSION_CLOSED, HEADERS_SENT; after an error the session goes on under its old id; it is closed if that stays
   */
  regenerate(deleteOld = false): Promise<void> {
    refuseCallback([deleteOld])
    return this.#changes.add(() => this.#regenerate(deleteOld))
  }

  /**
   * The address for an HTML tag with the id in its query where PHP would put it there: `use_trans_sid` is on, no cookie came, and
   * `trans_sid_tags` and `trans_sid_hosts` let it. Else as it is.
   */
  url(href: string, tag = 'a'): string {
    const { transSid } = this.#context
    return transSid === undefined ? href : withSid(href, this, transSid, tag)
  }

  /** The `<input type="hidden">` with the id for a form of this action, where PHP would add one; '' where not. As `url`. */
  hiddenField(action = ''): string {
    const { transSid } = this.#context
    return transSid === undefined ? '' : sidField(this, transSid, action)
  }

  /** The variables as the bytes that would be stored: session_encode(). */
  encode(): Buffer {
    return Buffer.from(this.#vars.encode())
  }

  /**
   * Adds the variables of stored bytes: session_decode(). With php_serialize they replace all, as in PHP.
   * @throws UnserializeError when PHP would not read them: nothing is changed, where PHP destroys the session
   */
  decode(bytes: Uint8Array): void {
    this.#writable('decode into $_SESSION').decode(Buffer.from(bytes))
  }

  /** The same as `commit`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.commit()
  }

  /** @internal What a commit has not stored yet, or a destroy not removed; undefined when there is nothing to wait for. */
  get storing(): Promise<void> | undefined {
    return this.#storing?.unheard ?? this.#changes.pending
  }

  /** @internal How its bytes are to be understood. */
  get [READING](): Reading {
    return { serialize_handler: this.#context.directives.serialize_handler, ...this.#context.codec }
  }

  // --- Inside ----------------------------------------------------------------------------------------------------------

  #assertActive(what: string): void {
    if (this.#status === 'active') return
    throw new SessionError('SESSION_CLOSED', `Cannot ${what}: session ${idPrefix(this.#id)} is ${this.#status}`)
  }

  #writable(what: string): SessionVars {
    this.#assertActive(what)
    if (this.#isNew) this.#initialize()
    return this.#vars
  }

  /** A session that was not there becomes one: its lock is taken, its cookie sent. */
  #initialize(): void {
    const { exchange, cookie } = this.#context
    if (exchange?.headersSent) {
      throw new SessionError('HEADERS_SENT', 'The first variable of a session must be set before the headers are sent')
    }
    const taken = this.#handle.read(this.#id)
    this.#isNew = false
    this.#watch()
    cookie.send(this.#id)
    if ('then' in taken) {
      const takeOver = () => taken.then((stored) => this.#takeOver(stored)).catch((error) => this.#lose(error, false))
      return void this.#changes.add(takeOver)
    }
    try {
      this.#takeOver(taken)
    } catch (error) {
      void this.#lose(error, true)
      throw error
    }
  }

  /** What is stored could not be had: nothing may be written over it. */
  #lose(error: unknown, isHeard: boolean): Awaitable<void> {
    this.#close('closed')
    this.#storing = new Storing(Promise.reject(error), isHeard)
    return this.#handle.close()
  }

  /** Somebody else may have made it in the meantime; what was set here stands. */
  #takeOver(stored: Buffer): void {
    this.#stored = stored
    const own = this.#vars.keys().map((key) => [key, this.#vars.get(key)] as const)
    if (stored.length > 0) this.#vars = varsOver(this.#context, stored, own)
  }

  async #regenerate(deleteOld: boolean): Promise<void> {
    this.#assertActive('regenerate the id')
    const { directives, exchange } = this.#context
    if (this.#isNew) {
      this.#id = await this.#handle.createSid(() => newSid(directives))
      return
    }
    if (exchange?.headersSent) throw new SessionError('HEADERS_SENT', 'The id cannot be regenerated: the headers are sent')
    const bytes = this.#vars.encode()
    const close = () => this.#close('closed')
    const { handle, id } = await moveSession(this.#context, { handle: this.#handle, id: this.#id }, bytes, deleteOld, close)
    this.#handle = handle
    this.#id = id
    this.#stored = deleteOld ? bytes : undefined
    abandoned.unregister(this)
    this.#watch()
    this.#context.cookie.send(id)
  }

  #watch(): void {
    abandoned.register(this, { handle: this.#handle, id: this.#id }, this)
  }

  #close(status: SessionStatus): void {
    this.#status = status
    abandoned.unregister(this)
  }
}

Object.setPrototypeOf(Session.prototype, noVariables)
