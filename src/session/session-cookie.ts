import { SessionError } from '../errors.ts'
import { expiredCookie, sessionCookie } from '../http/cookie.ts'
import type { Exchange } from '../http/exchange.ts'
import { type DirectiveOptions, type Directives, overrideDirectives } from './directives.ts'

/** The directives that shape the cookie, as they may be given for one session. */
export type CookieOptions = Pick<
  DirectiveOptions,
  | 'cookie_lifetime'
  | 'cookie_path'
  | 'cookie_domain'
  | 'cookie_secure'
  | 'cookie_partitioned'
  | 'cookie_httponly'
  | 'cookie_samesite'
>

/** The cookie of one session. Without a response, and with `use_cookies` off, nothing is sent. */
export class SessionCookie {
  readonly #exchange: Exchange | undefined
  #directives: Directives
  /** Undefined as long as no browser shall know the session. */
  #id: string | undefined

  /** @internal */
  constructor(exchange: Exchange | undefined, directives: Directives) {
    this.#exchange = exchange
    this.#directives = directives
  }

  /** The directives in force for it. */
  get directives(): Directives {
    return this.#directives
  }

  /**
   * Sends it again with other attributes, such as a longer `cookie_lifetime` for who wants to be remembered. They stay for what
   * else this session sends. @throws TypeError for a bad attribute; SessionError HEADERS_SENT
   */
  set(options: CookieOptions): void {
    const changed = overrideDirectives(this.#directives, options)
    this.#assertInTime()
    this.#directives = changed
    if (this.#id !== undefined) this.send(this.#id)
  }

  /** Makes the browser forget it, as PHP's manual advises beside session_destroy(). @throws SessionError HEADERS_SENT */
  expire(): void {
    this.#assertInTime()
    this.#set(expiredCookie(this.#directives.name, this.#directives))
  }

  /** @internal The browser has it already. */
  assumeSent(id: string): void {
    this.#id = id
  }

  /** @internal */
  send(id: string): void {
    this.#id = id
    this.#set(sessionCookie(this.#directives.name, id, this.#directives, new Date()))
  }

  #set(cookie: string): void {
    if (this.#directives.use_cookies) this.#exchange?.setCookie(cookie)
  }

  #assertInTime(): void {
    if (!this.#exchange?.headersSent) return
    throw new SessionError('HEADERS_SENT', 'The cookie can no longer be sent: the headers are sent')
  }
}
