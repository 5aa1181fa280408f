import { promisify } from 'node:util'
import Koa, { type Context } from 'koa'
import { phpSession as expressSession } from '../../src/adapters/express.ts'
import { phpSession } from '../../src/adapters/koa.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { serve } from '../http/servers.ts'

/** What koa-passport does in Koa: it looks for a session as express-session has it, at `ctx.req` too. */

it('has both sessions as one, where the middleware for Express follows that for Koa', async () => {
  const sessions = new SessionManager({ save_handler: memorySaveHandler(), gc_probability: 0 })
  const forPassport = promisify(expressSession(sessions))
  const app = new Koa().use(phpSession(sessions))
  app.use(async (ctx, next) => {
    await forPassport(ctx.req, ctx.res)
    return next()
  })
  app.use(async (ctx) => {
    const { req } = ctx as Context & { req: Express.Request }
    await new Promise((resolve) => req.session.regenerate(resolve))
    Object.assign(req.session, { passport: { user: 'alice' } })
    await new Promise((resolve) => req.session.save(resolve))
    ctx.body = { ids: new Set([ctx.session.id, req.sessionID, sessions.current?.id]).size, vars: ctx.$_SESSION }
  })
  const { ask, close } = await serve('HTTP/1.1', app.callback())
  const { status, headers, body } = await ask()
  await close()
  expect([status, JSON.parse(body)]).toEqual([200, { ids: 1, vars: { passport: { user: 'alice' } } }])
  expect(headers['set-cookie']).toHaveLength(1)
  const [, id = ''] = /^PHPSESSID=(\w+)/.exec(headers['set-cookie']![0]!)!
  expect(await sessions.peek({ id })).toEqual({ passport: { user: 'alice' } })
})
