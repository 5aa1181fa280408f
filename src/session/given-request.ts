import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { findId, type IdSource } from '../http/find-id.ts'
import type { Directives } from './directives.ts'

/** What a session manager is given as request and response, of whichever kind. */

/** A request of Node's HTTP servers, or a framework's around it, as Fastify's. */
export type NodeRequest = IncomingMessage | Http2ServerRequest | { readonly raw: IncomingMessage | Http2ServerRequest }

/** The answer to it, likewise. */
export type NodeResponse = ServerResponse | Http2ServerResponse | { readonly raw: ServerResponse | Http2ServerResponse }

/** The id of a session, undefined where a cookie holds none; no socket of socket.io, which has an id of its own. */
export interface SessionId {
  readonly id: string | undefined
  readonly handshake?: never
}

/** What the framework's object is around. */
export function raw<R extends object>(outer: R | { readonly raw: R }): R {
  return 'raw' in outer ? outer.raw : outer
}

export function isObject(given: unknown): given is object {
  return typeof given === 'object' && given !== null
}

/** The request itself, out of whatever a framework puts around it; undefined for what is none. */
export function requestIn(given: object): IncomingMessage | Http2ServerRequest | Request | undefined {
  const inner = 'raw' in given ? given.raw : given
  return isObject(inner) && 'headers' in inner && isObject(inner.headers) ? (inner as IncomingMessage | Request) : undefined
}

export function isResponse(given: unknown): given is NodeResponse {
  return isObject(given) && ('setHeader' in given || 'raw' in given)
}

/** Not by instanceof: there is more than one implementation. */
export function isFetch(request: object): request is Request {
  return 'headers' in request && isHeaders(request.headers)
}

/** A request without a response: one that asks to become a WebSocket, or one of the Fetch API. */
export function requestOnly(request: IncomingMessage | Http2ServerRequest | Request): IdSource {
  const { headers, url = '' } = request
  const header = (name: 'cookie' | 'referer') => (isHeaders(headers) ? headers.get(name) : headers[name])
  const query = /\?([^#]*)/.exec(url)?.[1] ?? ''
  return {
    cookieHeader: header('cookie') ?? '',
    queryString: query,
    referer: header('referer') ?? undefined,
    form: () => undefined,
  }
}

/** The id that is meant by what `peek` was given; undefined for a request without one. @throws TypeError for anything else */
export function idToPeek(given: NodeRequest | Request | SessionId, directives: Directives): string | undefined {
  if (isObject(given)) {
    // Some frameworks give requests an id of their own.
    const request = requestIn(given)
    if (request !== undefined) return findId(requestOnly(request), directives)?.id
    assertNoSocket(given, 'peek(socket.request)')
    if ('id' in given && (typeof given.id === 'string' || given.id === undefined)) return given.id
  }
  throw new TypeError('peek takes a request, which has headers, or { id }, which is a string')
}

/** @throws TypeError that tells what to call in its place */
export function assertNoSocket(given: object, call: string): void {
  if ('handshake' in given) throw new TypeError(`A socket of socket.io is no request: use ${call}`)
}

function isHeaders(headers: unknown): headers is Headers {
  return isObject(headers) && 'get' in headers && typeof headers.get === 'function'
}
