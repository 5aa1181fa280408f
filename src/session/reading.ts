import type { CodecOptions } from '../serialize-handlers/serialize-handler.ts'

/** How the bytes of a session are to be understood. */
export interface Reading extends CodecOptions {
  /** Undefined: whichever can read them. */
  readonly serialize_handler?: string | undefined
}

/** What a session has it under, for the matchers. Registered, because a test runner may load this module several times. */
export const READING = Symbol.for('session-start.reading')

/** As the session says, if it is one that a session manager made, or a test. */
export function readingOf<R extends Reading>(session: object): R | undefined {
  return (session as { readonly [READING]?: R })[READING]
}
