import { inspect } from 'node:util'
import type { SessionReport, ValueNode } from '../../../src/inspect/report.ts'
import { walk } from '../../../src/inspect/walk.ts'
import { formatPath } from '../../../src/php/key-path.ts'

/** One line for each value: its path (`=` for what a string or custom object holds), its slot, its type, what it is. */
export function linesOf({ variables }: Pick<SessionReport, 'variables'>): string[] {
  const found: string[] = []
  walk(variables, {
    enter(node, { keys, of }) {
      found.push([of === undefined ? '=' : formatPath(keys), node.slot ?? '-', lineOf(node)].join(' '))
      return undefined
    },
  })
  return found
}

function lineOf({ type, value, text, className, members, target }: ValueNode): string {
  const shown = value === undefined ? undefined : (text ?? (typeof value === 'string' ? JSON.stringify(value) : inspect(value)))
  const parts = [type, className, shown, members?.length, target && `${target.kind} ${target.slot} ${target.path || '$_SESSION'}`]
  return parts.filter((part) => part !== undefined).join(' ')
}
