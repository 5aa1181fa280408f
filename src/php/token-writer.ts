import { SessionError } from '../errors.ts'
import { ByteSink } from './byte-sink.ts'
import type { TextCodec } from './charset.ts'
import { formatDouble, parseDouble } from './double.ts'
import { integerKey } from './frame.ts'
import { type Memory, recall } from './memory.ts'
import { NoPhpForm } from './no-php-form.ts'
import { Scan, scanCustom } from './scan.ts'
import { Slots } from './slots.ts'
import { INT_MAX, INT_MIN } from './tokens.ts'
import type { PhpEnum, PhpSerialized, PhpSerializedPart } from './values.ts'

/** Writes what holds nothing else: keys, scalars, objects that wrote themselves. Values take their slots here. */
export class TokenWriter {
  readonly sink: ByteSink
  readonly slots = new Slots()
  /** Whether something that was written refers to a slot. */
  hasReferences = false

  constructor(codec: TextCodec) {
    this.sink = new ByteSink(codec)
  }

  /** An array key: an int where PHP takes it for one. */
  arrayKey(key: string, memory?: Memory): void {
    const int = key.charCodeAt(0) < 0x3a ? integerKey(key) : undefined
    if (int === undefined || memory?.stringKeys?.has(key)) this.#text(key)
    else if (typeof int === 'number') this.sink.int(int)
    else this.sink.ascii(`i:${int};`)
  }

  /** The name of a property, as the object's class mangles it. */
  propertyName(name: string, memory: Memory | undefined): void {
    if (memory?.integerKeys?.has(name)) this.sink.ascii(`i:${name};`)
    else this.#text((memory?.prefixes?.get(name) ?? '') + name)
  }

  null(): void {
    this.slots.count++
    this.sink.ascii('N;')
  }

  boolean(value: boolean): void {
    this.slots.count++
    this.sink.ascii(value ? 'b:1;' : 'b:0;')
  }

  number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return this.float(value)
    this.slots.count++
    this.sink.int(value)
  }

  bigint(value: bigint): void {
    if (value > INT_MAX || value < INT_MIN) throw new NoPhpForm('a bigint beyond 64 bits does not fit a PHP int')
    this.slots.count++
    this.sink.ascii(`i:${value};`)
  }

  /** @param text what was read, to be written again when it still means the value */
  float(value: number, text?: string): void {
    this.slots.count++
    if (text !== undefined && Object.is(parseDouble(text), value)) this.sink.float(text)
    else if (!this.sink.money(value)) this.sink.float(formatDouble(value))
  }

  string(value: string): void {
    // In a key it stands for a byte that is no UTF-8; such a value is a Buffer.
    if (!value.isWellFormed()) throw new NoPhpForm('a lone surrogate (half of a character) has no bytes')
    this.slots.count++
    this.#text(value)
  }

  bytes(value: Uint8Array): void {
    this.slots.count++
    this.sink.byteString(value)
  }

  /** The start of an object: `O:4:"User"`, to be followed by a count. */
  className(name: string): void {
    this.sink.quoted(OBJECT, name)
  }

  enum(value: PhpEnum): void {
    const slot = this.slots.ofEnum(value)
    if (slot !== undefined) return this.again(slot, true)
    this.sink.quoted(ENUM, `${value.className}:${value.caseName}`)
    this.sink.semicolon()
  }

  /** @throws SessionError ENCODE_FAILED when its bytes refer to values by numbers that are not right any more */
  custom(value: PhpSerialized): void {
    const { slot, isOpaque } = recall(value) ?? {}
    this.slots.enter(value)
    if (slot !== undefined && slot !== this.slots.count) {
      const { className } = value
      throw new SessionError('ENCODE_FAILED', `What ${className} serialized refers to values by number, and they have moved`)
    }
    const scan = new Scan(isOpaque)
    scan.slots = this.slots.count
    scanCustom(value.data, 0, value.data.length, scan)
    this.slots.count = scan.slots
    if (scan.references.length > 0) this.hasReferences = true
    this.sink.quoted(CUSTOM, value.className)
    this.sink.count(value.data.length)
    this.sink.copy(value.data, 0, value.data.length)
    this.sink.close()
  }

  part({ owner, index, isReference }: PhpSerializedPart): void {
    const slot = this.slots.of(owner)
    if (slot === undefined)
      throw new NoPhpForm(`a value inside ${owner.className} can only stand behind the object that holds it`)
    this.again(slot + 1 + index, !isReference)
  }

  /** What was written before: `r:` gives the place the same object, and a slot; `R:` makes it the same variable. */
  again(slot: number, isObject: boolean): void {
    if (isObject) this.slots.count++
    this.hasReferences = true
    this.sink.ascii(`${isObject ? 'r' : 'R'}:${slot};`)
  }

  #text(text: string): void {
    this.sink.quoted(STRING, text)
    this.sink.semicolon()
  }
}

const CUSTOM = 0x43
const ENUM = 0x45
const OBJECT = 0x4f
const STRING = 0x73
