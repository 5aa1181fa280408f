import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { SessionError } from '../errors.ts'
import type { Exchange } from '../http/exchange.ts'
import { findId } from '../http/find-id.ts'
import { nodeExchange } from '../http/node.ts'
import type { SaveHandler } from '../save-handlers/save-handler.ts'
import { isValidSid } from '../session-id.ts'
import type { Directives } from './directives.ts'
import {
  assertNoSocket,
  idToPeek,
  isFetch,
  isObject,
  isResponse,
  type NodeRequest,
  type NodeResponse,
  raw,
  requestIn,
  requestOnly,
  type SessionId,
} from './given-request.ts'
import type { SessionManagerOptions, StartOptions } from './options.ts'
import { phpIniOptions } from './php-ini.ts'
import { enterRequest, sessionOf, withoutSession } from './running.ts'
import type { Session } from './session.ts'
import type { DefaultVars } from './session-context.ts'
import { SessionModule } from './session-module.ts'
import { type TrackedUpload, trackUpload, trackUploadOf, type UploadSession } from './upload-progress.ts'

/**
 * PHP's session module for one set of directives. One instance serves the whole application; every `start` gives a session of
 * its own.
 *
 * @typeParam T what the application keeps in `$_SESSION`
 */
export class SessionManager<T extends object = DefaultVars> {
  readonly #module: SessionModule<T>
  /** What was bound, by the key of the exchange. */
  readonly #exchanges = new WeakMap<object, Exchange>()
  /** The session of each request, by the same key. */
  readonly #sessions = new WeakMap<object, Session<T>>()
  /** The start of each request, by the same key: a second one waits for the first, which has the lock. */
  readonly #starting = new WeakMap<object, Promise<Session<T>>>()

  /** The upload that each request brings, by the same key. */
  readonly #uploads = new WeakMap<object, TrackedUpload>()
  #isUntrackedTold = false

  /** @throws TypeError naming the option that is unknown or has a bad value */
  constructor(options: SessionManagerOptions = {}) {
    this.#module = new SessionModule(options)
  }

  /**
   * A session manager with the session.* settings of PHP: of a php.ini with its `conf.d` folder, a PHP-FPM pool's file, or what `php -i`
   * printed; of several paths, the later ones hold. `options` hold over all of them.
   * @throws TypeError that begins with `file:line:`, for what PHP would refuse or misread
   */
  static fromPhpIni<T extends object = DefaultVars>(
    path: string | readonly string[],
    options: SessionManagerOptions = {},
  ): SessionManager<T> {
    return new SessionManager<T>(phpIniOptions(path, options))
  }

  /** The directives in force. */
  get directives(): Directives {
    return this.#module.directives
  }

  /** The save handler in force. */
  get saveHandler(): SaveHandler {
    return this.#module.saveHandler
  }

  /**
   * Starts a session: session_start(). With a request and its response the id comes from the cookie, the cookie and the cache
   * headers are set, and the session is committed before the response's last byte. Without, the session is the caller's to commit.
   * A session that is active already for this request is returned as it is. Of the Fetch API, the `Request` that `withSession` gave is
   * enough.
   * @throws SessionError LOCK_TIMEOUT, LOCK_UNAVAILABLE, DECODE_FAILED (an UnserializeError), HEADERS_SENT, READ_FAILED, SAVE_PATH;
   *   INVALID_ID for one that was given; SID_COLLISION; WRITE_FAILED where a damaged session is to be destroyed and cannot be
   */
  start(req: NodeRequest, res: NodeResponse, options?: StartOptions): Promise<Session<T>>
  start(request: Request, options?: StartOptions): Promise<Session<T>>
  start(options?: StartOptions): Promise<Session<T>>
  start(first: NodeRequest | Request | StartOptions = {}, second?: NodeResponse | StartOptions, third?: StartOptions) {
    try {
      const exchange = this.#exchangeOf(first, second)
      const options = exchange === undefined ? (first as StartOptions) : isResponse(second) ? third : second
      return this.#start(exchange, (options as StartOptions | undefined) ?? {})
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Undefined for a start without HTTP. @throws TypeError for what is no way to start a session */
  #exchangeOf(first: NodeRequest | Request | StartOptions, second: unknown): Exchange | undefined {
    if (!isObject(first)) throw new TypeError(WANTED)
    const bound = this.#exchanges.get(first)
    if (bound !== undefined && !isResponse(second)) return bound
    assertNoSocket(first, 'peek(socket.request), or start({ id }) with the id that it brings')
    const request = requestIn(first)
    if (request === undefined && second === undefined) return undefined
    if (request === undefined) throw new TypeError(WANTED)
    if (isResponse(second)) return nodeExchange(request as IncomingMessage, raw(second))
    const missing = isFetch(request)
      ? 'start(request) needs a Request that withSession gave to its handler'
      : 'start(req, res) needs the response too'
    throw new TypeError(`${missing}; to look at a session without one, use peek(request)`)
  }

  /** The same for an adapter, which has an exchange. Another save handler than the manager's may be given. */
  startExchange(exchange: Exchange, options: StartOptions = {}, saveHandler?: SaveHandler): Promise<Session<T>> {
    return this.#start(exchange, options, saveHandler)
  }

  /**
   * Makes this the running request, and starts nothing: for `session_start()` of `session-start/php`, and for those who start
   * later. An adapter does this for every request.
   */
  bind(req: NodeRequest, res: NodeResponse): void {
    if (!(isObject(req) && isResponse(res))) throw new TypeError('bind takes a request and its response: bind(req, res)')
    this.bindExchange(nodeExchange(raw(req), raw(res)))
  }

  /** The same for an adapter, which has an exchange. To bind it again, brings it back where a library lost track of it. */
  bindExchange(exchange: Exchange): void {
    this.#exchanges.set(exchange.key, exchange)
    enterRequest(this, exchange, this.#sessions.get(exchange.key))
  }

  /** The session that was started for this exchange, in whatever state it is now. */
  sessionOf(exchange: Exchange): Session<T> | undefined {
    return this.#sessions.get(exchange.key)
  }

  /**
   * The variables of a session, or null if there is none: without lock, without creating it, without making it younger. For
   * WebSocket upgrades, tests and tools.
   * @throws UnserializeError when PHP could not decode it; SessionError SAVE_PATH, READ_FAILED; TypeError for what is neither a request nor
   *   an id
   */
  async peek(request: NodeRequest | Request | SessionId): Promise<T | null> {
    const id = idToPeek(request, this.directives)
    return id === undefined || !isValidSid(id) ? null : this.#module.peek(id)
  }

  /**
   * Keeps the progress of this request's upload in its session, for others to see (session.upload_progress.*), and returns the request
   * to go on with. To be called before the body is read, and before the session is started: it is started and stored many times
   * meanwhile, and a start of this request after the upload waits for the last. What is no such upload is left alone; so are all while
   * upload_progress.enabled is off, PHP's default since 8.2.36 and 8.4.28, and a process warning says so once.
   */
  trackUpload<R extends NodeRequest | Request>(request: R): R {
    if (!isObject(request) || requestIn(request) === undefined) throw new TypeError('trackUpload takes a request')
    if (!this.directives['upload_progress.enabled']) this.#warnUntracked()
    const incoming = isFetch(request) ? request : raw<IncomingMessage | Http2ServerRequest>(request as Exclude<R, Request>)
    // The form is asked last, and is still to come.
    let isInForm = false
    const form = (): undefined => {
      isInForm = true
    }
    const id = findId({ ...requestOnly(incoming as IncomingMessage), form }, this.directives)?.id
    if (id === undefined && !isInForm) return request
    const engine: UploadSession = { directives: this.directives, change: (...given) => this.#module.change(...given) }
    if (!isFetch(incoming)) {
      this.#uploads.set(incoming, trackUpload(incoming, id, engine))
      return request
    }
    const upload = trackUploadOf(incoming, id, engine)
    this.#uploads.set(incoming, upload)
    this.#uploads.set(upload.request, upload)
    const exchange = this.#exchanges.get(incoming)
    if (exchange !== undefined) this.#exchanges.set(upload.request, exchange)
    return upload.request as R
  }

  #warnUntracked(): void {
    if (this.#isUntrackedTold) return
    this.#isUntrackedTold = true
    const message =
      "trackUpload does nothing while upload_progress.enabled is off: give 'upload_progress.enabled': true to the SessionManager"
    process.emitWarning(message, { type: 'SessionWarning', code: 'UPLOAD_PROGRESS_OFF' })
  }

  /** Removes the sessions that are older than `gc_maxlifetime`, and returns how many: session_gc(). */
  async gc(): Promise<number> {
    return this.#module.gc()
  }

  /** A new id that no session has, with a prefix of `0-9a-zA-Z,-`: session_create_id(). @throws TypeError for a bad prefix */
  async createId(prefix = ''): Promise<string> {
    return this.#module.createId(prefix)
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

  /** `unset()` of the running request's session. @throws SessionError NO_SESSION, and as there */
  unset(): void {
    this.#present.unset()
  }

  /** `destroy()` of the running request's session. @throws SessionError NO_SESSION, and as there */
  async destroy(): Promise<void> {
    return this.#present.destroy()
  }

  /** `regenerate()` of the running request's session. @throws SessionError NO_SESSION, and as there */
  async regenerate(deleteOld = false): Promise<void> {
    return this.#present.regenerate(deleteOld)
  }

  /** `commit()` of the running request's session, which the end of the response does too. @throws SessionError NO_SESSION, and as there */
  async commit(): Promise<void> {
    return this.#present.commit()
  }

  /** `abort()` of the running request's session. @throws SessionError NO_SESSION */
  async abort(): Promise<void> {
    return this.#present.abort()
  }

  /** `reset()` of the running request's session. @throws SessionError NO_SESSION, and as there */
  async reset(): Promise<void> {
    return this.#present.reset()
  }

  get #present(): Session<T> {
    const session = this.current
    if (session === undefined) throw new SessionError('NO_SESSION', 'No session was started in this request')
    return session
  }

  /** Not async itself, so that the caller is the one who gets the session as its current one. */
  #start(exchange: Exchange | undefined, options: StartOptions, saveHandler?: SaveHandler): Promise<Session<T>> {
    const request = enterRequest<Session<T>>(this, exchange)
    const open = (earlier?: Session<T>) => withoutSession(() => this.#module.start(exchange, options, earlier, saveHandler))
    if (exchange === undefined) return open().then((session) => (request.session = session))
    const start = async () => {
      const upload = this.#uploads.get(exchange.key)
      if (upload?.isComplete) await upload.done
      const earlier = this.#sessions.get(exchange.key)
      const session = earlier?.status === 'active' ? earlier : await open(earlier)
      this.#sessions.set(exchange.key, session)
      request.session = session
      return session
    }
    const started = this.#starting.get(exchange.key)?.then(start, start) ?? start()
    this.#starting.set(exchange.key, started)
    return started
  }
}

const WANTED = 'start takes a request and its response, the Request that withSession gave, or options: start({ id })'
