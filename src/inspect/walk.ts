import type { Member, ValueNode, Variable } from './report.ts'

/** The keys that lead to a value from `$_SESSION`, as formatPath takes them. */
export type Keys = readonly (string | number)[]

/** What is done at each value of a tree. */
export interface Visitor {
  /**
   * A value is met, before those in it. `keys` is changed by the walk: copy what is kept.
   * @param of undefined for what a string or a custom object holds, which has the key of that
   * @returns false: do not go into it
   */
  enter?(node: ValueNode, keys: Keys, of: Member | Variable | undefined): boolean | undefined
  /** It has ended. */
  leave?(node: ValueNode, keys: Keys, of: Member | Variable | undefined): void
}

/** Visits all values in their order. Deep trees cost memory, not stack. */
export function walk(variables: readonly (Member | Variable)[], visitor: Visitor): void {
  const keys: (string | number)[] = []
  const path: Step[] = [{ children: variables, at: 0, node: undefined, of: undefined }]
  for (;;) {
    const step = path.at(-1)!
    const of = step.children[step.at++]
    if (of === undefined) {
      path.pop()
      if (step.node === undefined) return
      visitor.leave?.(step.node, keys, step.of)
      if (step.of !== undefined) keys.pop()
      continue
    }
    const isNested = of === step.node?.nested
    const node = isNested ? (of as ValueNode) : (of as Member).value
    const member = isNested ? undefined : (of as Member)
    if (member !== undefined) keys.push(pathKey(member.key))
    const goesIn = visitor.enter?.(node, keys, member) !== false
    path.push({ children: goesIn ? childrenOf(node) : [], at: 0, node, of: member })
  }
}

/** A key as paths have it: ints that no number holds as text. */
export function pathKey(key: Member['key']): string | number {
  return typeof key === 'bigint' ? String(key) : key
}

interface Step {
  readonly children: readonly (Member | Variable | ValueNode)[]
  at: number
  readonly node: ValueNode | undefined
  readonly of: Member | Variable | undefined
}

function childrenOf({ members, nested }: ValueNode): readonly (Member | ValueNode)[] {
  return members ?? (nested === undefined ? [] : [nested])
}
