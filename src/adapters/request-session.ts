import { inspect } from 'node:util'
import type { Session } from '../session/session.ts'
import type { Bound } from './bind.ts'
import { RequestCookie } from './request-cookie.ts'

/** What express-session calls when it is done. */
export type Callback = (error?: unknown) => void

/**
 * `req.session` as express-session 1.x shows it: the variables are properties, beside what is declared here. A variable that has one of
 * these names is reached by `req.$_SESSION`. All methods keep PHP's lock; without a callback, a failure is a process warning.
 */
export interface RequestSession {
  /** The session's id. */
  readonly id: string
  /** The cookie's attributes; to change one sends the cookie again. */
  cookie: RequestCookie
  /** Stores the session now; it can still be changed. */
  save(callback?: Callback): this
  /** Reads the variables from the store again, giving up all changes. */
  reload(callback?: Callback): this
  /** Begins an empty session under a new id and removes the old one, against session fixation. `req.session` is another one then. */
  regenerate(callback?: Callback): this
  /** Removes the session; `req.session` is undefined then. */
  destroy(callback?: Callback): this
  /** Does nothing: every session is made young again when it is stored. */
  touch(): this
  /** Sets `cookie.maxAge` to what it was. */
  resetMaxAge(): this
}

/** What finds `req.session`: the same one for the same session, until it is regenerated. */
export function requestSession(bound: Bound<object>): () => RequestSession | undefined {
  let current: Shown | undefined
  return () => {
    const { session } = bound
    if (session === undefined || session.status === 'destroyed') return undefined
    if (current === undefined || current.session !== session || current.isPast) current = new Shown(session)
    return current.proxy
  }
}

/** One `req.session`: the variables as a proxy that also knows what express-session's has. */
class Shown implements ProxyHandler<object> {
  readonly session: Session<object>
  readonly proxy: RequestSession
  readonly #own: RequestSession
  /** The variables: the session's, or what they were when it was regenerated. */
  #vars: object

  constructor(session: Session<object>) {
    this.session = session
    this.#vars = session.$_SESSION
    this.#own = ownProperties(session, () => this.#regenerate())
    this.proxy = new Proxy({ [inspect.custom]: () => ({ ...this.#vars }) }, this) as unknown as RequestSession
  }

  /** Whether it was regenerated: the session is another's now. */
  get isPast(): boolean {
    return this.#vars !== this.session.$_SESSION
  }

  get(_target: object, key: string | symbol): unknown {
    return Reflect.get(Object.hasOwn(this.#own, key) ? this.#own : this.#vars, key)
  }

  set(_target: object, key: string | symbol, value: unknown): boolean {
    if (key !== 'cookie' && Object.hasOwn(this.#own, key)) {
      throw new TypeError(`req.session.${String(key)} cannot be set: for the variable of this name use req.$_SESSION`)
    }
    if (key === 'cookie') Object.assign(this.#own.cookie, value)
    else Reflect.set(this.#vars, key, value)
    return true
  }

  has(_target: object, key: string | symbol): boolean {
    return Object.hasOwn(this.#own, key) || Reflect.has(this.#vars, key)
  }

  deleteProperty(_target: object, key: string | symbol): boolean {
    return Reflect.deleteProperty(this.#vars, key)
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.#vars)
  }

  getOwnPropertyDescriptor(_target: object, key: string | symbol): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(this.#vars, key)
  }

  defineProperty(_target: object, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    return Reflect.defineProperty(this.#vars, key, descriptor)
  }

  /** As express-session, which begins an empty one; PHP's own keeps the variables. */
  async #regenerate(): Promise<void> {
    const before = { ...this.#vars }
    await this.session.regenerate(true)
    this.session.unset()
    this.#vars = before
  }
}

function ownProperties(session: Session<object>, regenerate: () => Promise<void>): RequestSession {
  const cookie = new RequestCookie(session)
  return {
    get id() {
      return session.id
    },
    cookie,
    save(callback) {
      return done(this, session.save(), callback)
    },
    reload(callback) {
      return done(this, session.reset(), callback)
    },
    regenerate(callback) {
      return done(this, regenerate(), callback)
    },
    destroy(callback) {
      return done(this, session.destroy(), callback)
    },
    touch() {
      return this
    },
    resetMaxAge() {
      cookie.maxAge = cookie.originalMaxAge
      return this
    },
  }
}

/** The callback is called outside of the promise: what it throws is the application's, as with express-session. */
function done(self: RequestSession, work: Promise<void>, callback: Callback = warn): RequestSession {
  work.then(
    () => process.nextTick(callback),
    (error) => process.nextTick(callback, error),
  )
  return self
}

function warn(error?: unknown): void {
  if (error !== undefined) process.emitWarning(String(error), { type: 'SessionWarning' })
}
