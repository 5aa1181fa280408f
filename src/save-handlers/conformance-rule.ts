import { strict as assert } from 'node:assert'
import { setTimeout as sleep } from 'node:timers/promises'
import { SessionError, type SessionErrorCode } from '../errors.ts'
import type { Awaitable, OpenOptions, SaveHandle, SaveHandler, SessionEntry } from './save-handler.ts'

/** What the rules of the conformance suite are made of. */

/** What the rules are tried on, made anew for each. */
export interface ConformanceSubject {
  readonly handler: SaveHandler
  /** Where this handler has no sessions yet. */
  readonly save_path: string
  /**
   * Makes the session look as if it was last written or touched that many seconds ago; null for a save handler whose `gc` does nothing,
   * because sessions expire by themselves or something else removes them.
   */
  readonly age: ((id: string, seconds: number) => Awaitable<void>) | null
  /** Called when the rule was tried. */
  readonly dispose?: () => Awaitable<void>
}

/** Opens the subject's save handler, with locking and a wait of five seconds unless told otherwise. Closed after the rule. */
export type Open = (options?: Partial<OpenOptions>) => Promise<SaveHandle>
export type Rule = (open: Open, subject: ConformanceSubject) => Promise<void>

/** Two ids that no save handler has sessions for when a rule begins, and ids that are not well-formed. */
export const ID = 'aaaaaaaaaaaaaaaaaaaaaaaaaa'
export const OTHER = 'bbbbbbbbbbbbbbbbbbbbbbbbbb'
export const HOSTILE = ['', '.', '..', '../etc/passwd', 'a/b', 'a\\b', 'a\0b', 'a b', 'a.b', 'a%2fb', 'ä', 'a\n', 'a'.repeat(257)]

export const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('latin1'))
export const bytes = (of: string) => Buffer.from(of, 'latin1')

/** Expects a SessionError with this code, thrown or rejected, and returns it. */
export async function fails(code: SessionErrorCode, call: () => Awaitable<unknown>): Promise<SessionError> {
  try {
    await call()
  } catch (error) {
    assert.ok(error instanceof SessionError, `a SessionError was expected, not ${String(error)}`)
    assert.equal(error.code, code)
    return error
  }
  throw new assert.AssertionError({ message: `${code} was expected` })
}

/** What `list` lists, by id. */
export async function entries(handle: SaveHandle): Promise<SessionEntry[]> {
  const all: SessionEntry[] = []
  for await (const entry of handle.list()) {
    all.push(entry)
  }
  return all.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Whether a promise settles while other things have some time to happen. */
export async function settlesSoon(promise: Awaitable<unknown>): Promise<boolean> {
  return Promise.race([Promise.resolve(promise).then(() => true), sleep(50).then(() => false)])
}
