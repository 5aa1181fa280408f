import { Scan, scanValue } from '../php/scan.ts'
import { type Conversion, weighedEnd } from './conversions.ts'
import { closings, type LostMark } from './mend-marks.ts'
import type { StringToken } from './string-token.ts'

/** Where a string may end. */
export interface StringEnd {
  /** Where the closing quote stands. */
  readonly quote: number
  /**
   * `said`: where its length says; `converted`: where the conversion says; `near`: where a quote happens to be; `lost`: where its length says,
   * but the quote or the semicolon is not there, or another byte in its place.
   */
  readonly why: 'said' | 'converted' | 'near' | 'nul bytes' | 'lost'
  /** What has to stand in its place, for `nul bytes`. */
  readonly text?: string
  /** What has to be put back, for `lost`. */
  readonly closing?: LostMark
}

/** Where a string ends when nothing speaks against what its length says: nothing in it looks like an end. */
export function certainEnd(bytes: Buffer, { start, length }: StringToken, conversion: Conversion | undefined): number {
  const said = start + length
  if (!isEnd(bytes, said) || bytes.indexOf(CLOSING, start) !== said) return -1
  return conversion === undefined || weighedEnd(bytes, start, length, conversion) === said ? said : -1
}

/**
 * All places where a string may end, the likeliest first.
 * @param className of the object whose property the string names
 */
export function* stringEnds(
  bytes: Buffer,
  token: StringToken,
  conversion: Conversion | undefined,
  className: string | undefined,
): Generator<StringEnd, undefined> {
  const { start, length } = token
  const said = start + length
  const converted = conversion === undefined ? -1 : weighedEnd(bytes, start, length, conversion)
  if (converted !== -1 && isEnd(bytes, converted)) yield { quote: converted, why: 'converted' }
  if (said !== converted && isEnd(bytes, said)) yield { quote: said, why: 'said' }
  else if (className !== undefined) {
    const restored = restoredName(bytes, token, className)
    if (restored !== undefined) {
      yield restored
      return undefined
    }
  }
  // Where the text holds what looks like its end, its length may be the one that is wrong; unless the text is serialize() output.
  const isCertain = !hasEnd(bytes, start, said) || isSerialized(bytes, start, said)
  if (isCertain) yield* lostEnds(bytes, said, 0)
  for (const quote of nearest(bytes, start, Math.min(said, bytes.length))) {
    // The NUL bytes of a property's name were lost, but not where they stood: a shorter length would make another property of it.
    if (className !== undefined && start + length - quote === 2) continue
    if (quote !== said && quote !== converted) yield { quote, why: 'near' }
  }
  if (!isCertain) yield* lostEnds(bytes, said, 1)
  return undefined
}

/** @param present how many of the quote and the semicolon have to be there */
function* lostEnds(bytes: Buffer, said: number, present: 0 | 1): Generator<StringEnd> {
  if (isEnd(bytes, said)) return
  for (const closing of closings(bytes, said)) {
    if (closing.text.length + present <= 2) yield { quote: said, why: 'lost', closing }
  }
}

function hasEnd(bytes: Buffer, start: number, said: number): boolean {
  return bytes.subarray(start, said + CLOSING.length).includes(CLOSING)
}

/** Whether these bytes are an array or object as serialize() writes it. */
function isSerialized(bytes: Buffer, start: number, end: number): boolean {
  const inside = bytes.subarray(start, end)
  return /^([aC]:\d+:|O:\d+:")/.test(inside.toString('latin1', 0, 16)) && scanValue(inside, 0, new Scan()) === inside.length
}

/** How far from where a string should end its end is looked for. */
const REACH = 1 << 16
const MOST = 24

/** The closing quotes around `middle`, the nearest first. */
function* nearest(bytes: Buffer, start: number, middle: number): Generator<number> {
  const from = Math.max(start, middle - REACH)
  const around = bytes.subarray(from, middle + REACH + CLOSING.length)
  const center = middle - from
  let before = around.lastIndexOf(CLOSING, center)
  let behind = around.indexOf(CLOSING, center + 1)
  for (let count = 0; count < MOST; count++) {
    if (before !== -1 && (behind === -1 || center - before <= behind - center)) {
      yield from + before
      before = before === 0 ? -1 : around.lastIndexOf(CLOSING, before - 1)
    } else if (behind !== -1) {
      yield from + behind
      behind = around.indexOf(CLOSING, behind + 1)
    } else return
  }
}

/**
 * What the two NUL bytes in the name of a property that is not public (`\0*\0name`, `\0Class\0name`) have become: nothing, as where text was
 * copied or kept in a column for text, or what somebody wrote for them.
 */
const NULS = ['', '\xef\xbf\xbd', '\\0', '\\x00', '\\u0000', '%00', '&#0;']

/** The name of a property as it was, where its length says that only the NUL bytes are not there. */
function restoredName(bytes: Buffer, { start, length }: StringToken, className: string): StringEnd | undefined {
  for (const nul of NULS) {
    const quote = start + length + 2 * (nul.length - 1)
    if (!isEnd(bytes, quote)) continue
    const content = bytes.toString('latin1', start, quote)
    const owner = ['*', className].find((each) => content.startsWith(nul + each + nul)) ?? ownerIn(content, nul)
    if (owner === undefined) continue
    const name = content.slice(2 * nul.length + owner.length)
    return { quote, why: 'nul bytes', text: `\0${owner}\0${name}` }
  }
  return undefined
}

/** The class of a parent, which only what stands for the NUL bytes tells from the name. */
function ownerIn(content: string, nul: string): string | undefined {
  const end = nul === '' || !content.startsWith(nul) ? -1 : content.indexOf(nul, nul.length)
  return end === -1 ? undefined : content.slice(nul.length, end)
}

function isEnd(bytes: Buffer, quote: number): boolean {
  return bytes[quote] === QUOTE && bytes[quote + 1] === SEMICOLON
}

const CLOSING = Buffer.from('";')
const QUOTE = 0x22
const SEMICOLON = 0x3b
