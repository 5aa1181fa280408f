/** What bytes look like that cannot be read for certain. */

/** How many bytes there are without the white space and NUL bytes at the end. */
export function trimmedLength(bytes: Buffer): number {
  let end = bytes.length
  while (end > 0 && bytes[end - 1]! <= 0x20) end--
  return end
}

/** Whether a value may begin here. */
export function isValueStart(bytes: Buffer, at: number): boolean {
  const type = bytes[at]
  if (type === undefined) return false
  return bytes[at + 1] === COLON ? TYPES.includes(type) : type === NULL && bytes[at + 1] === SEMICOLON
}

/** Whether these bytes may be the key of a variable: any may in PHP, but a key that looks like values was none. */
export function mayBeKey(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > LONGEST_KEY) return false
  for (let at = start; at < end; at++) if (NO_KEY.includes(bytes[at]!)) return false
  return true
}

/** The same, and no control characters are in it, which people do not write: the length of a key of php_binary is one. */
export function isPlainKey(bytes: Buffer, start: number, end: number): boolean {
  return mayBeKey(bytes, start, end) && !bytes.subarray(start, end).some((byte) => byte < 0x20)
}

/** Whether these bytes look like what people call variables. */
export function isName(bytes: Buffer, start: number, end: number): boolean {
  return /^[\w.\x80-\xff-]+$/.test(bytes.toString('latin1', start, end))
}

/** A key that is longer is none that people make. */
export const LONGEST_KEY = 256
const NO_KEY = Buffer.from('";{}|')
const TYPES = Buffer.from('bidsSaOCErR')
const NULL = 0x4e
const COLON = 0x3a
const SEMICOLON = 0x3b
