import { UnserializeError } from '../errors.ts'
import { textCodec } from '../php/charset.ts'
import { formatPath } from '../php/key-path.ts'
import type { Layout } from '../serialize-handlers/layout.ts'
import type { Reading } from './inspect-session.ts'
import { isPlainKey, isValueStart } from './plausible.ts'
import { NodeReader } from './read-nodes.ts'
import type { Variable } from './report.ts'

/** A part of a session. */
export interface Part {
  readonly bytes: Buffer
  /** How many variables it holds. */
  readonly count: number
}

/** Sets variables one behind the other, as a handler does. */
export function joinVariables(layout: Layout, parts: readonly Part[]): Buffer {
  const bytes = Buffer.concat(parts.map((part) => part.bytes))
  if (layout.firstSlot === 0) return bytes
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  return Buffer.concat([Buffer.from(`a:${count}:{`), bytes, Buffer.from('}')])
}

/** The variables that stand in front of the problem. */
export function partBefore(bytes: Buffer, { variables }: Pick<Reading, 'variables'>): Part {
  const [first, last] = [variables[0], variables.at(-1)]
  if (first === undefined || last === undefined) return { bytes: bytes.subarray(0, 0), count: 0 }
  return { bytes: bytes.subarray(first.offset, last.offset + last.length), count: variables.length }
}

/** Variables found again behind the problem. */
export interface Rest extends Part {
  readonly offset: number
  readonly variables: readonly Variable[]
}

/**
 * Looks behind the problem for the first variable from which on everything can be read. Variables with references are none: the numbers of
 * what was in between are not known.
 */
export function readableRest(bytes: Buffer, layout: Layout, from: number): Rest | undefined {
  let attempts = MOST_ATTEMPTS
  for (let at = from + 1; at < bytes.length && attempts > 0; at++) {
    if (bytes[at - 1] !== SEMICOLON && bytes[at - 1] !== BRACE_CLOSE) continue
    const variables = readFrom(bytes, layout, at)
    if (variables === 'nothing') continue
    attempts--
    if (variables === undefined) continue
    const end = variables.at(-1)!.offset + variables.at(-1)!.length
    return { offset: at, variables, bytes: bytes.subarray(at, end), count: variables.length }
  }
  return undefined
}

const MOST_ATTEMPTS = 500

/** All variables from `start` to the end; 'nothing': not even one begins there. */
function readFrom(bytes: Buffer, layout: Layout, start: number): Variable[] | 'nothing' | undefined {
  const reader = new NodeReader(bytes, layout.firstSlot)
  const variables: Variable[] = []
  const end = layout.firstSlot === 0 ? bytes.length : bytes.length - 1
  for (let at = start; at < end; ) {
    const token = plainKey(bytes, layout, at)
    if (token === undefined) return variables.length === 0 ? 'nothing' : undefined
    const value = reader.read(token.next)
    if (value === undefined || reader.hasReferences) return undefined
    variables.push({ key: token.key, offset: at, length: value.offset + value.length - at, value })
    at = value.offset + value.length
  }
  if (variables.length === 0) return 'nothing'
  const last = variables.at(-1)!
  return last.offset + last.length === end && (end === bytes.length || bytes[end] === BRACE_CLOSE) ? variables : undefined
}

/** A key that looks like one, with something behind it that looks like a value. */
function plainKey(bytes: Buffer, layout: Layout, at: number): { key: string; next: number } | undefined {
  try {
    if (layout.name === 'php') {
      const delimiter = bytes.subarray(at, at + LONGEST_KEY).indexOf(DELIMITER)
      if (delimiter === -1 || !isPlainKey(bytes, at, at + delimiter)) return undefined
    }
    const token = layout.readKey(bytes, at, utf8)
    if (layout.name === 'php_binary' && !isPlainKey(bytes, at + 1, token.next)) return undefined
    return isValueStart(bytes, token.next) ? token : undefined
  } catch (error) {
    if (error instanceof UnserializeError) return undefined
    throw error
  }
}

/**
 * The variable that was being read, with all of its arrays closed behind the last whole element. An object is left out with all that was
 * to follow: without some of its properties it is none.
 * @returns undefined where nothing would be in them; the path is that of the innermost array
 */
export function closedVariable(bytes: Buffer, { reader, failed }: Reading): { part: Part; path: string } | undefined {
  if (failed === undefined) return undefined
  const objectAt = reader.open.findIndex(({ node }) => node.type === 'object')
  const arrays = objectAt === -1 ? reader.open : reader.open.slice(0, objectAt)
  const innermost = arrays.at(-1)
  if (innermost === undefined || arrays.every(({ members }) => members.length === 0)) return undefined
  const parts: Buffer[] = []
  let at = failed.offset
  for (const { countAt, members } of arrays) {
    // The array that follows is the last member, and not among them yet.
    const isOuter = members !== innermost.members
    parts.push(bytes.subarray(at, countAt), Buffer.from(String(members.length + (isOuter ? 1 : 0))))
    at = bytes.indexOf(COLON, countAt)
  }
  const last = innermost.members.at(-1)?.value
  const end = last === undefined ? bytes.indexOf(BRACE_OPEN, at) + 1 : last.offset + last.length
  const braces = Buffer.from('}'.repeat(arrays.length))
  const keys = [failed.key, ...arrays.slice(0, -1).map(({ key }) => String(key.key))]
  return { part: { bytes: Buffer.concat([...parts, bytes.subarray(at, end), braces]), count: 1 }, path: formatPath(keys) }
}

const LONGEST_KEY = 257
const utf8 = textCodec('utf-8')
const SEMICOLON = 0x3b
const COLON = 0x3a
const DELIMITER = 0x7c
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d
