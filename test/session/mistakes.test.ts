import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { Socket } from 'socket.io'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { storedSession } from './support/memory-session.ts'

/** What people give by mistake, and what they are told. */

const migrating = 'docs/migrating-from-express-session.md'

// biome-ignore format: a table
const options: [given: unknown, says: string][] = [
  ['/var/lib/php/sessions',        "options must be an object such as { save_path: '/var/lib/php/sessions' }"],
  [null,                           'options must be an object'],
  [[],                             'options must be an object'],
  [{ autoStart: false },           "Unknown option 'autoStart': it is an option of phpSession and withSession"],
  [{ saveUninitialized: false },   'it is an option of start, phpSession and withSession'],
  [{ read_and_close: true },       'it is an option of start, phpSession and withSession'],
  [{ id: 'abc' },                  'it is an option of start'],
  [{ autostart: false },           "did you mean 'auto_start'?"],
  [{ secret: 'keyboard cat' },     migrating],
  [{ resave: false },              migrating],
  [{ cookie: { maxAge: 1 } },      migrating],
  [{ maxAge: 1 },                  migrating],
  [{ rolling: true },              migrating],
  [{ store: {} },                  migrating],
  [{ genid: () => '' },            migrating],
  [{ lock: 'no' },                 'lock must be true or false'],
  [{ lock: 0 },                    'lock must be true or false'],
  [{ lockTimeout: '5' },           'lockTimeout must be a number of milliseconds'],
]

describe('new SessionManager', () => {
  it.each(options)('%j is a TypeError that says what to do', (given, says) => {
    const make = () => new SessionManager(given as never)
    expect(make).toThrow(TypeError)
    expect(make).toThrow(says)
  })

  it('takes save_handler in any case, as PHP does', () => {
    expect(new SessionManager({ save_handler: 'FILES' }).saveHandler.name).toBe('files')
  })
})

// biome-ignore format: a table
const starts: [given: unknown[], says: string][] = [
  [['id'],                         'start takes a request and its response'],
  [[null],                         'start takes a request and its response'],
  [[{ id: 'a' }, {}],              'start takes a request and its response'],
  [[{ headers: {} }, null],        'start(req, res) needs the response too'],
  [[[]],                           'options must be an object'],
  [[{ handshake: {}, id: 'a' }],   'use peek(socket.request)'],
  [[{ lockTimeout: 5 }],           'give it to the SessionManager'],
  [[{ classes: {} }],              'give it to the SessionManager'],
  [[{ secret: 'keyboard cat' }],   migrating],
  [[{ autostart: true }],          "Unknown option 'autostart'"],
  [[{ read_and_close: 'no' }],     'read_and_close must be true or false'],
  [[{ read_and_close: {} }],       'read_and_close must be true or false'],
]

describe('start', () => {
  it.each(starts)('with %j rejects with a TypeError that says what to do', async (given, says) => {
    const sessions = new SessionManager({ save_handler: memorySaveHandler() })
    const error = await (sessions.start as (...given: unknown[]) => Promise<never>)(...given).catch((each: Error) => each)
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toContain(says)
    expect(error.message).not.toContain('auto_start')
  })
})

describe('bind', () => {
  it.each([[[{ headers: {} }]], [[]], [['req', 'res']]])('with %j is a TypeError that says what is wanted', (given) => {
    const sessions = new SessionManager({ save_handler: memorySaveHandler() })
    expect(() => (sessions.bind as (...given: unknown[]) => void)(...given)).toThrow(
      'bind takes a request and its response: bind(req, res)',
    )
  })
})

describe('peek', () => {
  const wanted = 'peek takes a request, which has headers, or { id }, which is a string'

  it('finds nobody for a cookie that is not there', async () => {
    const { sessions } = await storedSession('n|i:1;')
    expect(await sessions.peek({ id: undefined })).toBeNull()
  })

  it.each([[{}], [{ id: 7 }], [{ headers: undefined }], ['stored'], [null], [undefined]])(
    'at %j rejects with a TypeError that says what is wanted',
    async (given) => {
      const { sessions } = await storedSession('n|i:1;')
      await expect(sessions.peek(given as never)).rejects.toThrow(new TypeError(wanted))
    },
  )

  it('at a socket of socket.io says which request it has', async () => {
    const { sessions } = await storedSession('n|i:1;')
    const socket = { id: 'stored', handshake: { headers: {} }, request: { headers: { cookie: 'PHPSESSID=stored' } } }
    await expect(sessions.peek(socket as never)).rejects.toThrow('A socket of socket.io is no request: use peek(socket.request)')
    expect(await sessions.peek(socket.request as never)).toEqual({ n: 1 })
  })

  it('looks at the request that a framework has something around', async () => {
    const { sessions } = await storedSession('n|i:1;')
    expect(await sessions.peek({ raw: { headers: { cookie: 'PHPSESSID=stored' } } } as never)).toEqual({ n: 1 })
  })

  it('takes requests of every kind, and no socket: the compiler says so', () => {
    const held = (sessions: SessionManager, http2: Http2ServerRequest, fastify: { raw: IncomingMessage }, socket: Socket) => [
      sessions.peek(http2),
      sessions.peek(fastify),
      sessions.peek(socket.request),
      sessions.peek({ id: 'stored' }),
      sessions.peek({ id: undefined }),
      // @ts-expect-error: it has an id of its own
      sessions.peek(socket),
    ]
    expect(held).toBeInstanceOf(Function)
  })
})

describe('fromPhpIni', () => {
  it.each([[undefined], [null], [''], [[]], [[undefined]], [7]])('of %j is a TypeError that says what is wanted', (path) => {
    expect(() => SessionManager.fromPhpIni(path as never)).toThrow(
      new TypeError("the path of a php.ini is a string such as '/etc/php/8.2/fpm/php.ini', or an array of them"),
    )
  })

  it('says why a file cannot be read', () => {
    expect(() => SessionManager.fromPhpIni('/no/such/php.ini')).toThrow('Cannot read /no/such/php.ini: ENOENT')
  })

  it.each([[null], ['8.2'], [[]]])('refuses %j as options', (given) => {
    expect(() => SessionManager.fromPhpIni('/no/such/php.ini', given as never)).toThrow('options must be an object')
  })
})
