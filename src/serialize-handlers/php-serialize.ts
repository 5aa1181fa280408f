import { UnserializeError } from '../errors.ts'
import { keyEnd } from '../php/scan.ts'
import { digitsEnd, readInt, unescapeString } from '../php/tokens.ts'
import type { Layout } from './layout.ts'

/** One serialized array (PS_SERIALIZER_ENCODE_FUNC(php_serialize) in session.c). */
export const phpSerialize: Layout = {
  name: 'php_serialize',
  firstSlot: 1,
  decodeReplaces: true,
  mayBegin: (bytes) => bytes.length === 0 || (bytes[0] === 0x61 && bytes[1] === 0x3a) || bytes.equals(NULL),
  refuse: () => undefined,
  readOpening(bytes) {
    // What serialize() makes of a $_SESSION that is no array any more: PHP starts with an empty one.
    if (bytes.length === 0 || bytes.equals(NULL)) return { at: bytes.length, count: 0 }
    const end = bytes[0] === 0x61 && bytes[1] === 0x3a ? digitsEnd(bytes, 2) : -1
    if (end === -1 || bytes[end] !== 0x3a || bytes[end + 1] !== 0x7b) throw new UnserializeError('expected an array', 0, '')
    return { at: end + 2, count: Number(readInt(bytes, 2, end)) }
  },
  readKey(bytes, at, codec) {
    const next = keyEnd(bytes, at)
    if (next === -1) throw new UnserializeError('expected the key of an array', at, '')
    if (bytes[at] === INT) return { key: String(readInt(bytes, at + 2, next - 1)), next }
    const start = bytes.indexOf(QUOTE, at) + 1
    const end = next - 2
    if (bytes[at] === STRING) return { key: codec.decodeKey(bytes, start, end), next }
    const text = unescapeString(bytes, start, end)
    return { key: codec.decodeKey(text, 0, text.length), next }
  },
  readClosing(bytes, at) {
    if (at === bytes.length && (at === 0 || bytes.equals(NULL))) return
    if (bytes[at] !== 0x7d) throw new UnserializeError('expected the end of the array', at, '')
    if (at + 1 < bytes.length) throw new UnserializeError('the array ends, but the input goes on', at + 1, '')
  },
  writeOpening(writer, count) {
    writer.tokens.slots.count++
    writer.tokens.sink.open(0x61, count)
  },
  writeKey(writer, key) {
    writer.tokens.arrayKey(key)
  },
  writeClosing(writer) {
    writer.tokens.sink.close()
  },
}

const NULL = Buffer.from('N;')
const INT = 0x69
const QUOTE = 0x22
const STRING = 0x73
