import { formatDouble } from '../php/double.ts'
import { INT_MIN } from '../php/tokens.ts'
import { phpString, printable } from './quote.ts'
import type { Member, SessionReport, ValueNode, Variable } from './report.ts'
import { isHidden, MASK, serializeNodes } from './serialize-nodes.ts'
import { walk } from './walk.ts'

/**
 * A session as an expression of PHP that evaluates to the array `$_SESSION` holds. Objects of other classes than stdClass are made by
 * unserialize(), and so is a whole session with references, since no literal has them. Where that cannot be, what refers to something else
 * is null: where something is masked, which is a string that says so, and where custom objects refer to values by numbers of their own.
 * Comments tell of both.
 */
export function formatPhp(report: Pick<SessionReport, 'variables' | 'serializeHandler'>): string {
  const { variables } = report
  if (variables.length === 0) return '[]'
  const shift = report.serializeHandler === 'php_serialize' ? 0 : 1
  if (has(variables, refers) && !has(variables, (node) => isHidden(node) || (shift > 0 && refersInside(node)))) {
    return `/* with references */ ${unserialized(serializeNodes(variables, shift))}`
  }
  const lines = ['[']
  walk(variables, {
    enter(node, { keys, of }) {
      const indent = '    '.repeat(keys.length)
      const end = isLiteral(node) && node.members!.length > 0 ? '' : ','
      lines.push(`${indent}${keyOf(of!)} => ${literalOf(node)}${end}`)
      return isLiteral(node)
    },
    leave(node, { keys }) {
      if (isLiteral(node) && node.members!.length > 0) lines.push(`${'    '.repeat(keys.length)}],`)
    },
  })
  return [...lines, ']'].join('\n')
}

function keyOf({ key }: Member | Variable): string {
  return typeof key === 'string' ? phpString(key) : phpInt(key)
}

/** The value, or of an array that holds something its beginning. */
function literalOf(node: ValueNode): string {
  const { type, value, className } = node
  if (isHidden(node)) return `${phpString(MASK)} /* ${type} */`
  if (isLiteral(node)) return `${type === 'object' ? '(object) ' : ''}${node.members!.length > 0 ? '[' : '[]'}`
  switch (type) {
    case 'int':
      return phpInt(value as number | bigint)
    case 'float':
      return phpFloat(value as number)
    case 'string':
      return phpString(value as string | Buffer)
    case 'enum':
      return `\\${className}::${value}`
    case 'object':
    case 'custom': {
      const comment = ` /* ${printable(className ?? '')} */`
      const isWhole = !has([{ key: '', value: node }], refers)
      return (isWhole ? unserialized(serializeNodes(node, 0)) : 'null') + comment
    }
    case 'reference':
      return `null /* & ${printable(node.target!.path).replaceAll('*/', '* /')} */`
    default:
      return String(value)
  }
}

/** Whether it is written with brackets. */
function isLiteral({ type, className, members, isMasked }: ValueNode): boolean {
  if (members === undefined || isMasked === true) return false
  return type === 'array' || (className === 'stdClass' && members.every(({ visibility }) => visibility === 'public'))
}

function unserialized(bytes: Buffer): string {
  return `unserialize(${phpString(bytes)})`
}

function phpInt(value: number | bigint): string {
  return value === INT_MIN ? 'PHP_INT_MIN' : String(value)
}

function phpFloat(value: number): string {
  const text = formatDouble(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

function has(values: readonly (Member | Variable)[], test: (node: ValueNode) => boolean): boolean {
  let found = false
  walk(values, {
    enter(node) {
      found ||= test(node)
      // What a string holds stays in the string.
      return !found && node.type !== 'string'
    },
  })
  return found
}

function refers(node: ValueNode): boolean {
  return node.type === 'reference' || refersInside(node)
}

/** Whether there are slot numbers among the bytes that a custom object wrote. */
function refersInside({ type, value }: ValueNode): boolean {
  return type === 'custom' && /[rR]:\d/.test(String(value))
}
