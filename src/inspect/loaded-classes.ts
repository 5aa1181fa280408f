import { printable } from './quote.ts'
import type { ValueNode, Variable } from './report.ts'
import { walk } from './walk.ts'

/** What a PHP must have loaded, or must not, to read a session in which nothing is wrong. */

/** The cases of enums, `App\\Suit::Hearts`: without the enum PHP does not read them. */
export function enumsIn(variables: readonly Variable[]): string[] {
  return namesIn(variables, ({ type, className, value }) => (type === 'enum' ? `${className}::${value}` : undefined))
}

/**
 * Classes of objects with names of properties that PHP only takes apart, and refuses, where the class declares some (`Corrupt member variable
 * name`): all but `name`, `\0*\0name` and `\0Class\0name`.
 */
export function misnamingClassesIn(variables: readonly Variable[]): string[] {
  return namesIn(variables, ({ className, members = [] }) => {
    const isMisnamed = members.some(({ key, visibility, declaredBy }) =>
      visibility === 'public' ? String(key).startsWith('\0') : visibility !== undefined && (key === '' || declaredBy === ''),
    )
    return isMisnamed && className !== 'stdClass' ? className : undefined
  })
}

/** Each once, and none of what strings hold: PHP does not open them. */
function namesIn(variables: readonly Variable[], nameOf: (node: ValueNode) => string | undefined): string[] {
  const names = new Set<string>()
  walk(variables, {
    enter(node) {
      const name = nameOf(node)
      if (name !== undefined) names.add(printable(name))
      return node.type !== 'string'
    },
  })
  return [...names]
}
