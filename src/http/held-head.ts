import type { ServerResponse } from 'node:http'

/**
 * The head of an answer that the application has given and that is held back: to the application it is sent. Who looks whether there is an
 * answer finds it, an error handler above all, and whoever changes it gets the error that Node has for that.
 */
export class HeldHead {
  /** Whether it had left before. */
  readonly wasSent: boolean
  /** As `res.setHeader`, for those who may. */
  readonly setHeader: (name: string, value: string | readonly string[]) => void
  readonly #res: ServerResponse
  readonly #status: Partial<Pick<ServerResponse, 'statusCode' | 'statusMessage'>>
  readonly #before: readonly (readonly [name: string, own: PropertyDescriptor | undefined])[]

  constructor(res: ServerResponse, isEnded: () => boolean) {
    this.#res = res
    this.wasSent = res.headersSent
    const { statusCode } = res
    this.#status = 'stream' in res ? { statusCode } : { statusCode, statusMessage: res.statusMessage }
    const { setHeader } = res
    this.setHeader = (name, value) => void Reflect.apply(setHeader, res, [name, value])

    const refuse = () => {
      throw headersSent()
    }
    const properties: Record<string, PropertyDescriptor> = {
      headersSent: { get: () => true },
      writableEnded: { get: isEnded },
      setHeader: { value: refuse },
      setHeaders: { value: refuse },
      appendHeader: { value: refuse },
      removeHeader: { value: refuse },
    }
    this.#before = Object.keys(properties).map((name) => [name, Object.getOwnPropertyDescriptor(res, name)])
    for (const [name, property] of Object.entries(properties)) {
      Object.defineProperty(res, name, { ...property, configurable: true })
    }
  }

  /** It may leave, as it was. */
  release(): void {
    for (const [name, own] of this.#before) {
      if (own === undefined) Reflect.deleteProperty(this.#res, name)
      else Object.defineProperty(this.#res, name, own)
    }
    if (!this.wasSent) Object.assign(this.#res, this.#status)
  }
}

/** What Node throws for it. */
export function headersSent(): Error {
  return Object.assign(new Error('Cannot write headers after they are sent to the client'), { code: 'ERR_HTTP_HEADERS_SENT' })
}
