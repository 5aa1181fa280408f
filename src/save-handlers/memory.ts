import { idPrefix, SessionError } from '../errors.ts'
import type { Awaitable, OpenOptions, SaveHandle, SaveHandler, SessionEntry } from './save-handler.ts'
import { assertSid, freeSid } from './sid.ts'
import { Turns } from './turns.ts'

/** A save handler whose sessions are in no file and no other process: for tests. */
export interface MemorySaveHandler extends SaveHandler {
  /** Makes a session look as if it was last written that many seconds ago. */
  age(save_path: string, id: string, seconds: number): void
}

interface Stored {
  bytes: Buffer
  mtime: number
}

/**
 * A new one, with no sessions. Each save_path has sessions of its own. Locks go first come, first served.
 */
export function memorySaveHandler(): MemorySaveHandler {
  const places = new Map<string, Map<string, Stored>>()
  const turns = new Turns()
  const place = (save_path: string) => {
    const sessions = places.get(save_path) ?? new Map<string, Stored>()
    places.set(save_path, sessions)
    return sessions
  }
  return {
    name: 'memory',
    open: (save_path, _name, options) => memoryHandle(place(save_path), (id) => `${save_path}\0${id}`, turns, options),
    age(save_path, id, seconds) {
      const stored = place(save_path).get(id)
      if (stored !== undefined) {
        stored.mtime = Date.now() - seconds * 1000
      }
    },
  }
}

function memoryHandle(
  sessions: Map<string, Stored>,
  keyOf: (id: string) => string,
  turns: Turns,
  options: OpenOptions,
): SaveHandle {
  /** The session whose lock this handle has. */
  let locked: string | undefined

  const bytesOf = (id: string) => Buffer.from(sessions.get(id)?.bytes ?? [])
  const store = (id: string, bytes: Uint8Array) => void sessions.set(id, { bytes: Buffer.from(bytes), mtime: Date.now() })

  const release = () => {
    if (locked !== undefined) {
      const key = keyOf(locked)
      locked = undefined
      turns.pass(key)
    }
  }

  /** Calls `then` with the lock held. */
  const underLock = <T>(id: string, then: () => T): Awaitable<T> => {
    assertSid(id)
    if (!options.lock || id === locked) {
      return then()
    }
    release()
    if (turns.take(keyOf(id))) {
      locked = id
      return then()
    }
    return turns.wait(keyOf(id), options.lockTimeout).then((taken) => {
      if (!taken) {
        const message = `Waited ${options.lockTimeout} ms for the lock on session ${idPrefix(id)}, held by this process`
        throw new SessionError('LOCK_TIMEOUT', message)
      }
      locked = id
      return then()
    })
  }

  return {
    createSid: (newId) => freeSid(newId, (id) => sessions.has(id)),
    validateSid: (id) => sessions.has(id),
    read: (id) => underLock(id, () => bytesOf(id)),
    write: (id, bytes) => underLock(id, () => store(id, bytes)),
    updateTimestamp(id, bytes) {
      assertSid(id)
      const stored = sessions.get(id)
      if (stored === undefined) {
        return this.write(id, bytes)
      }
      stored.mtime = Date.now()
    },
    destroy(id) {
      assertSid(id)
      sessions.delete(id)
      release()
    },
    gc(maxLifetime) {
      const oldest = Date.now() - maxLifetime * 1000
      let removed = 0
      for (const [id, { mtime }] of sessions) {
        if (mtime < oldest && !turns.isTaken(keyOf(id))) {
          sessions.delete(id)
          removed++
        }
      }
      return removed
    },
    close: release,
    peek(id) {
      assertSid(id)
      return sessions.has(id) ? bytesOf(id) : null
    },
    async *list(): AsyncGenerator<SessionEntry> {
      for (const [id, { bytes, mtime }] of [...sessions]) {
        yield { id, size: bytes.length, mtime: new Date(mtime) }
      }
    },
  }
}
