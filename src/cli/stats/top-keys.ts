/** A key of `$_SESSION`, and how many sessions hold it. */
export interface KeyCount {
  readonly key: string
  readonly sessions: number
  /** Of keys and values. */
  readonly bytes: number
  /** How many sessions more it may be, and their bytes: they came before the key was common enough to be counted. 0: the numbers are exact. */
  readonly missed: number
}

/**
 * Counts keys in bounded memory, after Metwally's Space-Saving: of many different keys, those that few sessions hold are forgotten.
 * A key that more than one in `capacity` holds is there at the end.
 */
export class TopKeys {
  readonly #capacity: number
  #counts = new Map<string, { key: string; sessions: number; bytes: number; missed: number }>()
  /** What a key that comes now may have been counted to before it was forgotten. */
  #floor = 0

  constructor(capacity = 1000) {
    this.#capacity = capacity
  }

  /** One session holds the key. */
  add(key: string, bytes: number): void {
    const short = key.length > LONGEST ? `${key.slice(0, LONGEST)}…` : key
    const known = this.#counts.get(short)
    if (known !== undefined) {
      known.sessions++
      known.bytes += bytes
      return
    }
    this.#counts.set(short, { key: short, sessions: 1, bytes, missed: this.#floor })
    if (this.#counts.size > 2 * this.#capacity) this.#forget()
  }

  /** How many different keys there are; undefined: some were forgotten. */
  get distinct(): number | undefined {
    return this.#floor === 0 ? this.#counts.size : undefined
  }

  /** The keys that most sessions hold; of as many sessions, the larger one. */
  top(count: number): KeyCount[] {
    return [...this.#counts.values()].sort((a, b) => b.sessions - a.sessions || b.bytes - a.bytes).slice(0, count)
  }

  #forget(): void {
    const ranked = [...this.#counts.values()].sort((a, b) => b.sessions + b.missed - a.sessions - a.missed)
    const [first] = ranked.slice(this.#capacity)
    this.#floor = first!.sessions + first!.missed
    this.#counts = new Map(ranked.slice(0, this.#capacity).map((each) => [each.key, each]))
  }
}

/** In characters. Nobody types a longer one; who sends keys cannot fill the memory with them. */
const LONGEST = 100
