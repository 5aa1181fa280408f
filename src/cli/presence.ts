import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { savePath, sessionFile } from '../save-handlers/save-path.ts'

/** Whether a session is still there. */
export interface Presence {
  /** Somebody destroyed it since; under this id there may be another one now. */
  isGone(): boolean
  close(): void
}

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants

/**
 * Keeps an eye on a session while its lock is waited for. One that is destroyed in that time, the save handler makes again, empty: a request
 * wants one in any case. A command does not, for then a browser that is logged out would have a session, in a file that is not PHP's.
 */
export function presenceOf(save_path: string, id: string): Presence {
  const fd = opened(sessionFile(savePath(save_path), id))
  return {
    isGone: () => fd === 'gone' || (fd !== 'closed to us' && fstatSync(fd).nlink === 0),
    close: () => {
      if (typeof fd === 'number') closeSync(fd)
    },
  }
}

/** What cannot be opened, the save handler tells about; and ids that make no path. */
function opened(path: string | null): number | 'gone' | 'closed to us' {
  if (path === null) return 'closed to us'
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : 'closed to us'
  }
}
