import type { IncomingMessage, ServerResponse } from 'node:http'
import { idPrefix, SessionError, UnserializeError } from '../errors.ts'
import { cacheHeaders } from '../http/cache-limiter.ts'
import { sessionCookie } from '../http/cookie.ts'
import type { Exchange } from '../http/exchange.ts'
import { findId } from '../http/find-id.ts'
import { nodeExchange } from '../http/node.ts'
import type { Awaitable, SaveHandle, SaveHandler } from '../save-handlers/save-handler.ts'
import { saveHandler } from '../save-handlers/save-handlers.ts'
import type { CodecOptions, SerializeHandler } from '../serialize-handlers/serialize-handler.ts'
import { serializeHandler } from '../serialize-handlers/serialize-handlers.ts'
import { isValidSid } from '../session-id.ts'
import { chooseId, newSid, requestOnly } from './choose-id.ts'
import { type Directives, overrideDirectives, resolveDirectives } from './directives.ts'
import { OWN_OPTIONS, type SessionManagerOptions, type StartOptions } from './options.ts'
import { enterRequest, type Running, sessionOf } from './running.ts'
import { type DefaultVars, Session, type SessionContext } from './session.ts'

/**
 * PHP's session module for one set of directives. One instance serves the whole application; every `start` gives a session of
 * its own.
 *
 * @typeParam T what the application keeps in `$_SESSION`
 */
export class SessionManager<T extends object = DefaultVars> {
  readonly #directives: Directives
  readonly #saveHandler: SaveHandler
  readonly #serializeHandler: SerializeHandler
  readonly #codec: CodecOptions
  readonly #lock: { lock: boolean; lockTimeout: number }
  readonly #onDecodeError: 'throw' | 'destroy'
  /** The session of each request, by the key of its exchange. */
  readonly #sessions = new WeakMap<object, Session<T>>()
  /** The start of each request, by the same key: a second one waits for the first, which has the lock. */
  readonly #starting = new WeakMap<object, Promise<Session<T>>>()

  /** @throws TypeError naming the option that is unknown or has a bad value */
  constructor(options: SessionManagerOptions = {}) {
    // defaults
    const { lockTimeout = 30_000, lock = true, classes, charset, onDecodeError = 'throw' } = options
    // validate
    this.#directives = resolveDirectives(options as Record<string, unknown>, OWN_OPTIONS)
    if (typeof lockTimeout !== 'number' || !(lockTimeout >= 0))
      throw new TypeError('lockTimeout must be a number of milliseconds')
    if (onDecodeError !== 'throw' && onDecodeError !== 'destroy')
      throw new TypeError(`onDecodeError must be 'throw' or 'destroy'`)
    // use
    this.#saveHandler = saveHandler(options.save_handler ?? 'files')
    this.#serializeHandler = serializeHandler(this.#directives.serialize_handler)
    this.#codec = { charset, classes }
    this.#serializeHandler.open(Buffer.alloc(0), this.#codec)
    this.#lock = { lock, lockTimeout }
    this.#onDecodeError = onDecodeError
  }

  /** The directives in force. */
  get directives(): Directives {
    return this.#directives
  }

  /**
   * Starts a session: session_start(). With a request and its response the id comes from the cookie, the cookie and the cache
   * headers are set, and the session is committed before the response's last byte. Without, the session is the caller's to commit.
   * A session that is active already for this request is returned as it is.
   * @throws SessionError LOCK_TIMEOUT, LOCK_UNAVAILABLE, DECODE_FAILED (an UnserializeError), HEADERS_SENT, READ_FAILED, SAVE_PATH
   */
  start(req: IncomingMessage, res: ServerResponse, options?: StartOptions): Promise<Session<T>>
  start(options?: StartOptions): Promise<Session<T>>
  start(request?: IncomingMessage | StartOptions, response?: ServerResponse, options?: StartOptions): Promise<Session<T>> {
    if (response === undefined) {
      if (request !== undefined && 'headers' in request) {
        return Promise.reject(
          new TypeError('start(req, res) needs the response too; to look at a session without one, use peek(req)'),
        )
      }
      return this.#enter(undefined, request ?? {})
    }
    return this.#enter(nodeExchange(request as IncomingMessage, response), options ?? {})
  }

  /** The same for an adapter, which has an exchange. */
  startExchange(exchange: Exchange, options: StartOptions = {}): Promise<Session<T>> {
    return this.#enter(exchange, options)
  }

  /**
   * The variables of a session, or null if there is none: without lock, without creating it, without making it younger. For
   * WebSocket upgrades, tests and tools.
   * @throws UnserializeError when PHP could not decode it
   */
  async peek(request: IncomingMessage | { id: string }): Promise<T | null> {
    // Some frameworks give requests an id of their own.
    const id = 'headers' in request ? findId(requestOnly(request), this.#directives)?.id : request.id
    if (id === undefined || !isValidSid(id)) return null
    const handle = await this.#look()
    const bytes = await handle.peek(id)
    return bytes === null ? null : (this.#serializeHandler.decode(bytes, this.#codec) as T)
  }

  /** Removes the sessions that are older than `gc_maxlifetime`, and returns how many: session_gc(). */
  async gc(): Promise<number> {
    return this.#collect(this.#directives)
  }

  /** A new id that no session has, with a prefix of `0-9a-zA-Z,-`: session_create_id(). @throws TypeError for a bad prefix */
  async createId(prefix = ''): Promise<string> {
    if (!isValidSid(prefix + newSid(this.#directives))) {
      throw new TypeError('The prefix of an id has only the characters 0-9 a-z A-Z , - and leaves room for the id within 256')
    }
    const handle = await this.#look()
    return handle.createSid(() => prefix + newSid(this.#directives))
  }

  // --- The session of the running request ---

  /** The session that was started last in the running request, or undefined. */
  get current(): Session<T> | undefined {
    return sessionOf<Session<T>>(this)
  }

  /** `$_SESSION` of the running request. @throws SessionError NO_SESSION */
  get $_SESSION(): T {
    return this.#present.$_SESSION
  }

  set $_SESSION(vars: T) {
    this.#present.$_SESSION = vars
  }

  unset(): void {
    this.#present.unset()
  }

  async destroy(): Promise<void> {
    return this.#present.destroy()
  }

  async regenerate(deleteOld = false): Promise<void> {
    return this.#present.regenerate(deleteOld)
  }

  async commit(): Promise<void> {
    return this.#present.commit()
  }

  async abort(): Promise<void> {
    return this.#present.abort()
  }

  async reset(): Promise<void> {
    return this.#present.reset()
  }

  get #present(): Session<T> {
    const session = this.current
    if (session === undefined) throw new SessionError('NO_SESSION', 'No session was started in this request')
    return session
  }

  /** A handle to look at the store with: it takes no lock. */
  #look({ save_path, name } = this.#directives): Awaitable<SaveHandle> {
    return this.#saveHandler.open(save_path, name, { ...this.#lock, lock: false })
  }

  // --- Starting ---

  /** Not async itself, so that the caller is the one who gets the session as its current one. */
  #enter(exchange: Exchange | undefined, options: StartOptions): Promise<Session<T>> {
    const request = enterRequest<Session<T>>(this)
    if (exchange === undefined) return this.#start(exchange, options, request)
    const start = () => this.#start(exchange, options, request)
    const started = this.#starting.get(exchange.key)?.then(start, start) ?? start()
    this.#starting.set(exchange.key, started)
    return started
  }

  async #start(
    exchange: Exchange | undefined,
    { id: givenId, read_and_close, ...options }: StartOptions,
    request: Running<Session<T>>,
  ): Promise<Session<T>> {
    const earlier = exchange && this.#sessions.get(exchange.key)
    if (earlier?.status === 'active') {
      request.session = earlier
      return earlier
    }
    const directives = overrideDirectives(this.#directives, options as Record<string, unknown>)
    if ((directives.use_cookies || directives.cache_limiter !== '') && exchange?.headersSent) {
      throw new SessionError('HEADERS_SENT', 'The session cannot be started: the headers are sent')
    }
    if (givenId !== undefined && !isValidSid(givenId)) {
      throw new SessionError(
        'INVALID_ID',
        `Session ids have 1 to 256 of the characters 0-9 a-z A-Z , -, unlike ${idPrefix(String(givenId))}`,
      )
    }

    const found = exchange && findId(exchange, directives)
    const again = givenId ?? (earlier?.status === 'closed' ? earlier.id : undefined)
    const wanted = again ?? found?.id
    const context = this.#context(exchange, directives)
    // Nothing waits for a promise that is not there: on a local disk all of this is done within microseconds.
    const opened = this.#saveHandler.open(directives.save_path, directives.name, this.#lock)
    const handle = isLater(opened) ? await opened : opened
    let session: Session<T>
    let id = ''
    try {
      const chosen = chooseId(handle, wanted, directives)
      id = typeof chosen === 'string' ? chosen : await chosen
      const read = handle.read(id)
      const bytes = isLater(read) ? await read : read
      session = new Session<T>(context, { id, handle, bytes, vars: context.serializeHandler.open(bytes, this.#codec) })
    } catch (error) {
      const startWith = (id: string) => this.#start(exchange, { ...options, id, read_and_close }, request)
      if (error instanceof UnserializeError && this.#onDecodeError === 'destroy') {
        await handle.destroy(id)
        return startWith(id)
      }
      await handle.close()
      // What a request brought and the save handler cannot use is as good as no id.
      const isUnusable = error instanceof SessionError && error.code === 'INVALID_ID' && givenId === undefined
      if (isUnusable && wanted !== undefined) return startWith(newSid(directives))
      throw error
    }
    if (again !== undefined || session.id !== found?.id) context.sendCookie(session.id)
    request.session = session
    if (exchange !== undefined) this.#bind(exchange, session, directives)
    if (isTrue(read_and_close)) await session.abort()
    this.#maybeGc(exchange, directives)
    return session
  }

  #context(exchange: Exchange | undefined, directives: Directives): SessionContext {
    return {
      directives,
      exchange,
      saveHandler: this.#saveHandler,
      serializeHandler: directives === this.#directives ? this.#serializeHandler : serializeHandler(directives.serialize_handler),
      codec: this.#codec,
      ...this.#lock,
      sendCookie(id) {
        if (directives.use_cookies) exchange?.setCookie(sessionCookie(directives.name, id, directives, new Date()))
      },
    }
  }

  /** Ties a session to its request: the end of the response stores it, as the end of a script does in PHP. */
  #bind(exchange: Exchange, session: Session<T>, directives: Directives): void {
    this.#sessions.set(exchange.key, session)
    const headers = cacheHeaders(directives.cache_limiter, directives.cache_expire, new Date(), exchange.lastModified)
    for (const [name, value] of headers) exchange.setHeader(name, value)
    exchange.beforeEnd(() => commitOrAbort(session))
    exchange.onClose(() => void commitOrAbort(session)?.catch(report))
  }

  /** With the probability that the directives say, and when nobody waits for it any more. */
  #maybeGc(exchange: Exchange | undefined, directives: Directives): void {
    if (Math.floor(Math.random() * directives.gc_divisor) >= directives.gc_probability) return
    const collect = () => void this.#collect(directives).catch(report)
    if (exchange === undefined) setImmediate(collect).unref()
    else exchange.onClose(collect)
  }

  async #collect(directives: Directives): Promise<number> {
    const handle = await this.#look(directives)
    return handle.gc(directives.gc_maxlifetime)
  }
}

/** The end of a request: what cannot be stored must not keep its lock. Undefined when there is nothing to wait for. */
function commitOrAbort(session: Session<object>): Promise<void> | undefined {
  if (session.status !== 'active') return session.storing
  return session.commit().catch(async (error) => {
    await session.abort()
    throw error
  })
}

function isTrue(value: boolean | number | string | undefined): boolean {
  return value === true || Number(value) > 0
}

/** Not by instanceof: inside jest, the promises of Node's own modules are of another Promise. */
function isLater<A extends object>(answer: Awaitable<A>): answer is Promise<A> {
  return 'then' in answer
}

/** What fails when nobody waits for it any more. */
function report(error: unknown): void {
  process.emitWarning(error instanceof Error ? error.message : String(error), { type: 'SessionWarning' })
}
