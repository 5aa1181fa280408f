import { parsePath } from '../inspect/paths.ts'
import { printable } from '../inspect/quote.ts'
import { CommandError, status } from './exit-status.ts'
import { shortId } from './output.ts'

/**
 * The keys of a path as somebody typed it.
 * @throws CommandError for an empty one, as a shell makes it of a variable that is not set: it leads to no variable
 */
export function typedPath(path: string): (string | number)[] {
  if (path === '') throw new CommandError("The path is empty; of a variable with an empty key it is ['']", status.usage)
  return parsePath(path)
}

/** A path that leads nowhere, as it may be printed: what was typed may be the id of a session. */
export function strayPath(path: string): string {
  return printable(path).replace(/[\da-zA-Z,-]{22,}/g, shortId)
}
