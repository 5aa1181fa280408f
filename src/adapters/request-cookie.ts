import { inspect } from 'node:util'
import type { CookieOptions, SessionCookie } from '../session/session-cookie.ts'

/**
 * `req.session.cookie` as express-session shows it, over PHP's directives. To change an attribute sends the cookie again with it; times are
 * in milliseconds here, in seconds there. It is about this response: PHP keeps nothing of the cookie in the session.
 */
export interface RequestCookie {
  /** What `maxAge` was when it was set last, in milliseconds; null until the browser is closed. */
  originalMaxAge: number | null | undefined
  /** When the browser forgets it; null when it is closed. */
  get expires(): Date | null | undefined
  /** A time that is past makes the browser forget it now; false, when it is closed, whatever an earlier answer said. @throws TypeError */
  set expires(date: Date | null | undefined | false)
  /** How long the browser keeps it from now on, in milliseconds; null until it is closed. */
  get maxAge(): number | null | undefined
  /** 0 makes the browser forget it now. @throws TypeError for what is neither number nor date */
  set maxAge(milliseconds: number | Date | null | undefined | false)
  path: string
  get domain(): string | undefined
  set domain(domain: string | null | undefined)
  get secure(): boolean
  set secure(secure: boolean | null | undefined)
  get httpOnly(): boolean
  set httpOnly(httpOnly: boolean | null | undefined)
  /** Needs `secure`. */
  get partitioned(): boolean
  set partitioned(partitioned: boolean | null | undefined)
  /** In lower case; undefined if it is not sent. */
  get sameSite(): 'lax' | 'strict' | 'none' | undefined
  /** In any case; `true` is 'strict'. */
  set sameSite(sameSite: string | boolean | null | undefined)
}

/** Setters throw SessionError HEADERS_SENT when it is too late, and TypeError for what no cookie can be. */
export function requestCookie(cookie: SessionCookie): RequestCookie {
  let expires: Date | null | undefined | false = null

  let isExpired = false

  const set = (options: CookieOptions, expire = isExpired, always = false) => {
    const names = Object.keys(options) as (keyof CookieOptions)[]
    const isSame = expire === isExpired && names.every((name) => options[name] === cookie.directives[name])
    if (!isSame || always) cookie.set(options)
    if (expire) cookie.expire()
    isExpired = expire
  }

  const shown: RequestCookie = {
    originalMaxAge: null,
    get partitioned() {
      return cookie.directives.cookie_partitioned
    },
    set partitioned(partitioned) {
      set({ cookie_partitioned: partitioned ?? false })
    },
    get expires(): RequestCookie['expires'] {
      return expires as Exclude<typeof expires, false>
    },
    set expires(date: Date | null | undefined | false) {
      if (date && !(date instanceof Date)) throw new TypeError('expires must be a Date')
      const seconds = date ? Math.ceil((date.getTime() - Date.now()) / 1000) : 0
      // A lifetime begins anew each time it is sent; false ends one that an earlier answer gave.
      set({ cookie_lifetime: Math.max(seconds, 0) }, date instanceof Date && seconds <= 0, seconds > 0 || date === false)
      expires = date
      shown.originalMaxAge = shown.maxAge
    },
    get secure() {
      return cookie.directives.cookie_secure
    },
    set secure(secure) {
      set({ cookie_secure: secure ?? false })
    },
    get httpOnly() {
      return cookie.directives.cookie_httponly
    },
    set httpOnly(httpOnly) {
      set({ cookie_httponly: httpOnly ?? false })
    },
    get domain() {
      return cookie.directives.cookie_domain || undefined
    },
    set domain(domain) {
      set({ cookie_domain: domain ?? '' })
    },
    get path() {
      return cookie.directives.cookie_path
    },
    set path(path) {
      set({ cookie_path: path ?? '' })
    },
    get sameSite(): RequestCookie['sameSite'] {
      return (cookie.directives.cookie_samesite.toLowerCase() || undefined) as RequestCookie['sameSite']
    },
    set sameSite(sameSite: string | boolean | null | undefined) {
      set({ cookie_samesite: sameSite === true ? 'Strict' : sameSite || '' })
    },
    get maxAge(): RequestCookie['maxAge'] {
      return expires instanceof Date ? expires.getTime() - Date.now() : (expires as null | undefined)
    },
    set maxAge(age: number | Date | null | undefined | false) {
      if (age && typeof age !== 'number' && !(age instanceof Date)) throw new TypeError('maxAge must be a number or Date')
      shown.expires = typeof age === 'number' ? new Date(Date.now() + age) : age
    },
  }
  // What spread and JSON.stringify show, are the attributes.
  Object.defineProperties(shown, { maxAge: { enumerable: false }, [inspect.custom]: { value: () => ({ ...shown }) } })

  const { cookie_lifetime } = cookie.directives
  if (cookie_lifetime > 0) {
    shown.originalMaxAge = cookie_lifetime * 1000
    expires = new Date(Date.now() + shown.originalMaxAge)
  }
  return shown
}
