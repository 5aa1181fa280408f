import { encodeSession } from '../../../src/serialize-handlers/session-codec.ts'
import { type Directives, resolveDirectives } from '../../../src/session/directives.ts'
import { SessionManager } from '../../../src/session/session-manager.ts'
import type { UploadSession } from '../../../src/session/upload-progress.ts'

/** Bodies of uploads, and sessions that keep their progress. */

export const boundary = 'XBOUNDARYX'
export const contentType = `multipart/form-data; boundary=${boundary}`

/** A part: what follows `form-data; ` in its Content-Disposition (one character per byte), and its contents. */
export type Part = readonly [disposition: string, contents?: string | Buffer, otherHeaders?: string]

/** The parts as a body, with `boundary`. */
export function multipart(...parts: readonly Part[]): Buffer {
  const pieces = parts.flatMap(([disposition, contents = '', headers = '']) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${headers}\r\n`, 'latin1'),
    Buffer.from(contents as Buffer),
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)])
}

/** The field that asks for progress, under this name. */
export function asking(value = 'form'): Part {
  return ['name="PHP_SESSION_UPLOAD_PROGRESS"', value]
}

export function file(name: string, contents: string | Buffer = `contents of ${name}`): Part {
  return [`name="${name}"; filename="${name}.txt"`, contents]
}

/** The body in pieces of these sizes, over and over. */
export function cut(body: Buffer, ...sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < body.length; turn++) {
    const size = sizes[turn % sizes.length]!
    chunks.push(body.subarray(at, at + size))
    at += size
  }
  return chunks
}

/** Every event is written. */
export const eachEvent = {
  'upload_progress.enabled': 1,
  'upload_progress.freq': 0,
  'upload_progress.min_freq': 0,
  phpVersion: '8.2',
}

export interface Recorded extends UploadSession {
  readonly $_SESSION: Record<string, unknown>
  /** What was stored at each change, as PHP's `php` handler writes it, one character per byte. */
  readonly states: string[]
}

/** A session in memory that remembers what it was. `during` may do what another script does, before a change. */
export function recordedSession(
  options: Record<string, unknown> = {},
  during: (recorded: Recorded, id: string) => void | Promise<void> = () => {},
): Recorded {
  const recorded: Recorded = {
    directives: directivesOf(options),
    $_SESSION: {},
    states: [],
    async change(id, change) {
      await during(recorded, id)
      change(recorded.$_SESSION)
      recorded.states.push(encodeSession(recorded.$_SESSION).toString('latin1'))
    },
  }
  return recorded
}

function directivesOf(options: Record<string, unknown>): Directives {
  return resolveDirectives({ ...eachEvent, ...options }, ['phpVersion'])
}

/** Sessions of the files save handler. */
export function filesSession(options: Record<string, unknown>): UploadSession {
  const sessions = new SessionManager({ ...eachEvent, ...options })
  return {
    directives: sessions.directives,
    async change(id, change) {
      const session = await sessions.start({ id })
      change(session.$_SESSION)
      await session.commit()
    },
  }
}

/** A stored progress without what differs from run to run and between PHP and us: times and the temporary file's name. */
export function comparable(state: string): string {
  return state
    .replaceAll(/s:10:"start_time";i:\d+;/g, 's:10:"start_time";i:TIME;')
    .replaceAll(/s:8:"tmp_name";(N|s:\d+:"[^"]*");/g, 's:8:"tmp_name";NAME;')
}

/**
 * Likewise, and without the counts, which depend on how much is read at a time; what then is the same as before is left out. Left out is also
 * what PHP writes between two events that are one here: a field without a file begins and ends, a file and its upload are broken off.
 */
export function uncounted(states: readonly string[]): string[] {
  const isBetween = /"name";s:0:"";s:8:"tmp_name";NAME;s:5:"error";i:0;|"done";b:0;s:5:"files";.*"error";i:[38];/
  const without = states.map((state) => comparable(state).replaceAll(/"bytes_processed";i:\d+;/g, '"bytes_processed";i:COUNT;'))
  return without.filter((state, at) => state !== without[at - 1] && !isBetween.test(state))
}
