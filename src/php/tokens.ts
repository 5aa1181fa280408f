/**
 * The grammar of PHP's value format below the level of values, as var_unserializer.re has it: one place for the rules that
 * reading (unserialize.ts) and looking over (scan.ts) share. Positions are byte offsets; -1 says that PHP rejects the bytes.
 * Reading past the end of a Buffer gives `undefined`, which matches nothing.
 */

/** `[0-9]+` from `pos`: where it ends. */
export function digitsEnd(bytes: Buffer, pos: number): number {
  let at = pos
  while (isDigit(bytes[at])) at++
  return at === pos ? -1 : at
}

/** `[+-]? [0-9]+ ";"` from `pos`: where the `;` stands. */
export function intEnd(bytes: Buffer, pos: number): number {
  const end = digitsEnd(bytes, isSign(bytes[pos]) ? pos + 1 : pos)
  return end !== -1 && bytes[end] === SEMICOLON ? end : -1
}

/** `NAN | -?INF | iv | nv | nvexp`, then `;`, from `pos`: where the `;` stands. */
export function floatEnd(bytes: Buffer, pos: number): number {
  let at = isSign(bytes[pos]) ? pos + 1 : pos
  const start = at
  while (isDigit(bytes[at])) at++
  let digits = at - start
  if (bytes[at] === DOT) {
    const point = at++
    while (isDigit(bytes[at])) at++
    digits += at - point - 1
  }
  if (digits === 0) return namedFloatEnd(bytes, pos)
  if (bytes[at] === LOWER_E || bytes[at] === UPPER_E) {
    at = digitsEnd(bytes, isSign(bytes[at + 1]) ? at + 2 : at + 1)
  }
  return at !== -1 && bytes[at] === SEMICOLON ? at : -1
}

function namedFloatEnd(bytes: Buffer, pos: number): number {
  const text = bytes.toString('latin1', pos, pos + 5)
  if (text.startsWith('NAN;') || text.startsWith('INF;')) return pos + 3
  return text === '-INF;' ? pos + 4 : -1
}

/**
 * A length as PHP reads it: digits of any number, modulo 2^64 (parse_uiv); Infinity for what no input can be as long as.
 * Taken a few digits at a time, since a bigint of a million digits costs more than linear time.
 */
export function readLength(bytes: Buffer, pos: number, end: number): number {
  if (end - pos < 16) return Number(bytes.toString('latin1', pos, end))
  let length = 0n
  for (let at = pos; at < end; at += 15) {
    const digits = bytes.toString('latin1', at, Math.min(end, at + 15))
    length = BigInt.asUintN(64, length * 10n ** BigInt(digits.length) + BigInt(digits))
  }
  return length > MAX_SAFE ? Number.POSITIVE_INFINITY : Number(length)
}

/** An int as PHP reads it (parse_iv2): saturated past 64 bits. A bigint where a number would not be exact. */
export function readInt(bytes: Buffer, pos: number, end: number): number | bigint {
  const text = bytes.toString('latin1', pos, end)
  if (text.length < 16) return Number(text) + 0 // "-0" is 0
  const negative = text[0] === '-'
  const digits = text.replace(/^[+-]?0*/, '')
  const limit = negative ? -INT_MIN : INT_MAX
  const magnitude = digits.length > 19 || BigInt(digits) > limit ? limit : BigInt(digits)
  const value = negative ? -magnitude : magnitude
  return value >= -MAX_SAFE && value <= MAX_SAFE ? Number(value) : value
}

export const INT_MAX = 9223372036854775807n
export const INT_MIN = -9223372036854775808n
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** The quoted name of an `O:`, `C:` or `E:`. */
export interface Name {
  start: number
  end: number
}

/** `:<length>:"<bytes>"` from the first colon: the name, or undefined where PHP rejects it. Checked for a class name's characters. */
export function readName(bytes: Buffer, colon: number): Name | undefined {
  const lengthEnd = digitsEnd(bytes, colon + 1)
  if (lengthEnd === -1 || bytes[lengthEnd] !== COLON || bytes[lengthEnd + 1] !== QUOTE) return undefined
  const start = lengthEnd + 2
  const end = start + readLength(bytes, colon + 1, lengthEnd)
  if (end === start || bytes[end] !== QUOTE) return undefined
  return { start, end }
}

/** Whether PHP takes the bytes as the name of a class (zend_is_valid_class_name). */
export function isClassNameBytes(bytes: Buffer, start: number, end: number): boolean {
  if (start === end || bytes[start] === BACKSLASH) return false
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
    if (!isLetter && !isDigit(byte) && byte !== UNDERSCORE && byte !== BACKSLASH && byte < 0x80) return false
  }
  return true
}

/** What follows the name of an `O:` or `C:`: `:<count>:{`. The count may carry a sign or be missing (parse_iv2). */
export interface Count {
  /** -1 when negative. */
  readonly count: number
  /** Behind the `{`. */
  readonly next: number
}

export function readCount(bytes: Buffer, colon: number): Count | undefined {
  if (bytes[colon] !== COLON) return undefined
  const start = colon + 1
  let end = isSign(bytes[start]) ? start + 1 : start
  const digits = end
  while (isDigit(bytes[end])) end++
  if (bytes[end] !== COLON || bytes[end + 1] !== BRACE_OPEN) return undefined
  const count = end === digits ? 0 : Number(readInt(bytes, start, end))
  return { count: count < 0 ? -1 : count, next: end + 2 }
}

/** The body of an `S:` string of `length` characters, `\xx` counting as one, from behind the quote: where the closing quote stands. */
export function escapedStringEnd(bytes: Buffer, pos: number, length: number): number {
  let at = pos
  for (let left = length; left > 0; left--) {
    if (at >= bytes.length) return -1
    if (bytes[at] === BACKSLASH) {
      if (!isHex(bytes[at + 1]) || !isHex(bytes[at + 2])) return -1
      at += 3
    } else at++
  }
  return bytes[at] === QUOTE && bytes[at + 1] === SEMICOLON ? at : -1
}

/** The bytes that the body of an `S:` string stands for. */
export function unescapeString(bytes: Buffer, start: number, end: number): Buffer {
  const body = bytes.toString('latin1', start, end)
  return Buffer.from(
    body.replace(/\\(..)/gs, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function isHex(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
}

function isSign(byte: number | undefined): boolean {
  return byte === MINUS || byte === PLUS
}

const QUOTE = 0x22
const PLUS = 0x2b
const MINUS = 0x2d
const DOT = 0x2e
const COLON = 0x3a
const SEMICOLON = 0x3b
const UPPER_E = 0x45
const BACKSLASH = 0x5c
const UNDERSCORE = 0x5f
const LOWER_E = 0x65
const BRACE_OPEN = 0x7b
