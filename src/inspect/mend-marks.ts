import { formatPath } from '../php/key-path.ts'
import { enumColon, Scan, scanValue } from '../php/scan.ts'
import { digitsEnd, readLength } from '../php/tokens.ts'
import type { Edit } from './edits.ts'
import { isName, isValueStart, LONGEST_KEY, mayBeKey } from './plausible.ts'
import { stringToken } from './string-token.ts'

/** A mark of the grammar that was lost: the text to put in place of these bytes, and where reading goes on. */
export interface LostMark {
  readonly start: number
  readonly end: number
  readonly text: '"' | ';' | '";' | '}'
  readonly next: number
}

/** The ways in which a string, or the name of an enum, ends at `said` whose quote or semicolon was lost, or became another byte. */
export function* closings(bytes: Buffer, said: number): Generator<LostMark, undefined> {
  const [behind, beyond] = [said + 1, said + 2]
  if (bytes[behind] === SEMICOLON) yield { start: said, end: behind, text: '"', next: beyond }
  if (bytes[said] === SEMICOLON) yield { start: said, end: said, text: '"', next: behind }
  // Where the bytes end here, they may have been cut off.
  if (beyond > bytes.length) return undefined
  if (bytes[said] === QUOTE) yield* lostMarks(bytes, behind, ';')
  else yield { start: said, end: said, text: '";', next: said }
  return undefined
}

/** The opening quote of the string at `at` that was lost, or became another byte: the string has to be as long as it says. */
export function lostOpening(bytes: Buffer, at: number): LostMark | undefined {
  const lengthEnd = bytes[at + 1] === COLON ? digitsEnd(bytes, at + 2) : -1
  if (lengthEnd === -1 || bytes[lengthEnd] !== COLON) return undefined
  const start = lengthEnd + 1
  for (const end of [start, start + 1]) {
    const quote = end + readLength(bytes, at + 2, lengthEnd)
    if (bytes[quote] === QUOTE && bytes[quote + 1] === SEMICOLON) return { start, end, text: '"', next: quote + 2 }
  }
  return undefined
}

/** The ways in which the value at `at`, which is no string, may have lost the semicolon behind it, or an enum its quote. */
export function* unendedValue(bytes: Buffer, at: number): Generator<LostMark, undefined> {
  if (bytes[at] === ENUM) {
    const token = stringToken(bytes, at)
    const name = token && { start: token.start, end: token.start + token.length }
    if (name !== undefined && name.end <= bytes.length && enumColon(bytes, name) !== -1) yield* closings(bytes, name.end)
  } else {
    const text = scalarText(bytes, at)
    if (text !== undefined && bytes[at + text.length] !== SEMICOLON) yield* lostMarks(bytes, at + text.length, ';')
  }
  return undefined
}

function scalarText(bytes: Buffer, at: number): string | undefined {
  return SCALAR.exec(bytes.toString('latin1', at, at + LONGEST_SCALAR))?.[0]
}

/** At `at` was a mark: it is not there, or another byte in its place. */
export function lostMarks(bytes: Buffer, at: number, text: ';' | '}'): readonly LostMark[] {
  if (at >= bytes.length) return []
  const lost: LostMark = { start: at, end: at, text, next: at }
  const flipped: LostMark = { start: at, end: at + 1, text, next: at + 1 }
  return isName(bytes, at, at + 1) ? [lost, flipped] : [flipped, lost]
}

/**
 * @param of the value that the mark belongs to: where that begins, and where the mark stood in plain words
 * @param isBeforeKey whether the key of a variable follows, as the handler php has it
 */
export function markEdit(
  bytes: Buffer,
  { start, end, text }: LostMark,
  of: { readonly at: number; readonly where: string },
  isBeforeKey: boolean,
): Edit {
  const expected = EXPECTED.flatMap(([mark, name]) => (text.includes(mark) ? name : [])).join(' and ')
  const edit: Edit = { kind: 'mark', start, end, text, expected, where: of.where }
  if (text.includes('"')) return edit
  // Nobody knows whether the byte behind was the mark, or is the first one of the key.
  const names = isBeforeKey ? [start, start + 1].map((at) => keyAt(bytes, at)) : []
  const [taken, other] = start === end ? names : names.reverse()
  const number = shorterNumber(bytes, of.at, start)
  if (number !== undefined) {
    // Nor whether the last digit was, or is the first byte of the key.
    const loses = taken ? `the number and the name, if they were not ${number.text} and ${taken}` : number.loses
    return { ...edit, loses }
  }
  return taken && other ? { ...edit, loses: `the name ${other}, if that was what is now ${taken}` } : edit
}

/** Of the number at `start`, if it is one: its text, and what it would be if its last digit were none. */
function shorterNumber(bytes: Buffer, start: number, end: number): { text: string; loses: string } | undefined {
  const text = scalarText(bytes, start)
  if (text?.length !== end - start) return undefined
  const shorter = text.slice(0, -1)
  if (!/\d$/.test(shorter) || scanValue(Buffer.from(`${shorter};`, 'latin1'), 0, anySlot()) === -1) return undefined
  const [was, is] = [shorter.slice(2), text.slice(2)]
  return { text: is, loses: `the number ${was}, if that was what is now ${is}` }
}

/** Any slot is right here: what references lead to is looked at when all is done. */
export function anySlot(): Scan {
  const scan = new Scan()
  scan.slots = Number.MAX_SAFE_INTEGER / 2
  return scan
}

/** The name of a variable that is not empty. */
function keyAt(bytes: Buffer, at: number): string | undefined {
  const length = bytes.subarray(at, at + LONGEST_KEY + 1).indexOf(DELIMITER)
  const isOne = length > 0 && mayBeKey(bytes, at, at + length) && isValueStart(bytes, at + length + 1)
  return isOne ? formatPath([bytes.toString('utf8', at, at + length)]) : undefined
}

const EXPECTED = [
  ['"', 'a quote'],
  [';', 'a semicolon'],
  ['}', 'a brace'],
] as const
/** A value that is only ended by its semicolon, or a key that is an int. */
const SCALAR = /^(?:N|b:[01]|[irR]:[+-]?\d+|d:(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NAN|-?INF))/
/** PHP before 7.1 wrote floats with all the digits they have. */
const LONGEST_SCALAR = 512
const ENUM = 0x45
const QUOTE = 0x22
const COLON = 0x3a
const SEMICOLON = 0x3b
const DELIMITER = 0x7c
