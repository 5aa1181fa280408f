import type { Member, ValueNode, Variable } from './report.ts'

/** The keys that lead to a value from `$_SESSION`, as formatPath takes them. */
export type Keys = readonly (string | number)[]

/** Where a value stands. */
export interface Place {
  /** Changed by the walk: copy what is kept. */
  readonly keys: Keys
  /** Undefined for what a string or a custom object holds, which has the keys of that. */
  readonly of: Member | Variable | undefined
  /** Whose slots are counted together: the string that the value is in, or undefined for the session. */
  readonly numbering: ValueNode | undefined
}

/** What is done at each value of a tree. */
export interface Visitor {
  /** A value is met, before those in it. @returns false: do not go into it */
  enter?(node: ValueNode, place: Place): boolean | undefined
  /** It has ended. */
  leave?(node: ValueNode, place: Place): void
}

/** Visits all values in their order. Deep trees cost memory, not stack. */
export function walk(variables: readonly (Member | Variable)[], visitor: Visitor): void {
  const keys: (string | number)[] = []
  const path: Step[] = [{ node: undefined, keys, of: undefined, numbering: undefined, children: variables, at: 0 }]
  for (;;) {
    const step = path.at(-1)!
    const child = step.children[step.at++]
    if (child === undefined) {
      path.pop()
      if (step.node === undefined) return
      visitor.leave?.(step.node, step)
      if (step.of !== undefined) keys.pop()
    } else {
      const of = 'value' in child && 'key' in child ? child : undefined
      const node = of === undefined ? (child as ValueNode) : of.value
      const numbering = of === undefined && step.node?.type === 'string' ? step.node : step.numbering
      if (of !== undefined) keys.push(pathKey(of.key))
      const inner: Step = { node, keys, of, numbering, children: NONE, at: 0 }
      if (visitor.enter?.(node, inner) !== false) inner.children = childrenOf(node)
      path.push(inner)
    }
  }
}

/** A key as paths have it: ints that no number holds as text. */
export function pathKey(key: Member['key']): string | number {
  return typeof key === 'bigint' ? String(key) : key
}

interface Step extends Place {
  readonly node: ValueNode | undefined
  children: readonly (Member | Variable | ValueNode)[]
  at: number
}

function childrenOf({ members, nested }: ValueNode): readonly (Member | ValueNode)[] {
  return members ?? (nested === undefined ? NONE : [nested])
}

const NONE: readonly never[] = []
