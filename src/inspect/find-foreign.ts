import { isUtf8 } from 'node:buffer'
import { Scan, scanValue } from '../php/scan.ts'
import { detectSerializeHandler } from '../serialize-handlers/serialize-handlers.ts'
import type { Case, Finding } from './diagnosis.ts'
import { trimmedLength } from './plausible.ts'

/**
 * Bytes that somebody wrapped or marked without meaning to: what they were before is a session. Where quotes are escaped, variables without
 * any can be read in front; but then no quote may be left as it was, or it is a text that has backslashes.
 */
export function findWrapped(found: Case): Finding | undefined {
  for (const { cause, message, what, hasAllQuotes, unwrap } of wrappings) {
    if (found.reading.variables.length > 0 && hasAllQuotes?.(found.bytes) !== true) continue
    const bytes = unwrap(found.bytes)
    if (bytes === undefined || bytes.length === 0 || bytes.equals(found.bytes)) continue
    const repair = found.accept({ bytes, what, loses: undefined })
    if (repair !== undefined) return { cause, message, repair, offset: 0, expected: 'the first byte of a session' }
  }
  return undefined
}

interface Wrapping {
  readonly cause: Finding['cause']
  readonly message: string
  readonly what: string
  /** Whether all quotes are escaped. Without it, nothing can be read in front. */
  hasAllQuotes?(bytes: Buffer): boolean
  /** Undefined: it is not wrapped so. */
  unwrap(bytes: Buffer): Buffer | undefined
}

const wrappings: readonly Wrapping[] = [
  {
    cause: 'leading bytes',
    message: 'An editor put a byte order mark in front',
    what: 'byte order mark removed',
    unwrap: (bytes) => (bytes.subarray(0, 3).equals(UTF8_MARK) ? withoutLineEnd(bytes.subarray(3)) : undefined),
  },
  {
    cause: 'leading bytes',
    message: 'There is white space in front',
    what: 'white space in front removed',
    unwrap: (bytes) => withoutLineEnd(bytes.subarray(bytes.findIndex((byte) => byte > 0x20))),
  },
  {
    cause: 'charset conversion',
    message: 'An editor saved the session as UTF-16',
    what: 'converted back from UTF-16 to UTF-8',
    unwrap: (bytes) => fromUtf16(bytes),
  },
  {
    cause: 'escaped',
    message: 'The quotes have backslashes, as addslashes() or a copied literal has them',
    what: 'backslashes removed',
    hasAllQuotes: (bytes) => !/(?<!\\)(?:\\\\)*"/.test(bytes.toString('latin1')),
    unwrap: (bytes) =>
      bytes.includes('\\"') ? replaced(bytes, /\\(["'\\0])/g, (_, each) => (each === '0' ? '\0' : each)) : undefined,
  },
  {
    cause: 'escaped',
    message: 'The quotes are entities of HTML, as htmlspecialchars() writes them',
    what: 'entities replaced by their characters',
    hasAllQuotes: (bytes) => !bytes.includes('"'),
    unwrap: (bytes) =>
      bytes.includes('&quot;') ? replaced(bytes, /&(quot|#0?39|lt|gt|amp);/g, (_, name) => ENTITIES[name] ?? "'") : undefined,
  },
]

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf])
const ENTITIES: Readonly<Record<string, string>> = { quot: '"', lt: '<', gt: '>', amp: '&' }

function replaced(bytes: Buffer, pattern: RegExp, by: (match: string, part: string) => string): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(pattern, by), 'latin1')
}

/** Who put something in front, ended the last line too. */
function withoutLineEnd(bytes: Buffer): Buffer {
  return bytes.subarray(0, trimmedLength(bytes))
}

function fromUtf16(bytes: Buffer): Buffer | undefined {
  const [first, second] = bytes
  const isBigEndian = first === 0xfe && second === 0xff
  const hasMark = isBigEndian || (first === 0xff && second === 0xfe)
  if ((!hasMark && second !== 0) || bytes.length % 2 !== 0) return undefined
  const text = (isBigEndian ? Buffer.from(bytes).swap16() : bytes).toString('utf16le', hasMark ? 2 : 0)
  return withoutLineEnd(Buffer.from(text))
}

/** Bytes that are no session of PHP's at all: another program's, or packed in a way that only the application's own save handler knows. */
export function findForeign({ bytes, reading }: Case): Finding | undefined {
  const kind = kinds.find(({ fits, isGuess }) => (isGuess !== true || reading.valueBytes === 0) && fits(bytes))
  if (kind === undefined) return undefined
  return {
    cause: kind.cause ?? 'not a session',
    message: kind.message,
    offset: 0,
    length: Math.min(bytes.length, 16),
    expected: 'a session',
  }
}

interface Kind {
  readonly cause?: Finding['cause']
  readonly message: string
  /** Only where no value could be read at all. */
  readonly isGuess?: true
  fits(bytes: Buffer): boolean
}

const startsWith =
  (...starts: number[][]) =>
  (bytes: Buffer) =>
    starts.some((start) => bytes.subarray(0, start.length).equals(Buffer.from(start)))

/** The first that fits counts. */
const kinds: readonly Kind[] = [
  {
    message: 'All bytes are NUL: the machine or the disk failed while the session was written',
    fits: (bytes) => bytes.every((byte) => byte === 0),
  },
  { cause: 'json', message: 'This is JSON, as applications with a save handler of their own write it', fits: isJson },
  { message: 'This is packed with gzip', fits: startsWith([0x1f, 0x8b]) },
  {
    message: 'This is packed with zlib, as gzcompress() does',
    fits: (bytes) => bytes[0] === 0x78 && bytes.length > 1 && bytes.readUInt16BE(0) % 31 === 0 && bytes[1] !== 0x7c,
  },
  { message: 'This is packed with zstd', fits: startsWith([0x28, 0xb5, 0x2f, 0xfd]) },
  { message: 'This is packed with LZ4', fits: startsWith([0x04, 0x22, 0x4d, 0x18]) },
  { message: 'This is packed, as Magento does', fits: (bytes) => /^:(gz|zl|lz4?|sn|zs):/.test(bytes.toString('latin1', 0, 8)) },
  { message: 'This is igbinary: session.serialize_handler was igbinary', fits: startsWith([0, 0, 0, 1], [0, 0, 0, 2]) },
  { message: 'This is msgpack: session.serialize_handler was msgpack', fits: isMsgpackMap },
  { message: 'This is XML or HTML', fits: (bytes) => /^\s*<[!?a-zA-Z]/.test(bytes.toString('latin1', 0, 100)) },
  {
    message: 'This is encrypted, as Laravel does',
    fits: (bytes) => /^\s*\{"iv":"/.test(base64Text(bytes)?.toString('latin1', 0, 20) ?? ''),
  },
  {
    message: 'This is encrypted with defuse/php-encryption',
    fits: (bytes) => /^def50[0-9a-f]{10}/i.test(bytes.toString('latin1', 0, 20)),
  },
  {
    message: 'This is base64 of a session',
    fits: (bytes) => detectSerializeHandler(base64Text(bytes) ?? Buffer.alloc(0)) !== undefined,
  },
  {
    message: 'This is a serialized value, but no array: a cache wrote it, not a session',
    fits: (bytes) => scanValue(bytes, 0, new Scan()) === bytes.length,
  },
  { message: 'This is binary: packed or encrypted', isGuess: true, fits: (bytes) => !isUtf8(bytes) && isNoise(bytes) },
]

function isJson(bytes: Buffer): boolean {
  if (bytes.length > LARGEST_JSON || !/^\s*[{[]/.test(bytes.toString('latin1', 0, 64))) return false
  try {
    JSON.parse(bytes.toString())
    return true
  } catch {
    return false
  }
}

const LARGEST_JSON = 1 << 24

/** A map whose first key is a text. */
function isMsgpackMap(bytes: Buffer): boolean {
  const type = bytes[0] ?? 0
  const keyAt = type >= 0x81 && type <= 0x8f ? 1 : type === 0xde ? 3 : type === 0xdf ? 5 : -1
  if (keyAt === -1) return false
  const key = bytes[keyAt] ?? 0
  const length = key >= 0xa0 && key <= 0xbf ? key & 0x1f : key === 0xd9 ? (bytes[keyAt + 1] ?? 0) : -1
  const start = key === 0xd9 ? keyAt + 2 : keyAt + 1
  return length !== -1 && start + length < bytes.length && isUtf8(bytes.subarray(start, start + length))
}

function base64Text(bytes: Buffer): Buffer | undefined {
  const text = bytes.toString('latin1').trim()
  return text.length >= 4 && /^[\w+/-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined
}

/** Whether control characters are about as frequent as in random bytes. */
function isNoise(bytes: Buffer): boolean {
  const some = bytes.subarray(0, 4096)
  const controls = some.filter((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d).length
  return controls > some.length / 32
}
