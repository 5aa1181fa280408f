import { inspect } from 'node:util'
import { SessionError, UnserializeError } from '../errors.ts'
import { type TextCodec, textCodec } from '../php/charset.ts'
import { ClassTable } from '../php/classes.ts'
import { formatPath } from '../php/key-path.ts'
import { type Container, forget, keysInOrder, recall, remember } from '../php/memory.ts'
import type { Source } from '../php/open-containers.ts'
import { type ReadResult, readValues } from '../php/read-values.ts'
import { assignReference } from '../php/references.ts'
import { MAX_DEPTH, Scan, scanValue } from '../php/scan.ts'
import { digitsEnd } from '../php/tokens.ts'
import { setOwn } from '../php/values.ts'
import { Writer } from '../php/writer.ts'
import { Entry, entryOfSlot, groupEntries } from './entry.ts'
import { KnownSessions } from './known-sessions.ts'
import type { Layout } from './layout.ts'
import { moveVariables } from './move-variables.ts'
import type { CodecOptions, SessionVars } from './serialize-handler.ts'

/**
 * A session whose bytes are looked over at once and decoded key by key, when a key is first touched. A key that nobody touched
 * is never decoded, and its bytes are copied; only its slot numbers move when those before it take more or fewer slots.
 *
 * Sessions with references (`R:`, `r:`) are decoded at once, because whether PHP takes them depends on what they mean. Keys that
 * share something are touched together, so that what is one thing in PHP is one thing here.
 */
export class LazyVars implements SessionVars {
  readonly #layout: Layout
  readonly #bytes: Buffer
  readonly #options: CodecOptions
  readonly #codec: TextCodec
  readonly #classes: ClassTable
  /** The keys in PHP's order; null: a key that was not in the bytes. */
  readonly #entries = new Map<string, Entry | null>()
  /** The entries in the order of the bytes. */
  #original: Entry[] = []
  /** The decoded values. */
  readonly #values: Container
  #isChanged = false

  /** @throws UnserializeError where PHP would destroy the session */
  constructor(layout: Layout, bytes: Buffer, options: CodecOptions, values: Container = {}) {
    this.#layout = layout
    this.#bytes = bytes
    this.#options = options
    this.#codec = textCodec(options.charset)
    this.#classes = ClassTable.of(options.classes)
    this.#values = values
    const entries = known.find(this.#format, bytes)
    if (entries === undefined) this.#scan()
    else this.#setEntries(entries)
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  get(key: string): unknown {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry === null) return this.#values[key]
    if (!entry.isDecoded) this.#decode([entry])
    const value: unknown = this.#values[key]
    if (typeof value === 'object' && value !== null) this.#touch(entry)
    return value
  }

  set(key: string, value: unknown): void {
    this.#checkKey(key)
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw new TypeError(`${formatPath([key])}: PHP has no ${typeof value}`)
    }
    const entry = this.#entries.get(key) ?? null
    // A float is decoded first, so that its place is known to hold one.
    if (entry !== null) {
      if (entry.group !== undefined || this.#bytes[entry.start] === FLOAT) this.#touch(entry)
      entry.isDecoded = true
      entry.isTouched = true
    }
    this.#isChanged = true
    this.#entries.set(key, entry)
    setOwn(this.#values, key, value)
    assignReference(this.#values, key, value)
  }

  delete(key: string): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    if (entry !== null && entry.group !== undefined) this.#touch(entry)
    this.#isChanged = true
    forget(this.#values, key)
    delete this.#values[key]
    return this.#entries.delete(key)
  }

  keys(): string[] {
    return [...this.#entries.keys()]
  }

  encode(): Buffer {
    // Of no bytes at all PHP makes a session without variables: `a:0:{}` in php_serialize.
    if (!this.#isChanged && this.#bytes.length > 0) return this.#bytes
    const layout = this.#layout
    const writer = new Writer({ codec: this.#codec, classes: this.#classes, maxDepth: MAX_DEPTH - layout.firstSlot })
    let count = 0
    for (const [key, entry] of this.#entries) if (this.#isPresent(key, entry)) count++
    layout.writeOpening(writer, count)
    const written: Entry[] | undefined = known.isWorthwhile(this.#bytes) ? [] : undefined
    const { sink, slots } = writer.tokens
    for (const [key, entry] of this.#entries) {
      if (!this.#isPresent(key, entry)) continue
      layout.writeKey(writer, key)
      const start = sink.at
      const slot = slots.count
      if (entry?.isTouched === false) this.#copy(entry, writer)
      else writer.value(this.#values, key)
      written?.push(new Entry(key, start, sink.at, slot, slots.count - slot))
    }
    layout.writeClosing(writer)
    const bytes = writer.finish()
    if (written !== undefined && !writer.tokens.hasReferences) known.add(this.#format, bytes, written)
    return bytes
  }

  decode(bytes: Buffer): void {
    const decoded = new LazyVars(this.#layout, bytes, this.#options)
    if (this.#layout.decodeReplaces) for (const key of this.keys()) this.delete(key)
    const values = decoded.decodeAll()
    for (const key of decoded.keys()) {
      const entry = this.#entries.get(key)
      if (entry?.group !== undefined) this.#touch(entry)
      this.#entries.set(key, null)
    }
    moveVariables(values, this.#values)
    this.#isChanged = true
  }

  /** Decodes all into the container given to the constructor. */
  decodeAll(): Container {
    this.#decode(this.#original.filter((entry) => !entry.isDecoded))
    const keys = this.keys()
    if (!Object.keys(this.#values).every((key, position) => key === keys[position])) remember(this.#values, { order: keys })
    return this.#values
  }

  /** Takes all keys of the container given to the constructor as new. */
  adopt(): this {
    for (const key of keysInOrder(Object.keys(this.#values), recall(this.#values)?.order)) {
      this.#checkKey(key)
      this.#entries.set(key, null)
    }
    this.#isChanged = true
    return this
  }

  /** A key that was set to `undefined` is left out. */
  #isPresent(key: string, entry: Entry | null): boolean {
    return entry?.isTouched === false || this.#values[key] !== undefined
  }

  #checkKey(key: string): void {
    let reason: string | undefined
    try {
      this.#codec.byteLength(key)
      reason = this.#layout.refuse(key, this.#codec)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      reason = error.message
    }
    if (reason !== undefined) throw new SessionError('INVALID_KEY', `$_SESSION cannot hold the key ${inspect(key)}: ${reason}`)
  }

  // --- Reading ---------------------------------------------------------------------------------------------------------

  #scan(isCustomOpaque = false): void {
    const layout = this.#layout
    const bytes = this.#bytes
    const scan = new Scan(isCustomOpaque)
    const entries: Entry[] = []
    const opening = layout.readOpening(bytes)
    let at = opening.at
    let hasReferences = false
    scan.slots = layout.firstSlot
    while (opening.count === undefined ? at < bytes.length : entries.length < opening.count) {
      const { key, next: start } = layout.readKey(bytes, at, this.#codec)
      const { slots: slot } = scan
      if (scan.references.length > 0) scan.references = []
      scan.referencesInCustom = false
      at = scanValue(bytes, start, scan, MAX_DEPTH - layout.firstSlot)
      if (at === -1) this.#fail(entries, key, start)
      entries.push(new Entry(key, start, at, slot, scan.slots - slot, scan))
      hasReferences ||= scan.references.length > 0
    }
    layout.readClosing(bytes, at)
    this.#setEntries(entries)
    const hasDuplicates = this.#entries.size < entries.length
    if (hasDuplicates || hasReferences) this.#decodeShared(hasDuplicates, isCustomOpaque)
    else known.add(this.#format, bytes, entries)
  }

  #setEntries(entries: Entry[]): void {
    this.#original = entries
    for (const entry of entries) this.#entries.set(entry.key, entry)
  }

  /** All that the entries depend on besides the bytes. */
  get #format(): string {
    return `${this.#layout.name} ${this.#options.charset}`
  }

  #decodeShared(hasDuplicates: boolean, isCustomOpaque: boolean): void {
    const { isCustomOpaque: isOpaque } = this.#decode(this.#original)
    if (isOpaque && !isCustomOpaque) this.#scan(true)
    else if (hasDuplicates) for (const entry of this.#original) entry.group = this.#original
    else groupEntries(this.#original)
  }

  #decode(entries: readonly Entry[]): ReadResult {
    const result = this.#read(entries.map((entry) => this.#source(entry)))
    for (const entry of entries) entry.isDecoded = true
    return result
  }

  #read(sources: readonly Source[]): ReadResult {
    const { firstSlot } = this.#layout
    const options = {
      codec: this.#codec,
      classes: this.#classes,
      maxDepth: MAX_DEPTH - firstSlot,
      maxElements: Number.POSITIVE_INFINITY,
    }
    return readValues(this.#bytes, sources, options, firstSlot)
  }

  /** A key that stands in the bytes twice means the last, but references may mean the first as well. */
  #source(entry: Entry): Source {
    const isCurrent = this.#entries.get(entry.key) === entry
    return { container: isCurrent ? this.#values : {}, key: entry.key, start: entry.start }
  }

  #fail(before: readonly Entry[], key: string, start: number): never {
    const sources = [...before, { key, start }].map((each) => ({ key: each.key, start: each.start, container: {} }))
    this.#read(sources)
    throw new UnserializeError('PHP would not read this value', start, formatPath([key]))
  }

  #touch(entry: Entry): void {
    if (entry.isTouched) return
    const group = entry.group ?? [entry]
    if (!entry.isDecoded) this.#decode(group)
    for (const each of group) each.isTouched = true
    this.#isChanged = true
  }

  // --- Writing ---------------------------------------------------------------------------------------------------------

  /** Writes an untouched value: its bytes, with the slot numbers that mean the same values as before. */
  #copy(entry: Entry, writer: Writer): void {
    const { sink } = writer.tokens
    entry.newSlot = writer.tokens.slots.count
    let from = entry.start
    if (entry.references.length > 0) writer.tokens.hasReferences = true
    for (let i = 0; i < entry.references.length; i += 2) {
      const at = entry.references[i]!
      const slot = entry.references[i + 1]!
      const newSlot = this.#newSlot(slot)
      if (newSlot === slot) continue
      if (entry.referencesInCustom) {
        throw new SessionError(
          'ENCODE_FAILED',
          `What a Serializable object in ${formatPath([entry.key])} wrote refers to values by number, and they have moved`,
        )
      }
      sink.copy(this.#bytes, from, at)
      sink.ascii(String(newSlot))
      from = digitsEnd(this.#bytes, at)
    }
    sink.copy(this.#bytes, from, entry.end)
    writer.tokens.slots.count += entry.slots
  }

  /** Where the value that had this slot is now. Its entry is the one being written or one before it. */
  #newSlot(slot: number): number {
    const entry = entryOfSlot(this.#original, slot)!
    return entry.newSlot + slot - entry.slot
  }
}

/** 16 MB: a hundred large carts. */
const known = new KnownSessions(2 ** 24)

const FLOAT = 0x64
