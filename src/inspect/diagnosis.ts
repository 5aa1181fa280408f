import type { Layout } from '../serialize-handlers/layout.ts'
import type { Reading } from './inspect-session.ts'
import type { Problem, SessionReport } from './report.ts'

/** What became of a session that PHP does not read. */
export type Cause =
  | 'truncated'
  | 'trailing newline'
  | 'trailing bytes'
  | 'leading bytes'
  | 'charset conversion'
  | 'line endings'
  | 'escaped'
  | 'lost NUL bytes'
  | 'lost quote'
  | 'lost semicolon'
  | 'lost brace'
  | 'wrong length'
  | 'wrong count'
  | 'wrong value'
  | 'mixed handlers'
  | 'two sessions in one'
  | 'forbidden key'
  | 'dangling reference'
  | 'too deep'
  | 'json'
  | 'not a session'
  | 'damaged'

/** Why PHP does not read a session, and what can be done. Offsets count bytes of the session. */
export interface Diagnosis {
  readonly cause: Cause
  /** What happened, in a sentence. */
  readonly message: string
  /**
   * Whether PHP since 8.0 destroys the session; else it reads the session all the same, and drops a part of it when it writes. (PHP 7 drops in
   * silence what stands behind the last variable, and of php_serialize whatever it cannot read.)
   */
  readonly isDestroyed: boolean
  /** The handler that the rest of this is said for. */
  readonly serializeHandler: string | undefined
  /** Where PHP stops to read, which may be behind what is wrong. */
  readonly problem: Problem
  /** What is wrong, as far as it can be told: where it stands, how many bytes, in which value. */
  readonly offset: number
  readonly length: number
  readonly path: string
  /** What should stand there, in plain words. */
  readonly expected: string
  /** The bytes that are wrong, and some around them. */
  readonly before: Buffer
  readonly at: Buffer
  readonly after: Buffer
  /** What PHP would read instead; undefined where nothing is safe to do. */
  readonly repair: Repair | undefined
}

export interface Repair {
  readonly bytes: Buffer
  /** What was done, in plain words. */
  readonly what: string
  /** What is not in the repaired session, in plain words; undefined: nothing is missing. */
  readonly loses: string | undefined
}

/** What one way to look at a session found. */
export interface Finding {
  readonly cause: Cause
  readonly message: string
  readonly offset?: number | undefined
  readonly length?: number | undefined
  readonly path?: string | undefined
  readonly expected?: string | undefined
  readonly repair?: Repair | undefined
}

/** A session that PHP does not read, as those see it who look for the cause. */
export interface Case {
  readonly bytes: Buffer
  readonly layout: Layout
  /** Whether the caller named the handler. */
  readonly isGiven: boolean
  readonly report: SessionReport
  readonly problem: Problem
  readonly reading: Reading
  /** The same repair when PHP reads the result, and all variables in front of the problem are in it as they are; else undefined. */
  accept(repair: Repair): Repair | undefined
}
