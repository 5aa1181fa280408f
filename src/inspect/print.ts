import { formatDouble } from '../php/double.ts'
import type { Change } from './diff.ts'
import { printable, quote } from './quote.ts'
import type { Member, Problem, SessionReport, ValueNode, Variable } from './report.ts'
import { walk } from './walk.ts'

/** What a piece of text is; a style may give each its colour. */
export type Piece =
  | 'key'
  | 'type'
  | 'string'
  | 'number'
  | 'constant'
  | 'mark'
  | 'note'
  | 'added'
  | 'removed'
  | 'changed'
  | 'problem'

export interface PrintOptions {
  /** Puts colours around a text; default none. */
  readonly style?: ((piece: Piece, text: string) => string) | undefined
  /** Longer strings are cut, in characters; default: none is. */
  readonly maxStringLength?: number | undefined
  /** How many columns there are: strings are cut where a line would be longer. Default: as many as are needed. */
  readonly width?: number | undefined
  /** How many columns a text takes; default: as many as it has characters. */
  readonly widthOf?: ((text: string) => number) | undefined
}

/**
 * A report as a tree, in PHP's words; nothing in it does anything to a terminal.
 *
 *     user: object(App\User) {  # 143 bytes
 *       name: string(5) "Alice"
 *       #mail: string(13) "a@example.com"    (`#` is protected, `-` private)
 *       scores: & array(1) {                 (one variable with those that lead here)
 *         [0]: float(10)
 *       }
 *     }
 *     best: & → user.scores
 *     again: → user                          (the same object)
 *     token: string(48) = array(1) {         (what the string holds)
 */
export function formatReport(report: SessionReport, options: PrintOptions = {}): string {
  const lines: string[] = []
  const owners: (string | undefined)[] = []
  walk(report.variables, {
    enter(node, { keys, of }) {
      if (of !== undefined) {
        const line = new Line(options, keys.length - 1)
        addKey(line, of, owners.at(-1))
        addValue(line, node)
        const isOpen = (innermost(node).members?.length ?? 0) > 0
        if (isOpen && keys.length === 1) line.add('note', `  # ${plural(node.length, 'byte')}`)
        lines.push(line.text)
      }
      owners.push(node.className)
      return true
    },
    leave(node, { keys }) {
      owners.pop()
      if ((node.members?.length ?? 0) > 0) lines.push(new Line(options, keys.length - 1).add('type', '}').text)
    },
  })
  const { problem, size } = report
  if (problem !== undefined) lines.push(new Line(options).add('problem', `PHP stops ${formatProblem(problem, size)}`).text)
  else if (lines.length === 0) lines.push(new Line(options).add('note', 'no variables').text)
  return lines.join('\n')
}

/** `at byte 17 of 24, in b: expected "; behind 4 bytes of string` */
export function formatProblem({ offset, path, message }: Problem, size: number): string {
  return printable(`at byte ${offset} of ${size}${path === '' ? '' : `, in ${path}`}: ${message}`)
}

/** A change on one line: `~ cart[0].price: float(1.5) → float(2)`; `+` added, `-` removed, `>` moved. Strings are cut, by default to 60. */
export function formatChange(change: Change, options: PrintOptions = {}): string {
  const { kind, path, note, before, after } = change
  const { maxStringLength = 60 } = options
  const line = new Line({ ...options, maxStringLength })
  line.add(kind === 'moved' ? 'changed' : kind, SIGNS[kind])
  line.add('key', ` ${printable(path)}`).add('mark', ': ')
  if (kind === 'moved' || note !== undefined) return line.add('note', note ?? 'moved').text
  const from = firstDifference(before, after)
  const start = from > maxStringLength / 2 ? from - Math.floor(maxStringLength / 4) : 0
  if (before !== undefined) addValue(line, before, { start, isClosed: true })
  if (kind === 'changed') line.add('mark', ' → ')
  if (after !== undefined) addValue(line, after, { start, isClosed: true })
  return line.text
}

const SIGNS = { added: '+', removed: '-', changed: '~', moved: '>' } as const

/** A value on one line, without what it holds: `array(3)`, `string(5) "Alice"`. */
export function formatValue(node: ValueNode, options: PrintOptions = {}): string {
  const line = new Line(options)
  addValue(line, node, { isClosed: true })
  return line.text
}

/** `1 byte`, `2 bytes`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

// --- The parts of a line ---

/** Text that knows how many columns it takes without its colours. */
class Line {
  text: string
  readonly #style: NonNullable<PrintOptions['style']>
  readonly #maxStringLength: number
  readonly #widthOf: (text: string) => number
  #room: number

  constructor({ style, maxStringLength, width, widthOf }: PrintOptions, depth = 0) {
    this.text = '  '.repeat(depth)
    this.#style = style ?? ((_piece, text) => text)
    this.#maxStringLength = maxStringLength ?? Number.POSITIVE_INFINITY
    this.#widthOf = widthOf ?? ((text) => text.length)
    this.#room = (width ?? Number.POSITIVE_INFINITY) - this.text.length
  }

  add(piece: Piece, text: string): this {
    this.text += this.#style(piece, text)
    this.#room = -this.#excess(text)
    return this
  }

  /** @param start where the part starts that is to be seen */
  addString(value: string | Buffer, start: number): this {
    let max = Math.min(this.#maxStringLength, Math.max(this.#room - 3, SHORTEST))
    let text = part(value, start, max)
    // Of characters that take more than one column, fewer fit.
    for (let excess = this.#excess(text); excess > 0 && max > SHORTEST; excess = this.#excess(text)) {
      max = Math.max(SHORTEST, max - Math.ceil(excess / WIDEST))
      text = part(value, start, max)
    }
    return this.add('string', text)
  }

  /** By how many columns a text is wider than what is left of the line. */
  #excess(text: string): number {
    return this.#room === Number.POSITIVE_INFINITY ? -this.#room : this.#widthOf(text) - this.#room
  }
}

/** However narrow the terminal is, so many characters of a string are shown. */
const SHORTEST = 8
/** In columns: a character that is escaped, as `\u{2028}`. */
const WIDEST = 8

/** As much of a string as is shown, in quotes. */
function part(value: string | Buffer, start: number, max: number): string {
  if (start === 0 || value.length <= max) return quote(value, max)
  const rest = typeof value === 'string' ? value.slice(start).replace(/^[\udc00-\udfff]/, '') : value.subarray(start)
  return quote(rest, max).replace('"', '"…')
}

function addKey(line: Line, member: Member | Variable, owner: string | undefined): void {
  const { key, visibility, declaredBy } = member as Member
  if (visibility === 'protected') line.add('mark', '#')
  if (visibility === 'private') line.add('mark', '-')
  if (typeof key !== 'string') line.add('key', `[${key}]`)
  else line.add('key', /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(key) ? key : quote(key))
  if (declaredBy !== undefined && declaredBy.toLowerCase() !== owner?.toLowerCase())
    line.add('note', ` (${printable(declaredBy)})`)
  line.add('mark', ': ')
}

interface Shown {
  /** Where the part of a string starts that is to be seen. */
  readonly start?: number
  /** What is in an array or object is not shown. */
  readonly isClosed?: boolean
}

function addValue(line: Line, node: ValueNode, { start = 0, isClosed = false }: Shown = {}): void {
  const { type, value, size, target, nested } = node
  if (node.shared === 'variable' && !isClosed) line.add('mark', '& ')
  if (target !== undefined) {
    line.add('mark', target.kind === 'variable' ? '& → ' : '→ ').add('key', printable(target.path) || '$_SESSION')
  } else if (type === 'array' || type === 'object') {
    const isEmpty = node.members?.length === 0
    line.add('type', type === 'object' ? `object(${printable(node.className ?? '')})` : `array(${node.members?.length ?? ''})`)
    if (!node.isMasked && !isClosed) line.add('type', isEmpty ? ' {}' : ' {')
  } else if (type === 'string' || type === 'custom') {
    line.add(
      'type',
      type === 'string' ? `string(${size})` : `custom(${printable(node.className ?? '')}) ${plural(size ?? 0, 'byte')}`,
    )
    if (nested !== undefined) {
      line.add('mark', ' = ')
      addValue(line, nested, { isClosed })
    } else if (value !== undefined) line.add('mark', ' ').addString(value as string | Buffer, start)
  } else if (node.isMasked || type === 'null') line.add('constant', type)
  else if (type === 'enum')
    line
      .add('type', 'enum(')
      .add('constant', printable(`${node.className}::${value}`))
      .add('type', ')')
  else {
    const text = type === 'float' ? formatDouble(value as number) : String(value)
    line
      .add('type', `${type}(`)
      .add(type === 'bool' ? 'constant' : 'number', text)
      .add('type', ')')
  }
  if (node.isMasked) line.add('note', ` ${HIDDEN}`)
}

/** What stands for a secret. */
const HIDDEN = '••••••'

/** What a string or custom object holds, and the string in there. */
function innermost(node: ValueNode): ValueNode {
  let inner = node
  while (inner.nested !== undefined) inner = inner.nested
  return inner
}

/** Where two strings differ for the first time. */
function firstDifference(before: ValueNode | undefined, after: ValueNode | undefined): number {
  const [one, other] = [before?.value, after?.value]
  if (typeof one !== 'string' || typeof other !== 'string') return 0
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return at
}
