/**
 * The session's cookie as PHP sends it (`php_session_send_cookie`). The `cookie` package writes the same attributes in another order and
 * spelling, so it cannot be used for this; what may stand in an attribute, is checked with it where directives are read.
 */

/** The directives that shape the cookie, as they are checked in directives.ts: what comes here cannot break out of its attribute. */
export interface CookieDirectives {
  readonly cookie_lifetime: number
  readonly cookie_path: string
  readonly cookie_domain: string
  readonly cookie_secure: boolean
  readonly cookie_partitioned: boolean
  readonly cookie_httponly: boolean
  readonly cookie_samesite: string
}

/**
 * The value of the Set-Cookie header for this id: what has no value is not there, and a cookie without lifetime has neither
 * `expires` nor `Max-Age`. Byte for byte PHP's, of 8.2 and later (older ones write dashes into the date).
 */
export function sessionCookie(name: string, id: string, directives: CookieDirectives, now: Date): string {
  const { cookie_lifetime } = directives
  let cookie = `${name}=${urlEncode(id)}`
  if (cookie_lifetime > 0) {
    const expires = new Date((Math.floor(now.getTime() / 1000) + cookie_lifetime) * 1000)
    cookie += `; expires=${expires.toUTCString()}; Max-Age=${cookie_lifetime}`
  }
  return cookie + attributes(directives)
}

/** What makes a browser forget the cookie: as `setcookie($name, '', 1, …)`, which PHP's manual advises beside `session_destroy()`. */
export function expiredCookie(name: string, directives: CookieDirectives): string {
  return `${name}=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0${attributes(directives)}`
}

function attributes(directives: CookieDirectives): string {
  const { cookie_path, cookie_domain, cookie_samesite } = directives
  let cookie = ''
  if (cookie_path !== '') cookie += `; path=${cookie_path}`
  if (cookie_domain !== '') cookie += `; domain=${cookie_domain}`
  if (directives.cookie_secure) cookie += '; secure'
  if (directives.cookie_partitioned) cookie += '; Partitioned'
  if (directives.cookie_httponly) cookie += '; HttpOnly'
  if (cookie_samesite !== '') cookie += `; SameSite=${cookie_samesite}`
  return cookie
}

/**
 * The Set-Cookie headers of an answer with `cookie` at their end and every other of its name gone (`php_session_remove_cookie`):
 * a client that gets two, keeps either.
 */
export function replaceCookie(cookies: readonly string[], cookie: string): string[] {
  const start = cookie.slice(0, cookie.indexOf('=') + 1)
  return [...cookies.filter((each) => !each.startsWith(start)), cookie]
}

/** Those of `ours` of whose name there is none among `present`. */
export function missingCookies(ours: readonly string[], present: readonly string[]): string[] {
  return ours.filter((cookie) => !present.some((each) => each.startsWith(cookie.slice(0, cookie.indexOf('=') + 1))))
}

/** `php_url_encode`: letters, digits, `-`, `.` and `_` as they are. (A space would be `+`, but no id has one.) */
function urlEncode(text: string): string {
  if (/^[\w.-]*$/.test(text)) return text
  return encodeURIComponent(text).replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
