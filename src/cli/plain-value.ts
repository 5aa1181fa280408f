import { printable } from '../inspect/quote.ts'
import type { ValueNode } from '../inspect/report.ts'
import { isHidden, MASK } from '../inspect/serialize-nodes.ts'
import { textCodec } from '../php/charset.ts'
import { CommandError } from './exit-status.ts'

/** Values as other programs take them: text, and JSON without types. */

/** A scalar as it is; undefined for arrays, objects and references. */
export function plainText({ type, value, text, className }: ValueNode): string | Buffer | undefined {
  switch (type) {
    case 'string':
    case 'custom':
      return value as string | Buffer
    case 'float':
      return text
    case 'enum':
      return `${className}::${value}`
    case 'array':
    case 'object':
    case 'reference':
      return undefined
    default:
      return String(value)
  }
}

/** Text for a terminal, to which what is stored in a session must not do anything: what does not print is escaped, except ends of lines. */
export function terminalText(text: string | Buffer): string {
  const decoded = typeof text === 'string' ? text : utf8.decodeKey(text, 0, text.length)
  return decoded.split('\n').map(printable).join('\n')
}

/**
 * What JSON.stringify makes the value's JSON of: properties under their names, a list as an array. A reference is `{"$ref": path}`; bytes that
 * are no UTF-8 `{"$base64": …}`; what was masked `••••••`; NAN and INF are strings.
 * @throws CommandError for values too deep for any parser of JSON
 */
export function plainJson(node: ValueNode, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new CommandError(`It is more than ${MAX_DEPTH} levels deep: use show`)
  const { type, value, members, target, nested } = node
  if (target !== undefined) return { $ref: target.path }
  if (members !== undefined) {
    const values = members.map((member) => plainJson(member.value, depth + 1))
    const isList = type === 'array' && members.every(({ key }, index) => key === index)
    return isList ? values : Object.fromEntries(values.map((each, index) => [String(members[index]!.key), each]))
  }
  if (isHidden(node)) return nested === undefined ? MASK : plainJson(nested, depth + 1)
  if (Buffer.isBuffer(value)) return { $base64: value.toString('base64') }
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(plainText(node))
  return type === 'enum' || typeof value === 'bigint' ? String(plainText(node)) : value
}

const MAX_DEPTH = 500
const utf8 = textCodec('utf-8')
