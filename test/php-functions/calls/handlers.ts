import { SessionHandler, session_create_id } from '../../../src/php-functions.ts'
import type { SaveHandlerObject } from '../../../src/save-handlers/user-object.ts'

/** The application's save handlers of page.php, and what was asked of them in one request. */
export class Calls {
  readonly #made: string[] = []
  readonly stored = new Map<string, Buffer>()
  #failing: unknown[] = []

  /** The method that is to fail, and what it is to return then: nothing said, false. */
  handler(name: string, failing: unknown[]): SaveHandlerObject {
    this.#failing = failing
    return new classes[name]!(this) as SaveHandlerObject
  }

  functions(name: string, count: number): unknown[] {
    const handler = this.handler(name, []) as unknown as Record<string, (...given: unknown[]) => unknown>
    const methods = ['open', 'close', 'read', 'write', 'destroy', 'gc', 'create_sid', 'validateId', 'updateTimestamp']
    return methods.slice(0, count).map(
      (method) =>
        (...given: unknown[]) =>
          handler[method]!(...given),
    )
  }

  note(method: string, ...given: unknown[]): boolean {
    this.#made.push(`${method}(${given.join('; ')})`)
    return this.#failing[0] !== method
  }

  take(): string {
    return this.#made.splice(0).join(' ')
  }
}

class Plain {
  protected readonly calls: Calls

  constructor(calls: Calls) {
    this.calls = calls
  }

  open(_path: string, name: string) {
    return this.calls.note('open', name)
  }

  async close() {
    return this.calls.note('close')
  }

  async read(id: string) {
    return this.calls.note('read', id) && (this.calls.stored.get(id) ?? '')
  }

  write(id: string, data: Buffer) {
    this.calls.stored.set(id, data)
    return this.calls.note('write', id, data)
  }

  async destroy(id: string) {
    this.calls.stored.delete(id)
    return this.calls.note('destroy', id)
  }

  gc(max_lifetime: number) {
    return this.calls.note('gc', max_lifetime) && 7
  }
}

class Full extends Plain {
  async create_sid() {
    this.calls.note('create_sid')
    return `own-${await session_create_id()}`
  }

  validateId(id: string) {
    this.calls.note('validateId', id)
    return this.calls.stored.has(id)
  }

  async updateTimestamp(id: string, data: Buffer) {
    return this.calls.note('updateTimestamp', id, data)
  }
}

class Reserving extends Full {
  override async create_sid() {
    const id = await super.create_sid()
    this.calls.stored.set(id, Buffer.alloc(0))
    return id
  }
}

class Upper extends SessionHandler {
  readonly #calls: Calls

  constructor(calls: Calls) {
    super()
    this.#calls = calls
  }

  override async read(id: string) {
    this.#calls.note('read', id)
    return Buffer.from(String(await super.read(id)).toLowerCase())
  }

  override async write(id: string, data: Buffer) {
    this.#calls.note('write', id, data)
    return super.write(id, data.toString().toUpperCase())
  }
}

const classes: Readonly<Record<string, new (calls: Calls) => unknown>> = { Plain, Full, Reserving, Upper, SessionHandler }
