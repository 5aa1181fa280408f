import type { Conversion } from './conversions.ts'
import { binaryKey } from './mend-names.ts'
import type { Form, State } from './mend-state.ts'
import { isValueStart, LONGEST_KEY, mayBeKey, trimmedLength } from './plausible.ts'

/** Looks ahead of where reading came. */
export class Ahead {
  readonly #bytes: Buffer
  readonly #form: Form
  readonly #conversion: Conversion | undefined
  /** Where white space begins that goes on to the end. */
  readonly trimmed: number

  constructor(bytes: Buffer, form: Form, conversion: Conversion | undefined) {
    this.#bytes = bytes
    this.#form = form
    this.#conversion = conversion
    this.trimmed = trimmedLength(bytes)
  }

  /** Whether what follows looks like what has to; `isLoose`: also if the length of a key is wrong. */
  canGoOn({ at, expects, frame }: State, isLoose = false): boolean {
    const bytes = this.#bytes
    if (expects === 'value') return isValueStart(bytes, at)
    if (frame !== undefined) return /^(}|[si]:[+-]?\d|S:)/.test(bytes.toString('latin1', at, at + 4))
    if (this.trimmed <= at) return true
    if (this.#form === 'value') return false
    const isBinary = this.#form === 'php_binary'
    const start = isBinary ? at + 1 : at
    const end = isBinary ? start + (bytes[at]! & 0x7f) : start + bytes.subarray(at, at + LONGEST_KEY + 1).indexOf(DELIMITER)
    const isKey = end >= start && isValueStart(bytes, isBinary ? end : end + 1) && mayBeKey(bytes, start, end)
    return isKey || (isBinary && isLoose && binaryKey(bytes, at, this.#conversion) !== undefined)
  }
}

const DELIMITER = 0x7c
