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
import { type Paint, plain } from './messages.ts'
import type { SessionSource } from './session-source.ts'
import { sessionSerializer } from './snapshot.ts'

/** The matchers as `expect(session)` has them: what they do, and what they return. */
export interface SessionMatchers<R> {
  /** There is such a session, and PHP would read it. */
  toBePhpSession(options?: SessionOptions): R
  /**
   * The session holds this value in this place, and nothing else there; or anything when no value is given. Types are PHP's: 10 is an int,
   * `new PhpFloat(10)` a float. A value may be, or hold, `expect.any(…)` and its like.
   * @param path `user.name`, `cart[3].price`, or an array of keys
   */
  toHaveSessionValue(path: KeyPath, value?: unknown): R
  /**
   * The session holds these variables, in PHP's types, and maybe more; and so do objects and keyed arrays in it. `undefined` expects that
   * there is nothing. Takes `expect.any(…)` and its like.
   */
  toMatchSession(vars: object): R
  /** A real PHP reads the session: to be awaited. */
  toBeReadableByPhp(options?: PhpOptions): Promise<void>
}

// Of jest's global `expect`.
declare global {
  namespace jest {
    interface Matchers<R, T> extends SessionMatchers<R> {}
  }
}

/** For `expect.extend`. */
export const matchers = {
  toBePhpSession(this: MatcherContext, source: SessionSource, options?: SessionOptions): MatcherResult {
    return result(this, 'toBePhpSession', '', checkPhpSession(source, options))
  },

  toHaveSessionValue(this: MatcherContext, source: SessionSource, path: KeyPath, ...value: [value?: unknown]): MatcherResult {
    return result(
      this,
      'toHaveSessionValue',
      value.length === 0 ? 'path' : 'path, value',
      checkSessionValue(source, path, ...value),
    )
  },

  toMatchSession(this: MatcherContext, source: SessionSource, vars: object): MatcherResult {
    return result(this, 'toMatchSession', 'vars', checkMatch(source, vars))
  },

  async toBeReadableByPhp(
    this: MatcherContext,
    source: SessionSource | Promise<SessionSource>,
    options?: PhpOptions,
  ): Promise<MatcherResult> {
    return result(this, 'toBeReadableByPhp', '', await checkReadableByPhp(source, options))
  },
}

/** What is used of `this` in a matcher, which jest and vitest have, and others may not. */
export interface MatcherContext {
  readonly isNot?: boolean
  readonly promise?: string
  readonly utils?: {
    EXPECTED_COLOR?(text: string): string
    RECEIVED_COLOR?(text: string): string
    stringify?(value: unknown): string
    matcherHint?(name: string, received?: string, expected?: string, options?: { isNot?: boolean; promise?: string }): string
  }
}

export interface MatcherResult {
  readonly pass: boolean
  message(): string
}

function result(
  { utils, isNot = false, promise = '' }: MatcherContext,
  name: string,
  args: string,
  verdict: Verdict,
): MatcherResult {
  const paint: Paint = {
    expected: utils?.EXPECTED_COLOR ?? plain.expected,
    received: utils?.RECEIVED_COLOR ?? plain.received,
    matcher: utils?.stringify ?? plain.matcher,
  }
  const hint = () => utils?.matcherHint?.(name, 'session', args, { isNot, promise })
  return { pass: verdict.pass, message: () => [hint(), verdict.message(paint)].filter(Boolean).join('\n\n') }
}

/** Gives the matchers and the serializer to an `expect`. */
export function register(expect: Expect | undefined): void {
  expect?.extend?.(matchers)
  expect?.addSnapshotSerializer?.(sessionSerializer)
}

/** What is used of an `expect`. */
export interface Expect {
  extend?(matchers: object): void
  addSnapshotSerializer?(serializer: typeof sessionSerializer): void
}
