import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants, rmSync } from 'node:fs'
import { join } from 'node:path'
import { libc, systemCalls } from '../../save-handlers/system-calls.ts'
import type { Locking, LockTrial } from './facts.ts'

/** @param folder where to try it, with a file of our own; undefined: only look */
export function lockingOf(folder: string | undefined, askPhp: boolean): Locking {
  const c = libc()
  return {
    unavailable: c instanceof Error ? c.message : undefined,
    tried: folder === undefined ? undefined : tryLock(folder, askPhp),
  }
}

function tryLock(folder: string, askPhp: boolean): LockTrial {
  const path = join(folder, `.session-start-doctor-${randomBytes(8).toString('hex')}`)
  const { open, close, tryLock: take } = systemCalls()
  const opened: number[] = []
  try {
    const next = () => {
      const fd = open(path, constants.O_CREAT | constants.O_RDWR | constants.O_NOFOLLOW, 0o600)
      opened.push(fd)
      return fd
    }
    if (take === null) return { failure: 'there is no flock(2) here', nodeWaits: false, phpWaits: undefined }
    if (!take(next())) return { failure: 'a new file is locked already', nodeWaits: false, phpWaits: undefined }
    return { failure: undefined, nodeWaits: !take(next()), phpWaits: askPhp ? phpWaits(path) : undefined }
  } catch (error) {
    return { failure: (error as Error).message, nodeWaits: false, phpWaits: undefined }
  } finally {
    for (const fd of opened) close(fd)
    rmSync(path, { force: true })
  }
}

/** Whether a PHP finds the file locked, by the flock() that its sessions use; undefined where there is no PHP to ask. */
function phpWaits(path: string): boolean | undefined {
  const code = 'echo flock(fopen($argv[1], "r+"), LOCK_EX | LOCK_NB) ? "free" : "locked";'
  try {
    const options: ExecFileSyncOptionsWithStringEncoding = {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }
    const answer = execFileSync('php', ['-n', '-r', code, '--', path], options)
    return answer === 'locked' ? true : answer === 'free' ? false : undefined
  } catch {
    return undefined
  }
}
