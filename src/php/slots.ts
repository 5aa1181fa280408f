import type { Reference } from './memory.ts'
import { isPhpObject, type PhpEnum } from './values.ts'

/** The numbering of values while they are written, that `R:` and `r:` count in. */
export class Slots {
  /** The slots taken so far. */
  count = 0
  readonly #objects = new Map<object, number>()
  /** These two are made when they are needed, which is rarely. */
  #enums: Map<string, number> | undefined
  #references: Map<Reference, SharedValue> | undefined

  /** An array or object takes the next slot. */
  enter(value: object): void {
    this.#objects.set(value, ++this.count)
  }

  /** The slot of an array or object that was written; undefined when it was not. */
  of(value: object): number | undefined {
    return this.#objects.get(value)
  }

  /** The slot of an enum case that was written; else undefined, and the case takes the next slot. */
  ofEnum(value: PhpEnum): number | undefined {
    const name = String(value)
    this.#enums ??= new Map()
    const slot = this.#enums.get(name)
    if (slot === undefined) this.#enums.set(name, ++this.count)
    return slot
  }

  /** What a reference stands for, asked at one of its places; the first time, that place takes the next slot if it can be shared. */
  share(reference: Reference): { readonly value: unknown; readonly agrees: boolean; readonly slot: number } {
    this.#references ??= new Map()
    let shared = this.#references.get(reference)
    if (shared === undefined) {
      shared = { ...agreement(reference), slot: 0 }
      this.#references.set(reference, shared)
    }
    const { value, agrees, slot } = shared
    if (slot === 0) {
      const isArray = typeof value === 'object' && value !== null && !isPhpObject(value)
      shared.slot = (isArray ? this.of(value) : undefined) ?? this.count + 1
    }
    return { value, agrees, slot }
  }
}

interface SharedValue {
  readonly value: unknown
  readonly agrees: boolean
  /** 0: not written yet. */
  slot: number
}

/** What the places of a reference hold now: one value, when at most one of them was given another; PHP would have changed all. */
function agreement(reference: Reference): { value: unknown; agrees: boolean } {
  let { value } = reference
  let agrees = true
  for (const { container, key } of reference.places) {
    const present = Object.hasOwn(container, key) ? container[key] : undefined
    if (present === undefined || Object.is(present, reference.value) || Object.is(present, value)) continue
    if (!Object.is(value, reference.value)) agrees = false
    value = present
  }
  return { value, agrees }
}
