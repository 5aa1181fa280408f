import { SessionError } from '../../errors.ts'
import { diffSessions } from '../../inspect/diff.ts'
import { inspectSession } from '../../inspect/inspect-session.ts'
import type { SessionReport } from '../../inspect/report.ts'
import { textCodec } from '../../php/charset.ts'
import { serializeHandlerNames, serializeLayout } from '../../serialize-handlers/serialize-handlers.ts'
import { decodeSession, encodeSession } from '../../serialize-handlers/session-codec.ts'

/** Why a session is left as it was. */
export interface Left {
  readonly reason: 'damaged' | 'ambiguous' | 'key' | 'references' | 'unlike' | 'newer' | 'in-use' | 'unreadable'
  /** For people. Of the session it has keys, and no values. */
  readonly message: string
  /** The keys of `$_SESSION` that the other format cannot hold. */
  readonly keys?: readonly string[]
}

/** What a session's bytes are in another format; `already`: they are in it. */
export type Conversion = { readonly bytes: Buffer; readonly isAlready: boolean } | Left

/**
 * A session's bytes as another serialize handler writes them. Who wrote them is told by `from`, or by the bytes; what is in the format
 * `to` already is known by the bytes. An empty session is empty in each of them. The result is read again and compared with what was there.
 */
export function convertSession(bytes: Buffer, from: string | undefined, to: string): Conversion {
  if (bytes.length === 0) return { bytes, isAlready: true }
  const before = readingOf(bytes, from, to)
  if ('reason' in before) return before
  const { serializeHandler = to, variables } = before
  if (serializeHandler === to) return { bytes, isAlready: true }

  const refusals = variables.flatMap(({ key }) => refusalOf(key, to) ?? [])
  if (refusals.length > 0) {
    const message = [...new Set(refusals.map(({ text }) => text))].join('; ')
    return { reason: 'key', message, keys: refusals.map(({ key }) => key) }
  }
  const converted = encoded(bytes, serializeHandler, to)
  if (converted instanceof Error) return { reason: 'references', message: converted.message }
  return isSameSession(before, converted, to) ? { bytes: converted, isAlready: false } : UNLIKE
}

/** Whether bytes in the format `to` hold the session of a report: keys, types, values, visibility, references, order. */
export function isSameSession(before: SessionReport, bytes: Buffer, to: string): boolean {
  const after = inspectSession(bytes, to)
  return before.problem === undefined && after.problem === undefined && diffSessions(before, after).length === 0
}

const UNLIKE: Left = { reason: 'unlike', message: 'what would be written is not the same session' }

/** The session as the handler reads it that can have written it. */
function readingOf(bytes: Buffer, from: string | undefined, to: string): SessionReport | Left {
  const names = from === undefined ? serializeHandlerNames : [...new Set([to, from])]
  const possible = names.filter((name) => serializeLayout(name).mayBegin(bytes))
  const readings = possible.map((name) => inspectSession(bytes, name)).filter(({ problem }) => problem === undefined)
  // Nobody calls a variable `a:1:{`: what reads as one array, is one.
  const array = readings.find(({ serializeHandler }) => serializeHandler === 'php_serialize')
  const only = array ?? (readings.length === 1 ? readings[0] : undefined)
  if (only !== undefined) return only
  if (readings.length > 1) {
    const message = `it reads as ${readings.map(({ serializeHandler }) => serializeHandler).join(' and as ')}`
    return { reason: 'ambiguous', message }
  }
  const { problem, serializeHandler } = inspectSession(bytes, from)
  const place = problem!.path === '' ? '' : `, in ${problem!.path}`
  const as = serializeHandler === undefined ? '' : ` as ${serializeHandler}`
  return { reason: 'damaged', message: `PHP would not read it${as}: ${problem!.message} at byte ${problem!.offset}${place}` }
}

function refusalOf(key: string, to: string): { key: string; text: string } | undefined {
  const text = serializeLayout(to).refuse(key, utf8)
  return text === undefined ? undefined : { key, text }
}

/** Every byte is a character on the way, so that strings in any charset stay as they are. */
function encoded(bytes: Buffer, from: string, to: string): Buffer | Error {
  try {
    const vars = decodeSession(bytes, { serialize_handler: from, charset: 'latin1' })
    return encodeSession(vars, { serialize_handler: to, charset: 'latin1' })
  } catch (error) {
    if (error instanceof SessionError || error instanceof TypeError) return error
    throw error
  }
}

const utf8 = textCodec('utf-8')
