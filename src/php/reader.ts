import { UnserializeError } from '../errors.ts'
import { DoubleReader } from './double.ts'
import { type Frame, OBJECT } from './frame.ts'
import type { Input } from './input.ts'
import { cachedKey } from './key-cache.ts'
import { remember } from './memory.ts'
import { type OpenContainers, put, type Source } from './open-containers.ts'
import type { References } from './references.ts'
import { enumColon, objectHeader, Scan, scanCustom } from './scan.ts'
import { digitsEnd, intEnd, type Name, readInt, readLength, readName } from './tokens.ts'
import { PhpEnum, PhpSerialized } from './values.ts'

/** Reads values, taking and refusing what php_var_unserialize_internal does. Deep input costs memory, not stack. */
export class Reader {
  readonly #input: Input
  readonly #open: OpenContainers
  /** Without it no slot is kept, and reading ends at the first `R:` or `r:`; few inputs have any. */
  readonly #references: References | undefined
  readonly #double = new DoubleReader()
  #enums: Map<string, PhpEnum> | undefined

  constructor(input: Input, open: OpenContainers, references: References | undefined) {
    this.#input = input
    this.#open = open
    this.#references = references
  }

  /** Reads the values in order: where the last one ends, or NEEDS_REFERENCES. @throws UnserializeError */
  readAll(sources: readonly Source[]): number {
    let end = 0
    for (const source of sources) {
      const root = this.#open.start(source)
      end = this.#readValue(root, source.start)
      if (end === NEEDS_REFERENCES) break
      root.closeRoot()
    }
    return end
  }

  /** @param outer how many of the open containers' keys do not lead to what is wrong */
  #fail(reason: string, at: number, outer = 0): never {
    const { length } = this.#input.bytes
    if (at >= length) throw new UnserializeError('the data end too early', length, this.#open.path(outer))
    throw new UnserializeError(reason, at, this.#open.path(outer))
  }

  /** One value, with all that is inside it: where it ends, or NEEDS_REFERENCES. */
  #readValue(root: Frame, start: number): number {
    const { bytes } = this.#input
    const references = this.#references
    let frame = root
    let at = start
    for (;;) {
      const type = bytes[at]
      let value: unknown
      let isOpen = false
      if (references !== undefined && type !== REFERENCE) references.enter(frame)
      if (bytes[at + 1] !== COLON && type !== NULL) this.#fail('expected a value', at)
      switch (type) {
        case STRING: {
          let end = at + 2
          let length = 0
          for (let byte = bytes[end]!; byte >= 0x30 && byte <= 0x39; byte = bytes[++end]!) length = length * 10 + byte - 0x30
          if (end - at > 17) length = readLength(bytes, at + 2, end)
          const text = end + 2
          if (end === at + 2 || bytes[end] !== COLON || bytes[end + 1] !== QUOTE)
            this.#fail('expected a length and a quote', at + 2)
          end = text + length
          if (bytes[end] !== QUOTE || bytes[end + 1] !== SEMICOLON)
            this.#fail(`expected "; behind ${length} bytes of string`, end)
          value = this.#input.string(text, end)
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
            if (end === -1) this.#fail('expected an int and a semicolon', at + 2)
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
            this.#fail('expected a count and a brace', at + 2)
          if (end - at > 17) count = Number(readInt(bytes, at + 2, end))
          at = end + 2
          if (count > 0) {
            frame = this.#open.openArray(count, this.#startsList(at), at)
            isOpen = true
          } else if (bytes[at++] === BRACE_CLOSE) value = []
          else this.#fail('expected the end of an empty array', at - 1)
          break
        }
        case FLOAT: {
          const end = this.#double.read(bytes, at + 2)
          if (end === -1) this.#fail('expected a float and a semicolon', at + 2)
          const text = this.#double.isCanonical ? undefined : this.#input.ascii(at + 2, end)
          frame.float(text)
          references?.markFloat(frame, text)
          value = this.#double.value
          at = end + 1
          break
        }
        case BOOL:
          if ((bytes[at + 2]! & 0xfe) !== 0x30 || bytes[at + 3] !== SEMICOLON)
            this.#fail('expected 0 or 1 and a semicolon', at + 2)
          value = bytes[at + 2] === 0x31
          at += 4
          break
        case NULL:
          if (bytes[at + 1] !== SEMICOLON) this.#fail('expected a semicolon', at + 1)
          value = null
          at += 2
          break
        case OBJECT_TYPE: {
          const header = this.#header(at)
          at = header.next
          frame = this.#open.openObject(
            this.#input.key(header.name.start, header.name.end),
            header.count,
            header.count === 0 || this.#startsList(at),
            at,
          )
          isOpen = true
          break
        }
        case REFERENCE:
        case SAME_OBJECT: {
          if (references === undefined) return NEEDS_REFERENCES
          const end = digitsEnd(bytes, at + 2)
          if (end === -1 || bytes[end] !== SEMICOLON) this.#fail('expected a slot number and a semicolon', at + 2)
          const slot = readLength(bytes, at + 2, end)
          const objection = references.objection(frame, type === REFERENCE, slot)
          if (objection !== undefined) this.#fail(objection, at)
          value = references.take(frame, type === REFERENCE, slot)
          if (type === SAME_OBJECT) references.markRepeated()
          at = end + 1
          break
        }
        case CUSTOM: {
          const header = this.#header(at)
          at = header.next + header.count
          if (bytes[at] !== BRACE_CLOSE) this.#fail(`expected } behind ${header.count} bytes`, at)
          value = this.#custom(header.name, header.next, at)
          if (value === undefined) return NEEDS_REFERENCES
          at++
          break
        }
        case ENUM: {
          const name = readName(bytes, at + 1)
          const colon = name === undefined ? -1 : enumColon(bytes, name)
          if (name === undefined || colon === -1) this.#fail('expected the class and the case of an enum', at + 2)
          if (bytes[name.end + 1] !== SEMICOLON) this.#fail('expected a semicolon', name.end + 1)
          value = this.#enum(name, colon)
          at = name.end + 2
          break
        }
        case ESCAPED: {
          const body = this.#input.escaped(at)
          if (body === undefined) this.#fail('expected a length and an escaped string', at + 2)
          value = this.#input.escapedString(body)
          at = body.end + 2
          break
        }
        default:
          this.#fail('expected a value', at)
      }
      if (!isOpen) put(frame, value)
      while (frame.left === 0) {
        if (this.#open.depth === 0) return at
        if (bytes[at++] !== BRACE_CLOSE) this.#fail('expected the end of an array or object', at - 1, 1)
        frame = this.#open.close()
      }
      at = this.#readKey(frame, at)
    }
  }

  /** Reads the key of the next value: an array key, or the name of a property. */
  #readKey(frame: Frame, at: number): number {
    const { bytes } = this.#input
    const type = bytes[at]
    if (bytes[at + 1] !== COLON) this.#fail('expected a key', at, 1)
    if (type === INT) {
      let end = at + 2
      let int: number | bigint = 0
      for (let byte = bytes[end]!; byte >= 0x30 && byte <= 0x39; byte = bytes[++end]!) int = int * 10 + byte - 0x30
      if (bytes[end] !== SEMICOLON || end === at + 2 || end - at > 17) {
        end = intEnd(bytes, at + 2)
        if (end === -1) this.#fail('expected an int and a semicolon', at + 2, 1)
        int = readInt(bytes, at + 2, end)
      }
      if (!frame.intKey(int)) this.#open.becomeRecord().intKey(int)
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
        this.#fail('expected a length and a quote', at + 2, 1)
      }
      end = start + length
      if (bytes[end] !== QUOTE || bytes[end + 1] !== SEMICOLON) {
        this.#fail(`expected "; behind ${length} bytes of key`, end, 1)
      }
      text = cachedKey(bytes, start, length) || this.#input.key(start, end)
      next = end + 2
    } else if (type === ESCAPED) {
      const body = this.#input.escaped(at)
      if (body === undefined) this.#fail('expected a length and an escaped string', at + 2, 1)
      text = this.#input.escapedKey(body)
      next = body.end + 2
    } else this.#fail('expected a key', at, 1)
    if (frame.kind === OBJECT) frame.property(text)
    else if (!frame.textKey(text)) this.#open.becomeRecord().textKey(text)
    return next
  }

  #startsList(at: number): boolean {
    const { bytes } = this.#input
    return bytes[at] === INT && bytes[at + 2] === 0x30 && bytes[at + 3] === SEMICOLON
  }

  #header(at: number): { name: Name; count: number; next: number } {
    const header = objectHeader(this.#input.bytes, at)
    if (header === undefined || header.count === -1) this.#fail('expected the name of a class and a count', at + 2)
    return header
  }

  #enum(name: Name, colon: number): PhpEnum {
    const start = this.#input.bytes[name.start] === BACKSLASH ? name.start + 1 : name.start
    const className = this.#input.key(start, colon)
    const caseName = this.#input.key(colon + 1, name.end)
    const id = `${className}:${caseName}`
    this.#enums ??= new Map()
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
    scanCustom(this.#input.bytes, start, end, scan)
    if (scan.referencesInCustom && references === undefined) return undefined
    const value = new PhpSerialized(this.#input.key(name.start, name.end), this.#input.bytes.subarray(start, end))
    if (references !== undefined) {
      if (references.isCustomOpaque) remember(value, { isOpaque: true })
      if (scan.referencesInCustom) remember(value, { slot: slots })
      references.enterInside(value, scan.slots - slots)
    }
    return value
  }
}

/** What reading returns when it meets the first `R:` or `r:` and has kept no slots. */
export const NEEDS_REFERENCES = -1

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
