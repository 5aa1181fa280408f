import { floatEnd } from './tokens.ts'

/**
 * The text of a float as PHP ≥ 7.1 writes it: the shortest digits that read back, laid out by
 * `smart_str_append_double` / `php_gcvt(value, 17, '.', 'E')`: plain digits from 0.0001 up to 17 whole digits, else an exponent
 * whose mantissa always has a point and whose sign is always written (`1.0E+25`, `1.5E-7`).
 */
export function formatDouble(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude >= 1e-4 && magnitude < 1e17) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  if (magnitude === Infinity) return value > 0 ? 'INF' : '-INF'
  if (Number.isNaN(value)) return 'NAN'
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  return `${mantissa}${mantissa.includes('.') ? '' : '.0'}E${exponent}`
}

/** The number that a float's text stands for; the text must match PHP's grammar, see `floatEnd`. */
export function parseDouble(text: string): number {
  switch (text) {
    case 'NAN':
      return Number.NaN
    case 'INF':
      return Number.POSITIVE_INFINITY
    case '-INF':
      return Number.NEGATIVE_INFINITY
    default:
      return Number(text)
  }
}

/**
 * Reads the text of a float, as far as `;`. Up to fifteen digits are read as an integer and divided by a power of ten: both are
 * exact, so the quotient is the nearest double, as strtod gives it; the rest is left to JavaScript.
 */
export class DoubleReader {
  value = 0
  /** Whether PHP ≥ 7.1 would write the same text. */
  isCanonical = true

  /** Where the `;` stands, or -1 when PHP rejects the text. */
  read(bytes: Buffer, pos: number): number {
    let at = pos
    const isNegative = bytes[at] === 0x2d
    if (isNegative) at++
    const first = at
    let dot = -1
    let digits = 0
    for (let byte = bytes[at]!; ; byte = bytes[++at]!) {
      if (byte >= 0x30 && byte <= 0x39) digits = digits * 10 + byte - 0x30
      else if (byte === 0x2e && dot === -1) dot = at
      else break
    }
    const decimals = dot === -1 ? 0 : at - dot - 1
    const hasPlainLayout =
      bytes[at] === 0x3b &&
      at - first <= 15 &&
      (bytes[first] !== 0x30 ? dot !== first && at !== first : dot === first + 1 && digits !== 0) &&
      (dot === -1 || (decimals > 0 && bytes[at - 1] !== 0x30))
    if (!hasPlainLayout) return this.#readAny(bytes, pos)
    const magnitude = decimals === 0 ? digits : digits / POWERS_OF_TEN[decimals]!
    this.value = isNegative ? -magnitude : magnitude
    this.isCanonical = magnitude >= 1e-4
    return at
  }

  #readAny(bytes: Buffer, pos: number): number {
    const end = floatEnd(bytes, pos)
    if (end === -1) return -1
    const text = bytes.toString('latin1', pos, end)
    this.value = parseDouble(text)
    this.isCanonical = formatDouble(this.value) === text
    return end
  }
}

const POWERS_OF_TEN = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent)
