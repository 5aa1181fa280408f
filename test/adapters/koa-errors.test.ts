import Koa, { type Context } from 'koa'
import { phpSession } from '../../src/adapters/koa.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { type Served, serve } from '../http/servers.ts'

/** Koa's answer to an error drops all headers that were set before. */

let served: Served
afterEach(() => served.close())

async function answerOf(page: (ctx: Context) => unknown, headers = {}, options = {}) {
  const sessions = new SessionManager({ save_handler: memorySaveHandler(), gc_probability: 0, use_strict_mode: false })
  const app = new Koa().use(phpSession(sessions, options)).use(page)
  app.silent = true
  served = await serve('HTTP/1.1', app.callback())
  return served.ask({ headers })
}

const nocache = {
  expires: 'Thu, 19 Nov 1981 08:52:00 GMT',
  'cache-control': 'no-store, no-cache, must-revalidate',
  pragma: 'no-cache',
}

describe('an error answer of Koa', () => {
  it('keeps the cookie of the session and the headers of the cache limiter', async () => {
    const answer = await answerOf((ctx) => ctx.throw(404))
    expect(answer.status).toBe(404)
    expect(answer.headers).toMatchObject({ ...nocache, 'set-cookie': [expect.stringMatching(/^PHPSESSID=/)] })
  })

  it('keeps the headers of the cache limiter also where no cookie is sent, and whatever the page had set', async () => {
    const page = (ctx: Context) => {
      ctx.set('Cache-Control', 'public, max-age=3600')
      throw new Error('oh')
    }
    const answer = await answerOf(page, { Cookie: 'PHPSESSID=known' })
    expect(answer.status).toBe(500)
    expect(answer.headers).toMatchObject(nocache)
    expect(answer.headers).not.toHaveProperty('set-cookie')
  })

  it('has its own, if it says anything about caches', async () => {
    const answer = await answerOf((ctx) => ctx.throw(404, { headers: { 'cache-control': 'max-age=60', 'X-Why': 'x' } }))
    expect(answer.headers).toMatchObject({ 'cache-control': 'max-age=60', 'x-why': 'x' })
    expect(answer.headers).not.toHaveProperty('pragma')
    expect(answer.headers).not.toHaveProperty('expires')
    expect(answer.headers['set-cookie']).toHaveLength(1)
  })

  it('has those of the cache limiter that the options of the request ask for', async () => {
    const answer = await answerOf((ctx) => ctx.throw(404), {}, { cache_limiter: 'private_no_expire', cache_expire: 1 })
    expect(answer.headers).toMatchObject({ 'cache-control': 'private, max-age=60' })
    expect(answer.headers).not.toHaveProperty('pragma')
  })

  it('is not that of another user who meets the same error', async () => {
    const sessions = new SessionManager({ save_handler: memorySaveHandler(), gc_probability: 0 })
    const error = Object.freeze(new Error('the database is away'))
    const met: unknown[] = []
    const app = new Koa()
    app.on('error', ({ message, stack }) => met.push(message === error.message && stack === error.stack))
    app.use(async (_ctx, next) => next().catch((met: unknown) => Promise.reject(met === error ? met : new Error('another one'))))
    app.use(phpSession(sessions)).use(() => Promise.reject(error))
    served = await serve('HTTP/1.1', app.callback())
    const answers = await Promise.all([served.ask(), served.ask(), served.ask()])
    const cookies = answers.flatMap(({ headers }) => headers['set-cookie'] ?? [])
    expect(answers.map(({ status }) => status)).toEqual([500, 500, 500])
    expect(new Set(cookies).size).toBe(3)
    expect(met).toEqual([true, true, true])
    expect(error).not.toHaveProperty('headers')
  })

  it('has none where no session was started', async () => {
    const answer = await answerOf((ctx) => ctx.throw(404), {}, { autoStart: false })
    expect(answer.headers).not.toHaveProperty('cache-control')
  })
})
