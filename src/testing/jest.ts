import type {} from 'expect'
import { type Expect, register, type SessionMatchers } from './matchers.ts'

/**
 * Matchers for PHP sessions in jest: to import this file is enough, in a test or from `setupFilesAfterEnv`. Where jest's globals are off
 * (`injectGlobals: false`): `expect.extend(matchers)`, `expect.addSnapshotSerializer(sessionSerializer)`.
 */
export { matchers, type SessionMatchers } from './matchers.ts'
export { sessionSerializer } from './snapshot.ts'

register((globalThis as { expect?: Expect }).expect)

// For `import { expect } from '@jest/globals'`; the types of the global one are in matchers.ts.
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T> extends SessionMatchers<R> {}
}
