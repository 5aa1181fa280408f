import { textCodec } from '../php/charset.ts'

/**
 * A string in quotes, as PHP's double ones, but that a `$` stands as it is.
 * @param max in characters: a longer text is cut, with `…`
 */
export function quote(value: string | Buffer, max = Number.POSITIVE_INFINITY): string {
  const text = textOf(value, max)
  const shown = text.length > max ? `${text.slice(0, max).replace(/[\ud800-\udbff]$/, '')}…` : text
  return `"${printable(shown.replace(/["\\]/g, '\\$&'))}"`
}

/** A literal that PHP evaluates to this string. */
export function phpString(value: string | Buffer): string {
  const text = textOf(value)
  if (!UNSAFE.test(text)) return `'${text.replace(/[\\']/g, '\\$&')}'`
  return `"${printable(text.replace(/["\\$]/g, '\\$&'))}"`
}

/**
 * Text that can do nothing to a terminal: control characters, bytes that are no UTF-8, and characters that turn text around or cannot be
 * seen are escaped, as in PHP's double quotes.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE_ALL, (character) => {
    const code = character.codePointAt(0)!
    if (code < 0x80) return NAMED.get(character) ?? `\\x${code.toString(16).padStart(2, '0')}`
    return code >= 0xdc80 && code <= 0xdcff ? `\\x${(code - 0xdc00).toString(16)}` : `\\u{${code.toString(16)}}`
  })
}

/** Bytes that are no text become lone surrogates, as in keys. */
function textOf(value: string | Buffer, max = Number.POSITIVE_INFINITY): string {
  return typeof value === 'string' ? value : utf8.decodeKey(value, 0, Math.min(value.length, (max + 1) * 4))
}

/** Controls, lone surrogates, marks of direction, separators of lines, spaces without width. */
const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u
const UNSAFE_ALL = new RegExp(UNSAFE, 'gu')
const NAMED = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\x1b', '\\e'],
])
const utf8 = textCodec('utf-8')
