import { accessSync, constants } from 'node:fs'
import { parseSavePath } from '../save-handlers/save-path.ts'
import { CommandError } from './exit-status.ts'
import type { Place } from './place.ts'

/** @throws CommandError where this user may not see which sessions there are: it would look as if there were none */
export function assertListable({ label, sessions }: Place): void {
  try {
    accessSync(parseSavePath(sessions.directives.save_path).basedir, constants.R_OK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') return
    throw new CommandError(`${label} may not be listed by this user (Debian’s folder is closed so); as root it may`)
  }
}
