import type { ClassBinding } from './classes.ts'
import { type Container, type Memory, moveReference, type Place, recall, remember } from './memory.ts'
import { setOwn } from './values.ts'

/** What a container under construction is: a list so far, a keyed array, or an object. */
export const LIST = 0
export const RECORD = 1
export const OBJECT = 2
export type Kind = typeof LIST | typeof RECORD | typeof OBJECT

/** The largest key that JavaScript treats as an array index and enumerates before all others. */
const MAX_INDEX = 2 ** 32 - 2

/**
 * An array or object that is being read: takes its keys and values in PHP's order and collects what has to be remembered
 * beside the container. One is kept for each depth and used again.
 */
export class Frame {
  kind: Kind = RECORD
  container: Container = {}
  /** How many elements are still to come. */
  left = 0
  /** Where the next value goes. */
  key: string | number = ''
  /** OBJECT: the name of the class, as the bytes have it. */
  className = ''
  /** The application's class whose `__unserialize` gets the container when all is read, and the instance. */
  deferred: { binding: ClassBinding; instance: object } | undefined
  /** The places met, by key; only while references are followed. */
  places: Map<string | number, Place> | undefined

  #next = 0
  #lastIndex = -1
  #sawName = false
  /** The keys in PHP's order once they differ from JavaScript's; of an object, mangled. */
  #order: string[] | undefined
  #floats: (string | number)[] | undefined
  #floatTexts: Map<string | number, string> | undefined
  /** The keys that came again, with a value that is no float: later keys win. */
  #noFloats: Set<string | number> | undefined
  /** Names and prefixes of properties that are not public, in turn. */
  #hidden: string[] | undefined
  #prefixes: Map<string, string> | undefined
  #integerKeys: Set<string> | undefined
  #stringKeys: Set<string> | undefined
  #movedAside = false

  #shapeFloats: (string | number)[] | undefined
  #shapeHidden: string[] | undefined
  #shape: Memory = {}

  open(kind: Kind, container: Container, left: number): void {
    this.kind = kind
    this.container = container
    this.left = left
    this.deferred = undefined
    this.places = undefined
    this.#next = 0
    this.#lastIndex = -1
    this.#sawName = false
    this.#order = undefined
    this.#floats = undefined
    this.#floatTexts = undefined
    this.#noFloats = undefined
    this.#hidden = undefined
    this.#prefixes = undefined
    this.#integerKeys = undefined
    this.#stringKeys = undefined
    this.#movedAside = false
  }

  /** The next key is an int. `false`: this is no list any more; call `becomeRecord` and ask again. */
  intKey(key: number | bigint): boolean {
    if (this.kind === LIST) {
      if (key === this.#next) this.#next++
      else if (key < 0 || key > this.#next) return false
      else this.#again(key as number)
      this.key = key as number
      return true
    }
    if (this.kind === OBJECT) {
      const name = String(key)
      if (!Object.hasOwn(this.container, name)) {
        this.#integerKeys ??= new Set()
        this.#integerKeys.add(name)
      }
    }
    if (typeof key === 'number' && key >= 0 && key <= MAX_INDEX) this.#indexKey(key)
    else this.#nameKey(String(key))
    return true
  }

  /** The next key of an array is a string; one that PHP takes for an int is an int. The result is as of `intKey`. */
  textKey(key: string): boolean {
    const int = key.charCodeAt(0) < 0x3a ? integerKey(key) : undefined
    if (int !== undefined) {
      if (BigInt.asIntN(32, BigInt(int)) !== BigInt(int)) {
        this.#stringKeys ??= new Set()
        this.#stringKeys.add(key)
      }
      return this.intKey(int)
    }
    if (this.kind === LIST) return false
    this.#nameKey(key)
    return true
  }

  /** The next key is the name of a property, mangled as PHP does: `\0*\0name`, `\0Class\0name`. */
  property(mangled: string): void {
    const nul = mangled.charCodeAt(0) === 0 ? mangled.indexOf('\0', 1) : -1
    const prefix = mangled.slice(0, nul + 1)
    const name = nul === -1 ? mangled : mangled.slice(nul + 1)
    if (Object.hasOwn(this.container, name) && (this.#prefixes?.get(name) ?? '') !== prefix) {
      const isAside = prefix !== '' && Object.hasOwn(this.container, mangled)
      if (!isAside && this.#givesWay(name, prefix)) {
        this.#moveAside(name)
      } else {
        this.#mangledOrder()
        this.#nameKey(mangled)
        return
      }
    }
    const index = name.charCodeAt(0) < 0x3a ? integerKey(name) : undefined
    if (typeof index === 'number' && index >= 0 && index <= MAX_INDEX) this.#indexKey(index, mangled)
    else this.#nameKey(name, mangled)
    if (nul !== -1 && this.#prefixes?.get(name) !== prefix) {
      this.#hidden ??= []
      this.#hidden.push(name, prefix)
      this.#prefixes ??= new Map()
      this.#prefixes.set(name, prefix)
    }
  }

  /** The value to come is a float; `text` when its text is not what PHP ≥ 7.1 writes. */
  float(text: string | undefined): void {
    this.#floats ??= []
    const key = this.kind === LIST ? this.key : String(this.key)
    this.#floats.push(key)
    this.#noFloats?.delete(key)
    if (text !== undefined) {
      this.#floatTexts ??= new Map()
      this.#floatTexts.set(key, text)
    }
  }

  /** Turns the list so far into a keyed array. */
  becomeRecord(): Container {
    this.kind = RECORD
    this.container = { ...this.container }
    this.#lastIndex = this.#next - 1
    if (this.#floats !== undefined) this.#floats = this.#floats.map(String)
    if (this.#noFloats !== undefined) this.#noFloats = new Set([...this.#noFloats].map(String))
    if (this.#floatTexts !== undefined)
      this.#floatTexts = new Map([...this.#floatTexts].map(([key, text]) => [String(key), text]))
    for (const place of this.places?.values() ?? []) place.container = this.container
    return this.container
  }

  /** All elements are there: remembers what the container cannot hold. */
  close(): void {
    if (this.#movedAside) this.#rebuild()
    if (this.#noFloats !== undefined) this.#floats = [...new Set(this.#floats)].filter((key) => !this.#noFloats!.has(key))
    if ((this.#order ?? this.#floatTexts ?? this.#integerKeys ?? this.#stringKeys) !== undefined) {
      remember(this.container, {
        ...(this.#floats && { floats: this.#floatSet() }),
        ...(this.#prefixes && { prefixes: this.#prefixes }),
        ...(this.#order && { order: this.#order.map((key) => this.#nameOf(key)) }),
        ...(this.#floatTexts && { floatTexts: this.#floatTexts }),
        ...(this.#integerKeys && { integerKeys: this.#integerKeys }),
        ...(this.#stringKeys && { stringKeys: this.#stringKeys }),
      })
    } else if (this.#floats !== undefined || this.#hidden !== undefined) {
      if (!sameItems(this.#floats, this.#shapeFloats) || !sameItems(this.#hidden, this.#shapeHidden)) {
        this.#shapeFloats = this.#floats
        this.#shapeHidden = this.#hidden
        this.#shape = {
          ...(this.#floats && { floats: this.#floatSet() }),
          ...(this.#prefixes && { prefixes: this.#prefixes }),
        }
      }
      remember(this.container, this.#shape)
    }
  }

  /** The frame stood for one place of a container that may have been read from before. */
  closeRoot(): void {
    if (this.#floats === undefined) return
    const { floats, floatTexts } = recall(this.container) ?? {}
    remember(this.container, {
      floats: new Set([...(floats instanceof Set ? floats : []), ...this.#floats]),
      floatTexts: new Map([...(floatTexts ?? []), ...(this.#floatTexts ?? [])]),
    })
  }

  #floatSet(): ReadonlySet<string | number> | number {
    const floats = this.#floats!
    const all = this.kind === LIST && floats.length === this.#next
    return all ? floats.length : new Set(floats)
  }

  #indexKey(index: number, mangled?: string): void {
    if (index > this.#lastIndex && !this.#sawName && this.#order === undefined) {
      this.#lastIndex = index
    } else if (this.#floats !== undefined && Object.hasOwn(this.container, index)) {
      this.#again(String(index))
    } else if (!Object.hasOwn(this.container, index)) {
      this.#order ??= this.#keysSoFar()
      this.#order.push(mangled ?? String(index))
    }
    this.key = index
  }

  #nameKey(name: string, mangled = name): void {
    this.#sawName = true
    if (this.#order !== undefined && !Object.hasOwn(this.container, name)) this.#order.push(mangled)
    if (this.#floats !== undefined && Object.hasOwn(this.container, name)) this.#again(name)
    this.key = name
  }

  /** A key has come before; its value may have been a float. */
  #again(key: string | number): void {
    if (this.#floats === undefined) return
    this.#noFloats ??= new Set()
    this.#noFloats.add(key)
    this.#floatTexts?.delete(key)
  }

  // --- Two properties of one plain name: a parent's private and the object's own ---

  /** Whether the property that has the plain name leaves it to one with this prefix. */
  #givesWay(name: string, prefix: string): boolean {
    const isParents = prefix !== '' && prefix !== '\0*\0' && prefix.toLowerCase() !== `\0${this.className}\0`.toLowerCase()
    return this.#prefixes?.has(name) === true && !isParents
  }

  #moveAside(name: string): void {
    this.#mangledOrder()
    const mangled = this.#prefixes!.get(name)! + name
    this.container[mangled] = this.container[name]
    delete this.container[name]
    this.#prefixes!.delete(name)
    this.#hidden = undefined
    this.#movedAside = true
    this.#floats = this.#floats?.map((key) => (key === name ? mangled : key))
    if (this.#noFloats?.delete(name)) this.#noFloats.add(mangled)
    const text = this.#floatTexts?.get(name)
    if (text !== undefined) {
      this.#floatTexts!.delete(name)
      this.#floatTexts!.set(mangled, text)
    }
    moveReference(this.container, name, mangled)
    const place = this.places?.get(name)
    if (place !== undefined) {
      place.key = mangled
      this.places!.delete(name)
      this.places!.set(mangled, place)
    }
  }

  /** Puts the properties into PHP's order, which moving one aside has changed. */
  #rebuild(): void {
    for (const mangled of this.#order!) {
      const name = this.#nameOf(mangled)
      const value = this.container[name]
      delete this.container[name]
      setOwn(this.container, name, value)
    }
  }

  #mangledOrder(): void {
    this.#order ??= this.#keysSoFar()
  }

  #keysSoFar(): string[] {
    return Object.keys(this.container).map((name) => (this.#prefixes?.get(name) ?? '') + name)
  }

  /** The property name for an entry of `#order`. */
  #nameOf(mangled: string): string {
    if (this.kind !== OBJECT || mangled.charCodeAt(0) !== 0 || Object.hasOwn(this.container, mangled)) return mangled
    return mangled.slice(mangled.indexOf('\0', 1) + 1)
  }
}

/** The int that PHP makes of an array key (ZEND_HANDLE_NUMERIC): canonical decimal within 64 bits. */
export function integerKey(key: string): number | bigint | undefined {
  if (key.length > 20 || !/^(0|-?[1-9]\d*)$/.test(key)) return undefined
  const int = Number(key)
  if (Number.isSafeInteger(int)) return int
  const exact = BigInt(key)
  return BigInt.asIntN(64, exact) === exact ? exact : undefined
}

function sameItems(a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
