import { closeSync, fchownSync, openSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Repair } from '../inspect/diagnosis.ts'
import { saveHandler } from '../save-handlers/save-handlers.ts'
import { savePath, sessionFile } from '../save-handlers/save-path.ts'
import { withoutPath } from '../save-handlers/system-calls.ts'
import { CommandError, status } from './exit-status.ts'
import type { Subject } from './place.ts'
import { presenceOf } from './presence.ts'

/** What is to be done with a repair. */
export interface FixOptions {
  readonly fix?: boolean
  readonly backup?: boolean
  readonly stdout?: boolean
}

/**
 * Writes the repair of a session, under its lock as a request does, if the session is still what was explained.
 * @returns with `backup`, how the name of the file begins that keeps what there was; the id follows
 * @throws CommandError where that cannot be, or the repair loses something and there is to be no backup; SessionError as the save handler
 */
export async function fix(subject: Subject, { bytes, loses }: Repair, { backup }: FixOptions): Promise<string | undefined> {
  const { place, id } = subject
  if (place === undefined || id === undefined) {
    const message = 'Only a session of a save_path is written, for only there PHP’s lock is: --fix --stdout prints the repair'
    throw new CommandError(message, status.usage)
  }
  if (loses !== undefined && !backup) throw new CommandError(`The repair loses ${loses}: it is only written with --backup`)
  const { save_path, name } = place.sessions.directives
  const handle = await saveHandler('files').open(save_path, name, { lock: true, lockTimeout: LOCK_TIMEOUT })
  const presence = presenceOf(save_path, id)
  try {
    const now = presence.isGone() ? undefined : await handle.read(id)
    if (now?.length === 0 && presence.isGone()) await handle.destroy(id)
    if (now?.equals(subject.bytes) !== true) throw new CommandError('The session was changed meanwhile, and is left as it is')
    const prefix = backup ? keep(sessionFile(savePath(save_path), id)!, now) : undefined
    await handle.write(id, bytes)
    return prefix
  } finally {
    presence.close()
    await handle.close()
  }
}

/** PHP waits for ever; a person does not. In milliseconds. */
const LOCK_TIMEOUT = 30_000

/** Under a name that PHP's clean-up does not take for a session, for the session's owner only. */
function keep(file: string, bytes: Buffer): string {
  const { uid, gid, mode } = statSync(file)
  for (let number = 1; ; number++) {
    const prefix = `damaged-${number}-`
    const copy = join(dirname(file), prefix + basename(file))
    try {
      const fd = openSync(copy, 'wx', mode & 0o600)
      try {
        if (process.getuid?.() === 0) fchownSync(fd, uid, gid)
        writeFileSync(fd, bytes)
      } catch (error) {
        unlinkSync(copy)
        throw error
      } finally {
        closeSync(fd)
      }
      return `${prefix}sess_`
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        const cause = withoutPath(error) as Error
        throw new CommandError(`There is no backup, so nothing is changed: ${cause.message}`, undefined, { cause })
      }
    }
  }
}
