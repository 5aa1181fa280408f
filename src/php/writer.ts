import { types } from 'node:util'
import { putBoolean, putInt, putShortString, SHORT } from './byte-sink.ts'
import type { TextCodec } from './charset.ts'
import type { ClassTable } from './classes.ts'
import { endsAtLastIndex, formOf, hasToJSON, isPlain } from './forms.ts'
import { formatPath } from './key-path.ts'
import { type Container, heldFloat, keysInOrder, type Memory, memoryKey, type Reference, recall } from './memory.ts'
import { NoPhpForm } from './no-php-form.ts'
import { TokenWriter } from './token-writer.ts'
import { isPhpObject, PhpEnum, PhpFloat, PhpObject, PhpSerialized, PhpSerializedPart } from './values.ts'

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
  readonly tokens: TokenWriter
  readonly #options: WriterOptions
  readonly #frames: Frame[] = []
  /** How many of the frames are open. */
  #depth = 0
  #root: string | number = ''
  /** Whether the value comes from toJSON. */
  #isJSON = false

  constructor(options: WriterOptions) {
    this.#options = options
    this.tokens = new TokenWriter(options.codec)
  }

  /** Writes the value that stands at a place, without its key. @throws TypeError with the key path */
  value(container: Container, key: string): void {
    this.#root = key
    try {
      this.#place(key, container[key], recall(container))
      if (this.#depth > 0) this.#containers()
    } catch (error) {
      if (error instanceof NoPhpForm) throw new TypeError(`${this.#path()}${error.message}`)
      throw error
    }
  }

  /**
   * Writes the open containers to their ends. Plain lists and records of short strings, ints and booleans are most of all data:
   * these are written here, on local variables; everything else by the methods below, through the sink.
   */
  #containers(): void {
    const { tokens } = this
    const { sink, slots } = tokens
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
          if (frame.isObject) tokens.propertyName(key, frame.memory)
          else tokens.arrayKey(key, frame.memory)
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
            slots.count++
            at = end
            continue
          }
        } else if (typeof value === 'number' && (value | 0) === value && !Object.is(value, -0)) {
          if (memory === undefined || !heldFloat(memory, key)) {
            slots.count++
            at = putInt(bytes, at, value | 0)
            continue
          }
        } else if (typeof value === 'boolean') {
          slots.count++
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

  /** All that was written. The writer is of no use after this. */
  finish(): Buffer {
    return this.tokens.sink.finish()
  }

  // --- Places ----------------------------------------------------------------------------------------------------------

  #place(key: string | number, value: unknown, memory: Memory | undefined): void {
    const reference = memory?.references?.get(key)
    if (reference !== undefined) this.#reference(reference, key, value, memory)
    else this.#unshared(key, value, memory)
  }

  #unshared(key: string | number, value: unknown, memory: Memory | undefined): void {
    if (typeof value === 'number' && memory !== undefined && heldFloat(memory, key)) {
      this.tokens.float(value, memory.floatTexts?.get(key))
    } else this.#any(value)
  }

  /** A place that is one PHP variable with others: written whole the first time it is met, then as `R:`. */
  #reference(reference: Reference, key: string | number, value: unknown, memory: Memory | undefined): void {
    const { value: shared, agrees, slot } = this.tokens.slots.share(reference)
    if (!agrees) this.#unshared(key, value, memory)
    else if (slot > 0) this.tokens.again(slot, false)
    else this.#unshared(key, shared, memory)
  }

  // --- Values ----------------------------------------------------------------------------------------------------------

  #any(value: unknown): void {
    const { tokens } = this
    switch (typeof value) {
      case 'string':
        return tokens.string(value)
      case 'number':
        return tokens.number(value)
      case 'boolean':
        return tokens.boolean(value)
      case 'undefined':
        return tokens.null()
      case 'bigint':
        return tokens.bigint(value)
      case 'object':
        return value === null ? tokens.null() : this.#object(value)
      default:
        throw new NoPhpForm(`PHP has no ${typeof value}`)
    }
  }

  #object(value: object): void {
    const seen = this.tokens.slots.of(value)
    if (seen !== undefined) return this.tokens.again(seen, !Array.isArray(value) && this.#isPhpObject(value))
    if (Array.isArray(value)) this.#array(value, value)
    else if (isPlain(value)) this.#record(value as Container)
    else if (value instanceof PhpObject) this.#properties(value, PhpObject.classOf(value)!, value, true)
    else if (types.isUint8Array(value)) this.tokens.bytes(value)
    else this.#special(value)
  }

  /** Everything that is no plain data. */
  #special(value: object): void {
    if (value instanceof PhpFloat) this.tokens.float(value.value)
    else if (value instanceof PhpEnum) this.tokens.enum(value)
    else if (value instanceof PhpSerialized) this.tokens.custom(value)
    else if (value instanceof PhpSerializedPart) this.tokens.part(value)
    else if (this.#isJSONable(value)) this.#json(value)
    else this.#form(value)
  }

  #form(value: object): void {
    const form = formOf(value, this.#options.classes)
    if (form.kind === 'value') this.#any(form.value)
    else if (form.kind === 'array') this.#array(value, form.container)
    else this.#properties(value, form.className, form.container, form.kind === 'properties')
  }

  /** toJSON comes last: what has a form in PHP needs none. */
  #isJSONable(value: object): boolean {
    if (typeof (value as Container)['toJSON'] !== 'function') return false
    return !types.isDate(value) && this.#options.classes.of(value) === undefined
  }

  #isPhpObject(value: object): boolean {
    return isPhpObject(value) || types.isDate(value) || this.#options.classes.of(value) !== undefined
  }

  #record(value: Container): void {
    const keys = Object.keys(value)
    const memory = recall(value)
    if (hasToJSON(keys) && typeof value['toJSON'] === 'function') this.#json(value)
    // `classes: { stdClass: Object }` makes plain objects, which stay objects in PHP.
    else if (memory?.className !== undefined) this.#properties(value, memory.className, value, true)
    else {
      this.tokens.slots.enter(value)
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
    this.tokens.slots.enter(identity)
    this.#open(container as Container, Object.keys(container), recall(container), false, undefined)
  }

  /** @param isObject whether the container's keys are names of properties, and not those of an array that the class made */
  #properties(identity: object, className: string, container: object, isObject: boolean): void {
    this.tokens.slots.enter(identity)
    this.tokens.className(className)
    this.#open(container as Container, Object.keys(container), recall(container), isObject, className)
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
    const { sink } = this.tokens
    const countAt = className === undefined ? sink.open(ARRAY, keys.length) : sink.count(keys.length)
    const { maxDepth } = this.#options
    if (this.#depth === maxDepth && maxDepth > 0 && (keys.length > 0 || className !== undefined)) {
      throw new NoPhpForm(`PHP reads no more than ${maxDepth} arrays inside each other`)
    }
    this.#frames[this.#depth] ??= new Frame()
    const frame = this.#frames[this.#depth++]!
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

  /** The key path of the value that is being written, to stand before a message. */
  #path(): string {
    const frames = this.#frames.slice(0, this.#depth)
    const keys = frames.map((frame) => (frame.isList ? frame.next - 1 : frame.keys[frame.next - 1]!))
    const path = formatPath(this.#root === '' ? keys : [this.#root, ...keys])
    return path === '' ? '' : `${path}: `
  }
}

const ARRAY = 0x61
