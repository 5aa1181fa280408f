import { formatPath } from '../php/key-path.ts'
import type { Member, SessionReport, ValueNode, Variable } from './report.ts'
import { pathKey } from './walk.ts'

/** One difference between two sessions. */
export interface Change {
  /** The keys that lead to it, through what strings and custom objects hold too. Made when asked for. */
  readonly keys: readonly (string | number)[]
  /** The same as text; a very deep one is cut. */
  readonly path: string
  /** `moved`: the key stands elsewhere among those around it; the value may be changed too, which is a change of its own. */
  readonly kind: 'added' | 'removed' | 'changed' | 'moved'
  /** Undefined when it was added. */
  readonly before: ValueNode | undefined
  /** Undefined when it was removed. */
  readonly after: ValueNode | undefined
  /** What changed when it is not the value: who sees a property. */
  readonly note?: string
}

/**
 * What is different, each at the deepest place where it can be said, in the order of `after`. What moved inside the bytes is no change:
 * offsets, slot numbers, the handler, the digits that a float is written with. Lists are compared by index.
 */
export function diffSessions(before: Pick<SessionReport, 'variables'>, after: Pick<SessionReport, 'variables'>): Change[] {
  const changes: Change[] = []
  const pending: Pair[] = memberPairs(before.variables, after.variables, undefined)
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const { before: one, after: other, isMoved } = pair
    if (one === undefined || other === undefined) {
      changes.push(new Difference(pair, one === undefined ? 'added' : 'removed'))
      continue
    }
    const visibility = visibilityChange(one, other)
    if (visibility !== undefined) changes.push(new Difference(pair, 'changed', visibility))
    if (isMoved) changes.push(new Difference(pair, 'moved'))
    const [a, b] = openBoth(one.value, other.value)
    if (!isSameKind(a, b)) changes.push(new Difference(pair, 'changed'))
    else if (a.members !== undefined && b.members !== undefined) {
      for (const inner of memberPairs(a.members, b.members, pair)) pending.push(inner)
    }
  }
  return changes
}

/** A place in both sessions, or in one. */
interface Pair {
  readonly outer: Pair | undefined
  readonly before: Member | Variable | undefined
  readonly after: Member | Variable | undefined
  readonly isMoved: boolean
}

class Difference implements Change {
  readonly path: string
  readonly kind: Change['kind']
  readonly before: ValueNode | undefined
  readonly after: ValueNode | undefined
  readonly note?: string
  readonly #pair: Pair

  constructor(pair: Pair, kind: Change['kind'], note?: string) {
    this.#pair = pair
    this.path = formatPath(this.keys)
    this.kind = kind
    this.before = pair.before?.value
    this.after = pair.after?.value
    if (note !== undefined) this.note = note
  }

  get keys(): (string | number)[] {
    const keys: (string | number)[] = []
    for (let pair: Pair | undefined = this.#pair; pair !== undefined; pair = pair.outer) {
      keys.push(pathKey((pair.after ?? pair.before)!.key))
    }
    return keys.reverse()
  }
}

/** What both strings, or both custom objects, hold; where only one holds something, they are compared as they are. */
function openBoth(before: ValueNode, after: ValueNode): [ValueNode, ValueNode] {
  let [a, b] = [before, after]
  while (a.nested !== undefined && b.nested !== undefined && a.type === b.type && a.className === b.className) {
    ;[a, b] = [a.nested, b.nested]
  }
  return [a, b]
}

/** Whether two values are equal, except for their members. */
function isSameKind(a: ValueNode, b: ValueNode): boolean {
  if (a.type !== b.type || a.className !== b.className) return false
  if (a.target !== undefined) return a.target.kind === b.target?.kind && a.target.path === b.target.path
  if (Buffer.isBuffer(a.value) && Buffer.isBuffer(b.value)) return a.value.equals(b.value)
  return Object.is(a.value, b.value)
}

/** The members of two containers by key, last first: those removed before all others, then the order of `after`. */
function memberPairs(before: Members, after: Members, outer: Pair | undefined): Pair[] {
  const old = new Map(before.map((member) => [identity(member), member]))
  const now = new Map(after.map((member) => [identity(member), member]))
  const gone = new Map([...old].filter(([key]) => !now.has(key)))
  const byName = new Map([...gone].map(([key, member]) => [member.key, key]))
  const pairs: Pair[] = []
  for (const [key, member] of now) {
    // A property that others may see now is the same property.
    const oldKey = old.has(key) ? key : (byName.get(member.key) ?? '')
    const match = old.get(key) ?? gone.get(oldKey)
    gone.delete(oldKey)
    pairs.push({ outer, before: match, after: member, isMoved: false })
  }
  const removed = [...gone.values()].map((member): Pair => ({ outer, before: member, after: undefined, isMoved: false }))
  return [...removed, ...markMoved(pairs, before)].reverse()
}

type Members = readonly (Member | Variable)[]

/** An int and a string of its digits are two keys of an object. */
function identity(member: Member | Variable): string {
  const { key, visibility = '', declaredBy = '' } = member as Member
  return `${typeof key === 'string' ? 's' : 'i'}${visibility}\0${declaredBy.toLowerCase()}\0${key}`
}

/** Marks as few as possible, so that one that went to the end does not make all others moved. */
function markMoved(pairs: readonly Pair[], before: Members): readonly Pair[] {
  const rank = new Map(before.map((member, index) => [member, index]))
  const ranks = pairs.map((pair) => (pair.before === undefined ? -1 : rank.get(pair.before)!))
  if (ranks.every((each, index) => each === index)) return pairs
  const kept = longestIncreasing(ranks)
  return pairs.map((pair, index) => (pair.before === undefined || kept.has(index) ? pair : { ...pair, isMoved: true }))
}

/** The indexes of a longest subsequence that increases; negative ones are passed over. */
function longestIncreasing(ranks: readonly number[]): Set<number> {
  const tails: number[] = []
  const previous: (number | undefined)[] = []
  for (const [index, rank] of ranks.entries()) {
    if (rank < 0) continue
    let low = 0
    for (let high = tails.length; low < high; ) {
      const middle = (low + high) >> 1
      if (ranks[tails[middle]!]! < rank) low = middle + 1
      else high = middle
    }
    previous[index] = tails[low - 1]
    tails[low] = index
  }
  const kept = new Set<number>()
  for (let index = tails.at(-1); index !== undefined; index = previous[index]) kept.add(index)
  return kept
}

function visibilityChange(before: Member | Variable, after: Member | Variable): string | undefined {
  const [one, other] = [visibilityOf(before), visibilityOf(after)]
  return one === other ? undefined : `${one} → ${other}`
}

function visibilityOf(member: Member | Variable): string {
  const { visibility, declaredBy } = member as Member
  return declaredBy === undefined ? `${visibility}` : `${visibility} in ${declaredBy}`
}
