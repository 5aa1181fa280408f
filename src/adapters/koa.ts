import type { Context, Middleware } from 'koa'
import { cacheHeaders } from '../http/cache-limiter.ts'
import { nodeExchange } from '../http/node.ts'
import type { Session } from '../session/session.ts'
import type { SessionManager } from '../session/session-manager.ts'
import { binder, expose, type OptionsFor } from './bind.ts'

/** What the application keeps in `$_SESSION`; to be extended by `declare module 'session-start/koa'`. */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by the application
export interface SessionData {}

declare module 'koa' {
  interface ExtendableContext {
    /** The session's variables. @throws SessionError NO_SESSION with `autoStart: false`, until one is started */
    // biome-ignore lint/suspicious/noExplicitAny: as in PHP, a variable holds anything
    $_SESSION: Partial<SessionData> & Record<string, any>
    /** The session; with `autoStart: false` undefined, until one is started. */
    readonly session: Session
  }
}

/**
 * Koa middleware that starts the session before what comes after it, as `ctx.session` and `ctx.$_SESSION`, and stores it before the last
 * byte of the answer leaves. For routes of their own kind, use it on the route, or give a function of the context.
 * @throws TypeError for an option that is unknown or has a bad value
 */
export function phpSession<T extends object>(sessions: SessionManager<T>, options: OptionsFor<Context> = {}): Middleware {
  const { bind } = binder(sessions, options)
  return async (ctx, next) => {
    const { onerror } = ctx
    const fail = (error: unknown) => Reflect.apply(onerror, ctx, [error])
    const body = () => (ctx.request as { body?: unknown }).body
    const bound = bind(nodeExchange(ctx.req, ctx.res, { onError: fail, body }), ctx)
    expose(ctx, bound)
    ctx.onerror = (error) => fail(withHeaders(error, ctx, bound.session))
    await bound.start()
    await next()
  }
}

/**
 * Koa's answer to an error drops all headers but those of the error. As in PHP, those of the session outlive it. The error itself stays as it
 * is: other requests may meet the same one, and would be sent this one's cookie.
 */
function withHeaders(error: unknown, { res }: Context, session: Session<object> | undefined): unknown {
  if (!(error instanceof Error) || session === undefined) return error
  const { headers: own = {}, status } = error as { headers?: object; status?: number }
  const cookies = res.getHeader('Set-Cookie')
  const { cache_limiter, cache_expire } = session.cookie.directives
  const isCacheTold = Object.keys(own).some((name) => /^(cache-control|expires|pragma)$/i.test(name))
  const cache = isCacheTold ? [] : cacheHeaders(cache_limiter, cache_expire, new Date(), undefined)
  const headers = { ...(cookies && { 'Set-Cookie': cookies }), ...Object.fromEntries(cache), ...own }
  return Object.create(error, { headers: { value: headers }, status: { value: status, writable: true } })
}
