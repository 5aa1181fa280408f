import { formatPath } from '../php/key-path.ts'
import type { Draft } from './read-nodes.ts'
import type { Target, ValueNode, Variable } from './report.ts'
import { walk } from './walk.ts'

/** What is known of the slots that are numbered together. */
interface Numbering {
  /** The slots that references lead to. */
  readonly wanted: Map<number, Target['kind']>
  readonly paths: Map<number, string>
  /** The objects whose bytes hold slots that no node has, in their order. */
  readonly customs: { readonly slot: number; readonly path: string }[]
}

/** Gives the target of each reference its key path, and marks what they lead to. */
export function resolveTargets(variables: readonly Variable[]): void {
  const numberings = new Map<ValueNode | undefined, Numbering>()
  walk(variables, {
    enter({ target }, { numbering }) {
      if (target === undefined) return true
      const known: Numbering = numberings.get(numbering) ?? { wanted: new Map(), paths: new Map(), customs: [] }
      numberings.set(numbering, known)
      if (known.wanted.get(target.slot) !== 'variable') known.wanted.set(target.slot, target.kind)
      return true
    },
  })
  if (numberings.size === 0) return
  walk(variables, {
    enter(node, { keys, numbering }) {
      const known = numberings.get(numbering)
      if (known === undefined) return true
      const { slot, target } = node
      const shared = slot === undefined ? undefined : known.wanted.get(slot)
      if (shared !== undefined) {
        known.paths.set(slot!, formatPath(keys))
        ;(node as Draft).shared = shared
      }
      if (node.type === 'custom') known.customs.push({ slot: slot!, path: formatPath(keys) })
      if (target !== undefined) {
        const path = known.paths.get(target.slot) ?? known.customs.findLast((custom) => custom.slot < target.slot)?.path
        ;(node as Draft).target = { ...target, path: path ?? '' }
      }
      return true
    },
  })
}
