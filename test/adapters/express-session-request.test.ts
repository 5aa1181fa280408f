import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import express, { type Request } from 'express'
import { phpSession } from '../../src/adapters/express.ts'
import type { SessionManager } from '../../src/session/session-manager.ts'
import { count, put, show } from './express-session/scenario.ts'
import { type AnySession, type App, frameworks, type Page } from './express-session/sides.ts'
import { Site, thrown } from './express-session/site.ts'

/** `req.session` where express-session has nothing to compare with: PHP's variables, PHP's lock. */

let site: Site
beforeEach(() => {
  site = new Site()
})
afterEach(async () => expect(await site.close()).toEqual([]))

const setSession = (req: object, session: unknown) => Object.assign(req, { session })

describe('variables that PHP calls as express-session calls its own', () => {
  const names = ['id', 'cookie', 'save', 'reload', 'regenerate', 'destroy', 'touch', 'resetMaxAge']

  it('are left alone, not shown, and reached by $_SESSION', async () => {
    const { visit } = await site.open({
      '/set': ({ $_SESSION }) =>
        Object.keys(Object.assign($_SESSION, Object.fromEntries(names.map((name) => [name, `my ${name}`])))),
      '/look': ({ session }) => [
        Object.keys(put(session, { n: 1 })),
        JSON.stringify(session),
        typeof session.save,
        session.id.length,
      ],
      '/clear': ({ session }) => Object.keys(session).map((name) => delete session[name]),
      '/shared': ({ $_SESSION }) => $_SESSION,
    })
    await visit('/set')
    expect((await visit('/look')).body).toEqual([['n'], '{"n":1}', 'function', 32])
    expect((await visit('/clear')).body).toEqual([true])
    expect((await visit('/shared')).body).toEqual(Object.fromEntries(names.map((name) => [name, `my ${name}`])))
  })

  it('cannot be set or deleted through req.session', async () => {
    const page: Page = ({ session }) => [
      names.filter((name) => name !== 'cookie').map((name) => thrown(() => Object.assign(session, { [name]: 'mine' }))),
      names.map((name) => thrown(() => delete session[name])),
      names.map((name) => thrown(() => Object.defineProperty(session, name, { get: () => 1 }))),
      Object.keys(session),
    ]
    const all = names.map(() => 'TypeError')
    expect(await site.answerOf(page)).toEqual([all.slice(1), all, all, []])
  })
})

describe('req.session', () => {
  it('is printed as its variables', async () => {
    const page: Page = ({ session }) => [inspect(put(session, { user: 'Alice', cart: [1] }) && session), inspect({ ...session })]
    expect(await site.answerOf(page)).toEqual(["{ user: 'Alice', cart: [ 1 ] }", "{ user: 'Alice', cart: [ 1 ] }"])
  })

  it('has a cookie that is printed as its attributes', async () => {
    const attributes = `{
  originalMaxAge: null,
  partitioned: false,
  expires: null,
  secure: false,
  httpOnly: true,
  domain: undefined,
  path: '/',
  sameSite: 'lax'
}`
    expect(await site.answerOf(({ session }) => inspect(session.cookie))).toBe(attributes)
  })

  it('shows at once what is done through $_SESSION, and the other way round', async () => {
    const page: Page = (req) => {
      req.$_SESSION['a'] = [1]
      req.session['a'].push(2)
      req.$_SESSION = { a: req.$_SESSION['a'], b: 1 }
      return [req.session, delete req.session['b'], Object.keys(req.$_SESSION)]
    }
    expect(await site.answerOf(page)).toEqual([{ a: [1, 2] }, true, ['a']])
  })

  it('cannot be frozen, sealed or given a prototype or accessors, because a session could not keep that', async () => {
    const page: Page = ({ session }) => [
      thrown(() => Object.freeze(session)),
      thrown(() => Object.preventExtensions(session)),
      thrown(() => Object.setPrototypeOf(session, {})),
      thrown(() => Object.defineProperty(session, 'n', { get: () => 1 })),
      thrown(() => Object.assign(session, { [Symbol('s')]: 1 })),
      put(session, { n: 1 }),
    ]
    expect(await site.answerOf(page)).toEqual([...Array(5).fill('TypeError'), { n: 1 }])
  })

  it('is what was started, or null: anything else would not be stored, and is refused', async () => {
    const page: Page = (req) => [
      thrown(() => setSession(req, { n: 1 })),
      thrown(() => Object.assign(req, { sessionID: 'x' })),
      thrown(() => setSession(req, req.session)),
      put(req.session, { n: 2 }),
    ]
    expect(await site.answerOf(page)).toEqual(['TypeError', 'TypeError', 'nothing', { n: 2 }])
  })

  it('gives the lock back when it is set to null', async () => {
    const page: Page = async (req) => {
      const { id } = req.session
      count(req.session)
      setSession(req, null)
      const session = await site.sessions.start({ id })
      await session.abort()
      return session.$_SESSION
    }
    expect(await site.answerOf(page)).toEqual({})
  })

  it('is gone from the moment it is destroyed, also when it is being saved', async () => {
    const page: Page = async (req) => {
      const { session } = req
      const order: string[] = []
      count(session).toFixed()
      await new Promise<void>((resolve) => {
        session.save(() => order.push(`saved, ${typeof req.session}`))
        session.destroy(() => resolve())
        order.push(typeof req.session)
      })
      return [...order, typeof req.session, thrown(() => req.$_SESSION)]
    }
    expect(await site.answerOf(page)).toEqual(['undefined', 'saved, undefined', 'undefined', 'nothing'])
    expect(site.side.count()).toBe(0)
  })

  it('is gone when the session is destroyed otherwise', async () => {
    const page: Page = async (req) => {
      count(req.session)
      await site.sessions.destroy()
      return typeof req.session
    }
    expect(await site.answerOf(page)).toBe('undefined')
  })

  it('begins as another session where one is started again after destroy', async () => {
    const page: Page = async (req, res) => {
      const { id } = put(req.session, { n: 1 }) && req.session
      req.session.cookie.path = '/shop'
      req.session.destroy()
      const again = await site.sessions.start(req, res)
      req.session.cookie.maxAge = 60_000
      return [req.session.id === again.id, again.id === id, put(req.session, { n: 2 })]
    }
    const { visit } = await site.open({ '/again': page, '/show': show })
    const seen = await visit('/again')
    expect(seen).toMatchObject({ body: [true, false, { n: 2 }], attributes: { path: '/', lifetime: 60 } })
    expect((await visit('/show')).body).toEqual({ n: 2 })
  })

  it('is another object after regenerate; methods of the one before work on the session of the request', async () => {
    const page: Page = (req) =>
      new Promise((resolve) => {
        const before = put(req.session, { n: 1 }) && req.session
        before.regenerate(() => {
          put(req.session, { n: 2 })
          before.save(() => resolve([before['n'], site.side.bytes()]))
        })
      })
    expect(await site.answerOf(page)).toEqual([1, 'n|i:2;'])
  })

  it('belongs to one session, however often the middleware is used', async () => {
    const app = frameworks['Express 5']!()
    let first: AnySession | undefined
    app.use(phpSession(site.sessions) as unknown as Page)
    app.use((req, _res, next) => {
      first = req.session
      next()
    })
    const { visit } = await site.open({ '/': (req) => [req.session === first, count(req.session)] }, undefined, app)
    await visit('/')
    expect((await visit('/')).body).toEqual([true, 2])
  })

  it('is undefined with autoStart: false, until a session is started', async () => {
    const page: Page = async (req, res) => {
      const before = [typeof req.session, typeof req.sessionID, thrown(() => req.$_SESSION)]
      const session = await site.sessions.start(req, res)
      return [...before, put(req.session, { n: 1 }), session.$_SESSION, req.sessionID === session.id]
    }
    expect(await site.answerOf(page, { autoStart: false })).toEqual([
      'undefined',
      'undefined',
      'NO_SESSION',
      { n: 1 },
      { n: 1 },
      true,
    ])
  })

  it('does not keep a request from being copied before there is a session', async () => {
    expect(await site.answerOf((req) => Object.keys({ ...req }).includes('session'), { autoStart: false })).toBe(true)
  })

  it('can be read after read_and_close, and to change it is an error', async () => {
    const browser = await site.open({ '/set': ({ session }) => put(session, { n: 1 }) })
    await browser.visit('/set')
    const { cookie } = browser
    const other = await site.open(
      { '/': ({ session }) => [session['n'], thrown(() => put(session, { n: 2 }))] },
      { read_and_close: true },
    )
    expect((await other.visit('/', cookie)).body).toEqual([1, 'SESSION_CLOSED'])
  })

  it('makes the second of two requests wait, so that no change is lost', async () => {
    const slow: Page = async ({ session }) => {
      const n = session['n'] ?? 0
      await sleep(10)
      return put(session, { n: n + 1 })
    }
    const { visit } = await site.open({ '/slow': slow })
    await visit('/slow')
    await Promise.all([visit('/slow'), visit('/slow'), visit('/slow')])
    expect(site.side.bytes()).toBe('n|i:4;')
  })
})

describe('phpSession', () => {
  it('takes options that depend on the request', async () => {
    const app = express()
    app.use(phpSession(site.sessions, (req: Request) => ({ cookie_lifetime: req.path === '/long' ? 3600 : 0 })))
    const page: Page = ({ session }) => session.cookie.originalMaxAge
    const { visit } = await site.open({ '/': page }, undefined, app as unknown as App)
    expect([(await visit('/long')).body, (await visit('/short')).body]).toEqual([3_600_000, null])
  })

  it.each([
    ['no session manager', () => phpSession({} as SessionManager), 'must be a SessionManager'],
    ['an option of express-session', () => phpSession(site.sessions, { resave: false } as object), 'resave'],
    ['a bad value', () => phpSession(site.sessions, { cookie_path: 'a;b' }), 'cookie_path'],
  ])('refuses %s at once', (_what, make, message) => {
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })

  it('gives what fails at the start to the error handler', async () => {
    const options = () => ({ save_path: '/nowhere/at/all' })
    const { visit } = await site.open({ '/': () => 'reached' }, options)
    expect(await visit('/')).toMatchObject({ status: 500, body: { error: 'SessionError' } })
  })
})
