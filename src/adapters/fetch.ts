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
 * @throws TypeError for an option that is unknown or has a bad value; what the handler throws, when the session is stored
 */
export function withSession<T extends object = DefaultVars, Rest extends unknown[] = []>(
  sessions: SessionManager<T>,
  handler: SessionHandler<T, Rest>,
  options: OptionsFor<Request> = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  if (typeof handler !== 'function') throw new TypeError('The second argument of withSession must be a function')
  const bind = binder(sessions, options)
  return (request, ...rest) =>
    apart(async () => {
      const exchange = new FetchExchange(request)
      const bound = bind(exchange, request)
      await bound.start()
      return exchange.answer(() => handler(request, bound.session as Session<T>, ...rest))
    })
}
