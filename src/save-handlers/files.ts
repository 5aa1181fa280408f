import { constants, existsSync, unlinkSync } from 'node:fs'
import { idPrefix, SessionError, type SessionErrorCode } from '../errors.ts'
import { isValidSid } from '../session-id.ts'
import { collectGarbage, listSessions } from './files-folder.ts'
import { withoutFiller } from './filler.ts'
import { type Lockable, lock, unlock } from './flock.ts'
import { isOurs } from './owner.ts'
import type { Awaitable, GcProgress, OpenOptions, SaveHandle, SaveHandler, SessionEntry } from './save-handler.ts'
import { type SavePath, savePath, sessionFile } from './save-path.ts'
import { assertSid, freeSid } from './sid.ts'
import { type FileStatus, libc, readWhole, type SystemCalls, systemCalls, withoutPath } from './system-calls.ts'
import { PAGE, writeInPlace } from './write-in-place.ts'

/**
 * PHP's files save handler (ext/session/mod_files.c): one file a session, `sess_` and the id, locked by flock(2) from `read` to `close`.
 * PHP processes wait for this lock, and we wait for theirs. System calls are made inline: a session file lies in the page cache,
 * and each call takes less time than handing it to a thread would. Waiting for a lock is not done inline.
 */
export const filesSaveHandler: SaveHandler = {
  name: 'files',
  open(save_path, _name, options) {
    const calls = systemCalls()
    if (options.lock && calls.tryLock === null) {
      const message = `No lock that PHP sees can be had on ${process.platform} ${process.arch}; lock: false goes without one`
      throw new SessionError('LOCK_UNAVAILABLE', message, { cause: libc() })
    }
    return new FilesHandle(savePath(save_path), options, calls)
  },
}

const { O_CREAT, O_RDWR, O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
const EMPTY = Buffer.alloc(0)

class FilesHandle implements SaveHandle, Lockable {
  readonly #at: SavePath
  readonly #options: OpenOptions
  readonly #calls: SystemCalls
  /** The session's file while it is open, which is for as long as it is locked; else -1. */
  #fd = -1
  #id = ''
  path = ''
  /** Its size, from when it was locked until it is first read; else -1. */
  #size = -1
  /** What the file holds, if that is known. */
  #stored: Buffer | undefined
  /** The file that `validateSid` found, and opened for the `read` that mostly follows; else -1. */
  #found = -1
  #foundPath = ''

  constructor(at: SavePath, options: OpenOptions, calls: SystemCalls) {
    this.#at = at
    this.#options = options
    this.#calls = calls
  }

  createSid(newId: () => string): string {
    return freeSid(newId, (id) => existsSync(this.#pathOf(id)))
  }

  validateSid(id: string): boolean {
    const path = isValidSid(id) ? sessionFile(this.#at, id) : null
    if (path === null) {
      return false
    }
    this.#closeFound()
    try {
      this.#found = this.#calls.open(path, O_RDWR | O_NOFOLLOW, 0)
      this.#foundPath = path
      return true
    } catch (error) {
      // What is there and cannot be opened, `read` tells about.
      return (error as NodeJS.ErrnoException).code !== 'ENOENT'
    }
  }

  read(id: string): Awaitable<Buffer> {
    const opening = this.#openAndLock(id)
    return opening === undefined ? this.#readAll() : opening.then(() => this.#readAll())
  }

  write(id: string, bytes: Uint8Array): Awaitable<void> {
    const opening = this.#openAndLock(id)
    return opening === undefined ? this.#writeAll(bytes) : opening.then(() => this.#writeAll(bytes))
  }

  updateTimestamp(id: string, bytes: Uint8Array): Awaitable<void> {
    try {
      this.#calls.touch(this.#pathOf(id))
    } catch (error) {
      if (error instanceof SessionError) {
        throw error
      }
      return this.write(id, bytes)
    }
  }

  destroy(id: string): void {
    const path = this.#pathOf(id)
    try {
      // PHP unlocks first. While the lock is ours, whoever waits for it in this package finds that the file is gone.
      unlinkSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw this.#failure('WRITE_FAILED', 'remove', id, error)
      }
    } finally {
      this.close()
    }
  }

  gc(maxLifetime: number, progress?: GcProgress): Awaitable<number> {
    return this.#at.dirdepth === 0 ? collectGarbage(this.#at.basedir, maxLifetime, progress) : 0
  }

  close(): void {
    this.#closeFound()
    const fd = this.#fd
    if (fd >= 0) {
      this.#fd = -1
      this.#stored = undefined
      if (this.#options.lock) {
        unlock(this.path, fd)
      } else {
        this.#calls.close(fd)
      }
    }
  }

  peek(id: string): Buffer | null {
    const path = this.#pathOf(id)
    let fd: number
    try {
      fd = this.#calls.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
    } catch (error) {
      // Without the folder there is no session of anybody: the save_path is a wrong one.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(`${this.#at.basedir}/`)) {
        return null
      }
      throw this.#failure('SAVE_PATH', 'open', id, error)
    }
    try {
      let bytes = readWhole(this.#calls, fd, this.#statusOf(fd, id).size)
      // A page is read as it was before or after a write. Of more than one, some may be of before and some of after.
      for (let tries = 0, before: Buffer = EMPTY; tries < 10 && bytes.length > PAGE && !bytes.equals(before); tries++) {
        before = bytes
        bytes = readWhole(this.#calls, fd, this.#calls.stat(fd).size)
      }
      return withoutFiller(bytes)
    } catch (error) {
      throw this.#failure('READ_FAILED', 'read', id, error)
    } finally {
      this.#calls.close(fd)
    }
  }

  list(): AsyncIterable<SessionEntry> {
    return listSessions(this.#at)
  }

  /** `ps_files_open`. Undefined when the session is open and locked already on return. */
  #openAndLock(id: string): Promise<void> | undefined {
    if (this.#fd >= 0) {
      if (id === this.#id) {
        return
      }
      this.close()
    }
    this.path = this.#pathOf(id)
    this.#id = id
    const fd = this.#options.lock ? lock(this, this.#options.lockTimeout) : this.#openUnlocked()
    if (typeof fd === 'number') {
      this.#fd = fd
      return
    }
    return fd.then((later) => {
      this.#fd = later
    })
  }

  #openUnlocked(): number {
    const fd = this.open()
    try {
      this.accept(fd)
      return fd
    } catch (error) {
      this.#calls.close(fd)
      throw error
    }
  }

  /** For the lock: the session that is being opened. */
  get label(): string {
    return `session ${idPrefix(this.#id)}`
  }

  /** For the lock. */
  open(): number {
    if (this.#found >= 0 && this.#foundPath === this.path) {
      const fd = this.#found
      this.#found = -1
      return fd
    }
    try {
      return this.#calls.open(this.path, O_CREAT | O_RDWR | O_NOFOLLOW, this.#at.filemode)
    } catch (error) {
      throw this.#failure('SAVE_PATH', 'open', this.#id, error)
    }
  }

  #closeFound(): void {
    if (this.#found >= 0) {
      this.#calls.close(this.#found)
      this.#found = -1
    }
  }

  /** For the lock: a session that was destroyed while we waited for it is opened afresh, and is empty. */
  accept(fd: number): boolean {
    const status = this.#statusOf(fd, this.#id)
    this.#size = status.size
    return status.nlink > 0
  }

  #readAll(): Buffer {
    try {
      const size = this.#size >= 0 ? this.#size : this.#calls.stat(this.#fd).size
      this.#size = -1
      const stored = readWhole(this.#calls, this.#fd, size)
      const bytes = withoutFiller(stored)
      if (bytes !== stored && this.#options.lock) {
        this.#calls.ftruncate(this.#fd, bytes.length)
      }
      this.#stored = bytes
      return bytes
    } catch (error) {
      this.close()
      throw this.#failure('READ_FAILED', 'read', this.#id, error)
    }
  }

  #writeAll(bytes: Uint8Array): void {
    const old = this.#stored ?? this.#readAll()
    try {
      writeInPlace(this.#fd, old, Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    } catch (error) {
      throw this.#failure('WRITE_FAILED', 'write', this.#id, error)
    }
    this.#stored = undefined
  }

  /** The owner check of `ps_files_open`: a session of ours or of root, unless we are root. */
  #statusOf(fd: number, id: string): FileStatus {
    const status = this.#calls.stat(fd)
    if (!status.isFile) {
      throw new SessionError('SAVE_PATH', `The file of session ${idPrefix(id)} is not a regular file`)
    }
    if (status.uid !== 0 && !isOurs(status.uid)) {
      throw new SessionError('SAVE_PATH', `The file of session ${idPrefix(id)} belongs to user ${status.uid}, not to us`)
    }
    return status
  }

  #pathOf(id: string): string {
    assertSid(id)
    const path = sessionFile(this.#at, id)
    if (path === null) {
      throw new SessionError(
        'INVALID_ID',
        `Session id ${idPrefix(id)} does not make the name of a file here: too short or too long`,
      )
    }
    return path
  }

  #failure(code: SessionErrorCode, what: string, id: string, error: unknown): unknown {
    if (error instanceof SessionError) {
      return error
    }
    const cause = withoutPath(error) as Error
    return new SessionError(code, `Cannot ${what} session ${idPrefix(id)} in ${this.#at.basedir}: ${cause.message}`, { cause })
  }
}
