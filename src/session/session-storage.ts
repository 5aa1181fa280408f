import { afterError } from '../save-handlers/after-error.ts'
import type { SaveHandle } from '../save-handlers/save-handler.ts'
import type { SessionVars } from '../serialize-handlers/serialize-handler.ts'
import { nextId } from './choose-id.ts'
import { withoutSession } from './running.ts'
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
export function moveSession(...given: Parameters<typeof move>): Promise<Place> {
  return withoutSession(() => move(...given))
}

async function move(
  { directives, saveHandler, lock, lockTimeout }: SessionContext,
  old: Place,
  bytes: Buffer,
  deleteOld: boolean,
  onLost: () => void,
): Promise<Place> {
  const handle = await saveHandler.open(directives.save_path, directives.name, { lock, lockTimeout })
  let id = ''
  try {
    id = await nextId(handle, directives)
    await handle.read(id)
    // PHP removes the old session before the new one holds anything; a crash between loses it.
    if (deleteOld) await handle.write(id, bytes)
    else await old.handle.write(old.id, bytes)
  } catch (error) {
    await afterError(() => (id === '' ? handle.close() : handle.destroy(id)))
    throw error
  }
  try {
    await (deleteOld ? old.handle.destroy(old.id) : old.handle.close())
  } catch (error) {
    onLost()
    await afterError(() => handle.destroy(id))
    throw error
  }
  return { handle, id }
}

/** What becomes of a session that is being stored, or cannot be: whoever asks again, gets the same answer. */
export class Storing {
  readonly #done: Promise<void>
  #isPending = true
  #isHeard: boolean

  /** @param isHeard whether somebody awaits it already */
  constructor(done: Promise<void>, isHeard: boolean) {
    const settle = () => {
      this.#isPending = false
    }
    this.#isHeard = isHeard
    this.#done = done
    done.then(settle, settle)
  }

  /** To await it, and hear of the error. */
  hear(): Promise<void> {
    this.#isHeard = true
    return this.#done
  }

  /** What an answer that ends now has to wait for, for it is an error if this is one; undefined where somebody knows how it ended. */
  get unheard(): Promise<void> | undefined {
    return this.#isPending || !this.#isHeard ? this.#done : undefined
  }
}

/** What `session_write_close()` does in the store: writes, or with `isUnchanged` only makes young again, and gives the lock back. */
export async function storeSession(handle: SaveHandle, id: string, bytes: Buffer, isUnchanged: boolean): Promise<void> {
  try {
    const stored = isUnchanged ? handle.updateTimestamp(id, bytes) : handle.write(id, bytes)
    if (stored !== undefined) await stored
  } catch (error) {
    await afterError(() => handle.close())
    throw error
  }
  const closed = handle.close()
  if (closed !== undefined) await closed
}

/** What is stored, with these variables over it. @throws SessionError INVALID_KEY; TypeError for a value PHP cannot hold */
export function varsOver(
  { serializeHandler, codec }: SessionContext,
  stored: Buffer,
  vars: Iterable<readonly [key: string, value: unknown]>,
): SessionVars {
  const result = serializeHandler.open(stored, codec)
  for (const [key, value] of vars) result.set(key, value)
  return result
}
