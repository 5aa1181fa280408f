import { missingCookies, replaceCookie } from '../http/cookie.ts'
import type { Awaitable, Exchange } from '../http/exchange.ts'

/** The exchange of a `Request` and the `Response` that a handler makes for it. */
export class FetchExchange implements Exchange {
  readonly key: Request
  readonly cookieHeader: string
  readonly queryString: string
  readonly host: string | undefined
  readonly referer: string | undefined
  headersSent = false
  readonly #headers = new Map<string, string>()
  #cookies: readonly string[] = []
  readonly #beforeEnd: (() => Awaitable<void>)[] = []
  readonly #onClose: (() => void)[] = []
  #hasEnded = false
  #isClosed = false

  constructor(request: Request) {
    const { headers, url, signal } = request
    this.key = request
    this.cookieHeader = headers.get('cookie') ?? ''
    this.queryString = /\?([^#]*)/.exec(url)?.[1] ?? ''
    this.host = headers.get('host') ?? (URL.canParse(url) ? new URL(url).host : undefined)
    this.referer = headers.get('referer') ?? undefined
    if (signal.aborted) this.#close()
    else signal.addEventListener('abort', () => this.#close(), { once: true })
  }

  /** Nothing reads the body before the handler does. */
  form(): undefined {}

  setHeader(name: string, value: string): void {
    this.#headers.set(name, value)
  }

  setCookie(cookie: string): void {
    this.#cookies = replaceCookie(this.#cookies, cookie)
  }

  beforeEnd(callback: () => Awaitable<void>): boolean {
    if (this.#hasEnded) return false
    this.#beforeEnd.push(callback)
    return true
  }

  onClose(callback: () => void): void {
    if (this.#isClosed) queueMicrotask(callback)
    else this.#onClose.push(callback)
  }

  /**
   * The handler's response, returned or thrown, with the headers that were set here. One that is complete waits until the callbacks of
   * `beforeEnd` have run, and becomes their error if they fail; so does one of which clients may read no more than the head. Another
   * stream leaves at once, and is held back before its end, or before the byte that completes its Content-Length; where they fail then,
   * it is cut. An error of the handler stays the error: theirs becomes a process warning beside it.
   */
  async answer(handler: () => Awaitable<Response>): Promise<Response> {
    let response: Response
    let body: ReadAhead | undefined
    try {
      response = await handler()
      if (!isResponse(response)) throw new TypeError('the handler of withSession must return a Response')
      body = response.body === null ? undefined : await readAhead(response.body)
    } catch (error) {
      // What some frameworks throw is an answer too: `throw redirect('/')`.
      await (isResponse(error) ? this.#finish() : this.#finish().catch(report))
      throw isResponse(error) ? this.#respond(error, error.body) : error
    }
    if (body === undefined || body.isComplete) {
      await this.#finish()
      return this.#respond(response, (await body?.all()) ?? null)
    }
    if (this.key.method === 'HEAD' || (response.status >= 300 && response.status < 400)) await this.#finish()
    const answer = this.#respond(response, this.#stream(body, lengthOf(response)))
    this.headersSent = true
    return answer
  }

  #respond(response: Response, body: Uint8Array | ReadableStream<Uint8Array> | null): Response {
    // An error or a switch of protocols cannot be made again, and shows no cookie to anybody.
    if (response.status < 200) return response
    const headers = new Headers(response.headers)
    // What was a stream and is complete, has a length, which the server tells.
    if (body instanceof Uint8Array) headers.delete('Transfer-Encoding')
    for (const [name, value] of this.#headers) if (!headers.has(name)) headers.set(name, value)
    for (const cookie of missingCookies(this.#cookies, headers.getSetCookie())) headers.append('Set-Cookie', cookie)
    return new Response(body, { status: response.status, statusText: response.statusText, headers })
  }

  #stream(body: ReadAhead, length: number): ReadableStream<Uint8Array> {
    let left = length
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      const { done, value } = await body.next()
      left -= value?.byteLength ?? 0
      if (done || left <= 0) await this.#finish()
      if (done) controller.close()
      else controller.enqueue(value)
    }
    const failed = (error: unknown) => {
      this.#close()
      throw error
    }
    const cancel = (reason: unknown) => {
      this.#close()
      return body.cancel(reason)
    }
    return new ReadableStream({ pull: (controller) => pull(controller).catch(failed), cancel }, { highWaterMark: 0 })
  }

  /** Runs the callbacks of `beforeEnd`, all of them, whatever becomes of the others. */
  async #finish(): Promise<void> {
    let failure: { error: unknown } | undefined
    for (let callback = this.#beforeEnd.shift(); callback !== undefined; callback = this.#beforeEnd.shift()) {
      try {
        await callback()
      } catch (error) {
        failure ??= { error }
      }
    }
    this.#hasEnded = true
    this.#close()
    if (failure !== undefined) throw failure.error
  }

  #close(): void {
    this.#isClosed = true
    for (const callback of this.#onClose.splice(0)) callback()
  }
}

/** What fails beside an error that everybody hears of. */
function report(error: unknown): void {
  process.emitWarning(error instanceof Error ? error.message : String(error), { type: 'SessionWarning' })
}

/** Not by instanceof: there is more than one implementation. Errors of some clients, too, have `headers` and a `status`. */
function isResponse(given: unknown): given is Response {
  const { headers, status, text } = (given ?? {}) as Partial<Response>
  return typeof headers?.get === 'function' && typeof status === 'number' && typeof text === 'function'
}

type ReadResult = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>

/** A body of which as much was read as was there at once. */
interface ReadAhead {
  /** Whether that was all of it. */
  readonly isComplete: boolean
  next(): Promise<ReadResult>
  all(): Promise<Uint8Array | null>
  cancel(reason: unknown): Promise<void>
}

/** More than this is not held back. */
const ENOUGH = 65_536

async function readAhead(body: ReadableStream<Uint8Array>): Promise<ReadAhead> {
  const reader = body.getReader()
  const begun: Promise<ReadResult>[] = []
  const soon = new Promise<undefined>((resolve) => setImmediate(resolve, undefined))
  let length = 0
  let result: ReadResult | undefined
  const read = () => reader.read().then(asBytes)
  do {
    const next = read()
    next.catch(() => {})
    begun.push(next)
    result = await Promise.race([next, soon])
    length += result?.value?.byteLength ?? 0
  } while (result !== undefined && !result.done && length < ENOUGH)
  return {
    isComplete: result?.done === true,
    next: () => begun.shift() ?? read(),
    async all() {
      const chunks = (await Promise.all(begun)).flatMap(({ value }) => (value === undefined ? [] : [value]))
      return chunks.length === 0 ? null : Buffer.concat(chunks)
    },
    cancel: (reason) => reader.cancel(reason),
  }
}

/** Text is no body by the standard, but Node's servers send it. */
function asBytes(result: ReadResult): ReadResult {
  const { value } = result as { value: unknown }
  return typeof value === 'string' ? { done: false, value: Buffer.from(value) } : result
}

/** Its Content-Length; infinite if it has none, for then only the end of the stream completes it. */
function lengthOf({ headers }: Response): number {
  return Number(headers.get('content-length') ?? Number.POSITIVE_INFINITY)
}
