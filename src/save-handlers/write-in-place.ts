import { constants } from 'node:os'
import { filler, goodFillerLength, SHORTEST_FILLER } from './filler.ts'
import { mappedOverwriter, type Overwriter } from './overwrite.ts'
import { type SystemCalls, SystemError, systemCalls } from './system-calls.ts'

/**
 * Putting a session into its file without ever leaving there what PHP cannot decode: it would destroy it.
 * The process may be killed between any two system calls, and any of them may find the disk full.
 * To write beside and rename would be the usual way, but other processes wait for the lock on this very file.
 *
 * A pwrite inside one page is done or not done, and may make the file longer: that is nearly every session. A larger one is
 * overwritten at once by other means (overwrite.ts). One that gets shorter passes through a state in which the file is still long:
 * the new bytes, and behind them a filler that each of PHP's serialize handlers accepts or ignores there.
 * docs/decisions/locking.md tells how this was found.
 */

/** In bytes: the kernel never copies less at once. */
export const PAGE = 4096

type Calls = Pick<SystemCalls, 'pwrite' | 'ftruncate'>

/**
 * Makes `bytes` the whole content of the open file, on the same inode, where `old` is what the file holds now.
 * Throws what a system call throws, and then the file holds `old`.
 */
export function writeInPlace(
  fd: number,
  old: Buffer,
  bytes: Buffer,
  calls: Calls = systemCalls(),
  overwriter: Overwriter | null = old.length > PAGE || bytes.length > PAGE ? mappedOverwriter() : null,
): void {
  try {
    if (bytes.length === 0) {
      calls.ftruncate(fd, 0)
    } else if (bytes.length >= old.length && bytes.length <= PAGE) {
      writeAll(calls, fd, bytes, 0)
    } else {
      replace(calls, overwriter, fd, old, bytes)
    }
  } catch (error) {
    restore(calls, fd, old)
    throw error
  }
}

function replace(calls: Calls, overwriter: Overwriter | null, fd: number, old: Buffer, bytes: Buffer): void {
  const from = commonPrefix(old, bytes)
  if (bytes.length === old.length) {
    const start = Math.min(from, bytes.length - 1)
    const to = Math.max(start + 1, bytes.length - commonSuffix(old, bytes))
    overwrite(calls, overwriter, fd, bytes.subarray(0, to), start)
  } else if (bytes.length > old.length && inOnePage(from, bytes.length)) {
    writeAll(calls, fd, bytes.subarray(from), from)
  } else if (from < bytes.length) {
    const length = roomFor(calls, fd, old, bytes.length + goodFillerLength(bytes))
    overwrite(calls, overwriter, fd, Buffer.concat([bytes, filler(bytes, length - bytes.length)]), from)
    calls.ftruncate(fd, bytes.length)
  } else {
    calls.ftruncate(fd, bytes.length)
  }
}

/**
 * Makes the file, which holds `old`, at least `needed` bytes long, and returns how long. A file that stays inside one page is left alone:
 * it grows with its new bytes.
 */
function roomFor(calls: Calls, fd: number, old: Buffer, needed: number): number {
  if (needed <= Math.max(old.length, PAGE)) {
    return Math.max(old.length, needed)
  }
  let length = old.length
  while (length < needed) {
    // One page at a time. The shortest filler may not fit before its end: one such write in 230 is of two pages.
    const size = Math.max(SHORTEST_FILLER, Math.min(PAGE - (length % PAGE), needed - length))
    writeAll(calls, fd, filler(old, size), length)
    length += size
  }
  return length
}

/** Writes the bytes from `from` on to where they belong in the file, which reaches as far already, or lies within one page. */
function overwrite(calls: Calls, overwriter: Overwriter | null, fd: number, bytes: Buffer, from: number): void {
  if (inOnePage(from, bytes.length)) {
    writeAll(calls, fd, bytes.subarray(from), from)
  } else if (overwriter?.overwrite(fd, bytes.subarray(from), from)) {
    // A mapping does not make the file younger on every file system; a write does.
    writeAll(calls, fd, bytes.subarray(-1), bytes.length - 1)
  } else {
    // Killed between two pages, this leaves half of either session, in which PHP may find what nobody wrote (CVE-2026-126714).
    writeAll(calls, fd, UNREADABLE, 0)
    const start = Math.max(from, UNREADABLE.length)
    writeAll(calls, fd, bytes.subarray(start), start)
    writeAll(calls, fd, bytes.subarray(0, UNREADABLE.length), 0)
  }
}

/** What makes a session of more than a page one that no serialize handler of PHP's reads. */
export const UNREADABLE = Buffer.from('\0||')

function writeAll(calls: Calls, fd: number, bytes: Buffer, position: number): void {
  let written = calls.pwrite(fd, bytes, position)
  while (written < bytes.length) {
    // The disk is full, or the file as large as it may get: the next call says which.
    const more = calls.pwrite(fd, bytes.subarray(written), position + written)
    if (more === 0) {
      throw new SystemError('pwrite', constants.errno.EIO)
    }
    written += more
  }
}

function restore(calls: Calls, fd: number, old: Buffer): void {
  try {
    if (old.length > 0) {
      writeAll(calls, fd, old, 0)
    }
    calls.ftruncate(fd, old.length)
  } catch {
    // The error that brought us here is the one to report.
  }
}

function inOnePage(from: number, to: number): boolean {
  return from - (from % PAGE) === to - 1 - ((to - 1) % PAGE)
}

/** How many bytes both begin with. Halves what is in doubt, since to compare a whole range is much faster than byte by byte. */
function commonPrefix(a: Buffer, b: Buffer): number {
  let same = 0
  let end = Math.min(a.length, b.length)
  while (end - same > 16) {
    const middle = (same + end) >>> 1
    if (a.compare(b, same, middle, same, middle) === 0) {
      same = middle
    } else {
      end = middle
    }
  }
  while (same < end && a[same] === b[same]) {
    same++
  }
  return same
}

/** How many bytes both end with; they are of one length. */
function commonSuffix(a: Buffer, b: Buffer): number {
  let start = 0
  let same = a.length
  while (same - start > 16) {
    const middle = (start + same) >>> 1
    if (a.compare(b, middle, same, middle, same) === 0) {
      same = middle
    } else {
      start = middle
    }
  }
  while (same > start && a[same - 1] === b[same - 1]) {
    same--
  }
  return a.length - same
}
