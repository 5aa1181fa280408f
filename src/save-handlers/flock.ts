import { SessionError } from '../errors.ts'
import { waitForLock } from './flock-threads.ts'
import { lockHolder } from './lock-holder.ts'
import { systemCalls } from './system-calls.ts'
import { Turns } from './turns.ts'

/**
 * PHP's lock on a session file: flock(2), exclusive, on a descriptor that stays open for as long as the lock is held.
 * Inside the process it goes first come, first served, file by file, and only the first of them waits in the kernel.
 */

/** A file that can be locked. */
export interface Lockable {
  readonly path: string
  /** For messages: names the session by the first characters of its id. */
  readonly label: string
  /** Opens it. The lock is tied to what this returns. */
  open(): number
  /** Looks at the opened file. False when it lost its name before the lock was ours, and shall be opened afresh. May refuse it by an error. */
  accept(fd: number): boolean
}

/**
 * The files that this process has locked, or is about to. After four turns in a row the next waits a millisecond: a process
 * that the kernel wakes needs some microseconds to take the lock, and would never be in time if we did not wait.
 */
const turns = new Turns(4, 1)

/**
 * Opens the file and takes its lock. Returns the descriptor, at once when the lock is free, else by a promise.
 * Whoever gets a descriptor gives it back by {@link unlock}.
 * @throws SessionError LOCK_TIMEOUT after `timeout` milliseconds; what `open` and `accept` throw. No lock is held then.
 */
export function lock(file: Lockable, timeout: number): number | Promise<number> {
  if (!turns.take(file.path)) {
    return lockInTurn(file, timeout)
  }
  try {
    return tryOnce(file) ?? lockInKernel(file, Date.now() + timeout, timeout)
  } catch (error) {
    turns.pass(file.path)
    throw error
  }
}

/** Closes the descriptor, which gives the lock back, and lets the next of this process try. */
export function unlock(path: string, fd: number): void {
  systemCalls().close(fd)
  turns.pass(path)
}

async function lockInTurn(file: Lockable, timeout: number): Promise<number> {
  const deadline = Date.now() + timeout
  if (!(await turns.wait(file.path, timeout))) {
    throw timedOut(file, timeout)
  }
  return lockInKernel(file, deadline, timeout)
}

/** Null when another process holds the lock. */
function tryOnce(file: Lockable): number | null {
  const { tryLock, close } = systemCalls()
  for (;;) {
    const fd = file.open()
    let taken = false
    try {
      taken = tryLock!(fd)
      if (taken && file.accept(fd)) {
        return fd
      }
    } catch (error) {
      close(fd)
      throw error
    }
    close(fd)
    if (!taken) {
      return null
    }
  }
}

/** Waits for other processes. One at a time per path comes here, whoever has the turn. */
async function lockInKernel(file: Lockable, deadline: number, timeout: number): Promise<number> {
  const { tryLock, close } = systemCalls()
  let fd = -1
  try {
    for (;;) {
      fd = file.open()
      // Before the wait too, since for a file that is refused, as another user's, there is nothing to wait for.
      if (!tryLock!(fd) && file.accept(fd) && !(await waitForLock(fd, deadline - Date.now()))) {
        throw timedOut(file, timeout)
      }
      if (file.accept(fd)) {
        return fd
      }
      close(fd)
      fd = -1
    }
  } catch (error) {
    if (fd >= 0) {
      close(fd)
    }
    turns.pass(file.path)
    throw error
  }
}

function timedOut({ path, label }: Lockable, timeout: number): SessionError {
  return new SessionError('LOCK_TIMEOUT', `Waited ${timeout} ms for the lock on ${label}, held by ${lockHolder(path)}`)
}
