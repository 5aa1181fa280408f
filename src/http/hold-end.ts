import type { ServerResponse } from 'node:http'
import type { Awaitable } from './exchange.ts'
import { HeldHead, headersSent } from './held-head.ts'

/**
 * Stands between the handler and the answer, and lets nothing through that completes the answer until all callbacks have run:
 * `end`, the `write` that reaches Content-Length, and whatever sends the head of an answer that is only a head (to HEAD, 204, 304) or that
 * clients follow when they see its head (3xx). What was called meanwhile is called afterwards, in its order; a `write` that had to wait
 * returns false and is followed by 'drain'. Callbacks that answer without a promise cost no detour at all. To the application the answer
 * is given meanwhile: its head cannot be changed, and what follows the end is dropped (held-head.ts).
 *
 * When a callback fails, what was held is dropped: `onError` may give another answer, if `res.headersSent` is false still.
 * Without it, or where it returns false, the answer is a 500; and where the head is gone already, the connection is cut, so that no client
 * takes half for all.
 *
 * `beforeHead` runs each time before a head may leave, with the headers given to `writeHead`, and returns those to give on.
 */
export class EndHold {
  readonly #res: ServerResponse
  readonly #isHttp2: boolean
  readonly #beforeHead: (headers: HeadersGiven) => HeadersGiven
  readonly #onError: ((error: unknown) => unknown) | undefined
  readonly #original: Pick<ServerResponse, 'write' | 'end' | 'writeHead' | 'flushHeaders'>
  readonly #callbacks: (() => Awaitable<void>)[] = []
  readonly #held: { call: () => unknown; done: Done }[] = []
  #state: 'open' | 'holding' | 'through' = 'open'
  #failure: { error: unknown } | undefined
  #givenLength: unknown
  #written = 0
  #isEndHeld = false
  /** While callbacks are waited for. */
  #head: HeldHead | undefined

  constructor(
    res: ServerResponse,
    beforeHead: (headers: HeadersGiven) => HeadersGiven,
    onError: ((error: unknown) => unknown) | undefined,
  ) {
    this.#res = res
    this.#isHttp2 = 'stream' in res
    this.#beforeHead = beforeHead
    this.#onError = onError
    const { write, end, writeHead, flushHeaders } = res
    this.#original = { write, end, writeHead, flushHeaders }
    res.writeHead = (...given: unknown[]) => this.#writeHead(given)
    res.flushHeaders = () => this.#flushHeaders()
    res.write = (...given: unknown[]) => this.#write(given)
    res.end = (...given: unknown[]) => this.#end(given)
  }

  /** As `Exchange.beforeEnd`. */
  beforeEnd(callback: () => Awaitable<void>): boolean {
    if (this.#state === 'through' || (this.#state === 'open' && this.#res.writableEnded)) return false
    this.#callbacks.push(callback)
    return true
  }

  /** Whether it is too late for the callbacks, too, to set headers. */
  get headersSent(): boolean {
    return this.#head?.wasSent ?? this.#res.headersSent
  }

  /** Sets a header also while the answer is held. */
  setHeader(name: string, value: string | readonly string[]): void {
    if (this.#head === undefined) this.#res.setHeader(name, value)
    else this.#head.setHeader(name, value)
  }

  #writeHead(given: unknown[]): ServerResponse {
    if (this.#state === 'holding') throw headersSent()
    const [status, reason, last] = given
    const isReason = typeof reason === 'string'
    const headers = this.#beforeHead((isReason ? last : reason) as HeadersGiven)
    this.#givenLength = lengthGiven(headers) ?? this.#givenLength
    const args = [status, ...(isReason ? [reason] : []), ...(headers === undefined ? [] : [headers])]
    // HTTP/1 keeps the head until there is something to follow it, HTTP/2 does not.
    if (this.#isHttp2 && this.#isHeadOnly(Number(status))) return this.#finish('writeHead', args, this.#res, undefined)
    return this.#call('writeHead', args)
  }

  #flushHeaders(): void {
    const isLast = this.#isHeadOnly(this.#res.statusCode) || this.#contentLength() === 0
    if (isLast || this.#state === 'holding') this.#finish('flushHeaders', [], undefined, undefined)
    else this.#call('flushHeaders', [])
  }

  #write(given: unknown[]): boolean {
    const [chunk, encoding] = given
    if (!isChunk(chunk)) return this.#call('write', given)
    if (this.#isEndHeld && this.#state === 'holding') return this.#drop(given.find(isFunction), false)
    // HTTP/1 throws the body away and sends nothing; HTTP/2 would send the head, and with it the end.
    if (this.#hasNoBody(this.#res.statusCode) && this.#state !== 'holding') {
      return this.#isHttp2 ? this.#ignore(given.find(isFunction)) : this.#call('write', given)
    }
    this.#written += typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding as BufferEncoding) : chunk.byteLength
    const isLast = this.#isHeadOnly(this.#res.statusCode) || this.#written >= this.#contentLength()
    return isLast || this.#state === 'holding'
      ? this.#finish('write', given, false, given.find(isFunction))
      : this.#call('write', given)
  }

  #end(given: unknown[]): ServerResponse {
    const [chunk] = given
    if (!isChunk(chunk) && chunk !== undefined && chunk !== null && !isFunction(chunk)) return this.#call('end', given)
    if (this.#isEndHeld && this.#state === 'holding') return this.#drop(given.find(isFunction), this.#res)
    this.#isEndHeld = true
    return this.#finish('end', given, this.#res, given.find(isFunction))
  }

  #call<R>(name: 'write' | 'end' | 'writeHead' | 'flushHeaders', given: readonly unknown[]): R {
    return Reflect.apply(this.#original[name], this.#res, given) as R
  }

  /** Makes the call that completes the answer: now, if there is nothing to wait for; else `meanwhile` is its result. */
  #finish<R>(name: 'write' | 'end' | 'writeHead' | 'flushHeaders', given: readonly unknown[], meanwhile: R, done: Done): R {
    if (this.#state === 'through') return this.#call(name, given)
    const call = () => this.#call(name, given)
    if (this.#state === 'holding') {
      this.#held.push({ call, done })
      return meanwhile
    }
    this.#state = 'holding'
    const pending = this.#runCallbacks()
    if (pending === undefined && this.#failure === undefined) {
      this.#state = 'through'
      const result = this.#call<R>(name, given)
      if (this.#held.length > 0) this.#letThrough()
      return result
    }
    this.#held.unshift({ call, done })
    if (pending === undefined) {
      this.#refuse()
    } else {
      this.#head = new HeldHead(this.#res, () => this.#isEndHeld)
      void pending.then(() => {
        this.#head!.release()
        this.#head = undefined
        if (this.#failure === undefined) this.#letThrough()
        else this.#refuse()
      })
    }
    return meanwhile
  }

  /** As Node does with what comes after the end, but without an 'error' event. */
  #drop<R>(done: Done, result: R): R {
    const error = Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' })
    if (done !== undefined) process.nextTick(done, error)
    return result
  }

  #ignore(done: Done): true {
    if (done !== undefined) process.nextTick(done)
    return true
  }

  /** All of them, whatever becomes of the others. Undefined when none had to be waited for. */
  #runCallbacks(): Promise<void> | undefined {
    for (let callback = this.#callbacks.shift(); callback !== undefined; callback = this.#callbacks.shift()) {
      try {
        const result = callback()
        if (result !== undefined) return Promise.resolve(result).then(this.#rest, this.#failed)
      } catch (error) {
        this.#failure ??= { error }
      }
    }
    return undefined
  }

  readonly #rest = () => this.#runCallbacks()

  readonly #failed = (error: unknown) => {
    this.#failure ??= { error }
    return this.#runCallbacks()
  }

  #letThrough(): void {
    this.#state = 'through'
    let mustDrain = false
    try {
      for (const { call } of this.#held.splice(0)) mustDrain = call() === true || mustDrain
    } catch (error) {
      this.#cut()
      this.#report(error)
    }
    if (mustDrain && !this.#res.writableEnded && !this.#res.writableNeedDrain) this.#res.emit('drain')
  }

  #refuse(): void {
    this.#state = 'through'
    const { error } = this.#failure!
    const dropped = this.#held.splice(0)
    const isLate = this.#res.headersSent && !this.#takeHeadBack()
    if (isLate) this.#cut()
    else for (const name of this.#res.getHeaderNames()) this.#res.removeHeader(name)
    const isTaken = this.#report(error)
    if (!isLate && !isTaken) this.#answer500()
    for (const { done } of dropped) done?.(error)
  }

  /** What `writeHead` made stays in memory, in HTTP/1, until something follows it; nothing public unmakes it. */
  #takeHeadBack(): boolean {
    const res = this.#res as unknown as { _header?: unknown; _headerSent?: unknown; _hasBody?: boolean; chunkedEncoding: boolean }
    if (typeof res._header !== 'string' || res._headerSent !== false) return false
    Object.assign(res, {
      _header: null,
      _hasBody: this.#res.req.method !== 'HEAD',
      chunkedEncoding: false,
      statusMessage: undefined,
    })
    return !this.#res.headersSent
  }

  #answer500(): void {
    this.#res.statusCode = 500
    if (this.#res.statusMessage) this.#res.statusMessage = 'Internal Server Error'
    this.#res.setHeader('Content-Type', 'text/plain')
    this.#call('end', ['Internal Server Error'])
  }

  #cut(): void {
    if (this.#isHttp2) (this.#res as unknown as Http2).stream.close(INTERNAL_ERROR)
    else this.#res.destroy()
  }

  /** False where nobody gives an answer in place of the one that failed. */
  #report(error: unknown): boolean {
    try {
      if (this.#onError !== undefined && this.#onError(error) !== false) return true
      warn(error)
      return false
    } catch (another) {
      this.#cut()
      warn(another)
      return true
    }
  }

  /** Whether clients take the head for all. */
  #isHeadOnly(status: number): boolean {
    return this.#hasNoBody(status) || status === 205 || (status >= 300 && status < 400)
  }

  #hasNoBody(status: number): boolean {
    return this.#res.req.method === 'HEAD' || status === 204 || status === 304
  }

  #contentLength(): number {
    const length = this.#givenLength ?? this.#res.getHeader('content-length')
    return length === undefined ? Number.POSITIVE_INFINITY : Number(length)
  }
}

/** What `writeHead` takes: an object, names and values in turn, or pairs of them. */
export type HeadersGiven = Readonly<Record<string, unknown>> | readonly unknown[] | undefined

/** The headers of `writeHead` as pairs. */
export function headerPairs(headers: HeadersGiven): [name: string, value: unknown][] {
  if (headers === undefined || headers === null) return []
  if (!Array.isArray(headers)) return Object.entries(headers)
  if (Array.isArray(headers[0])) return headers as [string, unknown][]
  return headers.flatMap((name, at) => (at % 2 === 0 ? [[String(name), headers[at + 1]]] : []))
}

function lengthGiven(headers: HeadersGiven): unknown {
  return headerPairs(headers).find(([name]) => name.toLowerCase() === 'content-length')?.[1]
}

type Done = ((error?: unknown) => void) | undefined

interface Http2 {
  readonly stream: { close(code: number): void }
}

/** NGHTTP2_INTERNAL_ERROR */
const INTERNAL_ERROR = 2

function isChunk(given: unknown): given is string | Uint8Array {
  return typeof given === 'string' || given instanceof Uint8Array
}

function isFunction(given: unknown): given is () => void {
  return typeof given === 'function'
}

function warn(error: unknown): void {
  process.emitWarning(`An answer could not be completed: ${String(error)}`)
}
