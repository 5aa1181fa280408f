import { isAscii } from 'node:buffer'
import { UnserializeError } from '../errors.ts'
import type { TextCodec } from './charset.ts'
import type { ClassTable } from './classes.ts'
import { DoubleReader } from './double.ts'
import { Frame, type Kind, LIST, OBJECT, RECORD } from './frame.ts'
import { cachedKey, cacheKey } from './key-cache.ts'
import { formatPath } from './key-path.ts'
import { type Container, remember } from './memory.ts'
import { forgetReference, References, valueAt } from './references.ts'
import { enumColon, objectHeader, Scan, scanCustom } from './scan.ts'
import { digitsEnd, escapedStringEnd, intEnd, type Name, readInt, readLength, readName, unescapeString } from './tokens.ts'
import { isPhpObject, PhpEnum, PhpObject, PhpSerialized, PhpSerializedPart, setOwn } from './values.ts'

export interface ReaderOptions {
  readonly codec: TextCodec
  readonly classes: ClassTable
  /** 0 for no limit. */
  readonly maxDepth: number
  readonly maxElements: number
}

/** A value to read: where it goes, and where its bytes start. */
export interface Source {
  readonly container: Container
  readonly key: string
  readonly start: number
}

/** Reads values, taking and refusing what php_var_unserialize_internal does. Deep input costs memory, not stack. */
export class Reader {
  readonly bytes: Buffer
  readonly #options: ReaderOptions
  readonly #text: string
  readonly #isAscii: boolean
  /** The containers that are open, outermost first; frame 0 stands for where the value goes. */
  readonly #frames: Frame[] = [new Frame()]
  #depth = 0
  #elements = 0
  /** Set when the first `R:` or `r:` is met: until then no slot is kept, and few inputs have any. */
  #references: References | undefined
  readonly #double = new DoubleReader()
  readonly #enums = new Map<string, PhpEnum>()
  #hooks: (() => void)[] = []

  constructor(bytes: Buffer, options: ReaderOptions) {
    this.bytes = bytes
    this.#options = options
    this.#text = bytes.toString('latin1')
    this.#isAscii = options.codec.asciiIsText && isAscii(bytes)
  }

  /**
   * Reads values that number their slots together, in order; all from the start of the numbering when one has references.
   * Returns where the last one ends.
   * @param firstSlot the slots taken before the first value
   * @throws UnserializeError
   */
  readAll(sources: readonly Source[], firstSlot = 0): number {
    let end = this.#readSources(sources)
    if (end === NEEDS_REFERENCES) end = this.#readReferences(sources, firstSlot)
    for (const hook of this.#hooks) hook()
    return end
  }

  /**
   * Reads with references. When objects wrote their own bytes (`C:`), it is a guess whether the values in these take slots;
   * PHP's references mean the first place of a value, so where they do not, the other guess is tried.
   */
  #readReferences(sources: readonly Source[], firstSlot: number): number {
    const attempt = (isCustomOpaque: boolean): Attempt => {
      this.#references = new References(firstSlot, isCustomOpaque)
      this.#elements = 0
      this.#hooks = []
      for (const source of sources) forgetReference(source.container, source.key)
      try {
        return { end: this.#readSources(sources), error: undefined, isOdd: this.#references.isOdd }
      } catch (error) {
        return { end: 0, error, isOdd: true }
      }
    }
    let result = attempt(false)
    if (result.isOdd && this.#references?.hasInside) {
      const other = attempt(true)
      if (!other.isOdd || (result.error !== undefined && other.error === undefined)) result = other
      else if (result.error === undefined) result = attempt(false)
    }
    if (result.error !== undefined) throw result.error
    return result.end
  }

  /** Whether the bytes of the objects that wrote their own (`C:`) turned out to hold no values of PHP's. */
  get isCustomOpaque(): boolean {
    return this.#references?.isCustomOpaque === true
  }

  /** @param depth how many of the open containers' keys lead to what is wrong */
  fail(reason: string, at: number, depth = this.#depth): never {
    const keys = this.#frames.slice(0, depth + 1).map((frame) => frame.key)
    const path = formatPath(keys[0] === '' ? keys.slice(1) : keys)
    if (at >= this.bytes.length) throw new UnserializeError('the data end too early', this.bytes.length, path)
    throw new UnserializeError(reason, at, path)
  }

  #readSources(sources: readonly Source[]): number {
    let end = 0
    for (const source of sources) {
      this.#depth = 0
      this.#frames[0]!.open(RECORD, source.container, 1)
      this.#frames[0]!.key = source.key
      end = this.#readValue(source.start)
      if (end === NEEDS_REFERENCES) break
      this.#frames[0]!.closeRoot()
    }
    return end
  }

  /** One value from frame 0, with all that is inside it: where it ends, or NEEDS_REFERENCES. */
  #readValue(start: number): number {
    const bytes = this.bytes
    const references = this.#references
    let frame = this.#frames[0]!
    let at = start
    for (;;) {
      const type = bytes[at]
      let value: unknown
      let isOpen = false
      if (references !== undefined && type !== REFERENCE) references.enter(frame)
      if (bytes[at + 1] !== COLON && type !== NULL) this.fail('expected a value', at)
      switch (type) {
        case STRING: {
          let end = at + 2
          let length = 0
          for (let byte = bytes[end]!; byte >= 0x30 && byte <= 0x39; byte = bytes[++end]!) length = length * 10 + byte - 0x30
          if (end - at > 17) length = readLength(bytes, at + 2, end)
          const text = end + 2
          if (end === at + 2 || bytes[end] !== COLON || bytes[end + 1] !== QUOTE)
            this.fail('expected a length and a quote', at + 2)
          end = text + length
          if (bytes[end] !== QUOTE || bytes[end + 1] !== SEMICOLON) this.fail(`expected "; behind ${length} bytes of string`, end)
          value = this.#isAscii ? this.#text.slice(text, end) : this.#string(text, end)
          at = end + 2
          break
        }
        case INT: {
          let end = at + 2
          const isNegative = bytes[end] === MINUS
          if (isNegative) end++
          const first = end
          let int = 0
          for (let byte = bytes[end]!; byte >= 0x30 && byte <= 0x39; byte = bytes[++end]!) int = int * 10 + byte - 0x30
          if (bytes[end] === SEMICOLON && end > first && end - first < 16) value = isNegative ? 0 - int : int
          else {
            end = intEnd(bytes, at + 2)
            if (end === -1) this.fail('expected an int and a semicolon', at + 2)
            value = readInt(bytes, at + 2, end)
          }
          at = end + 1
          break
        }
        case ARRAY: {
          let end = at + 2
          let count = 0
          for (let byte = bytes[end]!; byte >= 0x30 && byte <= 0x39; byte = bytes[++end]!) count = count * 10 + byte - 0x30
          if (end === at + 2 || bytes[end] !== COLON || bytes[end + 1] !== BRACE_OPEN)
            this.fail('expected a count and a brace', at + 2)
          if (end - at > 17) count = Number(readInt(bytes, at + 2, end))
          at = end + 2
          if (count > 0) {
            frame = this.#openArray(frame, count, at)
            isOpen = true
          } else if (bytes[at++] === BRACE_CLOSE) value = []
          else this.fail('expected the end of an empty array', at - 1)
          break
        }
        case FLOAT: {
          const end = this.#double.read(bytes, at + 2)
          if (end === -1) this.fail('expected a float and a semicolon', at + 2)
          this.#markFloat(frame, this.#double.isCanonical ? undefined : this.#text.slice(at + 2, end))
          value = this.#double.value
          at = end + 1
          break
        }
        case BOOL:
          if ((bytes[at + 2]! & 0xfe) !== 0x30 || bytes[at + 3] !== SEMICOLON)
            this.fail('expected 0 or 1 and a semicolon', at + 2)
          value = bytes[at + 2] === 0x31
          at += 4
          break
        case NULL:
          if (bytes[at + 1] !== SEMICOLON) this.fail('expected a semicolon', at + 1)
          value = null
          at += 2
          break
        case OBJECT_TYPE: {
          const header = this.#header(at)
          at = header.next
          frame = this.#openObject(frame, header.name, header.count, at)
          isOpen = true
          break
        }
        case REFERENCE:
        case SAME_OBJECT: {
          if (references === undefined) return NEEDS_REFERENCES
          const end = digitsEnd(bytes, at + 2)
          if (end === -1 || bytes[end] !== SEMICOLON) this.fail('expected a slot number and a semicolon', at + 2)
          value = this.#resolve(references, frame, type === REFERENCE, readLength(bytes, at + 2, end), at)
          if (type === SAME_OBJECT) references.markRepeated()
          at = end + 1
          break
        }
        case CUSTOM: {
          const header = this.#header(at)
          at = header.next + header.count
          if (bytes[at] !== BRACE_CLOSE) this.fail(`expected } behind ${header.count} bytes`, at)
          value = this.#custom(header.name, header.next, at)
          if (value === undefined) return NEEDS_REFERENCES
          at++
          break
        }
        case ENUM: {
          const name = readName(bytes, at + 1)
          const colon = name === undefined ? -1 : enumColon(bytes, name)
          if (name === undefined || colon === -1) this.fail('expected the class and the case of an enum', at + 2)
          if (bytes[name.end + 1] !== SEMICOLON) this.fail('expected a semicolon', name.end + 1)
          value = this.#enum(name, colon)
          at = name.end + 2
          break
        }
        case ESCAPED: {
          const body = this.#escaped(at)
          value = this.#unescaped(body)
          at = body.end + 2
          break
        }
        default:
          this.fail('expected a value', at)
      }
      if (!isOpen) put(frame, value)
      while (frame.left === 0) {
        if (this.#depth === 0) return at
        if (bytes[at++] !== BRACE_CLOSE) this.fail('expected the end of an array or object', at - 1, this.#depth - 1)
        this.#close(frame)
        frame = this.#frames[this.#depth]!
      }
      at = this.#readKey(frame, at)
    }
  }

  // --- Containers ------------------------------------------------------------------------------------------------------

  #openArray(parent: Frame, count: number, at: number): Frame {
    const isList = this.#startsList(at)
    const container: Container = isList ? [] : {}
    put(parent, container)
    return this.#open(isList ? LIST : RECORD, container, count, at)
  }

  #openObject(parent: Frame, name: Name, count: number, at: number): Frame {
    const className = this.#key(name.start, name.end)
    const binding = this.#options.classes.named(className)
    const object = binding === undefined ? new PhpObject(className) : Object.create(binding.prototype)
    if (binding !== undefined) remember(object, { className })
    put(parent, object)
    let frame: Frame
    if (binding?.unserialize === undefined) frame = this.#open(OBJECT, object, count, at)
    else {
      const isList = count === 0 || this.#startsList(at)
      frame = this.#open(isList ? LIST : RECORD, isList ? [] : {}, count, at)
      frame.deferred = { binding, instance: object }
    }
    frame.className = className
    return frame
  }

  #open(kind: Kind, container: Container, count: number, at: number): Frame {
    const { maxDepth, maxElements } = this.#options
    if (this.#depth === maxDepth && maxDepth > 0) this.fail(`more than ${maxDepth} arrays and objects inside each other`, at)
    this.#elements += count
    if (this.#elements > maxElements) this.fail(`more than ${maxElements} elements`, at)
    const frame = (this.#frames[++this.#depth] ??= new Frame())
    frame.open(kind, container, count)
    return frame
  }

  #close(frame: Frame): void {
    frame.close()
    if (frame.deferred !== undefined) {
      const { binding, instance } = frame.deferred
      const data = frame.container
      this.#hooks.push(() => binding.unserialize?.(instance, data))
    }
    this.#depth--
  }

  #startsList(at: number): boolean {
    const { bytes } = this
    return bytes[at] === INT && bytes[at + 2] === 0x30 && bytes[at + 3] === SEMICOLON
  }

  /** Reads the key of the next value: an array key, or the name of a property. */
  #readKey(frame: Frame, at: number): number {
    const { bytes } = this
    const type = bytes[at]
    if (bytes[at + 1] !== COLON) this.fail('expected a key', at, this.#depth - 1)
    if (type === INT) {
      let end = at + 2
      let int: number | bigint = 0
      for (let byte = bytes[end]!; byte >= 0x30 && byte <= 0x39; byte = bytes[++end]!) int = int * 10 + byte - 0x30
      if (bytes[end] !== SEMICOLON || end === at + 2 || end - at > 17) {
        end = intEnd(bytes, at + 2)
        if (end === -1) this.fail('expected an int and a semicolon', at + 2, this.#depth - 1)
        int = readInt(bytes, at + 2, end)
      }
      if (!frame.intKey(int)) this.#becomeRecord(frame).intKey(int)
      return end + 1
    }
    let text: string
    let next: number
    if (type === STRING) {
      let end = at + 2
      let length = 0
      for (let byte = bytes[end]!; byte >= 0x30 && byte <= 0x39; byte = bytes[++end]!) length = length * 10 + byte - 0x30
      if (end - at > 17) length = readLength(bytes, at + 2, end)
      const start = end + 2
      if (end === at + 2 || bytes[end] !== COLON || bytes[end + 1] !== QUOTE) {
        this.fail('expected a length and a quote', at + 2, this.#depth - 1)
      }
      end = start + length
      if (bytes[end] !== QUOTE || bytes[end + 1] !== SEMICOLON) {
        this.fail(`expected "; behind ${length} bytes of key`, end, this.#depth - 1)
      }
      text = cachedKey(bytes, start, length) || this.#key(start, end)
      next = end + 2
    } else if (type === ESCAPED) {
      const body = this.#escaped(at, this.#depth - 1)
      const unescaped = unescapeString(bytes, body.start, body.end)
      text = this.#options.codec.decodeKey(unescaped, 0, unescaped.length)
      next = body.end + 2
    } else this.fail('expected a key', at, this.#depth - 1)
    if (frame.kind === OBJECT) frame.property(text)
    else if (!frame.textKey(text)) this.#becomeRecord(frame).textKey(text)
    return next
  }

  /** A list turned out to be a keyed array: a new container takes its place. */
  #becomeRecord(frame: Frame): Frame {
    const list = frame.container
    const record = frame.becomeRecord()
    const parent = this.#frames[this.#depth - 1]!
    if (frame.deferred === undefined) parent.container[parent.key] = record
    this.#references?.replace(list, record)
    return frame
  }

  // --- Values ----------------------------------------------------------------------------------------------------------

  #markFloat(frame: Frame, text: string | undefined): void {
    frame.float(text)
    const place = frame.places?.get(frame.key)
    if (place !== undefined) place.float = text ?? ''
  }

  #string(start: number, end: number): string | Buffer {
    const { codec } = this.#options
    if (codec.asciiIsText && isAsciiRange(this.bytes, start, end)) return this.#text.slice(start, end)
    return codec.decode(this.bytes, start, end)
  }

  #key(start: number, end: number): string {
    const { bytes } = this
    if (!isAsciiRange(bytes, start, end)) return this.#options.codec.decodeKey(bytes, start, end)
    const key = this.#text.slice(start, end)
    cacheKey(bytes, start, end - start, key)
    return key
  }

  /** The body of an `S:` string. */
  #escaped(at: number, depth = this.#depth): Name {
    const { bytes } = this
    const lengthEnd = digitsEnd(bytes, at + 2)
    if (lengthEnd === -1 || bytes[lengthEnd] !== COLON || bytes[lengthEnd + 1] !== QUOTE) {
      this.fail('expected a length and a quote', at + 2, depth)
    }
    const length = readLength(bytes, at + 2, lengthEnd)
    const end = length > bytes.length ? -1 : escapedStringEnd(bytes, lengthEnd + 2, length)
    if (end === -1) this.fail(`expected "; behind ${length} characters of escaped string`, lengthEnd + 2, depth)
    return { start: lengthEnd + 2, end }
  }

  #unescaped(body: Name): string | Buffer {
    const bytes = unescapeString(this.bytes, body.start, body.end)
    return this.#options.codec.decode(bytes, 0, bytes.length)
  }

  #header(at: number): { name: Name; count: number; next: number } {
    const header = objectHeader(this.bytes, at)
    if (header === undefined || header.count === -1) this.fail('expected the name of a class and a count', at + 2)
    return header
  }

  #enum(name: Name, colon: number): PhpEnum {
    const start = this.bytes[name.start] === BACKSLASH ? name.start + 1 : name.start
    const className = this.#key(start, colon)
    const caseName = this.#key(colon + 1, name.end)
    const id = `${className}:${caseName}`
    const value = this.#enums.get(id) ?? new PhpEnum(className, caseName)
    this.#enums.set(id, value)
    return value
  }

  /** `undefined`: what the class wrote refers to slots, so they have to be counted. */
  #custom(name: Name, start: number, end: number): PhpSerialized | undefined {
    const references = this.#references
    const scan = new Scan(references?.isCustomOpaque)
    const slots = references?.count ?? Number.MAX_SAFE_INTEGER / 2
    scan.slots = slots
    scanCustom(this.bytes, start, end, scan)
    if (scan.referencesInCustom && references === undefined) return undefined
    const value = new PhpSerialized(this.#key(name.start, name.end), this.bytes.subarray(start, end))
    if (references !== undefined) {
      if (references.isCustomOpaque) remember(value, { isOpaque: true })
      if (scan.referencesInCustom) remember(value, { slot: slots })
      references.enterInside(value, scan.slots - slots)
    }
    return value
  }

  #resolve(references: References, frame: Frame, isReference: boolean, slot: number, at: number): unknown {
    const place = isReference ? references.place(frame) : frame.places!.get(frame.key)!
    const target = references.at(slot)
    if (target === undefined) this.fail(`there is no value number ${slot}`, at)
    if (!references.isFirst(slot)) references.isOdd = true
    if (target === place) this.fail('a value that refers to itself', at)
    if ('owner' in target) return new PhpSerializedPart(target.owner, target.index, isReference)
    const value = valueAt(target)
    if (isReference) {
      references.link(target, place)
      if (target.float !== undefined) frame.float(target.float === '' ? undefined : target.float)
    } else if (!isPhpObject(value)) this.fail(`value number ${slot} is not an object`, at)
    if (Array.isArray(value)) references.borrow(value as unknown as Container, place)
    return value
  }
}

function put(frame: Frame, value: unknown): void {
  const { container, key } = frame
  frame.left--
  // Three sites, so that each sees one kind of store and stays fast.
  if (frame.kind === LIST) (container as unknown as unknown[])[key as number] = value
  else if (frame.kind === OBJECT || key === '__proto__') setOwn(container, key, value)
  else {
    try {
      container[key] = value
    } catch {
      // Object.prototype is frozen, as hardened applications have it: a key such as toString cannot be assigned.
      setOwn(container, key, value)
    }
  }
}

function isAsciiRange(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! > 0x7f) return false
  return true
}

interface Attempt {
  readonly end: number
  readonly error: unknown
  /** Whether some reference is not as PHP writes it. */
  readonly isOdd: boolean
}

/** What reading returns when it meets the first `R:` or `r:` and has kept no slots. */
const NEEDS_REFERENCES = -1

const BACKSLASH = 0x5c
const ARRAY = 0x61
const BOOL = 0x62
const CUSTOM = 0x43
const FLOAT = 0x64
const ENUM = 0x45
const INT = 0x69
const NULL = 0x4e
const OBJECT_TYPE = 0x4f
const REFERENCE = 0x52
const SAME_OBJECT = 0x72
const STRING = 0x73
const ESCAPED = 0x53
const QUOTE = 0x22
const MINUS = 0x2d
const COLON = 0x3a
const SEMICOLON = 0x3b
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d
