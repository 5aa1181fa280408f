import type { Context, Middleware } from 'koa'
import { cacheHeaders } from '../http/cache-limiter.ts'
import { missingCookies } from '../http/cookie.ts'
import { cookiesOf, nodeExchange } from '../http/node.ts'
import type { Session } from '../session/session.ts'
import type { SessionManager } from '../session/session-manager.ts'
import { anotherSession, type Bound, binder, expose, type OptionsFor } from './bind.ts'

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
    const mistake = anotherSession(ctx, 'ctx.session', 'koa-session')
    if (mistake !== undefined) throw mistake
    const { onerror } = ctx
    const fail = (error: unknown) => Reflect.apply(onerror, ctx, [writable(error)])
    const body = () => (ctx.request as { body?: unknown }).body
    const bound = bind(nodeExchange(ctx.req, ctx.res, { onError: fail, body }), ctx)
    expose(ctx, bound)
    ctx.onerror = (error) => {
      if (error !== null && error !== undefined) keepHeaders(ctx, bound)
      fail(error)
    }
    await bound.start()
    await next()
  }
}

/**
 * Koa's answer to an error drops all headers but those of the error. As in PHP, those of the session outlive it. They are not put on the
 * error: it may be one that other requests meet too, and these would be sent this one's cookie.
 */
function keepHeaders({ res }: Context, { exchange, session }: Bound<object>): void {
  if (session === undefined) return
  const cookies = cookiesOf(res)
  const { cache_limiter, cache_expire } = session.cookie.directives
  exchange.beforeEnd(() => {
    if (exchange.headersSent) return
    const isCacheTold = ['Cache-Control', 'Expires', 'Pragma'].some((name) => res.hasHeader(name))
    const cache = isCacheTold ? [] : cacheHeaders(cache_limiter, cache_expire, new Date(), undefined)
    for (const [name, value] of cache) exchange.setHeader(name, value)
    for (const cookie of missingCookies(cookies, cookiesOf(res))) exchange.setCookie(cookie)
  })
}

/** Koa writes the status on the error. From one that is frozen it would get an error of its own, and give no answer at all. */
function writable(error: unknown): unknown {
  if (!(error instanceof Error) || Object.isExtensible(error)) return error
  return Object.create(error, { status: { value: (error as { status?: number }).status, writable: true } })
}
