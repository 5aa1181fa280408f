import { opendir, stat, unlink } from 'node:fs/promises'
import { SessionError } from '../errors.ts'
import { isValidSid } from '../session-id.ts'
import type { SessionEntry } from './save-handler.ts'
import type { SavePath } from './save-path.ts'
import { withoutPath } from './system-calls.ts'

/** Folders of session files as a whole: the cleaning up, and the list. */

/** Removes what nobody wrote or touched for more than `maxLifetime` seconds (`ps_files_cleanup_dir`); returns how many. */
export async function collectGarbage(folder: string, maxLifetime: number): Promise<number> {
  const oldest = Date.now() - maxLifetime * 1000
  let removed = 0
  for await (const name of namesIn(folder)) {
    if (name.startsWith('sess_')) {
      try {
        const path = `${folder}/${name}`
        if ((await stat(path)).mtimeMs < oldest) {
          await unlink(path)
          removed++
        }
      } catch {}
    }
  }
  return removed
}

/** The sessions under a save path, level by level. */
export async function* listSessions(
  { basedir, dirdepth }: SavePath,
  prefix = '',
  folder = basedir,
): AsyncGenerator<SessionEntry> {
  for await (const name of namesIn(folder)) {
    if (prefix.length < dirdepth) {
      if (name.length === 1 && isValidSid(name)) {
        yield* listSessions({ basedir, dirdepth, filemode: 0 }, prefix + name, `${folder}/${name}`)
      }
      continue
    }
    const id = name.slice(5)
    if (name.startsWith('sess_') && isValidSid(id) && id.startsWith(prefix)) {
      try {
        const { size, mtime } = await stat(`${folder}/${name}`)
        yield { id, size, mtime }
      } catch {}
    }
  }
}

async function* namesIn(folder: string): AsyncGenerator<string> {
  try {
    for await (const entry of await opendir(folder, { bufferSize: 256 })) {
      yield entry.name
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') {
      const cause = withoutPath(error)
      throw new SessionError('SAVE_PATH', `Cannot list ${folder}: ${(cause as Error).message}`, { cause })
    }
  }
}
