import type { Form } from './mend-state.ts'
import { isPlainKey } from './plausible.ts'

/**
 * Finds what looks like further variables, or elements of an array, with their keys: a string that would hold them has lost its end and
 * swallows what follows. Searched places are remembered, so that going through the bytes string by string takes linear time.
 */
export class Swallowed {
  readonly #bytes: Buffer
  readonly #form: Form
  readonly #found = new Map<Search, { from: number; start: number }>()
  #text: string | undefined

  constructor(bytes: Buffer, form: Form) {
    this.#bytes = bytes
    this.#form = form
  }

  /**
   * Whether some begin between `start` and `end`.
   * @param what a string in an array or object is, `variable` when it is in none: behind a name, the value alone tells
   */
  has(start: number, end: number, what: 'variable' | 'key' | 'value'): boolean {
    if (what === 'key' && this.#next('values', start, end) < end) return true
    if (what === 'value' && this.#next('elements', start, end) < end) return true
    return this.#form !== 'value' && this.#next(this.#form, start, end) < end
  }

  /** Where the next begins at or behind `from`. */
  #next(search: Search, from: number, to: number): number {
    const known = this.#found.get(search)
    if (known !== undefined && known.from <= from && (from <= known.start || to <= known.start)) return known.start
    const start = search === 'php_binary' ? this.#binaryVariable(from) : this.#match(patterns[search], from)
    this.#found.set(search, { from, start })
    return start
  }

  #match(pattern: RegExp, from: number): number {
    this.#text ??= this.#bytes.toString('latin1')
    pattern.lastIndex = from
    return pattern.exec(this.#text)?.index ?? Number.POSITIVE_INFINITY
  }

  /** A key is as long as the byte in front of it says; in it may be anything where it stands behind a value. */
  #binaryVariable(from: number): number {
    for (let at = this.#match(patterns.any, from); at < this.#bytes.length; at = this.#match(patterns.any, at + 1)) {
      for (let start = at - 1; start >= Math.max(from, at - 128); start--) {
        if (this.#bytes[start] !== at - 1 - start) continue
        const isBehindValue = ENDS.includes(this.#bytes[start - 1]!) || this.#bytes[start - 2] === QUOTE
        if (isBehindValue || isPlainKey(this.#bytes, start + 1, at)) return start
      }
    }
    return Number.POSITIVE_INFINITY
  }
}

type Search = 'values' | 'elements' | 'php' | 'php_binary'

/** The last bytes of values, and what is left of a string's where its semicolon was lost; that may have become another byte. */
const ENDS = Buffer.from(';}"')
const QUOTE = 0x22

/** Whole scalars, and the beginnings of all else. */
const VALUE = String.raw`(?:N;|b:[01];|[irR]:[+-]?\d{1,19};|d:[-+.\dEINFA]{1,32};|[sS]:\d{1,9}:"|a:\d{1,9}:\{|[OCE]:\d{1,9}:")`

const patterns = {
  any: new RegExp(VALUE, 'g'),
  values: new RegExp(`[;}]${VALUE}`, 'g'),
  elements: new RegExp(String.raw`[;}](?:i:-?\d{1,19};|[sS]:\d{1,9}:"[^"]{0,256}";)${VALUE}`, 'g'),
  php: new RegExp(String.raw`\|${VALUE}`, 'g'),
}
