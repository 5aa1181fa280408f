import type { FastifyPluginCallback, FastifyRequest } from 'fastify'
import { nodeExchange } from '../http/node.ts'
import type { Session } from '../session/session.ts'
import type { SessionManager } from '../session/session-manager.ts'
import { type AdapterOptions, type Bound, binder, type OptionsFor, refuseSession } from './bind.ts'

/** What the application keeps in `$_SESSION`; to be extended by `declare module 'session-start/fastify'`. */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by the application
export interface SessionData {}

declare module 'fastify' {
  interface FastifyRequest {
    /** The session's variables. @throws SessionError NO_SESSION with `autoStart: false`, until one is started */
    // biome-ignore lint/suspicious/noExplicitAny: as in PHP, a variable holds anything
    $_SESSION: Partial<SessionData> & Record<string, any>
    /** The session; with `autoStart: false` undefined, until one is started. */
    readonly session: Session
  }
  interface FastifyContextConfig {
    /** Options of one route. */
    phpSession?: AdapterOptions
  }
}

/**
 * A Fastify plugin that starts the session in `onRequest`, as `request.session` and `request.$_SESSION`, and stores it before the last byte
 * of the answer leaves. It works for all routes of the scope that registers it: `app.register(phpSession(sessions))`. A route
 * has options of its own in `config.phpSession`.
 * @throws TypeError for an option that is unknown or has a bad value, and for one of a route when the route is declared
 */
export function phpSession<T extends object>(
  sessions: SessionManager<T>,
  options: OptionsFor<FastifyRequest> = {},
): FastifyPluginCallback {
  const { bind, checkRoute } = binder(sessions, options)
  return Object.assign<FastifyPluginCallback, object>((fastify, _options, done) => {
    if (!fastify.hasRequestDecorator('$_SESSION')) {
      fastify.decorateRequest(BOUND, null)
      fastify.decorateRequest('session', { getter: sessionOf, setter: refuseSession })
      fastify.decorateRequest('$_SESSION', { getter: variablesOf, setter: setVariables })
    }
    fastify.addHook('onRoute', ({ config }) => checkRoute(config?.phpSession))
    fastify.addHook('onRequest', (request, reply, next) => {
      const body = () => request.body
      // A reply that was hijacked sends nothing.
      const exchange = nodeExchange(request.raw, reply.raw, { onError: (error) => !reply.sent && reply.send(error), body })
      const bound = bind(exchange, request, request.routeOptions.config.phpSession)
      ;(request as Holder)[BOUND] = bound
      bound.start().then(() => next(), next)
    })
    // Between the two the body was read, in events that know nothing of the request.
    fastify.addHook('preHandler', (request, _reply, next) => {
      ;(request as Holder)[BOUND]?.enter()
      next()
    })
    done()
  }, marks)
}

const BOUND = Symbol('session-start')
type Holder = FastifyRequest & { [BOUND]?: Bound<object> | null }

/** What `fastify-plugin` would set: the hooks are those of the scope that registers the plugin. */
const marks = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'session-start',
  [Symbol.for('plugin-meta')]: { name: 'session-start', fastify: '5.x' },
}

function sessionOf(this: FastifyRequest): Session {
  return (this as Holder)[BOUND]?.session as Session
}

function variablesOf(this: FastifyRequest): object {
  return (this as Holder)[BOUND]?.$_SESSION ?? {}
}

function setVariables(this: FastifyRequest, vars: object): void {
  ;(this as Holder)[BOUND]!.$_SESSION = vars
}
