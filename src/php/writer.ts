import { types } from 'node:util'
import { ByteSink, putBoolean, putInt, putShortString, SHORT } from './byte-sink.ts'
import type { TextCodec } from './charset.ts'
import type { ClassBinding, ClassTable } from './classes.ts'
import { dateProperties } from './date.ts'
import { formatDouble, parseDouble } from './double.ts'
import { integerKey } from './frame.ts'
import { formatPath } from './key-path.ts'
import { type Container, heldFloat, keysInOrder, type Memory, type Reference, recall, remember } from './memory.ts'
import { Scan, scanCustom } from './scan.ts'
import { INT_MAX, INT_MIN } from './tokens.ts'
import { isPhpObject, PhpEnum, PhpFloat, PhpObject, PhpSerialized, PhpSerializedPart, setOwn } from './values.ts'

export interface WriterOptions {
  readonly codec: TextCodec
  readonly classes: ClassTable
  /** 0 for no limit. */
  readonly maxDepth: number
}

/** A container that is being written, and how far. One is kept for each depth and used again. */
class Frame {
  container: Container = {}
  memory: Memory | undefined
  /** The keys to write; for a list, how many there are is all that matters. */
  keys: readonly string[] = []
  isList = false
  isArray = false
  /** Whether keys are names of properties: `5` is the string "5", and some are mangled. */
  isObject = false
  /** Where the count stands in the output. */
  countAt = 0
  next = 0
  written = 0
}

/** Writes values as php_var_serialize does. Deep values cost memory, not stack. */
export class Writer {
  readonly sink: ByteSink
  /** The slots taken so far: the numbering that `R:` and `r:` count in. */
  slots = 0
  readonly #options: WriterOptions
  readonly #frames: Frame[] = []
  /** How many of the frames are open. */
  #depth = 0
  /** The slot of each array and object written. */
  readonly #seen = new Map<object, number>()
  readonly #seenEnums = new Map<string, number>()
  readonly #references = new Map<Reference, { value: unknown; agrees: boolean; slot: number }>()
  #root: string | number = ''
  /** Whether the value comes from toJSON. */
  #isJSON = false

  constructor(options: WriterOptions) {
    this.#options = options
    this.sink = new ByteSink(options.codec)
  }

  /** Writes the value that stands at a place, without its key. @throws TypeError with the key path */
  value(container: Container, key: string): void {
    this.#root = key
    this.#place(key, container[key], recall(container))
    if (this.#depth > 0) this.#containers()
  }

  /**
   * Writes the open containers to their ends. Plain lists and records of short strings, ints and booleans are most of all data:
   * these are written here, on local variables; everything else by the methods below, through the sink.
   */
  #containers(): void {
    const { sink } = this
    const frames = this.#frames
    let frame = frames[this.#depth - 1]!
    let { bytes, at } = sink
    for (;;) {
      if (frame.next === frame.keys.length) {
        sink.at = at
        if (frame.written < frame.next) sink.recount(frame.countAt, frame.next, frame.written)
        sink.close()
        ;({ bytes, at } = sink)
        if (--this.#depth === 0) return
        frame = frames[this.#depth - 1]!
        continue
      }
      if (at + SHORT + SHORT > bytes.length) {
        sink.at = at
        sink.reserve(SHORT + SHORT)
        bytes = sink.bytes
      }
      // Two sites for reading, so that each sees one kind of container and stays fast.
      let key: string | number
      let value: unknown
      if (frame.isList) {
        key = frame.next++
        value = (frame.container as unknown as unknown[])[key]
        at = putInt(bytes, at, key)
      } else {
        key = frame.keys[frame.next++]!
        value = frame.container[key]
        if (value === undefined && !frame.isArray) continue
        const end = frame.isObject || key.charCodeAt(0) < 0x3a ? -1 : putShortString(bytes, at, key)
        if (end !== -1) at = end
        else {
          sink.at = at
          if (frame.isObject) this.#propertyName(key, frame.memory)
          else this.arrayKey(key, frame.memory)
          ;({ bytes, at } = sink)
        }
        if (frame.isArray) key = memoryKey(key)
      }
      frame.written++
      const { memory } = frame
      const isShared = memory?.references !== undefined
      if (!isShared && at + SHORT <= bytes.length) {
        if (typeof value === 'string') {
          const end = putShortString(bytes, at, value)
          if (end !== -1) {
            this.slots++
            at = end
            continue
          }
        } else if (typeof value === 'number' && (value | 0) === value && !Object.is(value, -0)) {
          if (memory === undefined || !heldFloat(memory, key)) {
            this.slots++
            at = putInt(bytes, at, value | 0)
            continue
          }
        } else if (typeof value === 'boolean') {
          this.slots++
          at = putBoolean(bytes, at, value)
          continue
        }
      }
      sink.at = at
      if (!isShared && typeof value === 'object' && value !== null) this.#object(value)
      else this.#place(key, value, memory)
      ;({ bytes, at } = sink)
      frame = frames[this.#depth - 1]!
    }
  }

  /** An array key: an int where PHP takes it for one. */
  arrayKey(key: string, memory?: Memory): void {
    const int = key.charCodeAt(0) < 0x3a ? integerKey(key) : undefined
    if (int === undefined || memory?.stringKeys?.has(key)) this.#string(key)
    else if (typeof int === 'number') this.sink.int(int)
    else this.sink.ascii(`i:${int};`)
  }

  /** All that was written. The writer is of no use after this. */
  finish(): Buffer {
    return this.sink.finish()
  }

  #propertyName(name: string, memory: Memory | undefined): void {
    if (memory?.integerKeys?.has(name)) this.sink.ascii(`i:${name};`)
    else this.#string((memory?.prefixes?.get(name) ?? '') + name)
  }

  // --- Places ----------------------------------------------------------------------------------------------------------

  #place(key: string | number, value: unknown, memory: Memory | undefined): void {
    const reference = memory?.references?.get(key)
    if (reference !== undefined) this.#reference(reference, key, value, memory)
    else this.#unshared(key, value, memory)
  }

  #unshared(key: string | number, value: unknown, memory: Memory | undefined): void {
    if (typeof value === 'number' && memory !== undefined && heldFloat(memory, key)) {
      this.slots++
      this.#float(value, memory.floatTexts?.get(key))
    } else this.#any(value)
  }

  /** A place that is one PHP variable with others: written whole the first time it is met, then as `R:`. */
  #reference(reference: Reference, key: string | number, value: unknown, memory: Memory | undefined): void {
    let state = this.#references.get(reference)
    if (state === undefined) {
      state = { ...agreement(reference), slot: 0 }
      this.#references.set(reference, state)
    }
    if (!state.agrees) this.#unshared(key, value, memory)
    else if (state.slot > 0) this.sink.ascii(`R:${state.slot};`)
    else {
      const seen = isObject(state.value) && !isPhpObject(state.value) ? this.#seen.get(state.value) : undefined
      state.slot = seen ?? this.slots + 1
      this.#unshared(key, state.value, memory)
    }
  }

  // --- Values ----------------------------------------------------------------------------------------------------------

  #any(value: unknown): void {
    switch (typeof value) {
      case 'string':
        // In a key it stands for a byte that is no UTF-8; such a value is a Buffer.
        if (!value.isWellFormed()) this.#fail('a lone surrogate (half of a character) has no bytes')
        this.slots++
        this.#string(value)
        return
      case 'number':
        this.slots++
        if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.sink.int(value)
        else this.#float(value)
        return
      case 'boolean':
        this.slots++
        this.sink.ascii(value ? 'b:1;' : 'b:0;')
        return
      case 'undefined':
        this.slots++
        this.sink.ascii('N;')
        return
      case 'bigint':
        if (value > INT_MAX || value < INT_MIN) this.#fail('a bigint beyond 64 bits does not fit a PHP int')
        this.slots++
        this.sink.ascii(`i:${value};`)
        return
      case 'object':
        if (value !== null) this.#object(value)
        else {
          this.slots++
          this.sink.ascii('N;')
        }
        return
      default:
        this.#fail(`PHP has no ${typeof value}`)
    }
  }

  #object(value: object): void {
    const seen = this.#seen.get(value)
    if (seen !== undefined) {
      this.#again(seen, !Array.isArray(value) && this.#isPhpObject(value))
      return
    }
    if (Array.isArray(value)) this.#array(value, value)
    else if (isPlain(value)) this.#record(value as Container)
    else if (value instanceof PhpObject) this.#properties(PhpObject.classOf(value)!, value, recall(value))
    else if (types.isUint8Array(value)) {
      this.slots++
      this.sink.byteString(value)
    } else this.#special(value)
  }

  /** Everything that is no plain data. */
  #special(value: object): void {
    const binding = this.#options.classes.of(value)
    if (binding !== undefined) this.#instance(binding, value)
    else if (value instanceof PhpFloat) {
      this.slots++
      this.#float(value.value)
    } else if (value instanceof PhpEnum) this.#enum(value)
    else if (value instanceof PhpSerialized) this.#custom(value)
    else if (value instanceof PhpSerializedPart) this.#part(value)
    else if (types.isDate(value)) this.#date(value)
    else if (types.isMap(value)) this.#array(value, this.#mapEntries(value))
    else if (types.isSet(value)) this.#array(value, [...value])
    else if (types.isBoxedPrimitive(value)) this.#any(value.valueOf())
    else if (typeof (value as Container)['toJSON'] === 'function') this.#json(value)
    else {
      const name = (value.constructor as { name?: string } | undefined)?.name ?? 'an unknown class'
      this.#fail(`an instance of ${name} can only be written when its class is named in \`classes\` or has a toJSON method`)
    }
  }

  /** An array or object that was written before: `R:` makes the place the same variable, `r:` gives it the same object. */
  #again(slot: number, isObject: boolean): void {
    if (isObject) this.slots++
    this.sink.ascii(`${isObject ? 'r' : 'R'}:${slot};`)
  }

  #isPhpObject(value: object): boolean {
    return isPhpObject(value) || types.isDate(value) || this.#options.classes.of(value) !== undefined
  }

  #record(value: Container): void {
    const keys = Object.keys(value)
    const memory = recall(value)
    if (hasToJSON(keys) && typeof value['toJSON'] === 'function') this.#json(value)
    // `classes: { stdClass: Object }` makes plain objects, which stay objects in PHP.
    else if (memory?.className !== undefined) this.#properties(memory.className, value, memory)
    else {
      this.#seen.set(value, ++this.slots)
      this.#open(value, keys, memory, false, undefined)
    }
  }

  /** What toJSON returns is not asked again, as for JSON.stringify: one that returns its object would never end. */
  #json(value: Container): void {
    if (this.#isJSON) this.#array(value, value)
    else {
      this.#isJSON = true
      this.#any(value['toJSON']())
      this.#isJSON = false
    }
  }

  /** @param identity what is the same when the array is met again */
  #array(identity: object, container: object): void {
    this.#seen.set(identity, ++this.slots)
    this.#open(container as Container, Object.keys(container), recall(container), false, undefined)
  }

  #properties(className: string, object: object, memory: Memory | undefined): void {
    this.#seen.set(object, ++this.slots)
    this.#quoted(OBJECT, className)
    this.#open(object as Container, Object.keys(object), memory, true, className)
  }

  #instance(binding: ClassBinding, instance: object): void {
    const memory = recall(instance)
    const className = memory?.className ?? binding.className
    if (binding.serialize === undefined) return this.#properties(className, instance, memory)
    const data: unknown = binding.serialize(instance)
    if (!isObject(data)) return this.#fail(`${className}.__serialize() must return an object or array`)
    this.#seen.set(instance, ++this.slots)
    this.#quoted(OBJECT, className)
    const container = types.isMap(data) ? this.#mapEntries(data) : data
    this.#open(container as Container, Object.keys(container), recall(container), false, className)
  }

  #open(
    container: Container,
    ownKeys: string[],
    memory: Memory | undefined,
    isObject: boolean,
    className: string | undefined,
  ): void {
    const keys = memory?.order === undefined ? ownKeys : keysInOrder(ownKeys, memory.order)
    const isArray = Array.isArray(container)
    const countAt = className === undefined ? this.sink.open(ARRAY, keys.length) : this.sink.count(keys.length)
    if (keys.length > 0 || className !== undefined) {
      const { maxDepth } = this.#options
      if (this.#depth === maxDepth && maxDepth > 0) this.#fail(`PHP reads no more than ${maxDepth} arrays inside each other`)
    }
    const frame = (this.#frames[this.#depth++] ??= new Frame())
    frame.container = container
    frame.memory = memory
    frame.keys = keys
    frame.isList = isArray && keys.length === container['length'] && endsAtLastIndex(keys)
    frame.isArray = isArray
    frame.isObject = isObject
    frame.countAt = countAt
    frame.next = 0
    frame.written = 0
  }

  #float(value: number, text?: string): void {
    if (text !== undefined && Object.is(parseDouble(text), value)) this.sink.float(text)
    else if (!this.sink.money(value)) this.sink.float(formatDouble(value))
  }

  #string(text: string): void {
    this.#quoted(STRING, text)
    this.sink.semicolon()
  }

  #quoted(tag: number, text: string): void {
    try {
      this.sink.quoted(tag, text)
    } catch (error) {
      if (error instanceof RangeError) this.#fail(error.message)
      throw error
    }
  }

  #enum(value: PhpEnum): void {
    const text = `${value.className}:${value.caseName}`
    const seen = this.#seenEnums.get(text)
    if (seen !== undefined) return this.#again(seen, true)
    this.#seenEnums.set(text, ++this.slots)
    this.#quoted(ENUM, text)
    this.sink.semicolon()
  }

  #custom(value: PhpSerialized): void {
    const { slot, isOpaque } = recall(value) ?? {}
    this.#seen.set(value, ++this.slots)
    if (slot !== undefined && slot !== this.slots) {
      this.#fail(`what ${value.className} serialized refers to values by number, and they have moved: PHP would mix them up`)
    }
    const scan = new Scan(isOpaque)
    scan.slots = this.slots
    scanCustom(value.data, 0, value.data.length, scan)
    this.slots = scan.slots
    this.#quoted(CUSTOM, value.className)
    this.sink.count(value.data.length)
    this.sink.copy(value.data, 0, value.data.length)
    this.sink.close()
  }

  #part(part: PhpSerializedPart): void {
    const slot = this.#seen.get(part.owner)
    if (slot === undefined) this.#fail(`a value inside ${part.owner.className} can only stand behind the object that holds it`)
    if (!part.isReference) this.slots++
    this.sink.ascii(`${part.isReference ? 'R' : 'r'}:${slot + 1 + part.index};`)
  }

  #date(date: Date): void {
    this.#seen.set(date, ++this.slots)
    this.#quoted(OBJECT, 'DateTimeImmutable')
    let properties: Container = {}
    try {
      properties = dateProperties(date)
    } catch (error) {
      this.#fail((error as Error).message)
    }
    this.#open(properties, Object.keys(properties), undefined, true, 'DateTimeImmutable')
  }

  /** The entries of a Map in its order, under the keys that PHP makes of the Map's. */
  #mapEntries(map: Map<unknown, unknown>): Container {
    const entries = new Map<string, unknown>()
    for (const [key, value] of map) {
      if (typeof key !== 'string' && typeof key !== 'bigint' && !Number.isSafeInteger(key)) {
        this.#fail(`a Map key must be a string or an int, not ${typeof key === 'number' ? key : typeof key}`)
      }
      const name = Object.is(key, -0) ? '0' : String(key)
      if (entries.has(name)) this.#fail(`two keys of the Map are the same key in PHP: ${name}`)
      entries.set(name, value)
    }
    const record: Container = {}
    for (const [name, value] of entries) setOwn(record, name, value)
    remember(record, { order: [...entries.keys()] })
    return record
  }

  #fail(reason: string): never {
    const frames = this.#frames.slice(0, this.#depth)
    const keys = frames.map((frame) => (frame.isList ? frame.next - 1 : frame.keys[frame.next - 1]!))
    const path = formatPath(this.#root === '' ? keys : [this.#root, ...keys])
    throw new TypeError(path === '' ? reason : `${path}: ${reason}`)
  }
}

/** An array whose own keys are exactly its indexes: indexes come first, so the last tells. */
function endsAtLastIndex(keys: readonly string[]): boolean {
  return keys.length === 0 || keys[keys.length - 1] === String(keys.length - 1)
}

/** Memories of a list know its keys as numbers. */
function memoryKey(key: string): string | number {
  return /^\d+$/.test(key) ? Number(key) : key
}

/** Whether an object is data and no instance of a class, in whichever realm it was made. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A loop, because to ask the object, or to search the array, costs as much as writing two keys. */
function hasToJSON(keys: readonly string[]): boolean {
  for (let i = 0; i < keys.length; i++) if (keys[i] === 'toJSON') return true
  return false
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
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

const ARRAY = 0x61
const CUSTOM = 0x43
const ENUM = 0x45
const OBJECT = 0x4f
const STRING = 0x73
