import type { TextCodec } from '../php/charset.ts'
import type { Writer } from '../php/writer.ts'

/**
 * How a serialize handler of PHP's own sets keys and values one behind the other. The values are in PHP's value format and
 * number their slots across all keys.
 */
export interface Layout {
  readonly name: string
  /** The slots taken before the first value: 1 when there is an array around all. */
  readonly firstSlot: number
  /** Whether session_decode() gives up the variables there are, instead of adding to them. */
  readonly decodeReplaces: boolean
  /** Whether bytes that begin like these may be a session: to ask is cheap, and a no is certain. */
  mayBegin(bytes: Buffer): boolean
  /** Why PHP could not write this key, or not find it again; undefined when it can. */
  refuse(key: string, codec: TextCodec): string | undefined
  /** What stands before the first key. @throws UnserializeError */
  readOpening(bytes: Buffer): Opening
  /** The key at `at`. @throws UnserializeError where PHP finds none */
  readKey(bytes: Buffer, at: number, codec: TextCodec): KeyToken
  /** Checks what stands behind the last value. @throws UnserializeError */
  readClosing(bytes: Buffer, at: number): void
  writeOpening(writer: Writer, count: number): void
  writeKey(writer: Writer, key: string): void
  writeClosing(writer: Writer): void
}

export interface Opening {
  /** Where the first key starts. */
  readonly at: number
  /** How many keys there are; undefined: as many as the bytes hold. */
  readonly count: number | undefined
}

export interface KeyToken {
  readonly key: string
  /** Where the value starts. */
  readonly next: number
}
