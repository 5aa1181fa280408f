import { UnserializeError } from '../errors.ts'
import { textCodec } from '../php/charset.ts'
import type { Source } from '../php/open-containers.ts'
import { MAX_DEPTH } from '../php/scan.ts'
import type { Layout } from '../serialize-handlers/layout.ts'
import { detectSerializeHandler, serializeHandlerNames, serializeLayout } from '../serialize-handlers/serialize-handlers.ts'
import { checkReferences } from './check-references.ts'
import { isPlainKey } from './plausible.ts'
import { NodeReader } from './read-nodes.ts'
import type { Problem, SessionReport, Variable } from './report.ts'
import { resolveTargets } from './targets.ts'

/**
 * What a session's bytes hold: every value with its type, place and references, read as PHP reads it. Bytes that PHP would refuse are
 * no error: the report has what stands before the problem.
 * @param serialize_handler without it the bytes tell
 * @throws TypeError for an unknown serialize_handler
 */
export function inspectSession(bytes: Buffer, serialize_handler?: string): SessionReport {
  const name = serialize_handler ?? likelyHandler(bytes)
  if (name === undefined && bytes.length > 0) return likeliest(bytes)
  const { variables, problem } = readSession(bytes, serializeLayout(name))
  return { serializeHandler: bytes.length === 0 ? serialize_handler : name, size: bytes.length, variables, problem }
}

/**
 * Which handler wrote a session: the first that reads all of it. Of php_binary only what has keys as people write them, since any letter
 * is the length of some key: the beginning of another handler's session may be read so by accident.
 */
export function likelyHandler(bytes: Buffer): string | undefined {
  const name = detectSerializeHandler(bytes)
  if (name !== 'php_binary' || bytes[0]! < 0x20) return name
  const { variables } = readVariables(bytes, serializeLayout(name), false)
  return variables.every(({ offset, value }) => isPlainKey(bytes, offset + 1, value.offset)) ? name : undefined
}

/** What one serialize handler reads of a session. */
export interface Reading {
  readonly variables: readonly Variable[]
  readonly problem: Problem | undefined
  /** How many bytes of values PHP reads, up to where it stops in the one that fails. */
  readonly valueBytes: number
  /** What was being read where reading stopped. */
  readonly reader: NodeReader
  /** The key and the value that could not be read; undefined where no key was read. */
  readonly failed: { readonly key: string; readonly offset: number; readonly start: number } | undefined
}

/** Reads a session as one serialize handler does. */
export function readSession(bytes: Buffer, layout: Layout): Reading {
  const first = readVariables(bytes, layout, false)
  const { problem, isCustomOpaque } = checkValues(bytes, layout, first)
  const reading = isCustomOpaque ? readVariables(bytes, layout, true) : first
  const end = problem?.offset ?? bytes.length
  const variables = reading.variables.filter(({ offset, length }) => offset + length <= end)
  resolveTargets(variables)
  const { failed } = reading
  const valueBytes = failed === undefined ? reading.valueBytes : reading.valueBytes + end - failed.start
  return { ...reading, variables, problem, valueBytes }
}

interface RawReading extends Reading {
  readonly sources: readonly Source[]
}

/** All as far as the grammar goes; what references lead to is not looked at. */
function readVariables(bytes: Buffer, layout: Layout, isCustomOpaque: boolean): RawReading {
  const reader = new NodeReader(bytes, layout.firstSlot, isCustomOpaque)
  const variables: Variable[] = []
  const sources: Source[] = []
  let failed: Reading['failed']
  let problem: Problem | undefined
  let valueBytes = 0
  try {
    const { at: first, count } = layout.readOpening(bytes)
    let at = first
    while (count === undefined ? at < bytes.length : variables.length < count) {
      const offset = at
      const { key, next: start } = layout.readKey(bytes, at, utf8)
      sources.push({ container: {}, key, start })
      const value = reader.read(start, MAX_DEPTH - layout.firstSlot)
      if (value === undefined) {
        failed = { key, offset, start }
        break
      }
      at = start + value.length
      valueBytes += value.length
      variables.push({ key, offset, length: at - offset, value })
    }
    if (failed === undefined) layout.readClosing(bytes, at)
  } catch (error) {
    problem = problemOf(error)
  }
  return { variables, problem, valueBytes, reader, failed, sources }
}

/** Finds out what PHP says to the values: why it refuses one, and what the references tell of the bytes of custom objects. */
function checkValues(
  bytes: Buffer,
  layout: Layout,
  reading: RawReading,
): { problem: Problem | undefined; isCustomOpaque: boolean } {
  const { problem, failed, reader, sources } = reading
  if (failed === undefined && !reader.hasReferences) return { problem, isCustomOpaque: false }
  // An array around all is read as one: a key that is there twice is one place in it, and it may be meant itself.
  const checked = checkReferences(bytes, layout.firstSlot === 1 ? [{ container: {}, key: '', start: 0 }] : sources)
  if (checked instanceof UnserializeError) {
    const isEarlier = problem === undefined || checked.offset < problem.offset
    // What stands before the problem tells of custom objects too.
    const whole = failed === undefined ? sources : sources.slice(0, -1)
    const before = reader.hasReferences ? checkReferences(bytes, whole, layout.firstSlot) : checked
    const isCustomOpaque = !(before instanceof UnserializeError) && before.isCustomOpaque
    return { problem: isEarlier ? problemOf(checked) : problem, isCustomOpaque }
  }
  return { problem, isCustomOpaque: checked.isCustomOpaque }
}

/** @throws what is no complaint about the bytes */
function problemOf(error: unknown): Problem {
  if (!(error instanceof UnserializeError)) throw error
  const { offset, path } = error
  return { offset, path, message: error.message.replace(/ at byte \d+( in .*)?$/s, '') }
}

/** Of bytes that no handler reads: as the one sees them that gets furthest. */
function likeliest(bytes: Buffer): SessionReport {
  const readings = serializeHandlerNames.map((name) => ({ name, ...readSession(bytes, serializeLayout(name)) }))
  const best = readings.reduce((one, other) => (other.valueBytes > one.valueBytes ? other : one))
  if (best.valueBytes > 0) {
    return { serializeHandler: best.name, size: bytes.length, variables: best.variables, problem: best.problem }
  }
  const problem = { offset: 0, path: '', message: 'expected a session of PHP’s' }
  return { serializeHandler: undefined, size: bytes.length, variables: [], problem }
}

const utf8 = textCodec('utf-8')
