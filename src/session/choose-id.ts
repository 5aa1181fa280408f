import type { IncomingMessage } from 'node:http'
import type { IdSource } from '../http/find-id.ts'
import type { Awaitable, SaveHandle } from '../save-handlers/save-handler.ts'
import { createSid, isValidSid } from '../session-id.ts'
import type { Directives } from './directives.ts'

/** A new id as the directives want it. */
export function newSid(directives: Directives): string {
  return createSid(directives.sid_length, directives.sid_bits_per_character)
}

/** A request without a response: one that asks to become a WebSocket, or one of the Fetch API. */
export function requestOnly(request: IncomingMessage | Request): IdSource {
  const { headers, url = '' } = request
  const header = (name: 'cookie' | 'referer') => (isFetch(headers) ? headers.get(name) : headers[name])
  const query = /\?([^#]*)/.exec(url)?.[1] ?? ''
  return {
    cookieHeader: header('cookie') ?? '',
    queryString: query,
    referer: header('referer') ?? undefined,
    form: () => undefined,
  }
}

/** Not by instanceof: there is more than one implementation. */
function isFetch(headers: object): headers is Headers {
  return 'get' in headers && typeof headers.get === 'function'
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

/** Whether there is a session of this id. */
export function isKnown(handle: SaveHandle, id: string | undefined): Awaitable<boolean> {
  return id !== undefined && isValidSid(id) && handle.validateSid(id)
}
