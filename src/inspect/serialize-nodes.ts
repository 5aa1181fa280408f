import { textCodec } from '../php/charset.ts'
import type { Member, ValueNode, Variable } from './report.ts'
import { walk } from './walk.ts'

/** What stands for a value that was masked. */
export const MASK = '••••••'

/** Whether a value cannot be shown: it was masked, or holds what was. */
export function isHidden({ type, value, isMasked }: ValueNode): boolean {
  return isMasked === true || ((type === 'string' || type === 'custom') && value === undefined)
}

/**
 * An array of variables, or one value, as PHP's serialize() writes it.
 * @param shift how much higher slots are counted there than in the report
 */
export function serializeNodes(values: readonly Variable[] | ValueNode, shift: number): Buffer {
  const parts: Buffer[] = []
  const add = (...texts: (string | Buffer)[]) => {
    for (const text of texts) parts.push(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
  }
  const isArray = Array.isArray(values)
  const members: readonly Variable[] = isArray ? values : [{ key: '', offset: 0, length: 0, value: values as ValueNode }]
  if (isArray) add(`a:${members.length}:{`)
  walk(members, {
    enter(node, { keys, of }) {
      if (of !== undefined && (isArray || keys.length > 1)) add(...keyTokens(of))
      add(...valueTokens(node, shift))
      return node.members !== undefined
    },
    leave(node) {
      if (node.members !== undefined) add('}')
    },
  })
  if (isArray) add('}')
  return Buffer.concat(parts)
}

type Tokens = (string | Buffer)[]

function keyTokens(member: Member | Variable): Tokens {
  const { key, visibility, declaredBy } = member as Member
  if (typeof key !== 'string') return [`i:${key};`]
  const prefix = visibility === 'protected' ? '\0*\0' : declaredBy === undefined ? '' : `\0${declaredBy}\0`
  return [...quoted('s', prefix + key), ';']
}

function valueTokens(node: ValueNode, shift: number): Tokens {
  const { type, value, className = '', members, target } = node
  if (isHidden(node)) return [...quoted('s', MASK), ';']
  switch (type) {
    case 'null':
      return ['N;']
    case 'bool':
      return [`b:${value === true ? 1 : 0};`]
    case 'int':
      return [`i:${value};`]
    case 'float':
      return [`d:${node.text};`]
    case 'string':
      return [...quoted('s', value as string | Buffer), ';']
    case 'array':
      return [`a:${members!.length}:{`]
    case 'object':
      return [...quoted('O', className), `:${members!.length}:{`]
    case 'enum':
      return [...quoted('E', `${className}:${value}`), ';']
    case 'custom': {
      const bytes = bytesOf(value as string | Buffer)
      return [...quoted('C', className), `:${bytes.length}:{`, bytes, '}']
    }
    case 'reference':
      return [`${target!.kind === 'variable' ? 'R' : 'r'}:${target!.slot + shift};`]
  }
}

function quoted(tag: string, text: string | Buffer): Tokens {
  const bytes = bytesOf(text)
  return [`${tag}:${bytes.length}:"`, bytes, '"']
}

/** The bytes of text in which lone surrogates stand for those that are no UTF-8. */
function bytesOf(text: string | Buffer): Buffer {
  if (typeof text !== 'string') return text
  const bytes = Buffer.alloc(utf8.byteLength(text))
  utf8.write(text, bytes, 0)
  return bytes
}

const utf8 = textCodec('utf-8')
