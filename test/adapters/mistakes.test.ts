import fastify, { type FastifyInstance } from 'fastify'
import Koa from 'koa'
import * as forExpress from '../../src/adapters/express.ts'
import * as forFastify from '../../src/adapters/fastify.ts'
import { withSession } from '../../src/adapters/fetch.ts'
import * as forKoa from '../../src/adapters/koa.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { type Answer, askHttp1, type Handler, serve } from '../http/servers.ts'

/** What people give to an adapter by mistake, and what they are told. */

const sessions = new SessionManager({ save_handler: memorySaveHandler(), gc_probability: 0 })
const page = async (): Promise<Response> => new Response('hello')

// biome-ignore format: a table
const options: [given: unknown, says: string][] = [
  ['x',                            'options must be an object'],
  [null,                           'options must be an object'],
  [[],                             'options must be an object'],
  [{ autostart: false },           "Unknown option 'autostart': did you mean 'autoStart'?"],
  [{ id: 'abc' },                  "Unknown option 'id': it is an option of start"],
  [{ lockTimeout: 5 },             "Unknown option 'lockTimeout': give it to the SessionManager"],
  [{ lock: false },                'give it to the SessionManager'],
  [{ classes: {} },                'give it to the SessionManager'],
  [{ charset: 'latin1' },          'give it to the SessionManager'],
  [{ onDecodeError: 'destroy' },   'give it to the SessionManager'],
  [{ save_handler: 'files' },      'give it to the SessionManager'],
  [{ secret: 'keyboard cat' },     'docs/migrating-from-express-session.md'],
  [{ cookie: {} },                 'docs/migrating-from-express-session.md'],
]

const adapters: [name: string, make: (options: never) => unknown][] = [
  ['Express', (given) => forExpress.phpSession(sessions, given)],
  ['Koa', (given) => forKoa.phpSession(sessions, given)],
  ['Fastify', (given) => forFastify.phpSession(sessions, given)],
  ['fetch', (given) => withSession(sessions, page, given)],
]

describe.each(adapters)('the adapter for %s', (_name, make) => {
  it.each(options)('refuses the options %j, and says what to do', (given, says) => {
    expect(() => make(given as never)).toThrow(TypeError)
    expect(() => make(given as never)).toThrow(says)
  })
})

// biome-ignore format: a table
const late: [given: unknown, says: string][] = [
  [undefined,                          'options must be an object'],
  [{ autoStart: false, nope: 1 },      "Unknown option 'nope'"],
  [{ autoStart: 'no' },                'autoStart must be true or false'],
  [{ autostart: false },               "did you mean 'autoStart'?"],
  [{ id: 'abc' },                      "Unknown option 'id': it is an option of start"],
]

describe.each(late)('a function that gives the options %j', (given, says) => {
  const options = (() => given) as never

  it('is told with the request in Express', async () => {
    const next = jest.fn()
    await serveOnce((req, res) =>
      forExpress.phpSession(sessions, options)(req, res, (error) => {
        next(error)
        res.end()
      }),
    )
    expect(next.mock.calls).toEqual([[expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(says) })]])
  })

  it('is told with the request in Koa', async () => {
    const app = new Koa().use(forKoa.phpSession(sessions, options))
    const heard = jest.fn()
    app.on('error', heard)
    expect(await serveOnce(app.callback())).toMatchObject({ status: 500 })
    expect(heard.mock.calls[0]).toMatchObject([{ name: 'TypeError', message: expect.stringContaining(says) }, {}])
  })

  it('is told with the request in Fastify', async () => {
    const app = fastify()
    app.register(forFastify.phpSession(sessions, options))
    app.get('/', async () => 'hello')
    expect(await askOnce(app)).toMatchObject({ statusCode: 500, message: expect.stringContaining(says) })
  })

  it('is told with the request of the Fetch API', async () => {
    const handler = withSession(sessions, page, options)
    await expect(handler(new Request('http://localhost/'))).rejects.toThrow(says)
  })
})

describe('a route of Fastify', () => {
  const route = (phpSession: unknown) => ({ config: { phpSession } }) as object
  const typo = { read_and_clos: true }

  it.each([
    ['beside options', {}],
    ['beside a function', () => ({})],
  ])('is refused when it is declared with a wrong option, %s', async (_what, options) => {
    const app = fastify()
    await app.register(forFastify.phpSession(sessions, options))
    expect(() => app.get('/', route(typo), async () => '')).toThrow("did you mean 'read_and_close'?")
    expect(() => app.get('/', route('x'), async () => '')).toThrow('options must be an object')
    await app.close()
  })

  it('is refused with the request, when it is declared before the plugin is there', async () => {
    const app = fastify()
    app.register(forFastify.phpSession(sessions))
    app.get('/', route(typo), async () => '')
    expect(await askOnce(app)).toMatchObject({ statusCode: 500, message: expect.stringContaining('read_and_close') })
  })

  it('can have what only goes with the options of all', async () => {
    for (const options of [{ cookie_secure: true }, () => ({ cookie_secure: true })]) {
      const app = fastify()
      await app.register(forFastify.phpSession(sessions, options))
      app.get('/', route({ cookie_partitioned: true }), async (request) => ({ ...request.session.cookie.directives }))
      expect(await askOnce(app)).toMatchObject({ cookie_partitioned: true, cookie_secure: true })
    }
  })
})

describe('phpSession for Express', () => {
  it('says so where express-session is on the same requests: each would store and answer for the other', async () => {
    const before: forExpress.Middleware = require('express-session')({
      secret: 'keyboard cat',
      resave: false,
      saveUninitialized: false,
    })
    const next = jest.fn()
    const answer = await serveOnce((req, res) =>
      before(req, res, () =>
        forExpress.phpSession(sessions)(req, res, (error) => {
          next(error)
          res.end()
        }),
      ),
    )
    const message = expect.stringContaining('req.session is already that of another middleware')
    expect(next.mock.calls).toEqual([[expect.objectContaining({ name: 'TypeError', message })]])
    expect(answer.headers['set-cookie']).toBeUndefined()
  })
})

describe('phpSession for Koa', () => {
  it('says so where ctx.session is that of another middleware, and takes the second of its own', async () => {
    const heard = jest.fn()
    const app = new Koa().use(async (ctx, next) => {
      if (ctx.path === '/other') Object.defineProperty(ctx, 'session', { value: { user: 'Alice' } })
      await next()
    })
    app.use(forKoa.phpSession(sessions)).use(forKoa.phpSession(sessions)).on('error', heard)
    const { ask, close } = await serve('HTTP/1.1', app.callback())
    expect(await ask({ path: '/other' })).toMatchObject({ status: 500 })
    expect(await ask()).toMatchObject({ status: 404 })
    await close()
    expect(heard.mock.calls.map(([error]) => String(error))).toEqual([
      expect.stringMatching(/^TypeError: ctx.session is already that of another middleware, such as koa-session: remove it/),
    ])
  })
})

describe('withSession', () => {
  const request = new Request('http://localhost/')

  // biome-ignore format: a table
  it.each([
    ['the context of Hono',     { req: { raw: request, header: () => '' } }, 'not the context of Hono: give it context.req.raw'],
    ['the arguments of Remix',  { request, params: {}, context: {} },        'not an object around it: give it { request }.request'],
    ['a request of Node',       { headers: {}, url: '/' },                   'what withSession made takes a Request of the Fetch API'],
    ['nothing',                 undefined,                                   'what withSession made takes a Request of the Fetch API'],
  ])('given %s rejects with a TypeError that says where the request is', async (_what, given, says) => {
    const answer = withSession(sessions, page)(given as never)
    await expect(answer).rejects.toThrow(TypeError)
    await expect(answer).rejects.toThrow(says)
  })

  it.each([[undefined], [null], ['hello'], [{ status: 200 }]])(
    'rejects with a TypeError when the handler returns %j, and keeps no lock',
    async (returned) => {
      let id = ''
      const handler = withSession(sessions, (_request, session) => {
        id = session.id
        return returned as never
      })
      await expect(handler(request)).rejects.toThrow(new TypeError('the handler of withSession must return a Response'))
      await (await sessions.start({ id })).abort()
    },
  )
})

describe('to set the property session', () => {
  const says = 'session cannot be set: to end it call sessions.destroy(), to replace its variables set $_SESSION'

  it('is a TypeError in Koa that says what to call', async () => {
    const errors: unknown[] = []
    const app = new Koa().use(forKoa.phpSession(sessions)).use((ctx) => {
      ctx.body = ''
      Object.assign(ctx, { session: null })
    })
    app.on('error', (error) => errors.push(error))
    const { ask, close } = await serve('HTTP/1.1', app.callback())
    expect((await ask()).status).toBe(500)
    expect(errors).toEqual([new TypeError(says)])
    await close()
  })

  it('is a TypeError in Fastify that says what to call', async () => {
    const app = fastify()
    app.register(forFastify.phpSession(sessions))
    app.get('/', (request) => Object.assign(request, { session: null }))
    expect(await askOnce(app)).toMatchObject({ statusCode: 500, message: says })
  })
})

describe('a session that is used as that of another library', () => {
  it.each([['user'], ['passport']])('refuses to have the variable %s set on it, which would be lost', async (name) => {
    const session = await sessions.start()
    expect(() => Object.assign(session, { [name]: {} })).toThrow(TypeError)
    expect(() => Object.assign(session, { [name]: {} })).toThrow(
      `no property ${name} to be set: its variables are those of $_SESSION`,
    )
    await session.abort()
  })

  it.each(['save', 'regenerate', 'destroy'] as const)(
    'refuses a callback of %s at once, which would never be called',
    async (name) => {
      const session = await sessions.start()
      const { id } = session
      expect(() => session[name]((() => {}) as never)).toThrow(
        new TypeError('Methods of a session take no callback: they return a promise'),
      )
      expect(session).toMatchObject({ id, status: 'active' })
      await session.abort()
    },
  )

  it('can be spied upon, and marked with a symbol', async () => {
    const session = await sessions.start()
    const mark = Symbol('mark')
    Object.assign(session, { [mark]: 1 })
    const commit = jest.spyOn(session, 'commit')
    await session.commit()
    expect(commit).toHaveBeenCalled()
    expect(session).toHaveProperty([mark], 1)
  })
})

async function serveOnce(handler: Handler): Promise<Answer> {
  const { ask, close } = await serve('HTTP/1.1', handler)
  const answer = await ask()
  await close()
  return answer
}

/** What the only page of this application answers. */
async function askOnce(app: FastifyInstance): Promise<unknown> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { body } = await askHttp1((app.server.address() as { port: number }).port)
  await app.close()
  return JSON.parse(body)
}
