import { idPrefix, SessionError, UnserializeError } from '../errors.ts'
import { cacheHeaders } from '../http/cache-limiter.ts'
import type { Exchange } from '../http/exchange.ts'
import { findId } from '../http/find-id.ts'
import { hasCookieVariable } from '../http/request-variables.ts'
import { appliesTransSid, type TransSidRules } from '../http/trans-sid.ts'
import { afterError, andClose } from '../save-handlers/after-error.ts'
import type { Awaitable, SaveHandle, SaveHandler } from '../save-handlers/save-handler.ts'
import { saveHandler } from '../save-handlers/save-handlers.ts'
import type { CodecOptions, SerializeHandler } from '../serialize-handlers/serialize-handler.ts'
import { serializeHandler } from '../serialize-handlers/serialize-handlers.ts'
import { isValidSid } from '../session-id.ts'
import { chooseId, isKnown, newSid } from './choose-id.ts'
import { type Directives, resolveDirectives } from './directives.ts'
import { assertOptions, checkStartOptions, OWN_OPTIONS, type SessionManagerOptions, type StartOptions } from './options.ts'
import { Session } from './session.ts'
import type { SessionContext } from './session-context.ts'
import { SessionCookie } from './session-cookie.ts'

/**
 * What PHP's session module is: directives, save handler and serialize handler, and how a session starts with them
 * (`php_session_start` and `php_session_initialize`). It knows no running request; that is the session manager's.
 */
export class SessionModule<T extends object> {
  readonly directives: Directives
  readonly saveHandler: SaveHandler
  readonly #serializeHandler: SerializeHandler
  readonly #codec: CodecOptions
  readonly #lock: { lock: boolean; lockTimeout: number }
  readonly #onDecodeError: 'throw' | 'destroy'

  /** @throws TypeError naming the option that is unknown or has a bad value */
  constructor(options: SessionManagerOptions) {
    assertOptions(options)
    // defaults
    const { lockTimeout = 30_000, lock = true, classes, charset, onDecodeError = 'throw' } = options
    // validate
    this.directives = resolveDirectives(options as Record<string, unknown>, OWN_OPTIONS)
    if (typeof lockTimeout !== 'number' || !(lockTimeout >= 0))
      throw new TypeError('lockTimeout must be a number of milliseconds')
    if (typeof lock !== 'boolean') throw new TypeError('lock must be true or false')
    if (onDecodeError !== 'throw' && onDecodeError !== 'destroy')
      throw new TypeError(`onDecodeError must be 'throw' or 'destroy'`)
    // use
    const { save_handler } = options
    this.saveHandler = saveHandler(typeof save_handler === 'object' ? save_handler : this.directives.save_handler)
    this.#serializeHandler = serializeHandler(this.directives.serialize_handler)
    this.#codec = { charset, classes }
    this.#serializeHandler.open(Buffer.alloc(0), this.#codec)
    this.#lock = { lock, lockTimeout }
    this.#onDecodeError = onDecodeError
  }

  /**
   * Starts a session, in the order of PHP: find the id, open, choose the id, read, send the cookie and the cache headers.
   * `earlier` is a session that this request had before; it goes on under its id.
   */
  async start(
    exchange: Exchange | undefined,
    startOptions: StartOptions,
    earlier: Session<T> | undefined,
    handler: SaveHandler = this.saveHandler,
  ): Promise<Session<T>> {
    assertOptions(startOptions)
    const { id: givenId, ...options } = startOptions
    const directives = checkStartOptions(this.directives, options)
    assertUnsent(exchange, directives)
    if (givenId !== undefined && !isValidSid(givenId)) throw invalidId(givenId)

    const found = exchange && findId(exchange, directives)
    const again = givenId ?? (earlier?.status === 'closed' ? earlier.id : undefined)
    const wanted = again ?? found?.id
    const context = this.#context(exchange, directives, handler)
    // Nothing waits for a promise that is not there: on a local disk all of this is done within microseconds.
    const opened = handler.open(directives.save_path, directives.name, this.#lock)
    const handle = isLater(opened) ? await opened : opened
    let session: Session<T>
    let isNew = false
    let id = ''
    try {
      isNew = options.saveUninitialized === false && !(await isKnown(handle, wanted))
      const chosen = chooseId(handle, wanted, directives)
      id = typeof chosen === 'string' ? chosen : await chosen
      const read = isNew ? NOTHING : handle.read(id)
      const bytes = isLater(read) ? await read : read
      session = new Session<T>(context, { id, handle, bytes, isNew, vars: context.serializeHandler.open(bytes, this.#codec) })
    } catch (error) {
      const startWith = (id: string) => this.start(exchange, { ...startOptions, id }, earlier, handler)
      if (error instanceof UnserializeError && this.#onDecodeError === 'destroy') {
        await handle.destroy(id)
        return startWith(id)
      }
      await afterError(() => handle.close())
      // What a request brought and the save handler cannot use is as good as no id.
      const isUnusable = error instanceof SessionError && error.code === 'INVALID_ID' && givenId === undefined
      if (isUnusable && wanted !== undefined) return startWith(newSid(directives))
      throw error
    }
    try {
      // While it waited for the lock, something else may have answered.
      assertUnsent(exchange, directives)
      if (again === undefined && session.id === found?.id) context.cookie.assumeSent(id)
      else if (!isNew) context.cookie.send(id)
      if (exchange !== undefined) sendCacheHeaders(exchange, directives)
      if (isTrue(options.read_and_close)) await session.abort()
      else if (exchange !== undefined) bind(exchange, session)
    } catch (error) {
      // An answer that is none, such as socket.io's for a WebSocket: nothing would ever give the lock back.
      await session.abort()
      throw error
    }
    this.#maybeGc(exchange, directives, handler)
    return session
  }

  /** Changes a session that is there, and stores it, apart from any request. */
  async change(id: string, edit: ($_SESSION: Record<string, unknown>) => void): Promise<void> {
    const session = await this.start(undefined, { id, saveUninitialized: false }, undefined)
    try {
      if (session.id === id) edit(session.$_SESSION as Record<string, unknown>)
    } catch (error) {
      await session.abort()
      throw error
    }
    await session.commit()
  }

  /** The variables of a session, or null: without lock and without a trace. */
  async peek(id: string): Promise<T | null> {
    const bytes = await this.#look((handle) => handle.peek(id))
    return bytes === null ? null : (this.#serializeHandler.decode(bytes, this.#codec) as T)
  }

  /** @throws TypeError for a bad prefix */
  async createId(prefix: string): Promise<string> {
    if (!isValidSid(prefix + newSid(this.directives))) {
      throw new TypeError('The prefix of an id has only the characters 0-9 a-z A-Z , - and leaves room for the id within 256')
    }
    return this.#look((handle) => handle.createSid(() => prefix + newSid(this.directives)))
  }

  async gc(directives: Directives = this.directives, handler?: SaveHandler): Promise<number> {
    return this.#look((handle) => handle.gc(directives.gc_maxlifetime), directives, handler)
  }

  /** Looks at the store with a handle of its own, which takes no lock. */
  async #look<R>(
    use: (handle: SaveHandle) => Awaitable<R>,
    { save_path, name }: Pick<Directives, 'save_path' | 'name'> = this.directives,
    handler: SaveHandler = this.saveHandler,
  ): Promise<R> {
    const handle = await handler.open(save_path, name, { ...this.#lock, lock: false })
    return andClose(handle, () => use(handle))
  }

  #context(exchange: Exchange | undefined, directives: Directives, saveHandler: SaveHandler): SessionContext {
    return {
      directives,
      exchange,
      saveHandler,
      serializeHandler: directives === this.directives ? this.#serializeHandler : serializeHandler(directives.serialize_handler),
      codec: this.#codec,
      ...this.#lock,
      cookie: new SessionCookie(exchange, directives),
      transSid: transSidRules(exchange, directives),
    }
  }

  /** With the probability that the directives say, and when nobody waits for it any more. */
  #maybeGc(exchange: Exchange | undefined, directives: Directives, handler: SaveHandler): void {
    if (Math.floor(Math.random() * directives.gc_divisor) >= directives.gc_probability) return
    const collect = () => void this.gc(directives, handler).catch(report)
    if (exchange === undefined) setImmediate(collect).unref()
    else exchange.onClose(collect)
  }
}

/** The bytes of a session that is not there yet. */
const NOTHING = Buffer.alloc(0)

/** @throws SessionError HEADERS_SENT where a start has something to say to the client and cannot any more */
function assertUnsent(exchange: Exchange | undefined, { use_cookies, cache_limiter }: Directives): void {
  if ((use_cookies || cache_limiter !== '') && exchange?.headersSent) {
    throw new SessionError('HEADERS_SENT', 'The session cannot be started: the headers are sent')
  }
}

function sendCacheHeaders(exchange: Exchange, { cache_limiter, cache_expire }: Directives): void {
  const headers = cacheHeaders(cache_limiter, cache_expire, new Date(), exchange.lastModified)
  for (const [name, value] of headers) exchange.setHeader(name, value)
}

/** Ties a session to its request: the end of the response stores it, as the end of a script does in PHP. */
function bind(exchange: Exchange, session: Session<object>): void {
  let isEnding = false
  exchange.beforeEnd(() => {
    isEnding = true
    return commitOrAbort(session)
  })
  exchange.onClose(() => isEnding || void commitOrAbort(session)?.catch(report))
}

/** Nothing is looked at where it is off, as everywhere today. */
function transSidRules(exchange: Exchange | undefined, directives: Directives): TransSidRules | undefined {
  if (exchange === undefined || !directives.use_trans_sid) return undefined
  const { trans_sid_tags, trans_sid_hosts } = directives
  const hasCookie = hasCookieVariable(exchange.cookieHeader, directives.name)
  return appliesTransSid(directives, hasCookie) ? { trans_sid_tags, trans_sid_hosts, host: exchange.host } : undefined
}

/** The end of a request: what cannot be stored must not keep its lock. Undefined when there is nothing to wait for. */
function commitOrAbort(session: Session<object>): Promise<void> | undefined {
  if (session.status !== 'active') return session.storing
  return session.commit().catch(async (error) => {
    await session.abort()
    throw error
  })
}

function invalidId(id: unknown): SessionError {
  const unlike = idPrefix(String(id))
  return new SessionError('INVALID_ID', `Session ids have 1 to 256 of the characters 0-9 a-z A-Z , -, unlike ${unlike}`)
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
