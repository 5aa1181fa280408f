import type { MemorySaveHandler } from '../../src/save-handlers/memory.ts'
import type { SaveHandle } from '../../src/save-handlers/save-handler.ts'
import type { SaveHandlerObject } from '../../src/save-handlers/user-object.ts'

/** An application's save handler with locks and nearly all that PHP knows, over our own for memory. It serves one request. */
export class OverMemory implements SaveHandlerObject {
  readonly #handler: MemorySaveHandler
  readonly #handles = new Map<string, SaveHandle>()

  constructor(handler: MemorySaveHandler) {
    this.#handler = handler
  }

  open() {
    return true
  }

  async close() {
    for (const handle of this.#handles.values()) await handle.close()
    return true
  }

  async read(id: string) {
    // One lock at a time, as the contract has it.
    for (const [other, handle] of this.#handles) if (other !== id) await handle.close()
    return (await this.#handle(id)).read(id)
  }

  async write(id: string, data: Buffer) {
    await (await this.#handle(id)).write(id, data)
    return true
  }

  async destroy(id: string) {
    await (await this.#handle(id)).destroy(id)
    return true
  }

  async gc(max_lifetime: number) {
    return (await this.#handle('')).gc(max_lifetime)
  }

  async validateId(id: string) {
    return (await this.#handle('')).validateSid(id)
  }

  async updateTimestamp(id: string, data: Buffer) {
    await (await this.#handle(id)).updateTimestamp(id, data)
    return true
  }

  async #handle(id: string): Promise<SaveHandle> {
    const handle = this.#handles.get(id) ?? (await this.#handler.open('', '', { lock: true, lockTimeout: 20_000 }))
    this.#handles.set(id, handle)
    return handle
  }
}
