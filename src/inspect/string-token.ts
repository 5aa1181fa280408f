import { digitsEnd, readLength } from '../php/tokens.ts'

/** A string whose header could be read, or the name of an object or enum. */
export interface StringToken {
  /** Where the digits of its length stand. */
  readonly lengthAt: number
  readonly lengthEnd: number
  readonly length: number
  /** Behind the opening quote. */
  readonly start: number
}

/** `s:<length>:"` at `at`, or the same with another type. */
export function stringToken(bytes: Buffer, at: number): StringToken | undefined {
  const lengthEnd = bytes[at + 1] === COLON ? digitsEnd(bytes, at + 2) : -1
  if (lengthEnd === -1 || bytes[lengthEnd] !== COLON || bytes[lengthEnd + 1] !== QUOTE) return undefined
  return { lengthAt: at + 2, lengthEnd, length: readLength(bytes, at + 2, lengthEnd), start: lengthEnd + 2 }
}

const QUOTE = 0x22
const COLON = 0x3a
