import { constants, existsSync, unlinkSync } from 'node:fs'
import { idPrefix, SessionError } from '../errors.ts'
import { isValidSid } from '../session-id.ts'
import { collectGarbage, listSessions } from './files-folder.ts'
import { type Lockable, lock, unlock } from './flock.ts'
import type { Awaitable, OpenOptions, SaveHandle, SaveHandler, SessionEntry } from './save-handler.ts'
import { parseSavePath, type SavePath, sessionFile } from './save-path.ts'
import { type FileStatus, type SystemCalls, systemCalls, withoutPath } from './system-calls.ts'
import { withoutFiller, writeInPlace } from './write-in-place.ts'

/**
 * PHP's files save handler (ext/session/mod_files.c): one file a session, `sess_` and the id, locked by flock(2) from read to close.
 * PHP processes see the lock and wait, as we wait for theirs. System calls are made inline: a session file lies in the page cache,
 * and a call takes less than handing it to a thread would.
 */
export const filesSaveHandler: SaveHandler = {
  name: 'files',
  open(save_path, _name, options) {
    const calls = systemCalls()
    if (options.lock && calls.tryLock === null) {
      throw new SessionError(
        'LOCK_UNAVAILABLE',
        `No lock that PHP sees can be had on ${process.platform} ${process.arch}; switch locking off to go without`,
      )
    }
    if (save_path !== lastSavePath?.text) {
      lastSavePath = { text: save_path, parsed: parseSavePath(save_path) }
    }
    return new FilesHandle(lastSavePath.parsed, options, calls)
  },
}

let lastSavePath: { text: string; parsed: SavePath } | undefined

const { O_CREAT, O_RDWR, O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
const NOTHING = Buffer.alloc(0)

class FilesHandle implements SaveHandle, Lockable {
  readonly #at: SavePath
  readonly #options: OpenOptions
  readonly #calls: SystemCalls
  /** The session that is open, and locked if the options want locks; -1 and '' when none is. */
  #fd = -1
  #id = ''
  path = ''
  #size = 0
  /** What the file holds. */
  #bytes: Buffer | undefined

  constructor(at: SavePath, options: OpenOptions, calls: SystemCalls) {
    this.#at = at
    this.#options = options
    this.#calls = calls
  }

  createSid(newId: () => string): string {
    for (let tries = 0; tries < 4; tries++) {
      const id = newId()
      if (!this.validateSid(id)) {
        return id
      }
    }
    throw new SessionError('SID_COLLISION', 'Four new session ids in a row were taken')
  }

  validateSid(id: string): boolean {
    const path = isValidSid(id) ? sessionFile(this.#at, id) : null
    return path !== null && existsSync(path)
  }

  read(id: string): Awaitable<Buffer> {
    const opened = this.#openAndLock(id)
    return opened === undefined ? this.#readAll() : opened.then(() => this.#readAll())
  }

  write(id: string, bytes: Uint8Array): Awaitable<void> {
    const opened = this.#openAndLock(id)
    return opened === undefined ? this.#writeAll(bytes) : opened.then(() => this.#writeAll(bytes))
  }

  updateTimestamp(id: string, bytes: Uint8Array): Awaitable<void> {
    const path = this.#pathOf(id)
    try {
      this.#calls.touch(path)
    } catch {
      return this.write(id, bytes)
    }
  }

  destroy(id: string): void {
    const path = this.#pathOf(id)
    this.close()
    try {
      unlinkSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw this.#failed('WRITE_FAILED', 'Cannot remove', id, error)
      }
    }
  }

  gc(maxLifetime: number): Awaitable<number> {
    return this.#at.dirdepth === 0 ? collectGarbage(this.#at.basedir, maxLifetime) : 0
  }

  close(): void {
    const fd = this.#fd
    if (fd >= 0) {
      this.#fd = -1
      this.#id = ''
      this.#bytes = undefined
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
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return null
      }
      throw this.#failed('SAVE_PATH', 'Cannot open', id, error)
    }
    try {
      return withoutFiller(this.#contentOf(fd, this.#statOf(fd, id).size))
    } catch (error) {
      throw error instanceof SessionError ? error : this.#failed('READ_FAILED', 'Cannot read', id, error)
    } finally {
      this.#calls.close(fd)
    }
  }

  list(): AsyncIterable<SessionEntry> {
    return listSessions(this.#at)
  }

  /** Undefined when the session is open on return. */
  #openAndLock(id: string): Promise<void> | undefined {
    if (this.#fd >= 0) {
      if (id === this.#id) {
        return
      }
      this.close()
    }
    this.path = this.#pathOf(id)
    this.#id = id
    if (!this.#options.lock) {
      const fd = this.open()
      try {
        this.accept(fd)
      } catch (error) {
        this.#calls.close(fd)
        throw error
      }
      this.#fd = fd
      return
    }
    const fd = lock(this, this.#options.lockTimeout)
    if (typeof fd === 'number') {
      this.#fd = fd
      return
    }
    return fd.then((later) => {
      this.#fd = later
    })
  }

  get label(): string {
    return `session ${idPrefix(this.#id)}`
  }

  open(): number {
    try {
      return this.#calls.open(this.path, O_CREAT | O_RDWR | O_NOFOLLOW, this.#at.filemode)
    } catch (error) {
      throw this.#failed('SAVE_PATH', 'Cannot open', this.#id, error)
    }
  }

  accept(fd: number): boolean {
    const stat = this.#statOf(fd, this.#id)
    this.#size = stat.size
    return stat.nlink > 0
  }

  #readAll(): Buffer {
    try {
      if (this.#bytes !== undefined) {
        this.#size = this.#calls.stat(this.#fd).size
      }
      const stored = this.#contentOf(this.#fd, this.#size)
      const bytes = withoutFiller(stored)
      if (bytes !== stored && this.#options.lock) {
        this.#calls.ftruncate(this.#fd, bytes.length)
      }
      this.#bytes = bytes
      return bytes
    } catch (error) {
      const id = this.#id
      this.close()
      throw this.#failed('READ_FAILED', 'Cannot read', id, error)
    }
  }

  #writeAll(bytes: Uint8Array): void {
    const old = this.#bytes ?? this.#readAll()
    try {
      writeInPlace(this.#fd, old, Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    } catch (error) {
      throw this.#failed('WRITE_FAILED', 'Cannot write', this.#id, error)
    }
    this.#bytes = undefined
  }

  #contentOf(fd: number, size: number): Buffer {
    if (size === 0) {
      return NOTHING
    }
    const bytes = Buffer.allocUnsafe(size)
    let length = 0
    while (length < size) {
      const came = this.#calls.pread(fd, length === 0 ? bytes : bytes.subarray(length), length)
      if (came === 0) {
        return bytes.subarray(0, length)
      }
      length += came
    }
    return bytes
  }

  /** The owner check of `ps_files_open`: a session of ours or of root, unless we are root. */
  #statOf(fd: number, id: string): FileStatus {
    const status = this.#calls.stat(fd)
    if (!status.isFile) {
      throw new SessionError('SAVE_PATH', `Session ${idPrefix(id)} is not a regular file`)
    }
    if (status.uid !== 0 && status.uid !== ourUid && !isOurs(status.uid)) {
      throw new SessionError('SAVE_PATH', `The file of session ${idPrefix(id)} belongs to user ${status.uid}, not to us`)
    }
    return status
  }

  #pathOf(id: string): string {
    if (!isValidSid(id)) {
      throw new SessionError('INVALID_ID', 'A session id is 1 to 256 characters of 0-9, a-z, A-Z, comma and minus')
    }
    const path = sessionFile(this.#at, id)
    if (path === null) {
      throw new SessionError('INVALID_ID', `Session id ${idPrefix(id)} is too short for ${this.#at.dirdepth} levels of folders`)
    }
    return path
  }

  #failed(code: 'SAVE_PATH' | 'READ_FAILED' | 'WRITE_FAILED', what: string, id: string, error: unknown): SessionError {
    const cause = withoutPath(error)
    return new SessionError(code, `${what} session ${idPrefix(id)} in ${this.#at.basedir}: ${(cause as Error).message}`, {
      cause,
    })
  }
}

/** Who we were when last asked: to ask takes as long as reading a session. */
let ourUid = -1

function isOurs(uid: number): boolean {
  const real = process.getuid?.()
  if (real === undefined || real === 0) {
    return true
  }
  ourUid = real
  return uid === real || uid === process.geteuid?.()
}
