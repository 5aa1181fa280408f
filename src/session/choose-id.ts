import type { Awaitable, SaveHandle } from '../save-handlers/save-handler.ts'
import { createSid, isValidSid } from '../session-id.ts'
import type { Directives } from './directives.ts'

/** A new id as the directives want it. */
export function newSid(directives: Directives): string {
  return createSid(directives.sid_length, directives.sid_bits_per_character)
}

/** The id to use: the one asked for, unless strict mode does not know it; else a new one. */
export function chooseId(handle: SaveHandle, wanted: string | undefined, directives: Directives): Awaitable<string> {
  const create = () => handle.createSid(() => newSid(directives))
  if (wanted === undefined || !isValidSid(wanted)) return create()
  if (!directives.use_strict_mode) return wanted
  const known = isKnown(handle, wanted)
  if (typeof known === 'boolean') return known ? wanted : create()
  return known.then((known) => (known ? wanted : create()))
}

/**
 * A new id for a session that goes on (`session_regenerate_id`). In strict mode one that is known is made again, up to three times, as PHP
 * does: an application's save handler may make ids without looking. The last is used, known or not: it may make their sessions along with them.
 */
export async function nextId(handle: SaveHandle, directives: Directives): Promise<string> {
  const create = () => handle.createSid(() => newSid(directives))
  let id = await create()
  for (let tries = directives.use_strict_mode ? 3 : 0; tries > 0 && (await handle.validateSid(id)); tries--) id = await create()
  return id
}

/** Whether there is a session of this id. */
export function isKnown(handle: SaveHandle, id: string | undefined): Awaitable<boolean> {
  return id !== undefined && isValidSid(id) && handle.validateSid(id)
}
