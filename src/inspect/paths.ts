import { formatPath } from '../php/key-path.ts'
import type { Member, SessionReport, ValueNode, Variable } from './report.ts'
import { type Keys, walk } from './walk.ts'

/**
 * The keys of a path as formatPath writes it: `cart[3].price`, `['a b'].c`; none for ''. People type more than that: a name may hold
 * whatever is no punctuation of paths (`my-key`), quotes may be double ones.
 * @throws TypeError saying from where on it is no path
 */
export function parsePath(path: string): (string | number)[] {
  const keys: (string | number)[] = []
  const token = /\[(-?\d+)\]|\[(['"])((?:\\.|(?!\2)[^\\])*)\2\]|(\.?)([^.[\]'"]+)/suy
  while (token.lastIndex < path.length) {
    const { lastIndex: at } = token
    const match = token.exec(path)
    const [, int, , quoted, dot, name] = match ?? []
    if (match === null || (name !== undefined && (dot === '.') !== at > 0)) {
      throw new TypeError(`'${path}' is no key path from character ${at + 1} on: write it like cart[3].price or ['a b'].c`)
    }
    if (int === undefined) keys.push(name ?? unescaped(quoted ?? ''))
    else keys.push(/^(0|[1-9]\d{0,14})$/.test(int) ? Number(int) : int)
  }
  return keys
}

/**
 * The value that keys lead to; undefined when there is none. They lead through what strings and custom objects hold and, all but the
 * last, through references. Of a key that is there twice it is the last, which PHP keeps.
 */
export function nodeAt({ variables }: Pick<SessionReport, 'variables'>, keys: Keys): ValueNode | undefined {
  let numbered: Siblings = variables
  let node: ValueNode | undefined
  let siblings = variables as Siblings
  for (const [depth, key] of keys.entries()) {
    if (depth > 0) {
      while (node?.target !== undefined && node.target.path !== '') node = nodeOfSlot(numbered, node.target.slot)
      while (node?.nested !== undefined) {
        if (node.type === 'string') numbered = [{ key: '', value: node.nested }]
        node = node.nested
      }
      siblings = node?.target === undefined ? (node?.members ?? []) : variables
    }
    node = named(siblings, key, node?.className)
  }
  return node
}

type Siblings = readonly (Member | Variable)[]

/** A property that a parent of the class declares as private stands back behind one of the same name. */
function named(siblings: Siblings, key: string | number, className = ''): ValueNode | undefined {
  const found = siblings.filter((each) => String(each.key) === String(key))
  const own = found.findLast((each) => !('declaredBy' in each) || each.declaredBy?.toLowerCase() === className.toLowerCase())
  return (own ?? found.at(-1))?.value
}

function nodeOfSlot(numbered: Siblings, slot: number): ValueNode | undefined {
  let found: ValueNode | undefined
  walk(numbered, {
    enter(node) {
      if (node.slot === slot) found ??= node
      // The slots in a string are others.
      return found === undefined && node.type !== 'string'
    },
  })
  return found
}

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|(.))/gis, (_, hex: string | undefined, character: string) =>
    hex === undefined ? character : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

/** The path of the innermost value whose bytes, or whose key's, are at an offset; '' where there is none. */
export function pathAtOffset({ variables }: Pick<SessionReport, 'variables'>, offset: number): string {
  let path = ''
  walk(variables, {
    enter(node, { keys, of }) {
      const start = of !== undefined && 'offset' in of ? of.offset : node.offset
      const isInside = offset >= start && offset < node.offset + node.length
      if (isInside) path = formatPath(keys)
      return isInside
    },
  })
  return path
}

/** The path of the first value that begins at an offset or behind it: of the one whose key is there. */
export function pathBehindOffset({ variables }: Pick<SessionReport, 'variables'>, offset: number): string {
  let path: string | undefined
  walk(variables, {
    enter(node, { keys }) {
      if (node.offset >= offset) path ??= formatPath(keys)
      return path === undefined
    },
  })
  return path ?? ''
}
