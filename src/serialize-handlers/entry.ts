import type { Scan } from '../php/scan.ts'

/** A key that was in the bytes, and where its value stands in them. */
export class Entry {
  readonly key: string
  readonly start: number
  readonly end: number
  /** The slots taken before the value, and by it. */
  readonly slot: number
  readonly slots: number
  /** Where slot numbers stand in the value, and the numbers, in turn. */
  readonly references: readonly number[]
  readonly referencesInCustom: boolean
  /** The keys that share variables or objects with this one, which are touched together; undefined: it shares nothing. */
  group: Entry[] | undefined
  isDecoded = false
  /** Whether the value was handed out or replaced, so that the bytes may not be right any more. */
  isTouched = false
  /** The slots taken before the value in the output being written. */
  newSlot = 0

  constructor(key: string, start: number, end: number, slot: number, slots: number, scan?: Scan) {
    this.key = key
    this.start = start
    this.end = end
    this.slot = slot
    this.slots = slots
    // The scan goes on with an array that is still empty, and would add to it what belongs to the next key.
    this.references = scan === undefined || scan.references.length === 0 ? NONE : scan.references
    this.referencesInCustom = scan?.referencesInCustom === true
  }

  /** An entry without references in the state it has after a scan. */
  fresh(): Entry {
    return new Entry(this.key, this.start, this.end, this.slot, this.slots)
  }
}

const NONE: readonly number[] = []

/** The entry with the value that has this slot: the last that begins before it. */
export function entryOfSlot(entries: readonly Entry[], slot: number): Entry | undefined {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle]!.slot < slot) low = middle + 1
    else high = middle
  }
  return entries[low - 1]
}

/** Finds the entries that share something: a slot number in one means a value in the other. */
export function groupEntries(entries: readonly Entry[]): void {
  for (const entry of entries) {
    for (let i = 1; i < entry.references.length; i += 2) {
      const target = entryOfSlot(entries, entry.references[i]!)
      if (target !== undefined && target !== entry) join(target, entry)
    }
  }
}

/** The smaller group goes over into the larger, so that many keys with one variable take no longer for each. */
function join(one: Entry, other: Entry): void {
  const [large, small] = [one.group ?? [one], other.group ?? [other]].sort((a, b) => b.length - a.length) as [Entry[], Entry[]]
  if (large === small) return
  one.group = large
  for (const entry of small) {
    large.push(entry)
    entry.group = large
  }
  for (const entry of [one, other]) entry.group = large
}
