import { lstatSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'

/** Looks at files below a root: what is not there or may not be seen is undefined, or empty. */
export interface Look {
  /** Whether the root is that of this machine, so that programs and processes of it may be asked too. */
  readonly isHere: boolean
  /** The path that leads there from here. */
  at(path: string): string
  text(path: string): string | undefined
  /** In the order of their bytes. */
  names(path: string): readonly string[]
  stat(path: string): Stats | undefined
  /** Whether there is something, also a link that leads nowhere. */
  has(path: string): boolean
  /** Without links, where the root is that of this machine. */
  real(path: string): string
}

export function lookInto(root: string): Look {
  const isHere = root === '/'
  const at = (path: string) => (isHere ? path : join(root, path))
  return {
    isHere,
    at,
    text: (path) => unlessHidden(() => readFileSync(at(path), 'utf8')),
    names: (path) => unlessHidden(() => readdirSync(at(path)).sort()) ?? [],
    stat: (path) => unlessHidden(() => statSync(at(path))),
    has: (path) => unlessHidden(() => lstatSync(at(path))) !== undefined,
    real: (path) => (isHere && unlessHidden(() => realpathSync(path))) || path,
  }
}

/** The folders and files that there are for a path in which `*` stands for anything but a slash. */
export function expand(look: Look, pattern: string): string[] {
  let paths = ['']
  for (const part of pattern.split('/').slice(1)) {
    const name = new RegExp(`^${part.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
    paths = paths.flatMap((path) =>
      part.includes('*') ? look.names(path).flatMap((each) => (name.test(each) ? [`${path}/${each}`] : [])) : [`${path}/${part}`],
    )
  }
  return paths.filter((path) => look.stat(path) !== undefined)
}

function unlessHidden<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    // A name that is too long, a loop of links, a file that is read as a folder: there is nothing to be seen either way.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return undefined
  }
}
