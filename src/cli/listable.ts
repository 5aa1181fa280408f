import { accessSync, constants } from 'node:fs'
import { parseSavePath } from '../save-handlers/save-path.ts'
import { CommandError } from './exit-status.ts'
import { statusOf } from './files.ts'
import { pathText } from './output.ts'
import type { Place } from './place.ts'

/** @throws CommandError where there is no such folder, or this user may not see what is in it: it would look as if it held nothing */
export function assertListable({ label, sessions }: Place): void {
  const { basedir } = parseSavePath(sessions.directives.save_path)
  const found = statusOf(basedir)
  if (found === undefined) throw new CommandError(`There is no folder ${pathText(basedir)}`)
  if (!found.isDirectory()) throw new CommandError(`${pathText(basedir)} is no folder`)
  try {
    accessSync(basedir, constants.R_OK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') return
    throw new CommandError(`${label} may not be listed by this user (Debian’s folder is closed so); as root it may`)
  }
}
