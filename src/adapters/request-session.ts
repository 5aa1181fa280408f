import { inspect } from 'node:util'
import type { Directives } from '../session/directives.ts'
import type { Session } from '../session/session.ts'
import type { CookieOptions } from '../session/session-cookie.ts'
import type { Bound } from './bind.ts'
import { type RequestCookie, requestCookie } from './request-cookie.ts'

/** What express-session calls when it is done. */
// biome-ignore lint/suspicious/noExplicitAny: as there, so that any callback fits
export type Callback = (error?: any) => void

/**
 * `req.session` as express-session 1.x shows it: the variables are properties, beside what is declared here. A variable that has one of
 * these names is reached by `req.$_SESSION`. PHP's lock is held all the time; without a callback, a failure is a process warning.
 */
export interface RequestSession {
  /** The session's id. */
  readonly id: string
  /** The cookie's attributes; to change one sends the cookie again. */
  cookie: RequestCookie
  /** Stores the session now; it can still be changed. */
  save(callback?: Callback): this
  /** Reads the variables from the store again, giving up all changes. `req.session` is another object then. */
  reload(callback?: Callback): this
  /** Begins an empty session under a new id and removes the old one, against session fixation. `req.session` is another object then. */
  regenerate(callback?: Callback): this
  /** Removes the session; `req.session` is undefined from now on. */
  destroy(callback?: Callback): this
  /** The same as `resetMaxAge`. */
  touch(): this
  /** Lets the time begin anew after which the browser forgets the cookie; does nothing if there is none, or the headers are sent. */
  resetMaxAge(): this
}

/** The property `session` of one request, and what was begun through it. */
export class SessionProperty {
  readonly #bound: Bound<object>
  #view: View | undefined
  #cookie: { readonly shown: RequestCookie; readonly before: Directives } | undefined
  /** The session that was destroyed, or that `req.session` was taken from, and what it is since then. */
  #gone: Session<object> | undefined
  #nothing: null | undefined
  /** What was begun and is not done yet, its callback included. Never rejects. */
  #pending: Promise<void> | undefined

  constructor(bound: Bound<object>) {
    this.#bound = bound
  }

  /** The same object until it is reloaded or regenerated; undefined until the session is started, and when it is destroyed. */
  get value(): RequestSession | null | undefined {
    const { session } = this.#bound
    if (session === undefined || session === this.#gone || session.status === 'destroyed') return this.#nothing
    if (this.#view?.session !== session) {
      this.#cookie = undefined
      this.#view = this.#show(session)
    }
    return this.#view.proxy
  }

  /** Null or undefined: the session stays as it was stored last. @throws TypeError for anything else */
  set value(value: unknown) {
    if (value === this.value) return
    if (value !== null && value !== undefined) {
      throw new TypeError('req.session can only be set to null; to set all variables at once, use req.$_SESSION')
    }
    const { session } = this.#bound
    this.#leave(session, value)
    if (session?.status === 'active') this.#begin(() => session.abort())
  }

  /** The answer is to be completed: waits for what was begun. The session stays as it was if `req.session` is gone by then. */
  finish(isGone: boolean): Promise<void> | undefined {
    if (this.#pending === undefined && !isGone) return undefined
    return this.#finish(isGone)
  }

  async #finish(isGone: boolean): Promise<void> {
    while (this.#pending !== undefined) await this.#pending
    if (isGone) await this.#bound.session?.abort()
  }

  #leave(session: Session<object> | undefined, nothing: null | undefined): void {
    this.#gone = session
    this.#nothing = nothing
  }

  #show(session: Session<object>): View {
    const property = this
    const { exchange } = this.#bound
    return new View(session, {
      get id() {
        return session.id
      },
      get cookie() {
        property.#cookie ??= { shown: requestCookie(session.cookie), before: session.cookie.directives }
        return property.#cookie.shown
      },
      save(callback) {
        property.#begin(() => session.save(), callback)
        return this
      },
      reload(callback) {
        property.#begin(() => property.#reload(session), callback)
        return this
      },
      regenerate(callback) {
        property.#begin(() => property.#regenerate(session), callback)
        return this
      },
      destroy(callback) {
        property.#leave(session, undefined)
        property.#view?.keep()
        property.#begin(() => session.destroy(), callback)
        return this
      },
      touch() {
        return this.resetMaxAge()
      },
      resetMaxAge() {
        if (!exchange.headersSent) this.cookie.maxAge = this.cookie.originalMaxAge
        return this
      },
    })
  }

  async #reload(session: Session<object>): Promise<void> {
    const before = this.#view
    const vars = { ...session.$_SESSION }
    await session.reset()
    before?.keep(vars)
    this.#view = this.#show(session)
  }

  /** As express-session, which begins an empty one with a cookie as at first; PHP's own keeps variables and cookie. */
  async #regenerate(session: Session<object>): Promise<void> {
    const { id } = session
    if (this.#cookie !== undefined && this.#cookie.before !== session.cookie.directives) {
      session.cookie.set(cookieOptions(this.#cookie.before))
    }
    await session.regenerate(true)
    this.#view?.keep({ ...session.$_SESSION }, id)
    session.unset()
    this.#cookie = undefined
    this.#view = this.#show(session)
  }

  /** One after the other. The callback is called outside of the promise: what it throws is the application's, as with express-session. */
  #begin(work: () => Promise<void>, callback?: Callback | null): void {
    const call = (...error: [unknown?]) =>
      new Promise<void>((resolve) => {
        process.nextTick(() => {
          if (this.#pending === pending) this.#pending = undefined
          resolve()
          ;(callback ?? warn)(...error)
        })
      })
    const done = this.#pending === undefined ? work() : this.#pending.then(work)
    const pending = done.then(() => call(), call)
    this.#pending = pending
  }
}

/** One `req.session`: the variables as a proxy that also knows what express-session's has. */
class View implements ProxyHandler<object> {
  readonly session: Session<object>
  readonly proxy: RequestSession
  readonly #own: RequestSession
  /** The variables: the session's, or what they were when the session went on without this view. */
  #vars: object

  constructor(session: Session<object>, own: RequestSession) {
    this.session = session
    this.#own = own
    this.#vars = session.$_SESSION
    this.proxy = new Proxy({ [inspect.custom]: () => ({ ...this.proxy }) }, this) as unknown as RequestSession
  }

  /** The session goes on without this view, which keeps what it showed; nothing of it is stored any more. */
  keep(vars: object = { ...this.#vars }, id = this.session.id): void {
    this.#vars = vars
    Object.defineProperty(this.#own, 'id', { value: id })
  }

  get(_target: object, key: string | symbol): unknown {
    return this.#isOwn(key) ? Reflect.get(this.#own, key, this.proxy) : Reflect.get(this.#vars, key)
  }

  set(_target: object, key: string | symbol, value: unknown): boolean {
    if (!this.#isOwn(key)) return Reflect.set(this.#vars, key, value)
    if (key === 'cookie') {
      if (value !== this.#own.cookie) Object.assign(this.#own.cookie, value)
      return true
    }
    if (typeof value !== 'function') {
      throw new TypeError(`req.session.${String(key)} is no variable: for that of this name use req.$_SESSION`)
    }
    return Reflect.set(this.#own, key, value)
  }

  has(_target: object, key: string | symbol): boolean {
    return this.#isOwn(key) || Reflect.has(this.#vars, key)
  }

  deleteProperty(_target: object, key: string | symbol): boolean {
    return !this.#isOwn(key) && Reflect.deleteProperty(this.#vars, key)
  }

  /** Only the variables are enumerable: they are what is stored. */
  ownKeys(): (string | symbol)[] {
    return ['id', 'cookie', ...Reflect.ownKeys(this.#vars).filter((key) => !this.#isOwn(key))]
  }

  getOwnPropertyDescriptor(_target: object, key: string | symbol): PropertyDescriptor | undefined {
    if (!this.#isOwn(key)) return Reflect.getOwnPropertyDescriptor(this.#vars, key)
    if (key !== 'id' && key !== 'cookie') return undefined
    return { value: this.#own[key], writable: key === 'cookie', enumerable: false, configurable: true }
  }

  defineProperty(target: object, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    if (this.#isOwn(key)) return 'value' in descriptor && this.set(target, key, descriptor.value)
    return Reflect.defineProperty(this.#vars, key, descriptor)
  }

  setPrototypeOf(): boolean {
    return false
  }

  preventExtensions(): boolean {
    return false
  }

  #isOwn(key: string | symbol): key is keyof RequestSession {
    return Object.hasOwn(this.#own, key)
  }
}

/** All that shapes a cookie, so that nothing of what it was changed to is left. */
function cookieOptions(directives: Directives): CookieOptions {
  const { cookie_lifetime, cookie_path, cookie_domain, cookie_secure, cookie_partitioned, ...others } = directives
  const { cookie_httponly, cookie_samesite } = others
  return { cookie_lifetime, cookie_path, cookie_domain, cookie_secure, cookie_partitioned, cookie_httponly, cookie_samesite }
}

function warn(error?: unknown): void {
  if (error !== undefined) process.emitWarning(String(error), { type: 'SessionWarning' })
}
