import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import { missingCookies, replaceCookie } from './cookie.ts'
import type { Awaitable, Exchange } from './exchange.ts'
import { EndHold, type HeadersGiven, headerPairs } from './hold-end.ts'

export interface NodeExchangeOptions {
  /**
   * Takes the error of a `beforeEnd` callback, and gives the answer in place of the one that was held back, if that is still possible. One
   * that returns false gives none.
   */
  readonly onError?: ((error: unknown) => unknown) | undefined
  readonly lastModified?: Date | undefined
  /** The form that was sent, where a framework does not keep it as `req.body`. */
  readonly body?: (() => unknown) | undefined
}

/**
 * The exchange of a request of `node:http`, `node:https` or `node:http2` (its compatibility API), and of every framework that hands on
 * their objects. The same one for the same `res`; `options` count when it is made.
 */
export function nodeExchange(
  req: IncomingMessage | Http2ServerRequest,
  res: ServerResponse | Http2ServerResponse,
  options: NodeExchangeOptions = {},
): Exchange {
  const holder = res as { [EXCHANGE]?: Exchange }
  // The two kinds differ in types more than in what they do.
  holder[EXCHANGE] ??= new NodeExchange(req as IncomingMessage, res as ServerResponse, options)
  return holder[EXCHANGE]
}

/** Kept on `res` itself: a WeakMap with an entry per request makes the garbage collector work ten times as long. */
const EXCHANGE = Symbol('exchange')

class NodeExchange implements Exchange {
  readonly key: IncomingMessage
  readonly lastModified: Date | undefined
  readonly #res: ServerResponse
  readonly #onError: NodeExchangeOptions['onError']
  readonly #body: NodeExchangeOptions['body']
  #cookies: readonly string[] = []
  #hold: EndHold | undefined

  constructor(req: IncomingMessage, res: ServerResponse, { onError, lastModified, body }: NodeExchangeOptions) {
    this.key = req
    this.lastModified = lastModified
    this.#res = res
    this.#onError = onError
    this.#body = body
  }

  get cookieHeader(): string {
    return this.key.headers.cookie ?? ''
  }

  get queryString(): string {
    const url = this.key.url ?? ''
    const mark = url.indexOf('?')
    return mark === -1 ? '' : url.slice(mark + 1)
  }

  get host(): string | undefined {
    const { headers } = this.key
    return headers.host ?? (headers[':authority'] as string | undefined)
  }

  get referer(): string | undefined {
    return this.key.headers.referer
  }

  get headersSent(): boolean {
    return this.#hold?.headersSent ?? this.#res.headersSent
  }

  form(name: string): string | undefined {
    return field(this.#body?.() ?? (this.key as { body?: unknown }).body, name)
  }

  setHeader(name: string, value: string): void {
    if (this.#hold === undefined) this.#res.setHeader(name, value)
    else this.#hold.setHeader(name, value)
  }

  setCookie(cookie: string): void {
    this.#cookies = replaceCookie(this.#cookies, cookie)
    this.#holding().setHeader('Set-Cookie', replaceCookie(cookiesOf(this.#res), cookie))
  }

  beforeEnd(callback: () => Awaitable<void>): boolean {
    return this.#holding().beforeEnd(callback)
  }

  onClose(callback: () => void): void {
    onceClosed(this.key, this.#res, callback)
  }

  #holding(): EndHold {
    this.#hold ??= new EndHold(this.#res, (headers) => keepCookies(this.#res, this.#cookies, headers), this.#onError)
    return this.#hold
  }
}

/**
 * Puts our cookies back where a later `setHeader('Set-Cookie', …)` or `writeHead(200, { 'Set-Cookie': … })` forgot them: without them, the
 * user would be logged out. Who sets a cookie of the same name, or removes the header altogether, means it.
 */
function keepCookies(res: ServerResponse, ours: readonly string[], headers: HeadersGiven): HeadersGiven {
  if (ours.length === 0) return headers
  const pairs = headerPairs(headers)
  const given = pairs.filter(isSetCookie).flatMap(([, value]) => value as string | string[])
  if (given.length > 0) {
    const cookies: [string, unknown] = ['Set-Cookie', [...given, ...missingCookies(ours, given)]]
    const all = [...pairs.filter((pair) => !isSetCookie(pair)), cookies]
    return Array.isArray(headers) ? all.flat() : Object.fromEntries(all)
  }
  const present = res.headersSent ? [] : cookiesOf(res)
  const lost = present.length === 0 ? [] : missingCookies(ours, present)
  if (lost.length > 0) res.setHeader('Set-Cookie', [...present, ...lost])
  return headers
}

function isSetCookie([name]: readonly [string, unknown]): boolean {
  return name.toLowerCase() === 'set-cookie'
}

/** The Set-Cookie headers as they are now. */
export function cookiesOf(res: ServerResponse): string[] {
  const value = res.getHeader('Set-Cookie')
  return value === undefined ? [] : Array.isArray(value) ? value : [String(value)]
}

/** A field of a form that some parser put into `req.body`. */
function field(body: unknown, name: string): string | undefined {
  if (body instanceof URLSearchParams) return body.getAll(name).at(-1)
  if (typeof body !== 'object' || body === null) return undefined
  const value = (body as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : undefined
}

function onceClosed(req: IncomingMessage, res: ServerResponse, callback: () => void): void {
  // An answer that waits for its turn in a pipeline has no socket yet, and does not hear of its end.
  const waiting = res.socket === null ? waitingFor(req.socket) : undefined
  let isCalled = false
  const call = () => {
    if (isCalled) return
    isCalled = true
    waiting?.delete(call)
    callback()
  }
  res.once('close', call)
  waiting?.add(call)
  if (res.closed || req.socket.destroyed) process.nextTick(call)
}

/** One listener per connection, however many answers wait. */
function waitingFor(socket: Socket): Set<() => void> {
  let waiting = waitingOn.get(socket)
  if (waiting === undefined) {
    const calls = new Set<() => void>()
    socket.once('close', () => {
      for (const call of calls) call()
    })
    waitingOn.set(socket, calls)
    waiting = calls
  }
  return waiting
}

const waitingOn = new WeakMap<Socket, Set<() => void>>()
