import { closeSync, fstatSync, ftruncateSync, openSync, readSync, utimesSync, writeSync } from 'node:fs'
import { getSystemErrorMap } from 'node:util'

/**
 * The system calls of the files save handler: each works inline and throws a {@link SystemError} when the kernel says no.
 * On 64-bit Linux they go straight to libc; elsewhere they go through node:fs, and only flock(2) needs libc.
 */
export interface SystemCalls {
  /** open(2), with O_CLOEXEC. The path must hold no NUL. */
  open(path: string, flags: number, mode: number): number
  close(fd: number): void
  /** pread(2) into the whole of `buffer`; returns how many bytes came. */
  pread(fd: number, buffer: Uint8Array, position: number): number
  /** pwrite(2) of the whole of `bytes`; returns how many went. */
  pwrite(fd: number, bytes: Uint8Array, position: number): number
  ftruncate(fd: number, length: number): void
  stat(fd: number): FileStatus
  /** utime(2) to now. */
  touch(path: string): void
  /** flock(2) with LOCK_EX | LOCK_NB: whether the lock was free and is now ours. Null where no lock that PHP sees can be had. */
  readonly tryLock: ((fd: number) => boolean) | null
}

export interface FileStatus {
  readonly isFile: boolean
  readonly size: number
  readonly uid: number
  /** How many names it has; 0 once it was unlinked. */
  readonly nlink: number
}

/** The first `size` bytes of a file, or as many as there are. */
export function readWhole(calls: SystemCalls, fd: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  let length = size === 0 ? 0 : calls.pread(fd, bytes, 0)
  while (length < size) {
    const more = calls.pread(fd, bytes.subarray(length), length)
    if (more === 0) {
      return bytes.subarray(0, length)
    }
    length += more
  }
  return bytes
}

/** What the kernel said, without the path: a session file's path holds the session's id. */
export class SystemError extends Error {
  readonly code: string
  readonly errno: number
  readonly syscall: string

  constructor(syscall: string, errno: number) {
    const [code, text] = getSystemErrorMap().get(-errno) ?? [`E${errno}`, 'unknown error']
    super(`${code}: ${text}, ${syscall}`)
    this.name = 'SystemError'
    this.code = code
    this.errno = errno
    this.syscall = syscall
  }
}

/** `error`, if it is Node's own about a system call, without its path; anything else as it is. */
export function withoutPath(error: unknown): unknown {
  const { errno, syscall } = error as { errno?: unknown; syscall?: unknown }
  return typeof errno === 'number' && typeof syscall === 'string' ? new SystemError(syscall, Math.abs(errno)) : error
}

/** The C library by way of koffi, for whoever needs more of it than this file has. */
export interface LibC {
  readonly koffi: Koffi
  readonly lib: ReturnType<Koffi['load']>
  /** What a worker thread requires koffi by. */
  readonly koffiPath: string
}

type Koffi = typeof import('koffi')

let calls: SystemCalls | undefined
let loaded: LibC | Error | undefined

/** The system calls of this platform. The first call loads koffi. */
export function systemCalls(): SystemCalls {
  if (calls === undefined) {
    const c = libc()
    calls = c instanceof Error ? fsCalls(null) : DIRECT ? libcCalls(c) : fsCalls(flockFunction(c))
  }
  return calls
}

/** Or why it cannot be had. */
export function libc(): LibC | Error {
  loaded ??= loadLibc()
  return loaded
}

function loadLibc(): LibC | Error {
  if (process.platform === 'win32') {
    return new Error('Windows has no flock(2)')
  }
  try {
    // Not imported above, since who switches locking off, or has his sessions elsewhere, does without it.
    const koffi = require('koffi') as Koffi
    return { koffi, lib: koffi.load(null), koffiPath: require.resolve('koffi') }
  } catch (error) {
    return error as Error
  }
}

const LOCK_EX_NB = 2 | 4
const O_CLOEXEC = process.platform === 'linux' ? 0o2000000 : 0
/** Where libc is called directly: off_t and size_t are 64 bits, and an int given to a variadic function goes where any int goes. */
export const DIRECT = process.platform === 'linux' && ['x64', 'arm64', 'riscv64', 'loong64'].includes(process.arch)

function flockFunction({ koffi, lib }: LibC): (fd: number) => boolean {
  const flock = lib.func('int flock(int, int)')
  const { EWOULDBLOCK, EAGAIN } = koffi.os.errno
  return (fd) => {
    if (flock(fd, LOCK_EX_NB) === 0) {
      return true
    }
    const errno = koffi.errno()
    if (errno === EWOULDBLOCK || errno === EAGAIN) {
      return false
    }
    throw new SystemError('flock', errno)
  }
}

/** The system calls straight to libc. */
export function libcCalls(c: LibC): SystemCalls {
  const { koffi, lib } = c
  const open = lib.func('int open(const char *, int, uint32_t)')
  const close = lib.func('int close(int)')
  const pread = lib.func('int64_t pread(int, void *, size_t, int64_t)')
  const pwrite = lib.func('int64_t pwrite(int, const void *, size_t, int64_t)')
  const ftruncate = lib.func('int ftruncate(int, int64_t)')
  const utime = lib.func('int utime(const char *, void *)')
  const stat = statxFunction(c) ?? statByFs
  const check = (syscall: string, result: number): number => {
    if (result < 0) {
      throw new SystemError(syscall, koffi.errno())
    }
    return result
  }
  return {
    open: (path, flags, mode) => check('open', open(path, flags | O_CLOEXEC, mode)),
    close: (fd) => void check('close', close(fd)),
    pread: (fd, buffer, position) => check('pread', pread(fd, buffer, buffer.length, position)),
    pwrite: (fd, bytes, position) => check('pwrite', pwrite(fd, bytes, bytes.length, position)),
    ftruncate: (fd, length) => void check('ftruncate', ftruncate(fd, length)),
    stat,
    touch: (path) => void check('utime', utime(path, null)),
    tryLock: flockFunction(c),
  }
}

/**
 * statx(2), asked for no times. Who looks at a file's times makes the kernel note the next change of it exactly,
 * which makes the next write slower by half (multigrain timestamps, Linux 6.13).
 * Null where the C library or the kernel has no statx.
 */
function statxFunction({ koffi, lib }: LibC): SystemCalls['stat'] | null {
  const AT_EMPTY_PATH = 0x1000
  const TYPE_NLINK_UID_SIZE = 0x001 | 0x004 | 0x008 | 0x200
  const here = Buffer.from('\0')
  const words = new Uint32Array(64)
  try {
    const statx = lib.func('int statx(int, const void *, int, uint32_t, void *)')
    if (statx(-100, Buffer.from('/\0'), 0, TYPE_NLINK_UID_SIZE, words) < 0) {
      return null
    }
    return (fd) => {
      if (statx(fd, here, AT_EMPTY_PATH, TYPE_NLINK_UID_SIZE, words) < 0) {
        throw new SystemError('statx', koffi.errno())
      }
      return {
        isFile: (words[7]! & 0o170000) === 0o100000,
        size: words[10]! + words[11]! * 2 ** 32,
        uid: words[5]!,
        nlink: words[4]!,
      }
    }
  } catch {
    return null
  }
}

function statByFs(fd: number): FileStatus {
  const stat = fstatSync(fd)
  return { isFile: stat.isFile(), size: stat.size, uid: stat.uid, nlink: stat.nlink }
}

/** The system calls through node:fs, and this for the lock. */
export function fsCalls(tryLock: SystemCalls['tryLock']): SystemCalls {
  const pathless =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      try {
        return call(...args)
      } catch (error) {
        throw withoutPath(error)
      }
    }
  return {
    open: pathless((path, flags, mode) => openSync(path, flags | O_CLOEXEC, mode)),
    close: pathless((fd) => closeSync(fd)),
    pread: pathless((fd, buffer, position) => readSync(fd, buffer, 0, buffer.length, position)),
    pwrite: pathless((fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position)),
    ftruncate: pathless((fd, length) => ftruncateSync(fd, length)),
    stat: pathless(statByFs),
    touch: pathless((path) => {
      const now = Date.now() / 1000
      utimesSync(path, now, now)
    }),
    tryLock,
  }
}
