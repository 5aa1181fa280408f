import { lchownSync, lstatSync, lutimesSync } from 'node:fs'
import type { Awaitable, SessionEntry } from '../../save-handlers/save-handler.ts'
import { saveHandler } from '../../save-handlers/save-handlers.ts'
import { savePath, sessionFile } from '../../save-handlers/save-path.ts'
import { presenceOf } from '../presence.ts'

/** Where sessions are converted, or converted to. One function that makes these is all that another save handler needs. */
export interface Store {
  /** For people: where this is. */
  readonly label: string
  /** All sessions, without lock or trace. */
  list(): AsyncIterable<Pick<SessionEntry, 'id'>>
  /** One, without lock or trace. Null: there is none. */
  look(id: string): Awaitable<Stored | null>
  /**
   * Under the session's lock, as a request does: `work` gets what is stored, null for no such session, and what it returns is stored, and
   * is as old as that says; undefined: nothing is. It is called again when somebody made the session meanwhile.
   * @throws SessionError LOCK_TIMEOUT, and what the save handler has to say
   */
  change(id: string, work: (present: Stored | null) => Awaitable<Stored | undefined>): Promise<void>
}

/** A session as it is stored. */
export interface Stored {
  readonly bytes: Buffer
  /** When it was last used, in milliseconds since 1970, with their fractions. */
  readonly mtime: number
  /** Whom its file belongs to. */
  readonly owner?: { readonly uid: number; readonly gid: number }
}

/** The sessions that the files save handler has in a save_path. @throws SessionError SAVE_PATH, LOCK_UNAVAILABLE */
export async function filesStore(save_path: string, lockTimeout: number): Promise<Store> {
  const files = saveHandler('files')
  const looking = await files.open(save_path, '', { lock: false, lockTimeout })
  const stored = (id: string, bytes: Buffer | null): Stored | null => {
    if (bytes === null) return null
    const stat = lstatSync(pathOf(save_path, id), { throwIfNoEntry: false })
    if (stat === undefined) return null
    return { bytes, mtime: stat.mtimeMs, owner: { uid: stat.uid, gid: stat.gid } }
  }
  return {
    label: save_path,
    list: () => looking.list(),
    look: async (id) => stored(id, await looking.peek(id)),
    async change(id, work) {
      const handle = await files.open(save_path, '', { lock: true, lockTimeout })
      // To read makes the session, so it is looked for before.
      const isThere = await handle.validateSid(id)
      const presence = presenceOf(save_path, id)
      try {
        const read = isThere ? await handle.read(id) : null
        if (read?.length === 0 && presence.isGone()) return await handle.destroy(id)
        const present = stored(id, read)
        let next = await work(present)
        if (next !== undefined && present === null) {
          const made = await handle.read(id)
          if (made.length > 0) next = await work(stored(id, made))
        }
        if (next === undefined) return
        await handle.write(id, next.bytes)
        keepTrace(pathOf(save_path, id), next)
      } finally {
        presence.close()
        await handle.close()
      }
    },
  }
}

/** Gives a file the time and, where that may be said, the owner of the session. */
function keepTrace(path: string, { mtime, owner }: Stored): void {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (process.getuid?.() === 0 && owner !== undefined && (owner.uid !== stat.uid || owner.gid !== stat.gid)) {
    lchownSync(path, owner.uid, owner.gid)
  }
  lutimesSync(path, stat.atimeMs / 1000, mtime / 1000)
}

/** The handle has refused ids that make no path. */
function pathOf(save_path: string, id: string): string {
  return sessionFile(savePath(save_path), id)!
}
