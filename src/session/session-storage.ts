import type { SaveHandle } from '../save-handlers/save-handler.ts'
import { newSid } from './choose-id.ts'
import type { SessionContext } from './session-context.ts'

/** Where a session is: the handle that holds its lock, and its id. */
export interface Place {
  readonly handle: SaveHandle
  readonly id: string
}

/**
 * What `session_regenerate_id()` does in the store: a new id, locked before the old one is let go. The old session is stored
 * as `bytes`, or removed with `deleteOld`. After an error the session is where it was; except when the old one could not be let go:
 * then `onLost` was called, and it is nowhere any more.
 */
export async function moveSession(
  { directives, saveHandler, lock, lockTimeout }: SessionContext,
  old: Place,
  bytes: Buffer,
  deleteOld: boolean,
  onLost: () => void,
): Promise<Place> {
  const handle = await saveHandler.open(directives.save_path, directives.name, { lock, lockTimeout })
  let id = ''
  try {
    id = await handle.createSid(() => newSid(directives))
    await handle.read(id)
    // PHP removes the old session before the new one holds anything; a crash between loses it.
    if (deleteOld) await handle.write(id, bytes)
    else await old.handle.write(old.id, bytes)
  } catch (error) {
    await (id === '' ? handle.close() : handle.destroy(id))
    throw error
  }
  try {
    await (deleteOld ? old.handle.destroy(old.id) : old.handle.close())
  } catch (error) {
    onLost()
    await handle.destroy(id)
    throw error
  }
  return { handle, id }
}

/** A session on its way into the store. */
export class Storing {
  /** What becomes of it: whoever asks again, gets the same answer. */
  readonly done: Promise<void>
  /** An answer that ends now has to wait for it, and is an error if it is one. Later, those who asked for it have heard of that. */
  isPending = true

  constructor(handle: SaveHandle, id: string, bytes: Buffer, isUnchanged: boolean) {
    this.done = storeSession(handle, id, bytes, isUnchanged).finally(() => {
      this.isPending = false
    })
  }
}

/** What `session_write_close()` does in the store: writes, or with `isUnchanged` only makes young again, and gives the lock back. */
async function storeSession(handle: SaveHandle, id: string, bytes: Buffer, isUnchanged: boolean): Promise<void> {
  try {
    const stored = isUnchanged ? handle.updateTimestamp(id, bytes) : handle.write(id, bytes)
    if (stored !== undefined) await stored
  } finally {
    const closed = handle.close()
    if (closed !== undefined) await closed
  }
}
