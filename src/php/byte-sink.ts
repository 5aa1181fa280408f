import type { TextCodec } from './charset.ts'

/** Collects the bytes of serialized values. A hot loop may write to `bytes` itself, from `at` on, after `reserve`. */
export class ByteSink {
  readonly #codec: TextCodec
  bytes: Buffer
  at = 0

  constructor(codec: TextCodec) {
    this.#codec = codec
    this.bytes = spare ?? Buffer.allocUnsafeSlow(SPARE_SIZE)
    spare = undefined
  }

  /** A copy of all bytes; the sink takes no more. */
  finish(): Buffer {
    const result = Buffer.allocUnsafe(this.at)
    this.bytes.copy(result, 0, 0, this.at)
    if (this.bytes.length <= LARGEST_SPARE) spare = this.bytes
    return result
  }

  reserve(length: number): void {
    if (this.at + length <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + length))
    this.bytes.copy(larger, 0, 0, this.at)
    this.bytes = larger
  }

  /** ASCII text as it is. */
  ascii(text: string): void {
    this.reserve(text.length)
    const bytes = this.bytes
    let at = this.at
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    this.at = at
  }

  /** Text in the sink's charset, without quotes or length. @throws RangeError for a character the charset does not have */
  text(text: string): void {
    if (text.length <= LONGEST_SHORT) {
      const start = this.at
      this.ascii(text)
      let at = start
      while (at < this.at && text.charCodeAt(at - start) <= 0x7f) at++
      if (at === this.at) return
      this.at = start
    }
    const length = this.#codec.byteLength(text)
    this.reserve(length)
    this.#codec.write(text, this.bytes, this.at)
    this.at += length
  }

  copy(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start)
    const { bytes, at } = this
    if (end - start <= LONGEST_LOOP) for (let i = start; i < end; i++) bytes[at + i - start] = source[i]!
    else bytes.set(source.subarray(start, end), at)
    this.at += end - start
  }

  /** `i:<int>;` */
  int(value: number): void {
    this.reserve(32)
    this.at = putInt(this.bytes, this.at, value)
  }

  /** `d:<text>;` */
  float(text: string): void {
    this.reserve(text.length + 3)
    const { bytes } = this
    let { at } = this
    bytes[at++] = 0x64
    bytes[at++] = 0x3a
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    bytes[at++] = 0x3b
    this.at = at
  }

  /**
   * `d:<value>;` for a positive number of at most two decimals, as prices are; `false`, and nothing written, for any other.
   * So few digits that read back are always the shortest, and no text has to be made of them.
   */
  money(value: number): boolean {
    const cents = Math.round(value * 100)
    if (!(cents > 0 && cents < 1e9) || cents / 100 !== value) return false
    this.reserve(32)
    const { bytes } = this
    const whole = (cents / 100) | 0
    const rest = cents - whole * 100
    const tenths = (rest / 10) | 0
    bytes[this.at++] = 0x64
    bytes[this.at++] = 0x3a
    this.at = putDigits(bytes, this.at, whole)
    if (rest > 0) {
      bytes[this.at++] = 0x2e
      bytes[this.at++] = 0x30 + tenths
      if (rest > tenths * 10) bytes[this.at++] = 0x30 + rest - tenths * 10
    }
    bytes[this.at++] = 0x3b
    return true
  }

  /** `<tag>:<count>:{`; returns where the count stands, for `recount`. */
  open(tag: number, count: number): number {
    this.reserve(32)
    this.bytes[this.at++] = tag
    return this.count(count)
  }

  /** `:<count>:{`; returns where the count stands, for `recount`. */
  count(count: number): number {
    this.reserve(32)
    this.bytes[this.at++] = 0x3a
    const countAt = this.at
    this.at = putDigits(this.bytes, this.at, count)
    this.bytes[this.at++] = 0x3a
    this.bytes[this.at++] = 0x7b
    return countAt
  }

  /** Puts another count in the place of one that was written too high. */
  recount(countAt: number, from: number, to: number): void {
    const digits = String(to)
    const shorter = String(from).length - digits.length
    if (shorter > 0) {
      this.bytes.copyWithin(countAt, countAt + shorter, this.at)
      this.at -= shorter
    }
    this.bytes.write(digits, countAt, 'latin1')
  }

  /** `}` */
  close(): void {
    this.reserve(1)
    this.bytes[this.at++] = 0x7d
  }

  /** `<tag>:<length>:"<text>"` without what follows. @throws RangeError for a character the charset does not have */
  quoted(tag: number, text: string): void {
    const isAscii = Buffer.byteLength(text) === text.length
    const length = isAscii ? text.length : this.#codec.byteLength(text)
    this.reserve(length + 32)
    this.bytes[this.at++] = tag
    this.bytes[this.at++] = 0x3a
    this.at = putDigits(this.bytes, this.at, length)
    this.bytes[this.at++] = 0x3a
    this.bytes[this.at++] = 0x22
    if (isAscii) this.bytes.write(text, this.at, 'latin1')
    else this.#codec.write(text, this.bytes, this.at)
    this.at += length
    this.bytes[this.at++] = 0x22
  }

  /** `s:<length>:"<bytes>";` */
  byteString(source: Uint8Array): void {
    this.ascii(`s:${source.length}:"`)
    this.copy(source, 0, source.length)
    this.ascii('";')
  }

  semicolon(): void {
    this.reserve(1)
    this.bytes[this.at++] = 0x3b
  }
}

/** Room enough for what `putShortString` or `putInt` write. */
export const SHORT = 96

/**
 * Writes `s:<length>:"<text>";` for short ASCII text, which most is; returns where it ends, or -1 for any other text, when
 * nothing counts as written.
 */
export function putShortString(bytes: Buffer, start: number, text: string): number {
  const { length } = text
  if (length > LONGEST_SHORT) return -1
  let at = start
  bytes[at++] = 0x73
  bytes[at++] = 0x3a
  if (length > 9) bytes[at++] = 0x30 + ((length / 10) | 0)
  bytes[at++] = 0x30 + (length % 10)
  bytes[at++] = 0x3a
  bytes[at++] = 0x22
  let seen = 0
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    seen |= unit
    bytes[at++] = unit
  }
  if (seen > 0x7f) return -1
  bytes[at] = 0x22
  bytes[at + 1] = 0x3b
  return at + 2
}

/** Writes `b:0;` or `b:1;`; returns where it ends. */
export function putBoolean(bytes: Buffer, at: number, value: boolean): number {
  bytes[at] = 0x62
  bytes[at + 1] = 0x3a
  bytes[at + 2] = value ? 0x31 : 0x30
  bytes[at + 3] = 0x3b
  return at + 4
}

/** Writes `i:<int>;`; returns where it ends. */
export function putInt(bytes: Buffer, at: number, value: number): number {
  bytes[at] = 0x69
  bytes[at + 1] = 0x3a
  const end = putDigits(bytes, at + 2, value)
  bytes[end] = 0x3b
  return end + 1
}

function putDigits(bytes: Buffer, start: number, value: number): number {
  if (value < 0 || value > 99999) {
    const text = String(value)
    for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i)
    return start + text.length
  }
  const end = start + (value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 10000 ? 4 : 5)
  let at = end
  for (let rest = value; ; ) {
    const quotient = (rest / 10) | 0
    bytes[--at] = 0x30 + rest - quotient * 10
    if (quotient === 0) return end
    rest = quotient
  }
}

/** Longer strings are written by Node, which is faster from about here; two digits say how long the others are. */
const LONGEST_SHORT = 64
/** A longer copy is worth a call. */
const LONGEST_LOOP = 128

/** A buffer nobody is writing to: a sink takes it, and leaves it for the next when it is done. */
let spare: Buffer | undefined
const SPARE_SIZE = 1 << 14
const LARGEST_SPARE = 1 << 20
