import { UnserializeError } from '../errors.ts'
import { integerKey } from '../php/frame.ts'
import { keyText } from '../php/key-cache.ts'
import type { Layout } from './layout.ts'

const DELIMITER = 0x7c

/** `key|value key|value …`, PHP's default (PS_SERIALIZER_ENCODE_FUNC(php) in session.c). */
export const php: Layout = {
  name: 'php',
  firstSlot: 0,
  decodeReplaces: false,
  mayBegin: () => true,
  refuse(key) {
    if (key.includes('|')) return `PHP writes an empty session when a key of $_SESSION holds a '|'`
    return integerKey(key) === undefined ? undefined : `PHP drops integer keys of $_SESSION`
  },
  readOpening: () => ({ at: 0, count: undefined }),
  readKey(bytes, at, codec) {
    const delimiter = bytes.indexOf(DELIMITER, at)
    if (delimiter === -1) throw new UnserializeError("expected a key and '|'", at, '')
    return { key: keyText(bytes, at, delimiter, codec), next: delimiter + 1 }
  },
  readClosing() {},
  writeOpening() {},
  writeKey(writer, key) {
    writer.tokens.sink.text(key)
    writer.tokens.sink.ascii('|')
  },
  writeClosing() {},
}
