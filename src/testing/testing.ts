import { AssertionError } from 'node:assert'
import {
  checkMatch,
  checkPhpSession,
  checkReadableByPhp,
  checkSessionValue,
  type KeyPath,
  type PhpOptions,
  type SessionOptions,
  type Verdict,
} from './checks.ts'
import type { SessionSource } from './session-source.ts'

export type { KeyPath, PhpOptions, SessionOptions } from './checks.ts'
export type { PhpCommand } from './php.ts'
export type { OpenSession, SessionSource } from './session-source.ts'
export type { FileSession, TestSession } from './test-session.ts'
export { createTestSessions, type TestSessions, type TestSessionsOptions } from './test-sessions.ts'

/** There is such a session, and PHP would read it. @throws AssertionError */
export function assertPhpSession(session: SessionSource, options?: SessionOptions): void {
  assert(checkPhpSession(session, options), assertPhpSession)
}

/**
 * The session holds this value in this place, and nothing else there; or anything when no value is given. Types are PHP's: 10 is an int,
 * `new PhpFloat(10)` a float.
 * @param path `user.name`, `cart[3].price`, or an array of keys
 * @throws AssertionError
 */
export function assertSessionValue(session: SessionSource, path: KeyPath, ...value: [value?: unknown]): void {
  assert(checkSessionValue(session, path, ...value), assertSessionValue)
}

/**
 * The session holds these variables, in PHP's types, and maybe more; and so do objects and keyed arrays in it. `undefined` expects that
 * there is nothing.
 * @throws AssertionError
 */
export function assertMatchSession(session: SessionSource, vars: object): void {
  assert(checkMatch(session, vars), assertMatchSession)
}

/** A real PHP reads the session. Rejects with an AssertionError when not. @throws Error when there is no PHP to ask */
export async function assertReadableByPhp(session: SessionSource | Promise<SessionSource>, options?: PhpOptions): Promise<void> {
  assert(await checkReadableByPhp(session, options), assertReadableByPhp)
}

function assert({ pass, message }: Verdict, stackStartFn: (...args: never[]) => unknown): void {
  if (!pass) throw new AssertionError({ message: message(), operator: stackStartFn.name, stackStartFn })
}
