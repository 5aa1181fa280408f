import { randomFillSync } from 'node:crypto'

/**
 * Session ids as PHP makes and checks them: `php_session_create_id`, `php_session_valid_key` and the first lines of
 * `php_session_start` in ext/session/session.c.
 */

/** 4 bits a character use the first 16 of these, 5 bits the first 32, 6 bits all 64. */
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-'

const MAX_LENGTH = 256

/** Random bytes are fetched a page at a time: one call for some hundred ids. A byte is used once and then wiped. */
const pool = Buffer.alloc(4096)
let used = pool.length

/**
 * A new random id (`session_create_id()` without a prefix).
 * `length` is `sid_length`, 22 to 256; `bitsPerCharacter` is `sid_bits_per_character`, 4, 5 or 6.
 * @throws TypeError outside these ranges.
 */
export function createSid(length = 32, bitsPerCharacter = 4): string {
  if (!Number.isInteger(length) || length < 22 || length > MAX_LENGTH) {
    throw new TypeError(`sid_length must be a whole number from 22 to ${MAX_LENGTH}, not ${String(length)}`)
  }
  if (bitsPerCharacter !== 4 && bitsPerCharacter !== 5 && bitsPerCharacter !== 6) {
    throw new TypeError(`sid_bits_per_character must be 4, 5 or 6, not ${String(bitsPerCharacter)}`)
  }
  const needed = Math.ceil((length * bitsPerCharacter) / 8)
  if (used + needed > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = pool.subarray(used, used + needed)
  used += needed
  const sid = binToReadable(bytes, length, bitsPerCharacter)
  bytes.fill(0)
  return sid
}

/**
 * `length` characters of `bitsPerCharacter` bits each, the low bits of a byte first (`bin_to_readable`).
 * `bytes` must hold at least `length * bitsPerCharacter` bits.
 */
export function binToReadable(bytes: Uint8Array, length: number, bitsPerCharacter: number): string {
  const mask = (1 << bitsPerCharacter) - 1
  let text = ''
  let bits = 0
  let have = 0
  let next = 0
  while (text.length < length) {
    if (have < bitsPerCharacter) {
      bits |= bytes[next++]! << have
      have += 8
    }
    text += ALPHABET[bits & mask]
    bits >>= bitsPerCharacter
    have -= bitsPerCharacter
  }
  return text
}

/**
 * Whether a save handler may use this id: 1 to 256 characters of `0-9a-zA-Z,-` (`php_session_valid_key`).
 * Everything else, path separators, dots and NUL included, must not come near a file name.
 */
export function isValidSid(id: unknown): id is string {
  return typeof id === 'string' && VALID.test(id)
}

const VALID = /^[0-9a-zA-Z,-]{1,256}$/

/**
 * Whether PHP throws this id away before it asks any save handler, and starts with a new one: it holds a line break, a tab,
 * a space, `<`, `>`, a quote or a backslash.
 */
export function hasForbiddenCharacters(id: string): boolean {
  return FORBIDDEN.test(id)
}

const FORBIDDEN = /[\r\n\t <>'"\\]/
