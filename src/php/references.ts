import type { Frame } from './frame.ts'
import { type Container, type Place, passOnReferences, type Reference, recall, remember } from './memory.ts'
import { isPhpObject, type PhpSerialized, PhpSerializedPart, setOwn } from './values.ts'

/** A value inside a PhpSerialized. */
interface Inside {
  readonly owner: PhpSerialized
  readonly index: number
}

/**
 * The slots of PHP's numbering while values are read: which place each number means, and which places are one PHP variable.
 * As in PHP a slot is a place, not a value: after `a:2:{i:0;…i:0;…}` both numbers mean the second value.
 */
export class References {
  readonly #slots: (Place | Inside | undefined)[] = []
  /** Places that were given a list before it was known whether it stays one. */
  readonly #borrowers = new Map<Container, Place[]>()
  /** The slots taken so far. */
  count: number
  /** Slots that are an `r:` themselves: PHP never refers to those. */
  readonly #repeated = new Set<number>()
  /** Whether the bytes of a `C:` are taken for no values. */
  readonly isCustomOpaque: boolean
  /** Whether some `C:` had values inside. */
  hasInside = false
  /** Whether some reference is not as PHP writes it. */
  isOdd = false

  constructor(firstSlot: number, isCustomOpaque: boolean) {
    this.count = firstSlot
    this.isCustomOpaque = isCustomOpaque
  }

  /** The place of the value to come takes the next slot. */
  enter(frame: Frame): Place {
    const place = this.place(frame)
    this.#slots[this.count++] = place
    return place
  }

  /** The place of the value to come, which takes no slot. */
  place(frame: Frame): Place {
    frame.places ??= new Map()
    let place = frame.places.get(frame.key)
    if (place === undefined) {
      place = { container: frame.container, key: frame.key }
      frame.places.set(frame.key, place)
    } else {
      unlink(place)
      delete place.float
    }
    return place
  }

  /** The values inside a PhpSerialized take slots too. */
  enterInside(owner: PhpSerialized, count: number): void {
    if (count > 0) this.hasInside = true
    for (let index = 0; index < count; index++) this.#slots[this.count++] = { owner, index }
  }

  /** What a slot number means; undefined for a slot that is not there. */
  at(slot: number): Place | Inside | undefined {
    return slot >= 1 && slot <= this.count ? this.#slots[slot - 1] : undefined
  }

  /** The value to come is a float: whoever refers to it holds one too. */
  markFloat(frame: Frame, text: string | undefined): void {
    const place = frame.places?.get(frame.key)
    if (place !== undefined) place.float = text ?? ''
  }

  /** The slot entered last is an `r:`. */
  markRepeated(): void {
    this.#repeated.add(this.count)
  }

  /** Whether PHP would refer to a value by this slot: the first place it stands at. */
  isFirst(slot: number): boolean {
    return !this.#repeated.has(slot)
  }

  /** Makes two places one PHP variable. */
  link(target: Place, place: Place): void {
    const value = valueAt(target)
    const reference = referencesOf(target.container).get(keyOf(target)) ?? { value, places: new Set() }
    for (const each of [target, place]) {
      reference.places.add(each)
      referencesOf(each.container).set(keyOf(each), reference)
    }
  }

  /** Why PHP would refuse a reference to a slot at the place of the value to come; undefined when it takes it. */
  objection(frame: Frame, isReference: boolean, slot: number): string | undefined {
    const target = this.at(slot)
    if (target === undefined) return `there is no value number ${slot}`
    if (target === frame.places?.get(frame.key)) return 'a value that refers to itself'
    if (isReference || 'owner' in target || isPhpObject(valueAt(target))) return undefined
    return `value number ${slot} is not an object`
  }

  /** The value that a slot means, for the place of the value to come, which becomes the same variable with `R:`. */
  take(frame: Frame, isReference: boolean, slot: number): unknown {
    const place = isReference ? this.place(frame) : frame.places!.get(frame.key)!
    const target = this.at(slot)!
    if (!this.isFirst(slot)) this.isOdd = true
    if ('owner' in target) return new PhpSerializedPart(target.owner, target.index, isReference)
    const value = valueAt(target)
    if (isReference) {
      this.link(target, place)
      if (target.float !== undefined) frame.float(target.float === '' ? undefined : target.float)
    }
    if (Array.isArray(value)) this.borrow(value as unknown as Container, place)
    return value
  }

  /** A place was given a list that is still being read. */
  borrow(list: Container, place: Place): void {
    const borrowers = this.#borrowers.get(list)
    if (borrowers === undefined) this.#borrowers.set(list, [place])
    else borrowers.push(place)
  }

  /** A list went over into a keyed array. */
  replace(list: Container, record: Container): void {
    passOnReferences(list, record)
    for (const place of this.#borrowers.get(list) ?? []) {
      if (valueAt(place) === list) place.container[place.key] = record
      const reference = recall(place.container)?.references?.get(keyOf(place))
      if (reference?.value === list) reference.value = record
    }
    this.#borrowers.delete(list)
  }
}

function valueAt(place: Place): unknown {
  return Object.hasOwn(place.container, place.key) ? place.container[place.key] : undefined
}

/** Keys are remembered as numbers for lists and as strings for everything else. */
function keyOf(place: Place): string | number {
  return Array.isArray(place.container) ? place.key : String(place.key)
}

function referencesOf(container: Container): Map<string | number, Reference> {
  const present = recall(container)?.references as Map<string | number, Reference> | undefined
  const references = present ?? new Map<string | number, Reference>()
  if (present === undefined) remember(container, { references })
  return references
}

/** A place was given a value: PHP gives it to the whole variable that the place is part of. */
export function assignReference(container: Container, key: string, value: unknown): void {
  const reference = recall(container)?.references?.get(key)
  if (reference === undefined) return
  reference.value = value
  for (const place of reference.places) setOwn(place.container, place.key, value)
}

/** Forgets that a place was part of a reference. */
export function forgetReference(container: Container, key: string): void {
  const references = recall(container)?.references as Map<string | number, Reference> | undefined
  references?.delete(key)
}

/** The place gets a value of its own: it leaves the variable it was part of. */
export function unlink(place: Place): void {
  const references = recall(place.container)?.references as Map<string | number, Reference> | undefined
  const reference = references?.get(keyOf(place))
  if (references === undefined || reference === undefined) return
  references.delete(keyOf(place))
  reference.places.delete(place)
}
