import { parsePath } from '../inspect/paths.ts'
import { CommandError, status } from './exit-status.ts'

/**
 * The keys of a path as somebody typed it.
 * @throws CommandError for an empty one, as a shell makes it of a variable that is not set: it leads to no variable
 */
export function typedPath(path: string): (string | number)[] {
  if (path === '') throw new CommandError("The path is empty; of a variable with an empty key it is ['']", status.usage)
  return parsePath(path)
}
