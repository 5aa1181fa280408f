import { UnserializeError } from '../errors.ts'
import { textCodec } from '../php/charset.ts'
import { MAX_DEPTH } from '../php/scan.ts'
import type { KeyToken, Layout } from '../serialize-handlers/layout.ts'
import type { Part } from './cut.ts'
import { Damaged } from './damaged.ts'
import { isName, isValueStart, mayBeKey, trimmedLength } from './plausible.ts'
import { NodeReader } from './read-nodes.ts'

/** What stands behind a variable that cannot be read. */
export interface Behind {
  /** The variables that can be read, in as many parts as damaged ones stand between them. */
  readonly kept: readonly (Part & { readonly keys: readonly string[] })[]
  /** The names of the others, as far as they can be seen. */
  readonly lost: readonly string[]
  /** Whether what stands at the end could not be read. */
  readonly isCut: boolean
}

/**
 * Looks behind a value that cannot be read for variables that can, and behind the next that cannot for more. They have to go on to the end, or
 * to the name of another damaged one: what a text holds does not. Variables with references are damaged as well: the numbers of what was in
 * between are not known.
 */
export function readBehind(bytes: Buffer, layout: Layout, from: number): Behind {
  const kept: Behind['kept'][number][] = []
  const lost: string[] = []
  const tried = new Set<number>()
  let passed: { key: string; isSure: boolean }[] = []
  let attempts = MOST_ATTEMPTS
  const trimmed = trimmedLength(bytes)
  const end = layout.firstSlot === 1 && bytes[trimmed - 1] === BRACE_CLOSE ? trimmed - 1 : trimmed
  let damaged = new Damaged(bytes, from, layout.name !== 'php_serialize')
  while (damaged.next()) {
    const { at } = damaged
    const token = keyAt(bytes, layout, at)
    if (token === undefined || (damaged.isUnended && !isValueStart(bytes, token.next))) continue
    const isSure = layout.name === 'php' || (damaged.depth === 0 && (damaged.isBehindValue || damaged.isUnended))
    // Where a value has lost its semicolon, nobody knows where the key begins.
    const run = damaged.isUnended || tried.has(at) || attempts === 0 ? undefined : readRun(bytes, layout, at, end)
    if (run === undefined || run.starts.length === 0 || !(run.isEnd || (isSure && run.failed !== undefined))) {
      if (run !== undefined && isValueStart(bytes, token.next)) attempts--
      for (const start of run?.starts ?? []) tried.add(start)
      passed.push({ key: token.key, isSure })
      damaged.skipKey(token.next, layout.name === 'php_serialize' && bytes[at] === INT)
      continue
    }
    // Where the rest is read from within an array, the array has lost its end, and none of what was passed is in it.
    lost.push(...namesOf(passed, isSure))
    kept.push({ bytes: bytes.subarray(at, run.end), count: run.starts.length, keys: run.keys })
    if (run.failed === undefined) return { kept, lost, isCut: false }
    lost.push(run.failed.key)
    passed = []
    damaged = new Damaged(bytes, run.failed.next, layout.name !== 'php_serialize')
  }
  return { kept, lost: [...lost, ...namesOf(passed, true)], isCut: true }
}

/** As many places where variables may begin are read from, and turn out to lead nowhere. */
const MOST_ATTEMPTS = 500

function namesOf(passed: readonly { key: string; isSure: boolean }[], isSure: boolean): string[] {
  return passed.filter((each) => each.isSure || !isSure).map(({ key }) => key)
}

/**
 * The names of what looks like variables behind `from`, where nothing is going to be kept.
 * @param isValue whether a value begins at `from`; else a variable may
 */
export function namesBehind(bytes: Buffer, layout: Layout, from: number, isValue: boolean): string[] {
  const names: string[] = []
  const damaged = new Damaged(bytes, from, layout.name !== 'php_serialize')
  if (isValue && !damaged.next()) return names
  do {
    // A number may be a value here that has lost its key.
    const token = layout.name === 'php_serialize' && bytes[damaged.at] === INT ? undefined : keyAt(bytes, layout, damaged.at)
    if (token === undefined || !isValueStart(bytes, token.next)) continue
    if (layout.name === 'php' || damaged.depth === 0) names.push(token.key)
    damaged.skipKey(token.next, false)
  } while (damaged.next())
  return names
}

interface Run {
  readonly keys: readonly string[]
  readonly starts: readonly number[]
  readonly end: number
  readonly isEnd: boolean
  /** The name of a variable that cannot be read, which follows. */
  readonly failed: KeyToken | undefined
}

/** The variables from `start` on, as far as they can be read, up to `last`. */
function readRun(bytes: Buffer, layout: Layout, start: number, last: number): Run {
  const reader = new NodeReader(bytes, layout.firstSlot)
  const keys: string[] = []
  const starts: number[] = []
  let at = start
  let failed: KeyToken | undefined
  while (at < last) {
    const token = keyAt(bytes, layout, at)
    if (token === undefined) break
    const value = isValueStart(bytes, token.next) ? reader.read(token.next, MAX_DEPTH - layout.firstSlot) : undefined
    if (value === undefined || reader.hasReferences) {
      failed = token
      break
    }
    keys.push(token.key)
    starts.push(at)
    at = value.offset + value.length
  }
  return { keys, starts, end: at, isEnd: failed === undefined && at >= last, failed }
}

/** A key that looks like one, whatever stands behind it. */
function keyAt(bytes: Buffer, layout: Layout, at: number): KeyToken | undefined {
  try {
    if (layout.name === 'php') {
      const delimiter = bytes.subarray(at, at + LONGEST_KEY).indexOf(DELIMITER)
      if (delimiter === -1 || !mayBeKey(bytes, at, at + delimiter)) return undefined
    }
    const token = layout.readKey(bytes, at, utf8)
    const { next } = token
    if (next >= bytes.length) return undefined
    if (isValueStart(bytes, next)) return layout.name === 'php_binary' && !mayBeKey(bytes, at + 1, next) ? undefined : token
    // Behind a damaged value anything may look like the length of a key, and the last value of an array like its next key.
    if (layout.name === 'php_binary') return isName(bytes, at + 1, next) ? token : undefined
    return layout.name === 'php_serialize' && (bytes[at] === INT || bytes[next] === BRACE_CLOSE) ? undefined : token
  } catch (error) {
    if (error instanceof UnserializeError) return undefined
    throw error
  }
}

const LONGEST_KEY = 257
const utf8 = textCodec('utf-8')
const INT = 0x69
const DELIMITER = 0x7c
const BRACE_CLOSE = 0x7d
