import {
  digitsEnd,
  escapedStringEnd,
  floatEnd,
  intEnd,
  isClassNameBytes,
  type Name,
  readCount,
  readInt,
  readLength,
  readName,
} from './tokens.ts'

/** unserialize_max_depth */
export const MAX_DEPTH = 4096
/** Deeper than any class nests them, and far from the end of the stack. */
const MAX_CUSTOM_DEPTH = 64

/** What a look over serialized bytes learned. Slots are numbered from 1, across the values scanned with one `Scan`. */
export class Scan {
  /** How many slots the values take: the number that `R:` and `r:` count in. */
  slots = 0
  /** The references met: where the digits of the slot number start, and the number, in turn. */
  references: number[] = []
  /** Whether some of them stand inside the opaque bytes of a `C:`, where their digits cannot be changed alone. */
  referencesInCustom = false
  /** How many `C:` the one being looked into stands in. */
  customDepth = 0
  /** Take the bytes of every `C:` for no values of PHP's, whatever they look like. */
  readonly isCustomOpaque: boolean

  constructor(isCustomOpaque = false) {
    this.isCustomOpaque = isCustomOpaque
  }
}

/**
 * Looks over the value at `pos` without decoding it, as fast as bytes can be walked: where it ends, or -1 when PHP would
 * reject it. What `R:` and `r:` point at is only checked for being there; decoding checks its kind.
 */
export function scanValue(bytes: Buffer, pos: number, scan: Scan, maxDepth = MAX_DEPTH): number {
  const pending: number[] = []
  let left = 1
  let slots = scan.slots
  let at = pos
  for (;;) {
    switch (bytes[at]) {
      case STRING:
        at = stringEnd(bytes, at)
        slots++
        break
      case INT: {
        let end = at + 2
        if (bytes[end] === 0x2d) end++
        const first = end
        for (let byte = bytes[end]!; byte >= 0x30 && byte <= 0x39; byte = bytes[end]!) end++
        if (bytes[at + 1] !== 0x3a) return -1
        if (end === first || bytes[end] !== 0x3b) end = intEnd(bytes, at + 2)
        at = end === -1 ? -1 : end + 1
        slots++
        break
      }
      case ARRAY: {
        if (bytes[at + 1] !== 0x3a) return -1
        let end = at + 2
        let count = 0
        for (let byte = bytes[end]!; byte >= 0x30 && byte <= 0x39; byte = bytes[++end]!) count = count * 10 + byte - 0x30
        if (end === at + 2 || bytes[end] !== 0x3a || bytes[end + 1] !== 0x7b) return -1
        if (end - at > 17) count = Number(readInt(bytes, at + 2, end))
        at = end + 2
        slots++
        if (count === 0) {
          if (bytes[at++] !== BRACE_CLOSE) return -1
        } else {
          if (pending.length === maxDepth && maxDepth > 0) return -1
          pending.push(left)
          left = count + 1
        }
        break
      }
      case FLOAT: {
        const end = bytes[at + 1] === 0x3a ? floatEnd(bytes, at + 2) : -1
        at = end === -1 ? -1 : end + 1
        slots++
        break
      }
      case BOOL:
        if (bytes[at + 1] !== 0x3a || (bytes[at + 2]! & 0xfe) !== 0x30 || bytes[at + 3] !== 0x3b) return -1
        at += 4
        slots++
        break
      case NULL:
        if (bytes[at + 1] !== 0x3b) return -1
        at += 2
        slots++
        break
      case OBJECT: {
        const header = objectHeader(bytes, at)
        if (header === undefined || header.count === -1) return -1
        if (pending.length === maxDepth && maxDepth > 0) return -1
        at = header.next
        slots++
        pending.push(left)
        left = header.count + 1
        break
      }
      case CUSTOM: {
        const header = objectHeader(bytes, at)
        if (header === undefined || header.count === -1) return -1
        const end = header.next + header.count
        if (end >= bytes.length || bytes[end] !== BRACE_CLOSE) return -1
        scan.slots = slots + 1
        scanCustom(bytes, header.next, end, scan)
        slots = scan.slots
        at = end + 1
        break
      }
      case REFERENCE:
      case SAME_OBJECT: {
        const end = bytes[at + 1] === 0x3a ? digitsEnd(bytes, at + 2) : -1
        if (end === -1 || bytes[end] !== 0x3b) return -1
        const slot = readLength(bytes, at + 2, end)
        if (slot < 1 || slot > slots) return -1
        scan.references.push(at + 2, slot)
        if (bytes[at] === SAME_OBJECT) slots++
        at = end + 1
        break
      }
      case ESCAPED:
        at = escapedEnd(bytes, at)
        slots++
        break
      case ENUM: {
        const name = bytes[at + 1] === 0x3a ? readName(bytes, at + 1) : undefined
        if (name === undefined || bytes[name.end + 1] !== 0x3b || enumColon(bytes, name) === -1) return -1
        at = name.end + 2
        slots++
        break
      }
      default:
        return -1
    }
    if (at === -1) return -1

    while (--left === 0) {
      if (pending.length === 0) {
        scan.slots = slots
        return at
      }
      if (bytes[at++] !== BRACE_CLOSE) return -1
      left = pending.pop()!
    }
    if (pending.length === 0) continue
    at = keyEnd(bytes, at)
    if (at === -1) return -1
  }
}

/** An array key or property name: where it ends, or -1. */
export function keyEnd(bytes: Buffer, at: number): number {
  if (bytes[at] === STRING) return stringEnd(bytes, at)
  if (bytes[at] === INT && bytes[at + 1] === 0x3a) {
    let end = at + 2
    for (let byte = bytes[end]!; byte >= 0x30 && byte <= 0x39; byte = bytes[end]!) end++
    if (end === at + 2 || bytes[end] !== 0x3b) end = intEnd(bytes, at + 2)
    return end === -1 ? -1 : end + 1
  }
  return bytes[at] === ESCAPED ? escapedEnd(bytes, at) : -1
}

function stringEnd(bytes: Buffer, at: number): number {
  let end = at + 2
  let length = 0
  for (let byte = bytes[end]!; byte >= 0x30 && byte <= 0x39; byte = bytes[++end]!) length = length * 10 + byte - 0x30
  const digits = end - at - 2
  if (digits === 0 || bytes[at + 1] !== 0x3a || bytes[end] !== 0x3a || bytes[end + 1] !== 0x22) return -1
  if (digits > 15) length = readLength(bytes, at + 2, end)
  const quote = end + 2 + length
  return bytes[quote] === 0x22 && bytes[quote + 1] === 0x3b ? quote + 2 : -1
}

function escapedEnd(bytes: Buffer, at: number): number {
  const end = bytes[at + 1] === 0x3a ? digitsEnd(bytes, at + 2) : -1
  if (end === -1 || bytes[end] !== 0x3a || bytes[end + 1] !== 0x22) return -1
  const length = readLength(bytes, at + 2, end)
  const quote = length > bytes.length ? -1 : escapedStringEnd(bytes, end + 2, length)
  return quote === -1 ? -1 : quote + 2
}

/** `O:` and `C:` up to the brace: the count is of properties, or of bytes. */
export function objectHeader(bytes: Buffer, at: number): { name: Name; count: number; next: number } | undefined {
  if (bytes[at + 1] !== 0x3a) return undefined
  const name = readName(bytes, at + 1)
  if (name === undefined || !isClassNameBytes(bytes, name.start, name.end)) return undefined
  const count = readCount(bytes, name.end + 1)
  return count === undefined ? undefined : { name, ...count }
}

/** The colon between the class and the case of an enum; -1 where no PHP has such an enum. The class may have a leading backslash. */
export function enumColon(bytes: Buffer, name: Name): number {
  const colon = bytes.subarray(0, name.end).indexOf(0x3a, name.start)
  const start = bytes[name.start] === BACKSLASH ? name.start + 1 : name.start
  return colon !== -1 && isClassNameBytes(bytes, start, colon) && isLabel(bytes, colon + 1, name.end) ? colon : -1
}

/** The name of a constant: PHP finds no other. */
function isLabel(bytes: Buffer, start: number, end: number): boolean {
  return isClassNameBytes(bytes, start, end) && !(bytes[start]! <= 0x39) && !bytes.subarray(start, end).includes(BACKSLASH)
}

/**
 * Counts the slots inside the bytes of a `C:`. They are the class's own business, but what a class writes there with
 * serialize() shares PHP's numbering: one whole value (the usual `return serialize([...])`), or values between the marks
 * of ArrayObject, SplObjectStorage (`x:i:0;…;m:a:0:{}`) and SplDoublyLinkedList (`i:0;:…:…`). Anything else takes no slot.
 * That is a guess, since a class may write such bytes by itself; the Reader finds out where the references tell.
 */
export function scanCustom(bytes: Buffer, start: number, end: number, scan: Scan): void {
  if (scan.isCustomOpaque || scan.customDepth === MAX_CUSTOM_DEPTH) return
  scan.customDepth++
  const { slots } = scan
  const references = scan.references.length
  const inside = bytes.subarray(0, end)
  const isSpl = /^(x:i:|i:\d+;(:|$))/.test(bytes.toString('latin1', start, Math.min(end, start + 16)))
  let at = start
  while (at < end && at !== -1) {
    if (isSpl) {
      const mark = /^(;m:|x:|[;:,])*/.exec(inside.toString('latin1', at, at + 8))
      at += mark?.[0].length ?? 0
      if (at >= end) break
    } else if (at > start) {
      at = -1
      break
    }
    at = scanValue(inside, at, scan)
  }
  scan.customDepth--
  if (at === -1) {
    scan.slots = slots
    scan.references.length = references
  } else if (scan.references.length > references) scan.referencesInCustom = true
}

const BACKSLASH = 0x5c
const ARRAY = 0x61
const BOOL = 0x62
const CUSTOM = 0x43
const FLOAT = 0x64
const ENUM = 0x45
const INT = 0x69
const NULL = 0x4e
const OBJECT = 0x4f
const REFERENCE = 0x52
const SAME_OBJECT = 0x72
const STRING = 0x73
const ESCAPED = 0x53
const BRACE_CLOSE = 0x7d
