/** A bar of a histogram. */
export interface Bucket {
  readonly from: number
  /** The first number above it; null: there is none. */
  readonly below: number | null
  readonly count: number
}

/** How numbers from 0 on are distributed, in as much memory for many of them as for few. */
export class Distribution {
  readonly #bounds: readonly number[]
  readonly #bars: Float64Array
  readonly #steps = new Float64Array(EXACT + STEPS * (54 - EXACT_BITS))
  count = 0
  sum = 0
  largest = 0

  /** @param bounds where the bars of the histogram begin, ascending from 0 */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#bars = new Float64Array(bounds.length)
  }

  /** @param value a whole number */
  add(value: number): void {
    this.count++
    this.sum += value
    this.largest = Math.max(this.largest, value)
    this.#bars[this.#bounds.findLastIndex((bound) => bound <= value)]!++
    this.#steps[stepOf(value)]!++
  }

  /** The number that this share of all does not exceed: exact below 256, else less than 1 % too small. 0 for no numbers. */
  quantile(share: number): number {
    const rank = Math.ceil(share * this.count)
    if (rank >= this.count) return this.largest
    let seen = 0
    const step = this.#steps.findIndex((count) => {
      seen += count
      return seen >= Math.max(1, rank)
    })
    return startOf(step)
  }

  /** The bars between the first and the last that are not empty. */
  buckets(): Bucket[] {
    const all = this.#bounds.map((from, at) => ({ from, below: this.#bounds[at + 1] ?? null, count: this.#bars[at]! }))
    const first = all.findIndex(({ count }) => count > 0)
    return first === -1 ? [] : all.slice(first, all.findLastIndex(({ count }) => count > 0) + 1)
  }
}

/** Numbers below this have a step of their own; each doubling above has as many steps. */
const EXACT_BITS = 8
const EXACT = 2 ** EXACT_BITS
const STEPS = 128

function stepOf(value: number): number {
  if (value < EXACT) return value
  const exponent = Math.floor(Math.log2(value))
  return EXACT + (exponent - EXACT_BITS) * STEPS + Math.floor((value / 2 ** exponent - 1) * STEPS)
}

function startOf(step: number): number {
  if (step < EXACT) return step
  const above = step - EXACT
  return Math.ceil(2 ** (EXACT_BITS + Math.floor(above / STEPS)) * (1 + (above % STEPS) / STEPS))
}
