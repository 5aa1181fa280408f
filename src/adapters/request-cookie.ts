import type { Session } from '../session/session.ts'
import type { CookieOptions } from '../session/session-cookie.ts'

/**
 * `req.session.cookie` as express-session shows it, over PHP's directives. To set an attribute sends the cookie again with it; times are
 * in milliseconds here, in seconds there.
 */
export class RequestCookie {
  readonly #session: Session<object>
  /** What `maxAge` was when the cookie was made, in milliseconds; null until the browser is closed. */
  originalMaxAge: number | null
  #expires: Date | null = null

  constructor(session: Session<object>) {
    this.#session = session
    const { cookie_lifetime } = session.cookie.directives
    this.originalMaxAge = cookie_lifetime > 0 ? cookie_lifetime * 1000 : null
    if (this.originalMaxAge !== null) this.#expires = new Date(Date.now() + this.originalMaxAge)
  }

  /** How long the browser keeps it from now on, in milliseconds; null until it is closed. 0 makes the browser forget it. */
  get maxAge(): number | null {
    return this.#expires === null ? null : this.#expires.getTime() - Date.now()
  }

  set maxAge(milliseconds: number | null | undefined | false) {
    this.expires = typeof milliseconds === 'number' ? new Date(Date.now() + milliseconds) : null
  }

  get expires(): Date | null {
    return this.#expires
  }

  set expires(date: Date | null | undefined | false) {
    const seconds = date instanceof Date ? Math.round((date.getTime() - Date.now()) / 1000) : 0
    this.#set({ cookie_lifetime: Math.max(seconds, 0) })
    if (date instanceof Date && seconds <= 0) this.#session.cookie.expire()
    this.#expires = date instanceof Date ? date : null
    this.originalMaxAge = this.maxAge
  }

  get path(): string {
    return this.#session.cookie.directives.cookie_path
  }

  set path(path: string) {
    this.#set({ cookie_path: path })
  }

  get domain(): string | undefined {
    return this.#session.cookie.directives.cookie_domain || undefined
  }

  set domain(domain: string | undefined) {
    this.#set({ cookie_domain: domain ?? '' })
  }

  get secure(): boolean {
    return this.#session.cookie.directives.cookie_secure
  }

  set secure(secure: boolean | undefined) {
    this.#set({ cookie_secure: secure ?? false })
  }

  get httpOnly(): boolean {
    return this.#session.cookie.directives.cookie_httponly
  }

  set httpOnly(httpOnly: boolean | undefined) {
    this.#set({ cookie_httponly: httpOnly ?? false })
  }

  /** In lower case; undefined if it is not sent. `true` is 'strict'. */
  get sameSite(): 'lax' | 'strict' | 'none' | undefined {
    return (this.#session.cookie.directives.cookie_samesite.toLowerCase() || undefined) as 'lax' | 'strict' | 'none' | undefined
  }

  set sameSite(sameSite: string | boolean | undefined) {
    this.#set({ cookie_samesite: sameSite === true ? 'Strict' : sameSite || '' })
  }

  get partitioned(): boolean {
    return this.#session.cookie.directives.cookie_partitioned
  }

  set partitioned(partitioned: boolean | undefined) {
    this.#set({ cookie_partitioned: partitioned ?? false })
  }

  /** All attributes, as JSON.stringify shows them. */
  toJSON(): object {
    const { originalMaxAge, partitioned, expires, secure, httpOnly, domain, path, sameSite } = this
    return { originalMaxAge, partitioned, expires, secure, httpOnly, domain, path, sameSite }
  }

  #set(options: CookieOptions): void {
    this.#session.cookie.set(options)
  }
}
