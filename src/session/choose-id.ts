import type { IncomingMessage } from 'node:http'
import type { IdSource } from '../http/find-id.ts'
import type { SaveHandle } from '../save-handlers/save-handler.ts'
import { createSid, isValidSid } from '../session-id.ts'
import type { Directives } from './directives.ts'

/** A new id as the directives want it. */
export function newSid(directives: Directives): string {
  return createSid(directives.sid_length, directives.sid_bits_per_character)
}

/** A request without a response: one that asks to become a WebSocket. */
export function requestOnly({ headers, url = '' }: IncomingMessage): IdSource {
  const query = url.indexOf('?')
  const queryString = query === -1 ? '' : url.slice(query + 1)
  return { cookieHeader: headers.cookie ?? '', queryString, referer: headers.referer, form: () => undefined }
}

/** The id to use: the one asked for, unless strict mode does not know it; else a new one. */
export function chooseId(handle: SaveHandle, wanted: string | undefined, directives: Directives): string | Promise<string> {
  const create = () => handle.createSid(() => newSid(directives))
  if (wanted === undefined || !isValidSid(wanted)) return create()
  if (!directives.use_strict_mode) return wanted
  const isKnown = handle.validateSid(wanted)
  if (typeof isKnown === 'boolean') return isKnown ? wanted : create()
  return isKnown.then((known) => (known ? wanted : create()))
}
