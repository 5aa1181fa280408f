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

  it.each<[what: string, thrown: unknown, status: number, body: string]>([
    ['is frozen', Object.freeze(Object.assign(new Error('no such shirt'), { status: 404, expose: true })), 404, 'no such shirt'],
    ['is frozen, and has no status', Object.freeze(new Error('oh')), 500, 'Internal Server Error'],
    ['is a DOMException', new DOMException('too late', 'TimeoutError'), 500, 'Internal Server Error'],
    ['is no error at all', 'oh', 500, 'Internal Server Error'],
  ])('keeps them where what is thrown %s', async (_what, thrown, status, body) => {
    const answer = await answerOf(() => {
      throw thrown
    })
    expect(answer).toMatchObject({ status, body, headers: { ...nocache, 'set-cookie': [expect.stringMatching(/^PHPSESSID=/)] } })
  })

  it('keeps the cookies of the application, and one that the error brings', async () => {
    const answer = await answerOf((ctx) => {
      ctx.cookies.set('theme', 'dark')
      ctx.throw(401, { headers: { 'Set-Cookie': 'seen=1' } })
    })
    const names = (answer.headers['set-cookie'] as string[]).map((cookie) => cookie.split('=')[0])
    expect(names.sort()).toEqual(['PHPSESSID', 'seen', 'theme'])
  })

  it('has none where no session was started', async () => {
    const answer = await answerOf((ctx) => ctx.throw(404), {}, { autoStart: false })
    expect(answer.headers).not.toHaveProperty('cache-control')
  })
})

describe('an error that several users meet', () => {
  const shared = new Error('the database is away')
  const isId = /^PHPSESSID=(\w+)/

  async function visitors(page: Koa.Middleware) {
    const heard: unknown[] = []
    const sessions = new SessionManager({ save_handler: memorySaveHandler(), gc_probability: 0, use_strict_mode: false })
    const app = new Koa().use(phpSession(sessions)).use(page)
    app.on('error', (error) => heard.push(error))
    served = await serve('HTTP/1.1', app.callback())
    return { heard, ask: served.ask }
  }

  it('sends nobody the cookie of another', async () => {
    const { ask } = await visitors(() => Promise.reject(shared))
    const first = await ask()
    const known = await ask({ headers: { Cookie: 'PHPSESSID=known' } })
    const last = await ask()
    expect(known.headers).not.toHaveProperty('set-cookie')
    expect(last.headers['set-cookie']).toEqual([expect.stringMatching(isId)])
    expect(last.headers['set-cookie']).not.toEqual(first.headers['set-cookie'])
  })

  it('sends each its own, when all come at once', async () => {
    let count = 0
    let fail = (): void => {}
    const failure = new Promise<never>((_resolve, reject) => {
      fail = () => reject(shared)
    })
    const sent: string[] = []
    const { ask } = await visitors((ctx) => {
      sent.push(ctx.session.id)
      if (++count === 5) fail()
      return failure
    })
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask()))
    const received = answers.map(({ headers }) => headers['set-cookie'] as string[])
    expect(received.map((cookies) => cookies.length)).toEqual([1, 1, 1, 1, 1])
    expect(received.map(([cookie]) => isId.exec(cookie!)![1]).sort()).toEqual(sent.sort())
  })

  it('is what the application hears of, with nothing of the session in it', async () => {
    const { heard, ask } = await visitors(() => Promise.reject(shared))
    await ask()
    expect(heard).toHaveLength(1)
    expect(heard[0]).toBe(shared)
    expect(shared).not.toHaveProperty('headers')
  })
})
