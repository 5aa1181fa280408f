import { objectHeader } from '../php/scan.ts'
import { unendedValue } from './mend-marks.ts'
import { stringToken } from './string-token.ts'

/** Goes through bytes that cannot be read, from one place to the next where a variable may begin, and past texts that are whole. */
export class Damaged {
  readonly #bytes: Buffer
  at: number
  /** How many braces are open. */
  depth = 0
  /** Whether a value ended here; else what stood here was damaged, or was a number that may be a key or a value. */
  isBehindValue = true
  /** Whether a value ended here that has lost its semicolon, so that the key of a variable may follow or what is left of one. */
  isUnended = false
  readonly #hasBareKeys: boolean
  /** Whether a number ended here that was taken for a key. */
  #isBehindKey = false

  /** @param hasBareKeys whether the keys of variables are no strings */
  constructor(bytes: Buffer, at: number, hasBareKeys: boolean) {
    this.#bytes = bytes
    this.at = at
    this.#hasBareKeys = hasBareKeys
  }

  /** @returns whether there is a further place */
  next(): boolean {
    const bytes = this.#bytes
    const start = this.at
    this.isUnended = false
    if (this.#isBehindKey) {
      this.#isBehindKey = false
      this.isBehindValue = false
      return true
    }
    while (this.at < bytes.length) {
      const end = this.#textEnd()
      // A text that does not stand where one may: the value in front of it has lost its end, and this may be a key.
      if (end !== -1 && this.at > start && !MARKS.includes(bytes[this.at - 1]!)) {
        this.isBehindValue = false
        return true
      }
      this.isBehindValue = true
      if (end !== -1) {
        this.at = end
        return true
      }
      const unended = this.at === start || MARKS.includes(bytes[this.at - 1]!) ? this.#unendedEnd() : -1
      if (unended !== -1) {
        this.at = unended
        this.isUnended = true
        this.isBehindValue = false
        return true
      }
      const byte = bytes[this.at++]
      if (byte === BRACE_OPEN) this.depth++
      if (byte === BRACE_CLOSE) this.depth = Math.max(0, this.depth - 1)
      if (byte === SEMICOLON || byte === BRACE_CLOSE) return true
    }
    return false
  }

  /** Goes behind a key; `isDoubtful`: it may be a value, so that a key may follow. */
  skipKey(next: number, isDoubtful: boolean): void {
    this.at = next
    this.#isBehindKey = isDoubtful
  }

  /** Behind a value that is whole but for its semicolon, where a key may follow; or -1. */
  #unendedEnd(): number {
    const bytes = this.#bytes
    if (!this.#hasBareKeys) return -1
    if (bytes[this.at] === STRING) {
      const token = stringToken(bytes, this.at)
      return token !== undefined && bytes[token.start + token.length] === QUOTE ? token.start + token.length + 1 : -1
    }
    for (const { start, end } of unendedValue(bytes, this.at)) if (start === end) return start
    return -1
  }

  /** Behind a string that is as long as it says, also where a byte of its header was lost, or the bytes of an object's own; or -1. */
  #textEnd(): number {
    const bytes = this.#bytes
    const { at } = this
    if (bytes[at] === CUSTOM) {
      const header = objectHeader(bytes, at)
      const end = header === undefined ? -1 : header.next + header.count
      return bytes[end] === BRACE_CLOSE ? end + 1 : -1
    }
    if (bytes[at] !== STRING) return -1
    const [head, digits] = HEAD.exec(bytes.toString('latin1', at, at + LONGEST_HEAD)) ?? []
    if (head === undefined) return -1
    for (const start of [head.length + 1, head.length]) {
      const end = at + start + Number(digits)
      if (bytes[end] === QUOTE && bytes[end + 1] === SEMICOLON) return end + 2
    }
    return -1
  }
}

/** The type and length of a string, and the first of the two bytes behind it. */
const HEAD = /^s\D?(\d{1,10})\D/
const LONGEST_HEAD = 16
/** What stands in front of a string, where all is well. */
const MARKS = Buffer.from(';{}|')
const CUSTOM = 0x43
const STRING = 0x73
const QUOTE = 0x22
const SEMICOLON = 0x3b
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d
