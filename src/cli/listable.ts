import { parseSavePath } from '../save-handlers/save-path.ts'
import { CommandError } from './exit-status.ts'
import { mayList, statusOf } from './files.ts'
import { pathText } from './output.ts'
import type { Place } from './place.ts'

/**
 * @param advice how the message goes on where this user may not see what is in the folder
 * @throws CommandError for that, as it would look as if it held nothing, and where there is no such folder
 */
export function assertListable({ label, sessions }: Place, advice = ', as is usual on Debian; try again as root'): void {
  const { basedir } = parseSavePath(sessions.directives.save_path)
  const found = statusOf(basedir)
  if (found === undefined) throw new CommandError(`There is no folder ${pathText(basedir)}`)
  if (!found.isDirectory()) throw new CommandError(`${pathText(basedir)} is no folder`)
  if (!mayList(basedir)) throw new CommandError(`${label} cannot be listed by this user${advice}`)
}
