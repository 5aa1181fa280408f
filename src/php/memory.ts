/**
 * What PHP keeps in an array or object and a JS container cannot hold, remembered beside the container and used when it is
 * written again. Containers made by the application have no memory: what JS holds is then all there is.
 */
export interface Memory {
  /** All keys in PHP's order, where JS would enumerate them in another. */
  readonly order?: readonly string[]
  /** The places that hold floats: their keys, or for a list of floats only, how many. */
  readonly floats?: ReadonlySet<string | number> | number
  /** The text of floats that PHP ≥ 7.1 would write differently, by key. */
  readonly floatTexts?: ReadonlyMap<string | number, string>
  /** The places that are PHP references (`&`), by key. */
  readonly references?: ReadonlyMap<string | number, Reference>
  /** Objects only: what stands before a name in the bytes, `\0*\0` for protected, `\0Class\0` for private. Absent: public. */
  readonly prefixes?: ReadonlyMap<string, string>
  /** Objects only: the properties with an integer key, which `__serialize()` may make. */
  readonly integerKeys?: ReadonlySet<string>
  /** Arrays only: keys that are ints to this PHP and were strings to the one that wrote them, whose ints had 32 bits. */
  readonly stringKeys?: ReadonlySet<string>
  /** Instances of the application's classes: the class name as the bytes spelled it. */
  readonly className?: string
  /** A PhpSerialized that refers to slots: the slot it stood at, the only one where its references are right. */
  readonly slot?: number
  /** A PhpSerialized whose bytes take no slots, although they look as if. */
  readonly isOpaque?: boolean
}

/** Several places that are one PHP variable (zend_reference). */
export interface Reference {
  /** What the variable held when it was last read or assigned through PHP's rules: a place that holds something else was changed. */
  value: unknown
  /** A set, so that a variable with a million places takes no longer for each. */
  readonly places: Set<Place>
}

/** Where a value stands. A list that turns out to be no list, or a renamed property, moves its places. */
export interface Place {
  container: Container
  key: string | number
  /** Set when the value was read as a float: its text, '' for the text PHP ≥ 7.1 writes. */
  float?: string
}

// biome-ignore lint/suspicious/noExplicitAny: a place holds any PHP value
export type Container = Record<string | number, any>

/** Gives the object it is handed back from its constructor, so that a subclass adds its private field to that object. */
class Given {
  constructor(given: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is its purpose
    return given
  }
}

/**
 * Attaches a memory to a container as a private field: invisible to keys, inspect, comparison and structuredClone,
 * gone with the container, and several times cheaper than an entry of a WeakMap.
 */
class Remembering extends Given {
  #memory: Memory

  constructor(container: object, memory: Memory) {
    super(container)
    this.#memory = memory
  }

  static get(container: object): Memory | undefined {
    return #memory in container ? container.#memory : undefined
  }

  static set(container: object, memory: Memory): void {
    if (#memory in container) container.#memory = memory
    else new Remembering(container, memory)
  }
}

export function recall(container: object): Memory | undefined {
  return Remembering.get(container)
}

/** Adds to what is remembered of a container. Memories may be shared by containers of one shape and are never changed. */
export function remember(container: object, memory: Memory): void {
  const present = Remembering.get(container)
  Remembering.set(container, present === undefined ? memory : { ...present, ...memory })
}

/** The keyed array that takes the place of a list takes over its references, under the keys that it has. */
export function passOnReferences(list: object, record: object): void {
  const references = recall(list)?.references
  if (references === undefined) return
  remember(record, { references: new Map([...references].map(([key, reference]) => [String(key), reference])) })
}

/** A reference goes along with a value that moves to another key of its container. */
export function moveReference(container: object, from: string, to: string): void {
  const references = recall(container)?.references as Map<string | number, Reference> | undefined
  const reference = references?.get(from)
  if (references === undefined || reference === undefined) return
  references.delete(from)
  references.set(to, reference)
}

/** Forgets what is remembered of one place, because its key is removed. */
export function forget(container: object, key: string): void {
  const { floats, floatTexts, references } = recall(container) ?? {}
  if (floats instanceof Set) floats.delete(key)
  if (floatTexts instanceof Map) floatTexts.delete(key)
  const reference = references?.get(key)
  if (reference === undefined || !(references instanceof Map)) return
  references.delete(key)
  for (const place of reference.places) {
    if (place.container === container && place.key === key) reference.places.delete(place)
  }
}

/** Whether the place held a float when it was read. */
export function heldFloat(memory: Memory, key: string | number): boolean {
  const { floats } = memory
  if (floats === undefined) return false
  return typeof floats === 'number' ? typeof key === 'number' && key < floats : floats.has(key)
}

/** Memories of a list know its keys as numbers. */
export function memoryKey(key: string): string | number {
  return /^\d+$/.test(key) ? Number(key) : key
}

/** The keys of a container in PHP's order: as remembered, then what is new in JavaScript's order. */
export function keysInOrder(keys: string[], order: readonly string[] | undefined): string[] {
  if (order === undefined) return keys
  const rank = new Map(order.map((key, position) => [key, position]))
  // Named keys keep JavaScript's order, which tells of keys that were removed and added again: those go to the end. Index keys
  // are always enumerated in ascending order, which tells nothing, so that each goes where it was.
  const kept: string[] = []
  const added: string[] = []
  let last = -1
  let sawAddedName = false
  for (const key of keys) {
    const position = rank.get(key)
    const isName = !isIndex(key)
    if (position === undefined || (isName && (position < last || sawAddedName))) {
      added.push(key)
      sawAddedName ||= isName
    } else {
      kept.push(key)
      if (isName) last = position
    }
  }
  kept.sort((a, b) => rank.get(a)! - rank.get(b)!)
  return [...kept, ...added]
}

function isIndex(key: string): boolean {
  const index = Number(key)
  return index >= 0 && index < 2 ** 32 - 1 && String(index >>> 0) === key
}
