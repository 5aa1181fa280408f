import type { Member, SessionReport, ValueNode } from '../../../src/inspect/report.ts'
import { walk } from '../../../src/inspect/walk.ts'
import { textCodec } from '../../../src/php/charset.ts'

/** What walk.php says of a session, made of a report on it. */
export function phpLinesOf({ variables }: Pick<SessionReport, 'variables'>): string {
  const lines: string[] = []
  const path: string[] = []
  walk(variables, {
    enter(node, { of }) {
      if (of === undefined) return false
      path.push(`/${hex(mangled(of as Member))}`)
      lines.push([path.join(''), node.slot ?? '-', ...wordsOf(node)].join(' '))
      return true
    },
    leave(_node, { of }) {
      if (of !== undefined) path.pop()
    },
  })
  return lines.join('\n')
}

function wordsOf({ type, value, className, members, target }: ValueNode): (string | number)[] {
  switch (type) {
    case 'reference':
      return [target!.kind === 'variable' ? 'R' : 'r', target!.slot]
    case 'array':
      return ['array', members!.length]
    case 'object':
      return ['object', className!, members!.length]
    case 'string':
      return ['string', hex(value as string | Buffer)]
    case 'float':
      return ['float', Number.isNaN(value) ? 'nan' : doubleHex(value as number)]
    case 'null':
      return ['null']
    default:
      return [type, String(value)]
  }
}

function mangled({ key, visibility, declaredBy }: Member): string {
  const prefix = visibility === 'protected' ? '\0*\0' : declaredBy === undefined ? '' : `\0${declaredBy}\0`
  return prefix + String(key)
}

function hex(text: string | Buffer): string {
  if (Buffer.isBuffer(text)) return text.toString('hex')
  const bytes = Buffer.alloc(utf8.byteLength(text))
  utf8.write(text, bytes, 0)
  return bytes.toString('hex')
}

function doubleHex(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString('hex')
}

const utf8 = textCodec('utf-8')
