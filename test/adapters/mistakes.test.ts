import fastify from 'fastify'
import Koa from 'koa'
import * as forExpress from '../../src/adapters/express.ts'
import * as forFastify from '../../src/adapters/fastify.ts'
import { withSession } from '../../src/adapters/fetch.ts'
import * as forKoa from '../../src/adapters/koa.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { askHttp1, serve } from '../http/servers.ts'

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

describe('a function that gives no options', () => {
  it('is told with the request', async () => {
    const handler = withSession(sessions, page, (() => undefined) as never)
    await expect(handler(new Request('http://localhost/'))).rejects.toThrow('options must be an object')
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
    await app.listen({ port: 0, host: '127.0.0.1' })
    const answer = await askHttp1((app.server.address() as { port: number }).port)
    expect(JSON.parse(answer.body)).toMatchObject({ statusCode: 500, message: says })
    await app.close()
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
