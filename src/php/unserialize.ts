import { UnserializeError } from '../errors.ts'
import { type Charset, textCodec } from './charset.ts'
import { type Classes, ClassTable } from './classes.ts'
import { readValues } from './read-values.ts'
import { MAX_DEPTH } from './scan.ts'

export interface UnserializeOptions {
  /** How strings become text; default 'utf-8', where bytes that are no UTF-8 become a Buffer. */
  readonly charset?: Charset
  /** The classes to make instances of; objects of all others become a PhpObject. */
  readonly classes?: Classes
  /** How deep arrays and objects may nest, as unserialize_max_depth: default 4096, 0 for no limit. */
  readonly maxDepth?: number
  /** Refuse longer input; default no limit. */
  readonly maxBytes?: number
  /** Refuse input with more values than this in all its arrays and objects; default no limit. */
  readonly maxElements?: number
  /** Ignore what follows the value, as PHP does. Default false: nothing is dropped in silence. */
  readonly allowTrailing?: boolean
}

/**
 * Reads a value in PHP's format: unserialize(), without its warnings and without running code of the input's choosing.
 * A string is taken as the bytes it has in `charset`. See docs/serialize-format.md for what becomes of each PHP type.
 * @throws UnserializeError where PHP rejects the bytes, or a limit is passed: with offset and key path.
 */
export function unserialize(bytes: Uint8Array | string, options: UnserializeOptions = {}): unknown {
  checkOptions(options)
  const { charset, classes, maxDepth = MAX_DEPTH, maxBytes, maxElements = Number.POSITIVE_INFINITY, allowTrailing } = options
  const buffer = toBuffer(bytes, charset)
  if (maxBytes !== undefined && buffer.length > maxBytes) throw new UnserializeError(`more than ${maxBytes} bytes`, maxBytes, '')
  const root: Record<string, unknown> = {}
  const source = { container: root, key: '', start: 0 }
  const { end } = readValues(buffer, [source], {
    codec: textCodec(charset),
    classes: ClassTable.of(classes),
    maxDepth,
    maxElements,
  })
  if (end < buffer.length && allowTrailing !== true) {
    throw new UnserializeError('the value ends, but the input goes on', end, '')
  }
  return root['']
}

/** Checks the input of the two public decoders. */
export function toBuffer(bytes: Uint8Array | string, charset?: Charset): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes
  if (typeof bytes === 'string') {
    const codec = textCodec(charset)
    const buffer = Buffer.alloc(codec.byteLength(bytes))
    codec.write(bytes, buffer, 0)
    return buffer
  }
  if (!(bytes instanceof Uint8Array)) throw new TypeError('serialized data must be a Buffer, a Uint8Array or a string')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const known: Record<keyof UnserializeOptions, string> = {
  charset: 'string',
  classes: 'object',
  maxDepth: 'number',
  maxBytes: 'number',
  maxElements: 'number',
  allowTrailing: 'boolean',
}

function checkOptions(options: UnserializeOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const type = Object.hasOwn(known, name) ? known[name as keyof UnserializeOptions] : undefined
    if (type === undefined) throw new TypeError(`Unknown option '${name}': unserialize() takes ${Object.keys(known).join(', ')}`)
    if (value !== undefined && typeof value !== type) throw new TypeError(`The option ${name} must be a ${type}`)
  }
}
