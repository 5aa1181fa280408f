import { AsyncLocalStorage } from 'node:async_hooks'
import { SessionError, type SessionErrorCode } from '../errors.ts'
import { isValidSid } from '../session-id.ts'
import type { Awaitable, OpenOptions } from './save-handler.ts'

/** What an application's save handler is, and what its answers mean. */

/** PHP's interface of an application's save handler. Every method may also answer by a promise. */
export interface SessionHandlerInterface {
  open(path: string, name: string): Awaitable<boolean>
  close(): Awaitable<boolean>
  /** The session's bytes, '' for a session that is not there; false when it cannot be read. A string is UTF-8. */
  read(id: string): Awaitable<string | Uint8Array | false>
  write(id: string, data: Buffer): Awaitable<boolean>
  destroy(id: string): Awaitable<boolean>
  /** How many sessions were removed, those that nobody wrote for `max_lifetime` seconds. */
  gc(max_lifetime: number): Awaitable<number | boolean>
}

/** PHP's interface of one that makes its ids. */
export interface SessionIdInterface {
  create_sid(): Awaitable<string>
}

/** PHP's interface of one that knows its ids, and can make a session young again without writing it. */
export interface SessionUpdateTimestampHandlerInterface {
  validateId(id: string): Awaitable<boolean>
  updateTimestamp(id: string, data: Buffer): Awaitable<boolean>
}

/** An application's save handler: as in PHP, the methods of the last two interfaces may be there or not. */
export type SaveHandlerObject = SessionHandlerInterface &
  Partial<SessionIdInterface> &
  Partial<SessionUpdateTimestampHandlerInterface>

export type Method = keyof (SessionHandlerInterface & SessionIdInterface & SessionUpdateTimestampHandlerInterface)

/** What a method of the object is called for. */
export interface UserCall {
  /** How the session was to be opened. */
  readonly options: OpenOptions
  /** A new id as the directives want it, for `create_sid`. */
  readonly newId: (() => string) | undefined
}

/** What the method that runs is called for; undefined outside of one. */
export const userCall = new AsyncLocalStorage<UserCall>()

export type Place = readonly [save_path: string, name: string]

/** An object, open for as long as somebody uses it. */
export class Opening {
  readonly object: SaveHandlerObject
  #users = 0
  #place: Place | undefined
  /** Openings and closings come one after the other. */
  #last: Promise<void> = Promise.resolve()

  constructor(object: SaveHandlerObject) {
    for (const method of ['open', 'close', 'read', 'write', 'destroy', 'gc'] as const) {
      if (typeof object?.[method] !== 'function')
        throw new TypeError(`A save handler of the application needs a method ${method}`)
    }
    this.object = object
  }

  open(place: Place, open: () => Promise<void>): Promise<void> {
    return this.#next(async () => {
      if (this.#users === 0) await open()
      else if (place.join('\0') !== this.#place?.join('\0')) {
        throw new TypeError('The save handler is open with another save_path or name: let a function make one for each request')
      }
      this.#place = place
      this.#users++
    })
  }

  close(close: () => Promise<void>): Promise<void> {
    return this.#next(async () => {
      if (--this.#users === 0) await close()
    })
  }

  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
}

/** One opening for each object, however many save handlers are made of it. */
export function openingOf(object: SaveHandlerObject): Opening {
  const opening = openings.get(object) ?? new Opening(object)
  openings.set(object, opening)
  return opening
}

const openings = new WeakMap<SaveHandlerObject, Opening>()

const codes: { readonly [M in Method]?: SessionErrorCode } = {
  open: 'SAVE_PATH',
  read: 'READ_FAILED',
  validateId: 'READ_FAILED',
  create_sid: 'READ_FAILED',
}

/** What a method did when it did not succeed: it returned false, or failed with `cause`. */
export function failure(method: Method, cause?: unknown): SessionError {
  const what = `${method}() of the application's save handler ${cause === undefined ? 'returned false' : 'failed'}`
  return new SessionError(codes[method] ?? 'WRITE_FAILED', what, cause === undefined ? undefined : { cause })
}

export function bytesOf(answer: unknown): Buffer {
  if (typeof answer === 'string' || answer instanceof Uint8Array) return Buffer.from(answer as Uint8Array)
  if (answer === false) throw failure('read')
  return refuse('read', 'a string, a Uint8Array or false', answer)
}

export function asBoolean(method: Method, answer: unknown): boolean {
  return typeof answer === 'boolean' ? answer : refuse(method, 'true or false', answer)
}

export function sid(answer: unknown): string {
  return isValidSid(answer)
    ? answer
    : refuse('create_sid', 'an id, 1 to 256 characters of 0-9, a-z, A-Z, comma and minus', answer)
}

export function refuse(method: Method, wanted: string, answer: unknown): never {
  const kinds: Readonly<Record<string, string>> = { object: 'an object', string: 'this string', undefined: 'undefined' }
  const kind = answer === null ? 'null' : (kinds[typeof answer] ?? `a ${typeof answer}`)
  throw new TypeError(`${method}() of the application's save handler must return ${wanted}, not ${kind}`)
}
