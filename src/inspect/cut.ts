import { formatPath } from '../php/key-path.ts'
import type { Layout } from '../serialize-handlers/layout.ts'
import type { Reading } from './inspect-session.ts'

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

const COLON = 0x3a
const BRACE_OPEN = 0x7b
