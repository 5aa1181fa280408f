import { constants, lstatSync, type Stats, statSync, unlinkSync } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { SessionError } from '../errors.ts'
import { isValidSid } from '../session-id.ts'
import type { GcProgress, SessionEntry } from './save-handler.ts'
import type { SavePath } from './save-path.ts'
import { systemCalls, withoutPath } from './system-calls.ts'

/** A folder of session files as a whole: cleaning up, and listing. */

const PREFIX = 'sess_'
/** Work goes on inline for this many milliseconds, then the event loop has its turn. */
const SLICE = 5

/**
 * Removes the session files that nobody wrote or touched for more than `maxLifetime` seconds (`ps_files_cleanup_dir`) and returns how many.
 * Unlike PHP it leaves one that somebody has locked: that one is in use.
 */
export async function collectGarbage(folder: string, maxLifetime: number, progress?: GcProgress): Promise<number> {
  const now = Math.floor(Date.now() / 1000)
  const isOld = (path: string) => {
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat !== undefined && now - Math.floor(stat.mtimeMs / 1000) > maxLifetime
  }
  let removed = 0
  let looked = 0
  for await (const name of namesIn(folder)) {
    if (++looked % 1000 === 0) progress?.(looked, removed)
    const path = `${folder}/${name}`
    if (name.startsWith(PREFIX) && unless(['EACCES', 'ELOOP'], () => isOld(path)) && removeUnlocked(path, isOld)) {
      removed++
    }
  }
  return removed
}

function removeUnlocked(path: string, isOld: (path: string) => boolean): boolean {
  const { open, close, tryLock } = systemCalls()
  const flags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
  // What cannot be opened (a link, a file of another user) is removed unseen, as far as the folder's permissions go, as PHP does.
  const fd =
    tryLock === null ? undefined : unless(['EACCES', 'EPERM', 'ELOOP', 'EISDIR', 'ENOENT', 'EROFS'], () => open(path, flags, 0))
  try {
    if (fd !== undefined && !(tryLock!(fd) && isOld(path))) {
      return false
    }
    return unless(['ENOENT', 'EACCES', 'EPERM', 'EISDIR'], () => unlinked(path)) ?? false
  } catch (error) {
    const cause = withoutPath(error)
    throw new SessionError('WRITE_FAILED', `Cannot remove an old session: ${(cause as Error).message}`, { cause })
  } finally {
    if (fd !== undefined) {
      close(fd)
    }
  }
}

function unlinked(path: string): true {
  unlinkSync(path)
  return true
}

/** The sessions under a save path, folder by folder. */
export async function* listSessions({ basedir, dirdepth }: SavePath): AsyncGenerator<SessionEntry> {
  yield* listLevel(basedir, dirdepth, '')
}

/** `prefix` is what the folders on the way here say about the beginning of the ids. */
async function* listLevel(folder: string, levels: number, prefix: string): AsyncGenerator<SessionEntry> {
  for await (const name of namesIn(folder)) {
    const path = `${folder}/${name}`
    if (levels > 0) {
      if (name.length === 1 && isValidSid(name) && lstat(path)?.isDirectory()) {
        yield* listLevel(path, levels - 1, prefix + name)
      }
      continue
    }
    const id = name.slice(PREFIX.length)
    const stat = name.startsWith(PREFIX) && id.startsWith(prefix) && isValidSid(id) ? lstat(path) : undefined
    if (stat?.isFile()) {
      yield { id, size: stat.size, mtime: stat.mtime }
    }
  }
}

function lstat(path: string): Stats | undefined {
  return unless(['EACCES'], () => lstatSync(path, { throwIfNoEntry: false }))
}

/** Debian's session folder may not be listed by those who use it (mode 1733): then it has no names. */
async function* namesIn(folder: string): AsyncGenerator<string> {
  try {
    let since = performance.now()
    for await (const { name } of await opendir(folder, { bufferSize: 256 })) {
      if (performance.now() - since > SLICE) {
        await setImmediate()
        since = performance.now()
      }
      yield name
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') {
      const cause = withoutPath(error)
      throw new SessionError('SAVE_PATH', `Cannot list ${folder}: ${(cause as Error).message}`, { cause })
    }
  }
}

/** What `call` returns, or undefined when it throws one of these. */
function unless<T>(codes: readonly string[], call: () => T): T | undefined {
  try {
    return call()
  } catch (error) {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? '')) {
      throw error
    }
    return
  }
}
