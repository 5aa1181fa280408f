import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { Exchange } from '../http/exchange.ts'

/** What one session manager knows of the running request. */
export interface Running<S> {
  /** The session that was started last. */
  session: S | undefined
  /** The request and its answer; undefined for a session without HTTP. */
  readonly exchange: Exchange | undefined
  /** The same without the session, once somebody wanted it. */
  blank?: Running<unknown>
}

/** The same of all session managers, the last to be entered first. */
interface Known {
  readonly owner: object
  readonly request: Running<unknown>
  readonly others: Known | undefined
}

const storage = new AsyncLocalStorage<Known | undefined>()
let isWatching = false

/** From here on the caller's is a request of its own for `owner`, with this session as yet. */
export function enterRequest<S>(owner: object, exchange: Exchange | undefined, session?: S): Running<S> {
  if (!isWatching) {
    // On Node before 24 all requests of one connection are one context: what one user's request entered, the next would find,
    // which may be another's, since a reverse proxy keeps its connections.
    subscribe('http.server.request.start', leaveRequest)
    isWatching = true
  }
  const request: Running<S> = { session, exchange }
  storage.enterWith({ owner, request, others: without(storage.getStore(), owner) })
  return request
}

/** The session of the running request. */
export function sessionOf<S>(owner: object): S | undefined {
  let known = storage.getStore()
  while (known !== undefined && known.owner !== owner) known = known.others
  return known?.request.session as S | undefined
}

/** The running request, and the session manager it was entered for last. */
export function runningRequest(): { readonly owner: object; readonly request: Running<unknown> } | undefined {
  return storage.getStore()
}

/** Runs `work` in a context of its own: what is entered there, the caller does not find afterwards. */
export function apart<R>(work: () => R): R {
  return storage.run(storage.getStore(), work)
}

/**
 * Runs `work` in the caller's context, only that this does not hold its session: a save handle may keep the context it is made in, and would
 * keep from being noticed that its session was forgotten.
 */
export function withoutSession<R>(work: () => R): R {
  const known = storage.getStore()
  if (known === undefined) return work()
  const { request } = known
  request.blank ??= blankOf(request)
  return storage.run({ ...known, request: request.blank }, work)
}

function blankOf({ exchange }: Running<unknown>): Running<unknown> {
  const blank: Running<unknown> = { session: undefined, exchange }
  blank.blank = blank
  return blank
}

function leaveRequest(): void {
  if (storage.getStore() !== undefined) storage.enterWith(undefined)
}

function without(known: Known | undefined, owner: object): Known | undefined {
  if (known === undefined || known.owner === owner) return known?.others
  const others = without(known.others, owner)
  return others === known.others ? known : { ...known, others }
}
