import type { Entry } from './entry.ts'

/**
 * What was learned of large sessions when they were last read or written: where each key stands. A request mostly finds the bytes
 * that the one before it left, and to compare them takes a fraction of the time of looking them over.
 */
export class KnownSessions {
  /** Least recently used first. */
  readonly #sessions = new Map<string, Known>()
  readonly #budget: number
  #size = 0

  /** @param budget how many bytes of sessions are kept */
  constructor(budget: number) {
    this.#budget = budget
  }

  /** Smaller sessions are looked over in less time than it takes to find them here. */
  isWorthwhile({ length }: Buffer): boolean {
    return length >= SMALLEST && length <= this.#budget
  }

  /** The entries of these very bytes, all in the state they have after a scan; undefined when they are not known. */
  find(format: string, bytes: Buffer): Entry[] | undefined {
    if (!this.isWorthwhile(bytes)) return undefined
    const key = keyOf(format, bytes)
    const known = this.#sessions.get(key)
    if (known === undefined || !known.bytes.equals(bytes)) return undefined
    this.#sessions.delete(key)
    this.#sessions.set(key, known)
    return known.entries.map((entry) => entry.fresh())
  }

  /** @param entries without references, which are only right together with what was decoded */
  add(format: string, bytes: Buffer, entries: readonly Entry[]): void {
    if (!this.isWorthwhile(bytes)) return
    const key = keyOf(format, bytes)
    this.#remove(key)
    this.#sessions.set(key, { bytes, entries })
    this.#size += bytes.length
    for (const oldest of this.#sessions.keys()) {
      if (this.#size <= this.#budget) break
      this.#remove(oldest)
    }
  }

  #remove(key: string): void {
    this.#size -= this.#sessions.get(key)?.bytes.length ?? 0
    this.#sessions.delete(key)
  }
}

interface Known {
  readonly bytes: Buffer
  readonly entries: readonly Entry[]
}

const SMALLEST = 4096

/** Tells sessions apart by their length and some of their bytes; whoever finds one compares them all. */
function keyOf(format: string, bytes: Buffer): string {
  const step = Math.floor(bytes.length / SAMPLES)
  let hash = 0
  for (let at = bytes.length - 1; at >= 0; at -= step) hash = (Math.imul(hash, 31) + bytes[at]!) | 0
  return `${format} ${bytes.length} ${hash}`
}

const SAMPLES = 64
