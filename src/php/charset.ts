import { isUtf8 } from 'node:buffer'
import { NoPhpForm } from './no-php-form.ts'

/**
 * How the bytes of PHP strings become text.
 * `utf-8`: bytes that are not valid UTF-8 become a Buffer. `latin1` (ISO-8859-1) and `windows-1252`: every byte is a character.
 * `buffer`: every string value becomes a Buffer; keys and names are text all the same.
 */
export type Charset = 'utf-8' | 'latin1' | 'windows-1252' | 'buffer'

/** One charset. Bytes and text that are pure ASCII need none of these calls. */
export interface TextCodec {
  /** Whether ASCII bytes may be read as text without asking. */
  readonly asciiIsText: boolean
  /** The text, or a copy of the bytes when they are no text in this charset. */
  decode(bytes: Buffer, start: number, end: number): string | Buffer
  /** The same for a key, which has to be text: a byte that is none becomes the lone surrogate U+DC00 + byte. */
  decodeKey(bytes: Buffer, start: number, end: number): string
  /** How many bytes `write` will write. @throws RangeError when the text has a character that the charset has no bytes for. */
  byteLength(text: string): number
  /** Writes the text at `offset`; there is room for `byteLength(text)` bytes. */
  write(text: string, target: Buffer, offset: number): void
}

export function textCodec(charset: Charset = 'utf-8'): TextCodec {
  const codec = Object.hasOwn(codecs, charset) ? codecs[charset] : undefined
  if (codec === undefined) {
    throw new TypeError(`Unknown charset '${String(charset)}': use ${Object.keys(codecs).join(', ')}`)
  }
  return codec
}

// --- UTF-8 -----------------------------------------------------------------------------------------------------------

const utf8: TextCodec = {
  asciiIsText: true,
  decode(bytes, start, end) {
    const text = bytes.toString('utf8', start, end)
    return text.includes('\ufffd') && !isText(bytes, start, end) ? copy(bytes, start, end) : text
  },
  decodeKey(bytes, start, end) {
    const text = bytes.toString('utf8', start, end)
    return text.includes('\ufffd') && !isText(bytes, start, end) ? escapeBytes(bytes.subarray(start, end)) : text
  },
  byteLength: (text) => (text.isWellFormed() ? Buffer.byteLength(text) : unescapeBytes(text).length),
  write(text, target, offset) {
    if (text.isWellFormed()) target.write(text, offset, 'utf8')
    else unescapeBytes(text).copy(target, offset)
  },
}

function isText(bytes: Buffer, start: number, end: number): boolean {
  return isUtf8(bytes.subarray(start, end))
}

function copy(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end))
}

/**
 * Text for bytes that are not valid UTF-8, one to one: valid sequences as characters, each other byte as the lone surrogate
 * U+DC00 + byte (the idea of Python's PEP 383). Valid UTF-8 never decodes to a lone surrogate, so no two keys fall together.
 */
function escapeBytes(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at]!
    const length = byte < 0xc2 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
    if (byte < 0x80) text += String.fromCharCode(byte)
    else if (length > 1 && at + length <= bytes.length && isText(bytes, at, at + length)) {
      text += bytes.toString('utf8', at, at + length)
      at += length - 1
    } else text += String.fromCharCode(0xdc00 + byte)
    at++
  }
  return text
}

function unescapeBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length * 3)
  let at = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code >= 0xdc80 && code <= 0xdcff) bytes[at++] = code - 0xdc00
    else if (code >= 0xd800 && code <= 0xdfff) {
      throw new NoPhpForm('a lone surrogate (half of a character) has no UTF-8 form')
    } else at += bytes.write(character, at, 'utf8')
  }
  return bytes.subarray(0, at)
}

// --- Single-byte charsets --------------------------------------------------------------------------------------------

/** A charset of one byte per character; `upper` are the characters of 0x80 … 0x9f, the rest is as in ISO-8859-1. */
function singleByte(name: string, upper: string): TextCodec {
  const toByte = new Map<string, number>()
  for (let byte = 0x80; byte <= 0xff; byte++) toByte.set(byte < 0xa0 ? upper[byte - 0x80]! : String.fromCharCode(byte), byte)

  const decode = (bytes: Buffer, start: number, end: number): string =>
    bytes.toString('latin1', start, end).replace(/[\x80-\x9f]/g, (control) => upper[control.charCodeAt(0) - 0x80]!)
  return {
    asciiIsText: true,
    decode,
    decodeKey: decode,
    byteLength(text) {
      for (const character of text) {
        if (character > '\x7f' && !toByte.has(character)) throw new NoPhpForm(`'${character}' is not a ${name} character`)
      }
      return text.length
    },
    write(text, target, offset) {
      for (let i = 0; i < text.length; i++) target[offset + i] = toByte.get(text[i]!) ?? text.charCodeAt(i)
    },
  }
}

const controls = Array.from({ length: 32 }, (_, i) => String.fromCharCode(0x80 + i)).join('')
/** The five bytes Windows leaves unassigned stay controls, as in the WHATWG encoding standard, so that all bytes survive. */
const windows1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178'

const codecs: Record<Charset, TextCodec> = {
  'utf-8': utf8,
  latin1: singleByte('latin1', controls),
  'windows-1252': singleByte('windows-1252', windows1252),
  buffer: { ...utf8, asciiIsText: false, decode: copy },
}
