import type { Layout } from './layout.ts'
import { LazyVars } from './lazy-vars.ts'
import { php } from './php.ts'
import { phpBinary } from './php-binary.ts'
import { phpSerialize } from './php-serialize.ts'
import type { SerializeHandler } from './serialize-handler.ts'

/** How the serialize handlers of PHP's own set keys and values one behind the other. */
const layouts: readonly Layout[] = [php, phpBinary, phpSerialize]

/** The serialize handlers, by the name php.ini has for them. */
const table: readonly SerializeHandler[] = layouts.map((layout) => ({
  name: layout.name,
  open: (bytes, options) => new LazyVars(layout, bytes, options),
  decode: (bytes, options) => new LazyVars(layout, bytes, options).decodeAll(),
  encode: (vars, options) => new LazyVars(layout, EMPTY, options, vars).adopt().encode(),
}))

const EMPTY = Buffer.alloc(0)

export const serializeHandlerNames: readonly string[] = table.map(({ name }) => name)

/** The handler of a name. @throws TypeError naming those there are */
export function serializeHandler(name = 'php'): SerializeHandler {
  const handler = table.find((row) => row.name === name)
  if (handler === undefined) {
    throw new TypeError(`Unknown serialize_handler '${name}': use ${serializeHandlerNames.join(', ')}`)
  }
  return handler
}

/** The layout of a handler's bytes. @throws TypeError naming those there are */
export function serializeLayout(name = 'php'): Layout {
  const { name: known } = serializeHandler(name)
  return layouts.find((layout) => layout.name === known)!
}

/**
 * Which serialize handler wrote these bytes: the first that reads them all. Undefined for an empty session, which all but
 * php_serialize write the same way, and for bytes that none can read.
 */
export function detectSerializeHandler(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined
  // A length byte is below 0x80 and mostly a control character, the first letter of a key is neither: binary last for text.
  const order = bytes[0]! < 0x20 ? ['php_serialize', 'php_binary', 'php'] : ['php_serialize', 'php', 'php_binary']
  return order.find((name) => {
    if (!serializeLayout(name).mayBegin(bytes)) return false
    try {
      serializeHandler(name).open(bytes, { charset: 'latin1' })
      return true
    } catch {
      return false
    }
  })
}
