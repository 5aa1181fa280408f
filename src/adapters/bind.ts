import type { IncomingMessage } from 'node:http'
import { SessionError } from '../errors.ts'
import type { Exchange } from '../http/exchange.ts'
import { assertOptions, checkStartOptions, type StartOptions } from '../session/options.ts'
import type { Session } from '../session/session.ts'
import type { SessionManager } from '../session/session-manager.ts'

/** What an adapter takes: what `start` takes, for every request, except the id. */
export interface AdapterOptions extends Omit<StartOptions, 'id'> {
  /** False: start nothing before the handler, which calls `sessions.start` or `session_start()` itself. Default true. */
  autoStart?: boolean
}

/** The options, or what gives them for a request. */
export type OptionsFor<R> = AdapterOptions | ((request: R) => AdapterOptions)

/** Binds requests to a session manager. */
export interface Binder<T extends object, R> {
  /** `own` are the options of the request's route. */
  bind(exchange: Exchange, request: R, own?: AdapterOptions): Bound<T>
  /** @throws TypeError for options of a route of which one is unknown or has a bad value */
  checkRoute(own: AdapterOptions | undefined): void
}

/**
 * What all adapters share: each request becomes the running one, and its session is started before its handler. The exchange sees to it
 * that it is stored before the last byte leaves.
 * @throws TypeError at once for what is no session manager, and for an option that is unknown or has a bad value
 */
export function binder<T extends object, R>(sessions: SessionManager<T>, options: OptionsFor<R>): Binder<T, R> {
  if (typeof sessions?.bindExchange !== 'function') throw new TypeError('The first argument must be a SessionManager')
  const checked = (given: AdapterOptions, own?: AdapterOptions) => {
    const all = merge(given, own)
    checkOptions(sessions, all)
    return all
  }
  // What a function will give is not known: it may be what cookie_partitioned needs.
  const known = checked(typeof options === 'function' ? { cookie_secure: true } : options)
  const routes = new WeakMap<AdapterOptions, AdapterOptions>()
  const ofRoute = (own: AdapterOptions | undefined) => {
    if (own === undefined) return known
    const all = routes.get(own) ?? checked(known, own)
    routes.set(own, all)
    return all
  }
  return {
    bind(exchange, request, own) {
      const optionsOf = () => (typeof options === 'function' ? checked(options(request), own) : ofRoute(own))
      return new Bound(sessions, exchange, optionsOf)
    },
    checkRoute: (own) => void ofRoute(own),
  }
}

function merge(given: AdapterOptions, own: AdapterOptions | undefined): AdapterOptions {
  assertOptions(given)
  if (own === undefined) return given
  assertOptions(own)
  return { ...given, ...own }
}

/** A request with its session. */
export class Bound<T extends object> {
  readonly exchange: Exchange
  readonly #sessions: SessionManager<T>
  readonly #options: () => AdapterOptions

  constructor(sessions: SessionManager<T>, exchange: Exchange, options: () => AdapterOptions) {
    this.exchange = exchange
    this.#sessions = sessions
    this.#options = options
  }

  /**
   * Starts the session, unless `autoStart` is false; for a WebSocket, it only reads. Rejects, with a TypeError, also for options that are
   * wrong. Not async itself, so that the caller's context becomes the request's.
   */
  start(): Promise<unknown> {
    this.enter()
    try {
      const { autoStart = true, ...options } = this.#options()
      if (!autoStart) return Promise.resolve()
      return this.#sessions.startExchange(this.exchange, becomesSocket(this.exchange) ? { ...options, ...LOOK_ONLY } : options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Makes this the running request, again where a library lost track of it. */
  enter(): void {
    this.#sessions.bindExchange(this.exchange)
  }

  /** Undefined as long as none was started. */
  get session(): Session<T> | undefined {
    return this.#sessions.sessionOf(this.exchange)
  }

  /** @throws SessionError NO_SESSION */
  get $_SESSION(): T {
    return this.#started.$_SESSION
  }

  set $_SESSION(vars: T) {
    this.#started.$_SESSION = vars
  }

  get #started(): Session<T> {
    const { session } = this
    if (session === undefined) throw new SessionError('NO_SESSION', 'No session was started for this request')
    return session
  }
}

/** A socket lives for hours, and its lock would with it; it has no answer that ends, and mostly none that takes a cookie. */
const LOOK_ONLY: StartOptions = { read_and_close: true, saveUninitialized: false, gc_probability: 0 }

function becomesSocket({ key }: Exchange): boolean {
  const { headers } = key as IncomingMessage | Request
  const upgrade =
    typeof headers.get === 'function' ? (headers as Headers).get('upgrade') : (headers as IncomingMessage['headers']).upgrade
  return upgrade?.toLowerCase() === 'websocket'
}

/** Gives a framework's request or context the properties `$_SESSION` and `session`. */
export function expose(target: object, bound: Bound<object>): void {
  Object.defineProperties(target, {
    $_SESSION: {
      get: () => bound.$_SESSION,
      set: (vars: object) => (bound.$_SESSION = vars),
      configurable: true,
      // Whoever copies the request before there is a session, does not ask for it.
      enumerable: false,
    },
    session: { get: () => bound.session, set: refuseSession, configurable: true, enumerable: true },
  })
}

/** The mistake to have the session of another middleware in the same place: of two that show and store it, none works. */
export function anotherSession(target: object, name: string, peer: string): TypeError | undefined {
  if (!('session' in target) || !target.session || '$_SESSION' in target) return undefined
  return new TypeError(
    `${name} is already that of another middleware, such as ${peer}: remove it, or call sessions.start() in place of phpSession`,
  )
}

/** For who sets the property `session`, as some packages end a session. */
export function refuseSession(): never {
  throw new TypeError('session cannot be set: to end it call sessions.destroy(), to replace its variables set $_SESSION')
}

function checkOptions(sessions: SessionManager<object>, options: AdapterOptions): void {
  assertOptions(options)
  const { autoStart = true, ...rest } = options
  if (typeof autoStart !== 'boolean') throw new TypeError('autoStart must be true or false')
  checkStartOptions(sessions.directives, rest, ['autoStart'])
}
