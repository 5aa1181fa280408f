import { UnserializeError } from '../errors.ts'
import { textCodec } from '../php/charset.ts'
import { parseDouble } from '../php/double.ts'
import { integerKey } from '../php/frame.ts'
import { keyText } from '../php/key-cache.ts'
import { enumColon, keyEnd, MAX_DEPTH, objectHeader, Scan, scanCustom, scanValue } from '../php/scan.ts'
import { digitsEnd, floatEnd, intEnd, readInt, readLength, readName, unescapeString } from '../php/tokens.ts'
import { checkReferences } from './check-references.ts'
import type { Member, Target, ValueNode } from './report.ts'

/** An array or object that had not ended where reading stopped. */
export interface OpenContainer {
  readonly node: Draft
  readonly members: Member[]
  /** Where the digits of its count stand. */
  readonly countAt: number
  readonly count: number
  /** How many elements were still to come. */
  left: number
  /** The key of the element being read. */
  key: Key
}

/** A node while it is made. */
export type Draft = { -readonly [K in keyof ValueNode]: ValueNode[K] }
export type Key = Omit<Member, 'value'>

/** Strings in strings in strings: deeper than any application has them, and few enough to read each byte so many times. */
const MAX_NESTED = 8

/**
 * Reads values into nodes, in the grammar of scan.ts. Slots run on from value to value. What a reference leads to is left open: its
 * target has a slot number and no path.
 */
export class NodeReader {
  readonly bytes: Buffer
  /** The slots taken so far. */
  slots: number
  hasReferences = false
  /** The arrays and objects that the value being read is in, outermost first: of interest where reading has failed. */
  open: OpenContainer[] = []
  /** Where the value or key starts that could not be read. */
  stoppedAt = -1
  readonly #isCustomOpaque: boolean
  readonly #nesting: number

  /**
   * @param slots taken before the first value
   * @param isCustomOpaque whether the bytes of every `C:` are taken for no values of PHP's
   */
  constructor(bytes: Buffer, slots: number, isCustomOpaque = false, nesting = 0) {
    this.bytes = bytes
    this.slots = slots
    this.#isCustomOpaque = isCustomOpaque
    this.#nesting = nesting
  }

  /** The value at `start`, or undefined where PHP rejects the bytes, except for what a reference leads to. */
  read(start: number, maxDepth = MAX_DEPTH): ValueNode | undefined {
    const { bytes } = this
    const open: OpenContainer[] = []
    this.open = open
    let at = start
    for (;;) {
      const node: Draft = { type: 'null', offset: at, length: 0, slot: undefined }
      const next = this.#readStart(node, at)
      this.stoppedAt = at
      if (next === -1) return undefined
      at = next
      if (node.members !== undefined) {
        const members = node.members as Member[]
        const countAt = bytes.lastIndexOf(COLON, at - 3) + 1
        const count = Number(readInt(bytes, countAt, at - 2)) || 0
        // An empty array takes no depth, an empty object does, as in PHP.
        if ((count > 0 || node.type === 'object') && open.length === maxDepth) return undefined
        open.push({ node, members, countAt, count, left: count, key: NO_KEY })
      } else {
        node.length = at - node.offset
        if (open.length === 0) return node
        this.#add(open.at(-1)!, node)
      }
      for (let frame = open.at(-1)!; frame.left === 0; frame = open.at(-1)!) {
        this.stoppedAt = at
        if (bytes[at] !== BRACE_CLOSE) return undefined
        frame.node.length = ++at - frame.node.offset
        open.pop()
        if (open.length === 0) return frame.node
        this.#add(open.at(-1)!, frame.node)
      }
      this.stoppedAt = at
      at = this.#readKey(open.at(-1)!, at)
      if (at === -1) return undefined
    }
  }

  #add(frame: OpenContainer, value: ValueNode): void {
    frame.members.push({ ...frame.key, value })
    frame.left--
  }

  /** All of a value, or of an array or object what stands before its members: where that ends, or -1. */
  #readStart(node: Draft, at: number): number {
    const { bytes } = this
    const type = bytes[at]
    if (type !== REFERENCE) node.slot = ++this.slots
    if (type !== NULL && bytes[at + 1] !== COLON) return -1
    switch (type) {
      case NULL:
        node.value = null
        return bytes[at + 1] === SEMICOLON ? at + 2 : -1
      case BOOL:
        node.type = 'bool'
        node.value = bytes[at + 2] === ONE
        return (bytes[at + 2]! & 0xfe) === ZERO && bytes[at + 3] === SEMICOLON ? at + 4 : -1
      case INT: {
        const end = intEnd(bytes, at + 2)
        if (end === -1) return -1
        node.type = 'int'
        node.value = readInt(bytes, at + 2, end)
        return end + 1
      }
      case FLOAT: {
        const end = floatEnd(bytes, at + 2)
        if (end === -1) return -1
        node.type = 'float'
        node.text = bytes.toString('latin1', at + 2, end)
        node.value = parseDouble(node.text)
        return end + 1
      }
      case STRING:
      case ESCAPED:
        return this.#readString(node, at)
      case ARRAY: {
        const end = digitsEnd(bytes, at + 2)
        if (end === -1 || bytes[end] !== COLON || bytes[end + 1] !== BRACE_OPEN) return -1
        node.type = 'array'
        node.members = []
        return end + 2
      }
      case OBJECT:
      case CUSTOM: {
        const header = objectHeader(bytes, at)
        if (header === undefined || header.count === -1) return -1
        node.className = utf8.decodeKey(bytes, header.name.start, header.name.end)
        if (type === CUSTOM) return this.#readCustom(node, header.next, header.next + header.count)
        node.type = 'object'
        node.members = []
        return header.next
      }
      case ENUM: {
        const name = readName(bytes, at + 1)
        const colon = name === undefined ? -1 : enumColon(bytes, name)
        if (name === undefined || colon === -1 || bytes[name.end + 1] !== SEMICOLON) return -1
        node.type = 'enum'
        node.className = utf8.decodeKey(bytes, bytes[name.start] === BACKSLASH ? name.start + 1 : name.start, colon)
        node.value = utf8.decodeKey(bytes, colon + 1, name.end)
        return name.end + 2
      }
      case REFERENCE:
      case SAME_OBJECT: {
        const end = digitsEnd(bytes, at + 2)
        const slot = end === -1 ? 0 : readLength(bytes, at + 2, end)
        const taken = type === REFERENCE ? this.slots : this.slots - 1
        if (bytes[end] !== SEMICOLON || slot < 1 || slot > taken) return -1
        node.type = 'reference'
        node.target = { kind: type === REFERENCE ? 'variable' : 'object', slot, path: '' } satisfies Target
        this.hasReferences = true
        return end + 1
      }
      default:
        return -1
    }
  }

  #readString(node: Draft, at: number): number {
    const { bytes } = this
    const next = keyEnd(bytes, at)
    if (next === -1) return -1
    const start = bytes.indexOf(QUOTE, at) + 1
    node.type = 'string'
    if (bytes[at] === ESCAPED) {
      const text = unescapeString(bytes, start, next - 2)
      node.value = utf8.decode(text, 0, text.length)
      node.size = text.length
    } else {
      node.value = utf8.decode(bytes, start, next - 2)
      node.size = next - 2 - start
      const nested = this.#nesting < MAX_NESTED ? readNested(bytes, start, next - 2, this.#nesting + 1) : undefined
      if (nested !== undefined) node.nested = nested
    }
    return next
  }

  /** The bytes of a `C:` are the class's own; where they are one whole value, its slots are among all others. */
  #readCustom(node: Draft, start: number, end: number): number {
    const { bytes } = this
    if (bytes[end] !== BRACE_CLOSE) return -1
    node.type = 'custom'
    node.value = utf8.decode(bytes, start, end)
    node.size = end - start
    const scan = new Scan(this.#isCustomOpaque)
    const slots = this.slots
    scan.slots = slots
    scanCustom(bytes, start, end, scan)
    this.slots = scan.slots
    this.hasReferences ||= scan.referencesInCustom
    if (scan.slots === slots || this.#nesting === MAX_NESTED) return end + 1
    const inside = new NodeReader(bytes.subarray(0, end), slots, this.#isCustomOpaque, this.#nesting + 1)
    const nested = inside.read(start)
    if (nested !== undefined && nested.length === end - start && isContainer(nested)) node.nested = nested
    return end + 1
  }

  #readKey(frame: OpenContainer, at: number): number {
    const { bytes } = this
    const next = keyEnd(bytes, at)
    if (next === -1) return -1
    const isObject = frame.node.type === 'object'
    if (bytes[at] === INT) {
      const key = readInt(bytes, at + 2, next - 1)
      frame.key = isObject ? { key, visibility: 'public' } : { key }
      return next
    }
    const start = bytes.indexOf(QUOTE, at) + 1
    const text = bytes[at] === STRING ? keyText(bytes, start, next - 2, utf8) : escapedText(bytes, start, next - 2)
    frame.key = isObject ? property(text) : { key: integerKey(text) ?? text }
    return next
  }
}

/** The value that a string is. Its slots are numbered by themselves. */
function readNested(bytes: Buffer, start: number, end: number, nesting: number): ValueNode | undefined {
  const type = bytes[start]
  if ((type !== ARRAY && type !== OBJECT && type !== CUSTOM) || bytes[start + 1] !== COLON || bytes[end - 1] !== BRACE_CLOSE) {
    return undefined
  }
  const inside = bytes.subarray(0, end)
  if (scanValue(inside, start, new Scan()) !== end) return undefined
  let reader = new NodeReader(inside, 0, false, nesting)
  let nested = reader.read(start)
  if (reader.hasReferences) {
    const checked = checkReferences(inside, [{ container: {}, key: '', start }])
    if (checked instanceof UnserializeError) return undefined
    if (checked.isCustomOpaque) {
      reader = new NodeReader(inside, 0, true, nesting)
      nested = reader.read(start)
    }
  }
  return nested !== undefined && (isContainer(nested) || nested.nested !== undefined) ? nested : undefined
}

function isContainer({ type }: ValueNode): boolean {
  return type === 'array' || type === 'object'
}

/** The name of a property, which says who sees it: `\0*\0name` is protected, `\0Class\0name` private. */
function property(mangled: string): Key {
  const nul = mangled.charCodeAt(0) === 0 ? mangled.indexOf('\0', 1) : -1
  if (nul === -1) return { key: mangled, visibility: 'public' }
  const owner = mangled.slice(1, nul)
  const key = mangled.slice(nul + 1)
  return owner === '*' ? { key, visibility: 'protected' } : { key, visibility: 'private', declaredBy: owner }
}

function escapedText(bytes: Buffer, start: number, end: number): string {
  const text = unescapeString(bytes, start, end)
  return utf8.decodeKey(text, 0, text.length)
}

const utf8 = textCodec('utf-8')
const NO_KEY: Key = { key: '' }

const QUOTE = 0x22
const ZERO = 0x30
const ONE = 0x31
const COLON = 0x3a
const SEMICOLON = 0x3b
const BACKSLASH = 0x5c
const ARRAY = 0x61
const BOOL = 0x62
const CUSTOM = 0x43
const FLOAT = 0x64
const ENUM = 0x45
const INT = 0x69
const NULL = 0x4e
const OBJECT = 0x4f
const REFERENCE = 0x52
const SAME_OBJECT = 0x72
const STRING = 0x73
const ESCAPED = 0x53
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d
