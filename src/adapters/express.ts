import type { IncomingMessage, ServerResponse } from 'node:http'
import { nodeExchange } from '../http/node.ts'
import type { SessionManager } from '../session/session-manager.ts'
import { anotherSession, type Bound, binder, expose, type OptionsFor } from './bind.ts'
import { type RequestSession, SessionProperty } from './request-session.ts'

export type { RequestCookie } from './request-cookie.ts'
export type { RequestSession } from './request-session.ts'

/** What the application keeps in `$_SESSION`; to be extended by `declare module 'session-start/express'`. */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by the application
export interface SessionData {}

declare global {
  namespace Express {
    interface Request {
      /** The session's variables. @throws SessionError NO_SESSION with `autoStart: false`, until one is started */
      // biome-ignore lint/suspicious/noExplicitAny: as in PHP, a variable holds anything
      $_SESSION: Partial<SessionData> & Record<string, any>
      /** The session as express-session shows it; undefined until one is started, and when it is destroyed. */
      session: RequestSession & Partial<SessionData>
      /** The session's id. */
      readonly sessionID: string
    }
  }
}

/** A middleware of Express 4 and 5 and of connect. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void

/**
 * Express middleware that starts the session before what comes after it, and stores it before the last byte of the answer leaves:
 * `req.$_SESSION` are its variables, `req.session` is what code written for express-session expects. For routes of
 * their own kind, use it on the route, or give a function of the request.
 * @typeParam R the request of that function, such as Express's
 * @throws TypeError for an option that is unknown or has a bad value
 */
export function phpSession<T extends object, R extends IncomingMessage = IncomingMessage>(
  sessions: SessionManager<T>,
  options: OptionsFor<R> = {},
): Middleware {
  const { bind } = binder(sessions, options)
  return (req, res, next) => {
    const mistake = anotherSession(req, 'req.session', 'express-session')
    if (mistake !== undefined) return next(mistake)
    const bound = bind(nodeExchange(req, res, { onError: next }), req as R)
    // Used twice, it is one session.
    if (!('sessionID' in req && bound.session?.status === 'active')) show(req, bound)
    bound.start().then(() => next(), next)
  }
}

function show(req: IncomingMessage, bound: Bound<object>): void {
  const property = new SessionProperty(bound)
  expose(req, bound)
  Object.defineProperties(req, {
    session: {
      get: () => property.value,
      set: (value) => {
        property.value = value
      },
      configurable: true,
      enumerable: true,
    },
    sessionID: { get: () => bound.session?.id, configurable: true, enumerable: true },
  })
  // Before the session is stored.
  bound.exchange.beforeEnd(() => property.finish(!Object.hasOwn(req, 'session')))
}
