import { isDeepStrictEqual, types } from 'node:util'
import type { ValueNode } from '../inspect/report.ts'
import { hasToJSON, isPlain } from '../php/forms.ts'
import { heldFloat, recall } from '../php/memory.ts'
import { getVisibility, PhpFloat, PhpObject } from '../php/values.ts'
import { encodeSession } from '../serialize-handlers/session-codec.ts'
import type { Reading } from '../session/reading.ts'
import { type Place, StoredVars } from './stored-vars.ts'

/** A place that does not hold what a test expects. */
export interface Difference {
  /** The keys that lead there. */
  readonly keys: readonly string[]
  readonly expected: Expected
  /** Undefined: there is nothing. */
  readonly received: Place | undefined
}

/** What a test expects of a place: a value, an array or object with something in it, what a matcher says, or nothing at all. */
export type Expected =
  | { readonly kind: 'value'; readonly node: ValueNode }
  | { readonly kind: 'container'; readonly className: string | undefined; readonly size: number }
  | { readonly kind: 'matcher'; readonly matcher: AsymmetricMatcher }
  | { readonly kind: 'visibility'; readonly visibility: Place['visibility'] }
  | { readonly kind: 'nothing' }

/** What `expect.any(Number)` and its like make, in jest and in vitest. */
export interface AsymmetricMatcher {
  asymmetricMatch(value: unknown): boolean
  toAsymmetricMatcher?(): string
}

export interface ComparisonOptions extends Reading {
  /** Whether objects and keyed arrays may hold more than is expected, as with jest's toMatchObject. */
  readonly mayHoldMore: boolean
}

/**
 * Compares places of a session with what is expected there. Types are PHP's: 10 is an int, `new PhpFloat(10)` a float, `{ a: 1 }` an array
 * and no object. The order of keys does not count. `undefined` expects that there is nothing.
 */
export class Comparison {
  readonly differences: Difference[] = []
  readonly #stored: StoredVars
  readonly #options: ComparisonOptions
  /** What is being compared, so that circles end. */
  readonly #open: Pair[] = []

  constructor(stored: StoredVars, options: ComparisonOptions) {
    this.#stored = stored
    this.#options = options
  }

  /** @throws TypeError for a value that PHP cannot hold */
  compare(expected: unknown, received: Place | undefined, keys: readonly string[]): void {
    const differ = (what: Expected) => this.differences.push({ keys, expected: what, received })
    if (isAsymmetricMatcher(expected)) {
      if (received === undefined || !expected.asymmetricMatch(received.value)) differ({ kind: 'matcher', matcher: expected })
      return
    }
    if (expected === undefined) {
      if (received !== undefined) differ({ kind: 'nothing' })
      return
    }
    const container = containerOf(expected)
    if (container === undefined) {
      const { place, vars } = storedForm(expected, this.#options)
      if (received === undefined || !isSame(place, vars, received, this.#stored)) differ({ kind: 'value', node: place.node })
    } else if (received?.node.type !== container.type || received.node.className !== container.className) {
      differ({ kind: 'container', className: container.className, size: container.entries.size })
    } else if (!includes(this.#open, [expected, received.node])) {
      this.#open.push([expected, received.node])
      this.#entries(container, received, keys)
      this.#open.pop()
    }
  }

  #entries({ entries, isList, visibility }: Container, received: Place, keys: readonly string[]): void {
    const { mayHoldMore } = this.#options
    const places = this.#stored.within(received)
    for (const [key, value] of entries) {
      const place = places.get(key)
      this.compare(value, place, [...keys, key])
      const wanted = visibility?.(key)
      if (mayHoldMore || place === undefined || place.visibility === wanted) continue
      this.differences.push({ keys: [...keys, key], expected: { kind: 'visibility', visibility: wanted }, received: place })
    }
    if (mayHoldMore && !isList) return
    for (const [key, place] of places) {
      if (!entries.has(key)) this.differences.push({ keys: [...keys, key], expected: { kind: 'nothing' }, received: place })
    }
  }
}

function isAsymmetricMatcher(value: unknown): value is AsymmetricMatcher {
  return typeof (value as AsymmetricMatcher | null | undefined)?.asymmetricMatch === 'function'
}

/** An array or object as a test writes it. */
interface Container {
  readonly type: 'array' | 'object'
  readonly className: string | undefined
  readonly isList: boolean
  readonly entries: ReadonlyMap<string, unknown>
  readonly visibility?: (property: string) => Place['visibility']
}

/** Undefined for what is one value: scalars, bytes, dates, enums, instances of the application's classes. */
function containerOf(value: unknown): Container | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value) || types.isSet(value)) {
    const items = Array.from(value, (item, index) => withFloat(value, index, item) ?? null)
    return { type: 'array', className: undefined, isList: true, entries: new Map(items.map((item, index) => [`${index}`, item])) }
  }
  const array = { type: 'array', className: undefined, isList: false } as const
  if (types.isMap(value)) return { ...array, entries: new Map([...value].map(([key, item]) => [String(key), item])) }
  const entries = new Map(Object.entries(value).map(([key, item]) => [key, withFloat(value, key, item)]))
  const className = PhpObject.classOf(value)
  if (className !== undefined) {
    return { type: 'object', className, isList: false, entries, visibility: (name) => getVisibility(value, name) }
  }
  return isPlain(value) && !hasToJSON([...entries.keys()]) ? { ...array, entries } : undefined
}

/** What stands in a place of a decoded array or object, which may be known to hold a float. */
function withFloat(container: object, key: string | number, item: unknown): unknown {
  const memory = recall(container)
  return typeof item === 'number' && memory !== undefined && heldFloat(memory, key) ? new PhpFloat(item) : item
}

/** A value as PHP would store it. @throws TypeError when it cannot */
function storedForm(expected: unknown, { charset, classes }: Reading): { place: Place; vars: StoredVars } {
  const codec = { serialize_handler: 'php', charset, classes }
  const vars = new StoredVars(encodeSession({ expected }, codec), codec)
  return { place: vars.at(['expected'])!, vars }
}

/** Whether two places hold the same, to the last property. */
function isSame(one: Place, ones: StoredVars, other: Place, others: StoredVars, open: readonly Pair[] = []): boolean {
  const { type, className, value, members } = one.node
  if (type !== other.node.type || className !== other.node.className) return false
  if (members === undefined) return isDeepStrictEqual(value, other.node.value)
  const pair: Pair = [one.node, other.node]
  if (includes(open, pair)) return true
  const [places, matches] = [ones.within(one), others.within(other)]
  if (places.size !== matches.size) return false
  return [...places].every(([key, place]) => {
    const match = matches.get(key)
    if (match === undefined || match.visibility !== place.visibility) return false
    return isSame(place, ones, match, others, [...open, pair])
  })
}

type Pair = readonly [expected: unknown, received: ValueNode]

function includes(pairs: readonly Pair[], [expected, received]: Pair): boolean {
  return pairs.some(([one, other]) => one === expected && other === received)
}
