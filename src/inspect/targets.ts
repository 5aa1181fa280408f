import { formatPath } from '../php/key-path.ts'
import type { Draft } from './read-nodes.ts'
import type { ValueNode, Variable } from './report.ts'
import { walk } from './walk.ts'

/** One numbering of slots: that of the session, or of a string that holds serialize() output. */
interface Numbering {
  /** The slots that references lead to. */
  readonly wanted: Set<number>
  readonly paths: Map<number, string>
  /** The objects whose bytes hold slots that no node has, in their order. */
  readonly customs: { readonly slot: number; readonly path: string }[]
}

/** Gives the target of each reference its key path. */
export function resolveTargets(variables: readonly Variable[]): void {
  const numberings = new Map<ValueNode | undefined, Numbering>()
  const current: (ValueNode | undefined)[] = [undefined]
  const numbering = () => {
    const key = current.at(-1)
    const known: Numbering = numberings.get(key) ?? { wanted: new Set(), paths: new Map(), customs: [] }
    numberings.set(key, known)
    return known
  }
  const enterString = (node: ValueNode) => {
    if (node.type === 'string' && node.nested !== undefined) current.push(node)
  }
  const leave = (node: ValueNode) => {
    if (node === current.at(-1)) current.pop()
  }

  walk(variables, {
    enter(node) {
      if (node.target !== undefined) numbering().wanted.add(node.target.slot)
      enterString(node)
    },
    leave,
  })
  walk(variables, {
    enter(node, keys) {
      const { wanted, paths, customs } = numbering()
      const { slot, target } = node
      if (slot !== undefined && wanted.has(slot)) paths.set(slot, formatPath(keys))
      if (node.type === 'custom' && wanted.size > 0) customs.push({ slot: slot!, path: formatPath(keys) })
      if (target !== undefined) {
        const path = paths.get(target.slot) ?? customs.findLast((custom) => custom.slot < target.slot)?.path ?? ''
        ;(node as Draft).target = { ...target, path }
      }
      enterString(node)
    },
    leave,
  })
}
