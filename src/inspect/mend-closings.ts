import { formatPath } from '../php/key-path.ts'
import type { Edit } from './edits.ts'
import { isName, isPlainKey, isValueStart, LONGEST_KEY } from './plausible.ts'

/** What is missing behind a string: the text to put in place of these bytes, and where reading goes on. */
export interface Closing {
  readonly start: number
  readonly end: number
  readonly text: '"' | ';' | '";'
  readonly next: number
}

/** The ways in which a string ends at `said` whose quote or semicolon was lost, or became another byte. */
export function* closings(bytes: Buffer, said: number): Generator<Closing, undefined> {
  const [behind, beyond] = [said + 1, said + 2]
  if (bytes[behind] === SEMICOLON) yield { start: said, end: behind, text: '"', next: beyond }
  if (bytes[said] === SEMICOLON) yield { start: said, end: said, text: '"', next: behind }
  // Where the bytes end here, they may have been cut off.
  if (beyond > bytes.length) return undefined
  if (bytes[said] !== QUOTE) yield { start: said, end: said, text: '";', next: said }
  else {
    const lost: Closing = { start: behind, end: behind, text: ';', next: behind }
    const flipped: Closing = { start: behind, end: beyond, text: ';', next: beyond }
    yield* isName(bytes, behind, beyond) ? [lost, flipped] : [flipped, lost]
  }
  return undefined
}

/** @param isBeforeKey whether the key of a variable follows, as the handler php has it */
export function closingEdit(bytes: Buffer, { start, end, text }: Closing, isBeforeKey: boolean): Edit {
  const expected = [text.includes('"') ? 'a quote' : [], text.includes(';') ? 'a semicolon' : []].flat().join(' and ')
  const edit: Edit = { kind: 'closing', start, end, text, expected }
  if (text !== ';' || !isBeforeKey) return edit
  // Nobody knows whether the byte behind the quote was the semicolon, or is the first one of the key.
  const names = [start, start + 1].map((at) => keyAt(bytes, at))
  const [taken, other] = start === end ? names : names.reverse()
  return taken && other ? { ...edit, loses: `the name ${other}, if that was what is now ${taken}` } : edit
}

/** The name of a variable that is not empty. */
function keyAt(bytes: Buffer, at: number): string | undefined {
  const length = bytes.subarray(at, at + LONGEST_KEY + 1).indexOf(DELIMITER)
  const isKey = length > 0 && isPlainKey(bytes, at, at + length) && isValueStart(bytes, at + length + 1)
  return isKey ? formatPath([bytes.toString('utf8', at, at + length)]) : undefined
}

const QUOTE = 0x22
const SEMICOLON = 0x3b
const DELIMITER = 0x7c
