/**
 * One request and its answer, as the engine sees them: the few calls an adapter fills for its framework. node.ts fills them for
 * `node:http`; whoever has those two objects, has an exchange.
 *
 * Header values are strings of one character per byte (latin1), as `node:http` gives and takes them.
 */

/** A result, at once or later. Nothing waits for a promise that is not there: a commit on a local disk has none. */
export type Awaitable<T> = T | Promise<T>

export interface Exchange {
  /** The same object for the same request, however often an exchange is made for it: a key for WeakMaps. */
  readonly key: object

  /** The Cookie header as it came (several joined by `; `), '' if there is none. */
  readonly cookieHeader: string

  /** What follows the `?` in the address, undecoded; '' if there is nothing. */
  readonly queryString: string

  /** The Host header, undefined if there is none. */
  readonly host: string | undefined

  /** The Referer header, undefined if there is none. */
  readonly referer: string | undefined

  /** A field of the form that was sent, where something read the body already; undefined for all that is not one string. */
  form(name: string): string | undefined

  /** Whether it is too late to set headers. */
  readonly headersSent: boolean

  /** Sets a header, in place of what it was before (`sapi_add_header` with replace). */
  setHeader(name: string, value: string): void

  /**
   * Adds a Set-Cookie header, `name=value; …`. One of the same name that is there already goes away, all others stay
   * (`php_session_remove_cookie`).
   */
  setCookie(cookie: string): void

  /** When what this address shows was last changed, for the cache limiters that tell (PHP: the script's mtime). */
  readonly lastModified?: Date | undefined

  /**
   * Runs `callback` once, after the handler ended the answer and before its last byte leaves: the client must not be able
   * to ask again before the session is stored. Callbacks run one after the other, in the order they came.
   * When one fails, the client gets no success: a 500 if nothing was sent, else the connection is cut.
   * False, and nothing is kept, when the answer has ended already.
   */
  beforeEnd(callback: () => Awaitable<void>): boolean

  /**
   * Runs `callback` once, when all is over: the answer was sent, or the connection is gone, whether or not anybody ended the
   * answer. Runs it soon when it is over already. Callbacks must not throw.
   */
  onClose(callback: () => void): void
}
