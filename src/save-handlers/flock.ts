import { SessionError } from '../errors.ts'
import { waitForLock } from './flock-threads.ts'
import { lockHolder } from './lock-holder.ts'
import { systemCalls } from './system-calls.ts'

/**
 * PHP's lock on a session file: flock(2), exclusive, on a descriptor that stays open for as long as the lock is held.
 * Within the process it goes first come, first served, file by file, and only the first waits in the kernel.
 */

/** A file that can be locked. */
export interface Lockable {
  readonly path: string
  /** For messages: names the session by the first characters of its id. */
  readonly label: string
  /** Opens it; the lock is tied to what this returns. */
  open(): number
  /** Looks at the locked file. False when it is not the file under `path` any more, and shall be opened afresh. */
  accept(fd: number): boolean
}

/** Between this many turns of this process on one file, other processes are given the time to take theirs. */
const TURNS = 4
const PAUSE = 1
/** setTimeout takes no more; a longer wait is without end. */
const LONGEST_TIMER = 0x7fffffff

interface Queue {
  readonly waiting: Turn[]
  turns: number
}

interface Turn {
  readonly start: () => void
  readonly timer: NodeJS.Timeout | undefined
}

/** The files locked by this process, or about to be; with a queue as soon as somebody waits. */
const locked = new Map<string, Queue | null>()

/**
 * Opens the file and takes its lock; returns the descriptor, at once when nobody holds it, else by a promise.
 * Whoever gets a descriptor gives it back by {@link unlock}.
 * @throws SessionError LOCK_TIMEOUT after `timeout` milliseconds, or what `open` and `accept` throw.
 */
export function lock(file: Lockable, timeout: number): number | Promise<number> {
  const { path } = file
  if (locked.has(path)) {
    return lockInTurn(file, timeout)
  }
  const fd = file.open()
  try {
    if (systemCalls().tryLock!(fd)) {
      if (file.accept(fd)) {
        locked.set(path, null)
        return fd
      }
      systemCalls().close(fd)
      return lock(file, timeout)
    }
  } catch (error) {
    systemCalls().close(fd)
    throw error
  }
  locked.set(path, null)
  return lockInKernel(file, fd, Date.now() + timeout, timeout)
}

/** Closes the descriptor, which gives the lock back, and lets the next of this process try. */
export function unlock(path: string, fd: number): void {
  systemCalls().close(fd)
  next(path)
}

function next(path: string): void {
  const queue = locked.get(path)
  const turn = queue?.waiting.shift()
  if (!queue || turn === undefined) {
    locked.delete(path)
    return
  }
  clearTimeout(turn.timer)
  if (++queue.turns % TURNS === 0) {
    setTimeout(turn.start, PAUSE)
  } else {
    turn.start()
  }
}

async function lockInTurn(file: Lockable, timeout: number): Promise<number> {
  const { path } = file
  const deadline = Date.now() + timeout
  const queue = locked.get(path) ?? { waiting: [], turns: 0 }
  locked.set(path, queue)
  await new Promise<void>((start, reject) => {
    const giveUp = () => {
      queue.waiting.splice(queue.waiting.indexOf(turn), 1)
      reject(timedOut(file, timeout))
    }
    const turn: Turn = { start, timer: timeout > LONGEST_TIMER ? undefined : setTimeout(giveUp, timeout) }
    queue.waiting.push(turn)
  })
  let fd = -1
  try {
    fd = file.open()
  } catch (error) {
    next(path)
    throw error
  }
  return lockInKernel(file, fd, deadline, timeout)
}

/** Only one at a time per path comes here. */
async function lockInKernel(file: Lockable, opened: number, deadline: number, timeout: number): Promise<number> {
  const { tryLock, close } = systemCalls()
  let fd = opened
  try {
    for (;;) {
      if (!tryLock!(fd) && !(await waitForLock(fd, Math.max(0, deadline - Date.now())))) {
        throw timedOut(file, timeout, fd)
      }
      if (file.accept(fd)) {
        return fd
      }
      close(fd)
      fd = -1
      fd = file.open()
    }
  } catch (error) {
    if (fd >= 0) {
      close(fd)
    }
    next(file.path)
    throw error
  }
}

function timedOut(file: Lockable, waited: number, fd?: number): SessionError {
  return new SessionError('LOCK_TIMEOUT', `Waited ${waited} ms for the lock on ${file.label}, held by ${lockHolder(fd)}`)
}
