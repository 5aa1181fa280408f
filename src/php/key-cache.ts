import type { TextCodec } from './charset.ts'

/**
 * The keys of PHP data repeat: five hundred cart items have the same eight. A small direct-mapped cache hands out one string
 * for equal ASCII bytes, so that a key is neither cut out nor hashed anew for each of them.
 */
const SIZE = 1024
const LONGEST = 32
const cache: string[] = new Array(SIZE).fill('')

/** The cached text of `length` bytes at `start`, or '' when they are not in the cache. */
export function cachedKey(bytes: Buffer, start: number, length: number): string {
  if (length === 0 || length > LONGEST) return ''
  const key = cache[slotOf(bytes, start, length)]!
  if (key.length !== length) return ''
  for (let i = 0; i < length; i++) if (key.charCodeAt(i) !== bytes[start + i]) return ''
  return key
}

/** The text of a key. */
export function keyText(bytes: Buffer, start: number, end: number, codec: TextCodec): string {
  const cached = cachedKey(bytes, start, end - start)
  if (cached !== '') return cached
  for (let at = start; at < end; at++) if (bytes[at]! > 0x7f) return codec.decodeKey(bytes, start, end)
  const text = bytes.toString('latin1', start, end)
  cacheKey(bytes, start, end - start, text)
  return text
}

/** Puts a key into the cache; `text` is the ASCII text of these bytes. */
export function cacheKey(bytes: Buffer, start: number, length: number, text: string): void {
  // Copied: a slice of the whole input would keep the input alive as long as the cache.
  if (length > 0 && length <= LONGEST) cache[slotOf(bytes, start, length)] = Buffer.from(text, 'latin1').toString('latin1')
}

function slotOf(bytes: Buffer, start: number, length: number): number {
  const first = bytes[start]!
  const middle = bytes[start + (length >> 1)]!
  const last = bytes[start + length - 1]!
  return (first * 31 + middle * 7 + last * 17 + length * 5) & (SIZE - 1)
}
