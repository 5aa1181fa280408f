import { apart } from '../session/running.ts'
import type { Session } from '../session/session.ts'
import type { DefaultVars } from '../session/session-context.ts'
import type { SessionManager } from '../session/session-manager.ts'
import { binder, type OptionsFor } from './bind.ts'
import { FetchExchange } from './fetch-exchange.ts'

/** A handler of the Fetch API with a session; `rest` is what the framework gives after the request. */
export type SessionHandler<T extends object, Rest extends unknown[]> = (
  request: Request,
  session: Session<T>,
  ...rest: Rest
) => Response | Promise<Response>

/**
 * Wraps a handler of the Fetch API (Hono, a Next route handler, SvelteKit, Remix): starts the session before it, and stores it before the
 * last byte of its response leaves, streams included. With `autoStart: false` the second argument is undefined until
 * `sessions.start(request)`, which gives the session.
 * @throws TypeError for an option that is unknown or has a bad value, for what is no Request, and for what the handler returns if it is no
 *   Response; what the handler throws, when the session is stored
 */
export function withSession<T extends object = DefaultVars, Rest extends unknown[] = []>(
  sessions: SessionManager<T>,
  handler: SessionHandler<T, Rest>,
  options: OptionsFor<Request> = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  if (typeof handler !== 'function') throw new TypeError('The second argument of withSession must be a function')
  const { bind } = binder(sessions, options)
  return (request, ...rest) =>
    apart(async () => {
      assertRequest(request)
      const exchange = new FetchExchange(request)
      const bound = bind(exchange, request)
      await bound.start()
      return exchange.answer(() => handler(request, bound.session as Session<T>, ...rest))
    })
}

/** @throws TypeError that tells where the request is, in what frameworks give their handlers */
function assertRequest(given: Partial<Request> & { req?: { raw?: unknown }; request?: unknown }): void {
  if (typeof given?.headers?.get === 'function' && typeof given.url === 'string') return
  let what = 'what withSession made takes a Request of the Fetch API'
  if (given?.req?.raw !== undefined) what += ', not the context of Hono: give it context.req.raw'
  else if (given?.request !== undefined) what += ', not an object around it: give it { request }.request'
  throw new TypeError(what)
}
