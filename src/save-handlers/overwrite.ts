import { DIRECT, type LibC, libc } from './system-calls.ts'

/**
 * Overwriting several pages of a file at once, for a process that may be killed in the middle. Linux lets SIGKILL end a pwrite
 * between two pages. It does not end a read between two pages when all of them are in memory, so the new bytes are put into
 * a file in memory and read from there into a mapping of the session file. docs/decisions/locking.md has what was measured.
 */
export interface Overwriter {
  /**
   * Replaces what lies at `position`, all of it or, when the process is killed, nothing. The file must reach as far as `bytes` does.
   * False when that cannot be done here; then nothing is certain about the bytes in that place.
   */
  overwrite(fd: number, bytes: Uint8Array, position: number): boolean
}

const PROT_READ_WRITE = 1 | 2
const MAP_SHARED = 1
const MADV_POPULATE_WRITE = 23
const MFD_CLOEXEC = 1
/** The file in memory keeps up to this much between two uses. */
const KEEP = 1 << 20

let overwriter: Overwriter | null | undefined

/** Null where the kernel has no memory files, or is none that this was tried on. */
export function mappedOverwriter(): Overwriter | null {
  if (overwriter === undefined) {
    const c = libc()
    try {
      overwriter = DIRECT && !(c instanceof Error) ? overwriterOf(c) : null
    } catch {
      overwriter = null
    }
  }
  return overwriter
}

function overwriterOf({ koffi, lib }: LibC): Overwriter | null {
  const mmap = lib.func('uintptr_t mmap(uintptr_t, size_t, int, int, int, int64_t)')
  const munmap = lib.func('int munmap(uintptr_t, size_t)')
  const madvise = lib.func('int madvise(uintptr_t, size_t, int)')
  const pwrite = lib.func('int64_t pwrite(int, const void *, size_t, int64_t)')
  const ftruncate = lib.func('int ftruncate(int, int64_t)')
  const readInto = lib.func('pread', 'int64_t', ['int', 'uintptr_t', 'size_t', 'int64_t'])
  const pageSize = lib.func('int getpagesize()')() as number
  const memory = lib.func('int memfd_create(const char *, uint32_t)')('session-start', MFD_CLOEXEC) as number
  if (memory < 0) {
    return null
  }
  return {
    overwrite(fd, bytes, position) {
      if (pwrite(memory, bytes, bytes.length, 0) !== bytes.length) {
        return false
      }
      const offset = position - (position % pageSize)
      const length = position + bytes.length - offset
      const map = mmap(0, length, PROT_READ_WRITE, MAP_SHARED, fd, offset)
      if (typeof map !== 'number') {
        // MAP_FAILED is the highest address there is, too high for a number.
        return false
      }
      try {
        // Kernels before 5.14 do not know this and say EINVAL; then the pages are fetched while they are written.
        if (madvise(map, length, MADV_POPULATE_WRITE) < 0 && koffi.errno() !== koffi.os.errno['EINVAL']) {
          return false
        }
        return readInto(memory, map + (position - offset), bytes.length, 0) === bytes.length
      } finally {
        munmap(map, length)
        if (bytes.length > KEEP) {
          ftruncate(memory, 0)
        }
      }
    },
  }
}
