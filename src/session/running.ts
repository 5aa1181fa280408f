import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'

/** What one session manager knows of the running request: the session that was started last. */
export interface Running<S> {
  session: S | undefined
}

/** The same of all session managers, the last to start a session first. */
interface Known {
  readonly owner: object
  readonly request: Running<unknown>
  readonly others: Known | undefined
}

const storage = new AsyncLocalStorage<Known | undefined>()
let isWatching = false

/** From here on the caller's is a request of its own for `owner`, without a session as yet. */
export function enterRequest<S>(owner: object): Running<S> {
  if (!isWatching) {
    // On Node before 24 all requests of one connection are one context: what one user's request entered, the next would find,
    // which may be another's, since a reverse proxy keeps its connections.
    subscribe('http.server.request.start', leaveRequest)
    isWatching = true
  }
  const request: Running<S> = { session: undefined }
  storage.enterWith({ owner, request, others: without(storage.getStore(), owner) })
  return request
}

/** The session of the running request. */
export function sessionOf<S>(owner: object): S | undefined {
  let known = storage.getStore()
  while (known !== undefined && known.owner !== owner) known = known.others
  return known?.request.session as S | undefined
}

function leaveRequest(): void {
  if (storage.getStore() !== undefined) storage.enterWith(undefined)
}

function without(known: Known | undefined, owner: object): Known | undefined {
  if (known === undefined || known.owner === owner) return known?.others
  const others = without(known.others, owner)
  return others === known.others ? known : { ...known, others }
}
