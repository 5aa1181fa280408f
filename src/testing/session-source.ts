import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { types } from 'node:util'
import { idPrefix } from '../errors.ts'
import { withoutFiller } from '../save-handlers/filler.ts'
import { withoutPath } from '../save-handlers/system-calls.ts'
import { detectSerializeHandler } from '../serialize-handlers/serialize-handlers.ts'
import { readingOf } from '../session/reading.ts'
import type { TestReading, TestSession } from './test-session.ts'

/** A session, as a test may have it: the path of its file, its bytes, an open `Session`, or one that `seed`, `as` or `logIn` made. */
export type SessionSource = string | Uint8Array | TestSession | OpenSession

/** What is used of a `Session`: its variables as they are now, stored or not. */
export interface OpenSession {
  readonly id: string
  encode(): Buffer
}

/** A session that was looked up. */
export interface FoundSession {
  /** What a message calls it; no whole id. */
  readonly label: string
  /** Undefined: there is no such session. */
  readonly bytes: Buffer | undefined
  readonly reading: TestReading
}

/** Looks a session up; `reading` goes before what is known of it. @throws TypeError for what is none, and what reading a file throws */
export function findSession(source: unknown, reading: TestReading = {}): FoundSession {
  if (typeof source === 'string') {
    if (source === '' || detectSerializeHandler(Buffer.from(source)) !== undefined)
      throw new TypeError('A string is the path of a session file: give bytes as a Buffer')
    return { label: fileLabel(source), bytes: fileBytes(source), reading }
  }
  if (types.isUint8Array(source)) return { label: 'the session', bytes: Buffer.from(source), reading }
  if (typeof source === 'object' && source !== null) {
    const { id, encode, file } = source as { id?: unknown; encode?: unknown; file?: unknown }
    const label = `session ${idPrefix(String(id))}`
    const known = readingOf<TestReading>(source)
    const all = { ...known, ...defined(reading) }
    if (typeof encode === 'function') return { label, bytes: (source as OpenSession).encode(), reading: all }
    if (known !== undefined && typeof file === 'string') return { label, bytes: fileBytes(file), reading: all }
    if (known !== undefined) throw new TypeError(`${label} is not in a file: give the matcher its bytes`)
  }
  const given = types.isPromise(source) ? 'a promise: await it first' : `something of type ${typeof source}`
  throw new TypeError(`Give the path of a session file, its bytes, a Session or a test's session, not ${given}`)
}

/** Whether this can only mean a session; a path or bytes may be anything. */
export function isSession(value: unknown): value is TestSession | OpenSession {
  if (typeof value !== 'object' || value === null) return false
  return readingOf(value) !== undefined || (typeof (value as OpenSession).encode === 'function' && '$_SESSION' in value)
}

function fileBytes(path: string): Buffer | undefined {
  try {
    return withoutFiller(readFileSync(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw withoutPath(error) // a path ends with the whole id
  }
}

function fileLabel(path: string): string {
  const [, id] = /^sess_(.+)$/s.exec(basename(path)) ?? []
  if (id !== undefined) return `session ${idPrefix(id)}`
  // Frameworks name files in their own ways.
  return basename(path).replace(/[\da-zA-Z,-]{20,}/g, idPrefix)
}

function defined(reading: TestReading): TestReading {
  return Object.fromEntries(Object.entries(reading).filter(([, value]) => value !== undefined))
}
