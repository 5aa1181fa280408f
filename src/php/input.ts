import { isAscii } from 'node:buffer'
import type { TextCodec } from './charset.ts'
import { cacheKey } from './key-cache.ts'
import { digitsEnd, escapedStringEnd, type Name, readLength, unescapeString } from './tokens.ts'

/** Serialized bytes, and their strings as text. */
export class Input {
  readonly bytes: Buffer
  readonly #codec: TextCodec
  /** All bytes as latin1, to cut ASCII text from: made when the first string is read, which may be never. */
  #text: string | undefined
  #isAscii = false

  constructor(bytes: Buffer, codec: TextCodec) {
    this.bytes = bytes
    this.#codec = codec
  }

  /** The value of a string. */
  string(start: number, end: number): string | Buffer {
    const text = this.#text ?? this.#load()
    if (this.#isAscii || (this.#codec.asciiIsText && isAsciiRange(this.bytes, start, end))) return text.slice(start, end)
    return this.#codec.decode(this.bytes, start, end)
  }

  /** A key, or a name; to be looked up with `cachedKey` first. */
  key(start: number, end: number): string {
    const { bytes } = this
    if (!isAsciiRange(bytes, start, end)) return this.#codec.decodeKey(bytes, start, end)
    const key = bytes.toString('latin1', start, end)
    cacheKey(bytes, start, end - start, key)
    return key
  }

  /** ASCII text as it is. */
  ascii(start: number, end: number): string {
    return this.bytes.toString('latin1', start, end)
  }

  /** Where the body of the `S:` string at `at` stands; undefined where PHP rejects it. */
  escaped(at: number): Name | undefined {
    const { bytes } = this
    const lengthEnd = digitsEnd(bytes, at + 2)
    if (lengthEnd === -1 || bytes[lengthEnd] !== COLON || bytes[lengthEnd + 1] !== QUOTE) return undefined
    const start = lengthEnd + 2
    const length = readLength(bytes, at + 2, lengthEnd)
    const end = length > bytes.length ? -1 : escapedStringEnd(bytes, start, length)
    return end === -1 ? undefined : { start, end }
  }

  escapedString(body: Name): string | Buffer {
    const bytes = unescapeString(this.bytes, body.start, body.end)
    return this.#codec.decode(bytes, 0, bytes.length)
  }

  escapedKey(body: Name): string {
    const bytes = unescapeString(this.bytes, body.start, body.end)
    return this.#codec.decodeKey(bytes, 0, bytes.length)
  }

  #load(): string {
    this.#isAscii = this.#codec.asciiIsText && isAscii(this.bytes)
    this.#text = this.bytes.toString('latin1')
    return this.#text
  }
}

function isAsciiRange(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! > 0x7f) return false
  return true
}

const COLON = 0x3a
const QUOTE = 0x22
