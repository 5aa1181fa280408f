import { AsyncResource } from 'node:async_hooks'
import { SessionError } from '../errors.ts'
import { isValidSid } from '../session-id.ts'
import { afterError, andClose } from './after-error.ts'
import type { OpenOptions, SaveHandle, SaveHandler, SessionEntry } from './save-handler.ts'
import { assertSid, freeSid } from './sid.ts'
import {
  asBoolean,
  bytesOf,
  failure,
  type Method,
  Opening,
  openingOf,
  type Place,
  refuse,
  type SaveHandlerObject,
  sid,
  userCall,
} from './user-object.ts'

/** Its name. */
export const USER = 'user'

/**
 * PHP's save handler `user` (ext/session/mod_user.c): an object of the application's, written for PHP's session_set_save_handler(),
 * as a save handler. Its methods are called as PHP calls them: open → validateId or create_sid → read → write or updateTimestamp → close;
 * destroy before close; gc. What PHP can do without (create_sid, validateId, updateTimestamp), it may lack.
 *
 * There is no lock but the object's own: `read` is to take it, `close` to give it back.
 *
 * One object for many requests must not keep anything of a single one, such as a lock: it is opened by the first of those who use it at
 * the same time, and closed by the last. One that does, as PHP's may, is made anew for each request: `userSaveHandler(() => new Handler())`.
 *
 * The methods are called in the context that starts the session, where it is not the current one yet.
 *
 * When a method returns false, throws or rejects, that is a SessionError: SAVE_PATH for open; READ_FAILED for read, validateId and
 * create_sid; else WRITE_FAILED.
 * @throws TypeError for an object that lacks a method, and for an answer of the wrong type
 */
export function userSaveHandler(object: SaveHandlerObject | (() => SaveHandlerObject)): SaveHandler {
  const opening = typeof object === 'function' ? () => new Opening(object()) : constant(openingOf(object))
  return { name: USER, open: (save_path, name, options) => new UserHandle(opening(), [save_path, name], options) }
}

class UserHandle implements SaveHandle {
  readonly #opening: Opening
  readonly #place: Place
  readonly #options: OpenOptions
  /** The object is called as from where the session was started, also when the connection breaks off. */
  readonly #context = new AsyncResource('UserHandle')
  #newId: (() => string) | undefined
  #made: string | undefined
  #isOpen = false

  constructor(opening: Opening, place: Place, options: OpenOptions) {
    this.#opening = opening
    this.#place = place
    this.#options = options
  }

  /** An id of the application's is taken as it is: `create_sid` may have made its session already, so that nobody else gets the id. */
  async createSid(newId: () => string): Promise<string> {
    const { create_sid, validateId } = this.#opening.object
    const isTaken = (id: string) => validateId !== undefined && this.#ask('validateId', id)
    this.#newId = newId
    await this.#open()
    this.#made = create_sid === undefined ? await freeSid(newId, isTaken) : sid(await this.#call('create_sid'))
    return this.#made
  }

  /** Without `validateId`, every id is that of a session, as in PHP, except one that was made just now. */
  async validateSid(id: string): Promise<boolean> {
    if (!isValidSid(id)) return false
    if (this.#opening.object.validateId === undefined) return id !== this.#made
    await this.#open()
    return this.#ask('validateId', id)
  }

  async read(id: string): Promise<Buffer> {
    assertSid(id)
    await this.#open()
    try {
      return bytesOf(await this.#call('read', id))
    } catch (error) {
      await afterError(() => this.close())
      throw error
    }
  }

  async write(id: string, bytes: Uint8Array): Promise<void> {
    assertSid(id)
    await this.#open()
    await this.#do('write', id, Buffer.from(bytes))
  }

  async updateTimestamp(id: string, bytes: Uint8Array): Promise<void> {
    // PHP writes an empty session always, and so makes one that is new.
    if (this.#opening.object.updateTimestamp === undefined || bytes.length === 0) return this.write(id, bytes)
    assertSid(id)
    await this.#open()
    await this.#do('updateTimestamp', id, Buffer.from(bytes))
  }

  async destroy(id: string): Promise<void> {
    assertSid(id)
    await this.#open()
    await andClose(this, () => this.#do('destroy', id))
  }

  async gc(maxLifetime: number): Promise<number> {
    return this.#briefly(async () => {
      const removed = await this.#call('gc', maxLifetime)
      if (removed === false || removed === -1) throw failure('gc')
      if (removed === true) return 1
      return Number.isInteger(removed) ? (removed as number) : refuse('gc', 'a whole number, true or false', removed)
    })
  }

  /** Fails when the object does: it may have kept back until now what it was told to write. */
  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#inContext(() => this.#opening.close(() => this.#do('close')))
  }

  /** PHP has nothing like it: opens, reads and closes, with whatever lock the object takes. */
  async peek(id: string): Promise<Buffer | null> {
    assertSid(id)
    return this.#briefly(async () => {
      const knows = this.#opening.object.validateId !== undefined
      if (knows && !(await this.#ask('validateId', id))) return null
      const bytes = bytesOf(await this.#call('read', id))
      return knows || bytes.length > 0 ? bytes : null
    })
  }

  /** Lists nothing: PHP's interface cannot say which sessions there are. */
  async *list(): AsyncGenerator<SessionEntry> {}

  async #open(): Promise<void> {
    if (this.#isOpen) return
    await this.#inContext(() => this.#opening.open(this.#place, () => this.#openObject()))
    this.#isOpen = true
  }

  /** PHP closes an object, too, that returned false from open, though none that threw. */
  async #openObject(): Promise<void> {
    if (asBoolean('open', await this.#call('open', ...this.#place))) return
    await afterError(() => this.#call('close'))
    throw failure('open')
  }

  /** For what is done between an open and a close of its own, unless the session is open. */
  async #briefly<R>(work: () => Promise<R>): Promise<R> {
    if (this.#isOpen) return work()
    await this.#open()
    return andClose(this, work)
  }

  /** Also the promises that the opening keeps: on Node before 24, a promise holds the context it is made in. */
  #inContext<R>(work: () => Promise<R> | R): Promise<R> | R {
    return this.#context.runInAsyncScope(work)
  }

  async #do(method: Method, ...given: unknown[]): Promise<void> {
    if (!asBoolean(method, await this.#call(method, ...given))) throw failure(method)
  }

  async #ask(method: Method, id: string): Promise<boolean> {
    return asBoolean(method, await this.#call(method, id))
  }

  async #call(method: Method, ...given: unknown[]): Promise<unknown> {
    const { object } = this.#opening
    const call = () => Reflect.apply(object[method] as () => unknown, object, given)
    try {
      return await this.#inContext(() => userCall.run({ options: this.#options, newId: this.#newId }, call))
    } catch (error) {
      throw error instanceof SessionError ? error : failure(method, error)
    }
  }
}

function constant<T>(value: T): () => T {
  return () => value
}
