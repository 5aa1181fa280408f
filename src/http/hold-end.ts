import type { ServerResponse } from 'node:http'
import type { Awaitable } from './exchange.ts'

/** What is held back of an answer: see `holdEnd`. */
export interface EndHold {
  /** As `Exchange.beforeEnd`. */
  beforeEnd(callback: () => Awaitable<void>): boolean
}

/**
 * Stands between the handler and the answer, and lets nothing through that completes the answer until all callbacks have run:
 * `end`, the `write` that reaches Content-Length, and whatever sends the head of an answer that is only a head (to HEAD, 204, 304) or that
 * clients follow when they see its head (3xx). What was called meanwhile is called afterwards, in its order; a `write` that had to wait
 * returns false and is followed by 'drain'. Callbacks that answer without a promise cost no detour at all.
 *
 * When a callback fails, what was held is dropped: `onError` may give another answer, if `res.headersSent` is false still.
 * Without it, the answer is a 500; and where the head is gone already, the connection is cut, so that no client takes half for all.
 *
 * `beforeHead` runs each time before a head may leave, with the headers given to `writeHead`, and returns those to give on.
 */
export function holdEnd(
  res: ServerResponse,
  beforeHead: (headers: HeadersGiven) => HeadersGiven,
  onError: ((error: unknown) => void) | undefined,
): EndHold {
  const { write, end, writeHead, flushHeaders } = res
  const isHttp2 = 'stream' in res
  const callbacks: (() => Awaitable<void>)[] = []
  const held: { call: () => unknown; done: Done }[] = []
  let state: 'open' | 'holding' | 'through' = 'open'
  let failure: { error: unknown } | undefined
  let givenLength: unknown
  let written = 0
  let isEndHeld = false

  res.writeHead = function (this: ServerResponse, ...given: unknown[]) {
    if (state === 'holding') throw headersSent()
    const headers = beforeHead((typeof given[1] === 'string' ? given[2] : given[1]) as HeadersGiven)
    givenLength = lengthGiven(headers) ?? givenLength
    const reason = typeof given[1] === 'string' ? [given[1]] : []
    const call = () => Reflect.apply(writeHead, res, [given[0], ...reason, ...(headers === undefined ? [] : [headers])])
    // HTTP/1 keeps the head until there is something to follow it, HTTP/2 does not.
    return isHttp2 && isHeadOnly(Number(given[0])) ? finish(call, res, undefined) : call()
  } as ServerResponse['writeHead']

  res.flushHeaders = function (this: ServerResponse) {
    const call = () => Reflect.apply(flushHeaders, res, [])
    if (state === 'holding' || isHeadOnly(res.statusCode) || contentLength() === 0) finish(call, undefined, undefined)
    else call()
  }

  res.write = function (this: ServerResponse, ...given: unknown[]) {
    const [chunk, encoding] = given
    const call = () => Reflect.apply(write, res, given)
    if (!isChunk(chunk)) return call()
    written += typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding as BufferEncoding) : chunk.byteLength
    const isLast = isHeadOnly(res.statusCode) || written >= contentLength()
    return isLast || state === 'holding' ? finish(call, false, given.find(isFunction)) : call()
  } as ServerResponse['write']

  res.end = function (this: ServerResponse, ...given: unknown[]) {
    const call = () => Reflect.apply(end, res, given)
    if (!isChunk(given[0]) && given[0] !== undefined && given[0] !== null && !isFunction(given[0])) return call()
    isEndHeld = true
    return finish(call, res, given.find(isFunction))
  } as ServerResponse['end']

  return {
    beforeEnd(callback) {
      if (state === 'through' || (state === 'open' && res.writableEnded)) return false
      callbacks.push(callback)
      return true
    },
  }

  /** Makes the call that completes the answer: now, if there is nothing to wait for; else `meanwhile` is its result. */
  function finish<R>(call: () => R, meanwhile: R, done: Done): R {
    if (state === 'through') return call()
    if (state === 'holding') {
      held.push({ call, done })
      return meanwhile
    }
    state = 'holding'
    const pending = runCallbacks()
    if (pending === undefined && failure === undefined) {
      state = 'through'
      const result = call()
      letThrough()
      return result
    }
    held.unshift({ call, done })
    if (pending === undefined) {
      refuse()
    } else {
      // Those who look whether there is an answer already, must find it: an error handler would write a second one.
      Object.defineProperty(res, 'headersSent', { get: () => true, configurable: true })
      Object.defineProperty(res, 'writableEnded', { get: () => isEndHeld, configurable: true })
      void pending.then(() => (failure === undefined ? letThrough() : refuse()))
    }
    return meanwhile
  }

  /** All of them, whatever becomes of the others. Undefined when none had to be waited for. */
  function runCallbacks(): Promise<void> | undefined {
    for (let callback = callbacks.shift(); callback !== undefined; callback = callbacks.shift()) {
      try {
        const result = callback()
        if (result !== undefined) return Promise.resolve(result).catch(fail).then(runCallbacks)
      } catch (error) {
        fail(error)
      }
    }
    return undefined
  }

  function fail(error: unknown): void {
    failure ??= { error }
  }

  function letThrough(): void {
    unhold()
    let mustDrain = false
    try {
      for (const { call } of held.splice(0)) mustDrain = call() === true || mustDrain
    } catch (error) {
      cut()
      report(error)
    }
    if (mustDrain && !res.writableEnded && !res.writableNeedDrain) res.emit('drain')
  }

  function refuse(): void {
    unhold()
    const { error } = failure!
    const dropped = held.splice(0)
    const isLate = res.headersSent
    if (isLate) cut()
    else for (const name of res.getHeaderNames()) res.removeHeader(name)
    report(error)
    if (!isLate && onError === undefined) answer500()
    for (const { done } of dropped) done?.(error)
  }

  function unhold(): void {
    state = 'through'
    Reflect.deleteProperty(res, 'headersSent')
    Reflect.deleteProperty(res, 'writableEnded')
  }

  function answer500(): void {
    res.statusCode = 500
    if (res.statusMessage) res.statusMessage = 'Internal Server Error'
    res.setHeader('Content-Type', 'text/plain')
    Reflect.apply(end, res, ['Internal Server Error'])
  }

  function cut(): void {
    if (isHttp2) (res as unknown as Http2).stream.close(INTERNAL_ERROR)
    else res.destroy()
  }

  function report(error: unknown): void {
    try {
      if (onError === undefined) warn(error)
      else onError(error)
    } catch (another) {
      cut()
      warn(another)
    }
  }

  function isHeadOnly(status: number): boolean {
    return res.req.method === 'HEAD' || status === 204 || status === 205 || (status >= 300 && status < 400)
  }

  function contentLength(): number {
    const length = givenLength ?? res.getHeader('content-length')
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

function headersSent(): Error {
  return Object.assign(new Error('Cannot write headers after they are sent to the client'), { code: 'ERR_HTTP_HEADERS_SENT' })
}
