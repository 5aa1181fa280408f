import { formatPath } from '../php/key-path.ts'
import { MAX_DEPTH } from '../php/scan.ts'
import { digitsEnd } from '../php/tokens.ts'
import { closedVariable, joinVariables, partBefore } from './cut.ts'
import type { Case, Finding, Repair } from './diagnosis.ts'
import { isPlainKey, isValueStart, mayBeKey } from './plausible.ts'
import { plural } from './print.ts'
import { type Behind, namesBehind, readBehind } from './read-behind.ts'
import { NodeReader } from './read-nodes.ts'

/** A reference to a value that is not there, or that may not be meant so. */
export function findDanglingReference(found: Case): Finding | undefined {
  const { bytes, problem, report } = found
  const { offset, path } = problem
  const end =
    bytes[offset + 1] === COLON && (bytes[offset] === 0x52 || bytes[offset] === 0x72) ? digitsEnd(bytes, offset + 2) : -1
  if (end === -1 || bytes[end] !== SEMICOLON) return undefined
  const length = end + 1 - offset
  const nulled = Buffer.concat([bytes.subarray(0, offset), Buffer.from('N;'), bytes.subarray(end + 1)])
  // Of several references, who knows which are right: the numbers of all values may have moved.
  const isOnly =
    !report.variables.some(({ value }) => refersIn(bytes, value.offset, value.length)) && !refersIn(nulled, offset, nulled.length)
  const repair = { bytes: nulled, what: `${path || 'it'} set to null`, loses: `what ${path || 'it'} referred to` }
  return {
    cause: 'dangling reference',
    message: `A reference leads to a value that is not there or is no object: ${problem.message}`,
    ...{ offset, length, path },
    expected: 'the number of a value before it',
    repair: isOnly ? found.accept(repair) : undefined,
  }
}

function refersIn(bytes: Buffer, start: number, length: number): boolean {
  return /[rR]:\d/.test(bytes.toString('latin1', start, start + length))
}

/** Deeper than unserialize_max_depth. */
export function findTooDeep({ problem }: Case): Finding | undefined {
  if (!problem.message.startsWith(`more than ${MAX_DEPTH}`) && !problem.message.startsWith(`more than ${MAX_DEPTH - 1}`))
    return undefined
  return {
    cause: 'too deep',
    message: `Arrays and objects stand more than ${MAX_DEPTH} levels deep in each other: PHP refuses them (unserialize_max_depth)`,
    expected: `at most ${MAX_DEPTH} levels`,
  }
}

/** A key that the handler cannot write, and that PHP never wrote. */
export function findForbiddenKey(found: Case): Finding | undefined {
  const { bytes, layout, reading } = found
  const { failed } = reading
  if (failed === undefined || isValueStart(bytes, failed.start)) return undefined
  const keyEnd =
    layout.name === 'php'
      ? laterDelimiter(bytes, failed.start)
      : layout.name === 'php_binary'
        ? longKeyEnd(bytes, failed.offset)
        : -1
  if (keyEnd === -1) return undefined
  const reason =
    layout.name === 'php' ? `holds '|', where PHP takes the key to end` : 'is longer than 127 bytes, of which PHP takes no more'
  const start = layout.name === 'php' ? failed.offset : failed.offset + 1
  return {
    cause: 'forbidden key',
    message: `A key ${reason}: another program wrote the session`,
    offset: failed.offset,
    length: keyEnd - failed.offset,
    path: '',
    expected: `a key that ${layout.name} can hold`,
    repair: withoutVariable(found, `the variable ${formatPath([bytes.toString('utf8', start, keyEnd)])}`),
  }
}

/** Where the key ends, if a value stands behind a `|` that follows. */
function laterDelimiter(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(DELIMITER, from); at !== -1 && isPlainKey(bytes, from, at); at = bytes.indexOf(DELIMITER, at + 1)) {
    if (isValue(bytes, at + 1)) return at
  }
  return -1
}

function longKeyEnd(bytes: Buffer, at: number): number {
  const end = at + 1 + bytes[at]!
  return bytes[at]! > 127 && isValue(bytes, end) ? end : -1
}

function isValue(bytes: Buffer, at: number): boolean {
  return isValueStart(bytes, at) && new NodeReader(bytes, Number.MAX_SAFE_INTEGER / 2).read(at) !== undefined
}

/** The end is missing, and not in a string: that may have a wrong length as well. */
export function findCutOff(found: Case): Finding | undefined {
  const rest = found.bytes.toString('latin1', stopOf(found), stopOf(found) + LONGEST_BEGINNING)
  return BEGINNING.test(rest) ? truncated(found) : undefined
}

/** The end is missing. */
export function findTruncated(found: Case): Finding | undefined {
  return endsTooEarly(found) ? truncated(found) : undefined
}

function truncated(found: Case): Finding {
  const { bytes, problem, reading } = found
  const where = problem.path === '' ? '' : `, in ${problem.path}`
  const names = [...(reading.failed === undefined ? [] : [formatPath([reading.failed.key])]), ...namesCutOff(found)]
  return {
    cause: 'truncated',
    message: `The session ends too early${where}: it was not written to its end`,
    offset: bytes.length,
    length: 0,
    path: problem.path,
    expected: 'more bytes',
    repair: cutBack(
      found,
      names.length === 0 ? 'what followed' : `${listed(names)}, and what may have followed`,
      namesCutOff(found),
    ),
  }
}

/** Where the value, key or brace should begin that could not be read. */
function stopOf({ reading, problem }: Case): number {
  return reading.failed === undefined ? problem.offset : reading.reader.stoppedAt
}

/** Whether what could not be read is the beginning of something. */
function endsTooEarly(found: Case): boolean {
  const { bytes, layout, reading } = found
  const { failed, variables } = reading
  if (failed !== undefined || layout.firstSlot === 1) return isHalfString(bytes, stopOf(found))
  const last = variables.at(-1)
  const end = last === undefined ? 0 : last.offset + last.length
  if (layout.name === 'php_binary') return end + (bytes[end]! & 0x7f) >= bytes.length
  // Of a text without any values, only what may be the first half of a name is the beginning of a session.
  return end > 0 ? isPlainKey(bytes, end, bytes.length) : /^[\w.-]{1,64}$/.test(bytes.toString('latin1', 0, 65))
}

/** Whether a text or name begins here that goes on behind the end of the bytes. */
function isHalfString(bytes: Buffer, at: number): boolean {
  const [head, type, digits] = /^([sSOEC]):(\d+):"/.exec(bytes.toString('latin1', at, at + LONGEST_BEGINNING)) ?? []
  if (head === undefined) return false
  const end = at + head.length + Number(digits)
  // Behind the text come a quote and a semicolon, behind a name the count and the brace, and behind that the bytes of a custom object.
  if (type === 's' || type === 'S' || type === 'E') return end + 2 > bytes.length
  const [count, size] = /^":(\d+):\{/.exec(bytes.toString('latin1', end, end + LONGEST_BEGINNING)) ?? []
  if (count === undefined) return /^("(:\d*:?)?)?$/.test(bytes.toString('latin1', end))
  return type === 'C' && end + count.length + Number(size) >= bytes.length
}

const BEGINNING = /^(|N|b(:[01]?)?|[irR](:[+-]?\d*)?|d(:[-+.\deEINFA]*)?|[sSOCE](:\d*:?)?|a(:\d*:?)?)$/
const LONGEST_BEGINNING = 4096

/** Bytes behind the last value, or in the midst of them, of which nobody can say what they were. */
export function findDamaged(found: Case): Finding {
  const { bytes, layout, reading, problem } = found
  const { failed, variables } = reading
  const last = variables.at(-1)
  const end = last === undefined ? 0 : last.offset + last.length
  const isTail = failed === undefined || (layout.name === 'php' && !isPlainKey(bytes, failed.offset, failed.start - 1))
  const isBehindArray = layout.firstSlot === 1 && failed === undefined && problem.offset > end
  if (end > 0 && (isTail || isBehindArray) && problem.path === '') {
    const offset = isBehindArray ? problem.offset : end
    const names = isBehindArray ? [] : namesCutOff(found)
    const size = plural(bytes.length - offset, 'byte')
    const repair = cutBack(found, names.length === 0 ? size : `${size} with ${listed(names)}`, names)
    return {
      cause: 'trailing bytes',
      message: `${plural(bytes.length - offset, 'byte')} too many behind the last value: of an older session that was longer, or of another file`,
      ...{ offset, length: bytes.length - offset, path: '', expected: 'the end', repair },
    }
  }
  const behind = behindFailed(found)
  const further =
    behind === undefined ? namesCutOff(found) : [...behind.lost, ...behind.kept.flatMap(({ keys }) => keys)].map(nameOf)
  const names = [failed === undefined ? 'what cannot be read' : nameOf(failed.key), ...further]
  return {
    cause: 'damaged',
    message: `The bytes make no sense${problem.path === '' ? '' : ` in ${problem.path}`}: ${problem.message}`,
    repair:
      withoutVariable(found, failed && nameOf(failed.key)) ??
      cutBack(found, `${listed(names)}, and all that stands behind it`, further),
  }
}

/** What can be read in front of the problem and behind it. */
function withoutVariable(found: Case, name = 'what cannot be read'): Repair | undefined {
  const { bytes, layout, reading } = found
  const behind = behindFailed(found)
  if (behind === undefined || behind.kept.length === 0) return undefined
  const names = listed([name, ...behind.lost.map(nameOf)])
  return found.accept({
    bytes: joinVariables(layout, [partBefore(bytes, reading), ...behind.kept]),
    what: `${names} removed`,
    loses: behind.isCut ? `${names}, and all that stands behind it` : names,
  })
}

/** What stands behind the variable that cannot be read. A name that none can have is damaged too, and may hold variables. */
function behindFailed({ bytes, layout, reading: { failed } }: Case): Behind | undefined {
  if (failed === undefined) return undefined
  const { offset, start } = failed
  const isName =
    layout.name === 'php_serialize' ||
    (layout.name === 'php' ? mayBeKey(bytes, offset, start - 1) : isPlainKey(bytes, offset + 1, start))
  return readBehind(bytes, layout, isName ? start : offset)
}

/** The names of what looks like variables among all that is cut off. */
function namesCutOff({ bytes, layout, reading: { failed, variables } }: Case): string[] {
  if (failed !== undefined) return namesBehind(bytes, layout, failed.start, true).map(nameOf)
  const last = variables.at(-1)
  return namesBehind(bytes, layout, last === undefined ? 0 : last.offset + last.length, false).map(nameOf)
}

/**
 * What can be read in front of the problem; where that is nothing, the arrays that hold it, closed.
 * @param further the names of variables that follow the one that cannot be read
 */
function cutBack(found: Case, loses: string, further: readonly string[]): Repair | undefined {
  const { bytes, layout, reading } = found
  const before = partBefore(bytes, reading)
  if (before.count > 0) {
    return found.accept({ bytes: joinVariables(layout, [before]), what: 'cut back to the last variable that is whole', loses })
  }
  const closed = closedVariable(bytes, reading)
  if (closed === undefined) return undefined
  return found.accept({
    bytes: joinVariables(layout, [closed.part]),
    what: 'cut back to the last element that is whole',
    loses: listed([`what followed in ${closed.path}`, ...further]),
  })
}

function nameOf(key: string): string {
  return formatPath([key])
}

/** Names one behind the other; each once. */
function listed(names: readonly string[]): string {
  const each = [...new Set(names)]
  const more = each.length - MOST_NAMES
  if (more > 0) each.splice(MOST_NAMES, more, `${more} more`)
  return each.length === 1 ? each[0]! : `${each.slice(0, -1).join(', ')} and ${each.at(-1)}`
}

/** Told one by one. */
const MOST_NAMES = 100

const COLON = 0x3a
const SEMICOLON = 0x3b
const DELIMITER = 0x7c
