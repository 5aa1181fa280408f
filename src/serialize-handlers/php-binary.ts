import { UnserializeError } from '../errors.ts'
import { integerKey } from '../php/frame.ts'
import { keyText } from '../php/key-cache.ts'
import type { Layout } from './layout.ts'

/** PS_BIN_MAX: the highest bit once marked a variable without a value and is still ignored. */
const LONGEST_KEY = 127
const VALUE_TYPES = Buffer.from('NbidsSaOCErR')

/** The length of the key in one byte, the key, the value (PS_SERIALIZER_ENCODE_FUNC(php_binary) in session.c). */
export const phpBinary: Layout = {
  name: 'php_binary',
  firstSlot: 0,
  decodeReplaces: false,
  mayBegin: (bytes) => bytes.length === 0 || VALUE_TYPES.includes(bytes[(bytes[0]! & LONGEST_KEY) + 1] ?? 0),
  refuse(key, codec) {
    if (codec.byteLength(key) > LONGEST_KEY) return `PHP drops keys of $_SESSION longer than ${LONGEST_KEY} bytes`
    return integerKey(key) === undefined ? undefined : 'PHP drops integer keys of $_SESSION'
  },
  readOpening: () => ({ at: 0, count: undefined }),
  readKey(bytes, at, codec) {
    const length = bytes[at]! & LONGEST_KEY
    const next = at + 1 + length
    if (at + length >= bytes.length) throw new UnserializeError(`expected a key of ${length} bytes`, at, '')
    return { key: keyText(bytes, at + 1, next, codec), next }
  },
  readClosing() {},
  writeOpening() {},
  writeKey(writer, key) {
    const { sink } = writer.tokens
    const lengthAt = sink.at
    sink.ascii('\0')
    sink.text(key)
    sink.bytes[lengthAt] = sink.at - lengthAt - 1
  },
  writeClosing() {},
}
