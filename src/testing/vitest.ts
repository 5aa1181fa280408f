import { type Expect, register, type SessionMatchers } from './matchers.ts'

/**
 * Matchers for PHP sessions in vitest: to import this file is enough, in a test or from `setupFiles`, with `globals` and without. For
 * another `expect` than vitest's own: `expect.extend(matchers)`, `expect.addSnapshotSerializer(sessionSerializer)`.
 */
export { matchers, type SessionMatchers } from './matchers.ts'
export { sessionSerializer } from './snapshot.ts'

/** Where vitest keeps the `expect` that it exports; what is required, as this file is, cannot import vitest. */
const EXPECT = Symbol.for('expect-global')

register((globalThis as { [EXPECT]?: Expect })[EXPECT])

// From the matchers of Chai, all versions of vitest make their own; before 5, also from jest's.
declare global {
  namespace Chai {
    interface Assertion extends SessionMatchers<void> {}
  }
}
