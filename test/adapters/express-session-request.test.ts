import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import express, { type Request } from 'express'
import { phpSession } from '../../src/adapters/express.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { count, put, show } from './express-session/scenario.ts'
import {
  type AnySession,
  type App,
  type Browser,
  frameworks,
  type OurSide,
  openBrowser,
  ours,
  type Page,
} from './express-session/sides.ts'

/** `req.session` where express-session has nothing to compare with: PHP's variables, PHP's lock, what may fail. */

let side: OurSide
let sessions: SessionManager
let browser: Browser | undefined
let warn: jest.SpyInstance

beforeEach(() => {
  side = ours()
  sessions = new SessionManager({ save_path: side.save_path, gc_probability: 0, lockTimeout: 2000 })
  warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
})

afterEach(async () => {
  await browser?.close()
  browser = undefined
  side.close()
  expect(warn).not.toHaveBeenCalled()
  warn.mockRestore()
})

type Options = Parameters<typeof phpSession>[1]

async function open(pages: Record<string, Page>, options?: Options, app: App = frameworks['Express 5']!()): Promise<Browser> {
  app.use(phpSession(sessions, options) as unknown as Page)
  browser = await openBrowser(app, side.name, pages)
  return browser
}

/** What the only page answers. */
async function answerOf(page: Page, options?: Options): Promise<unknown> {
  const { visit } = await open({ '/': page }, options)
  return (await visit('/')).body
}

const codeOf = (error: unknown) => (error as { code?: string }).code ?? (error as Error).name

/** The code of what this throws, 'nothing' if it does not. */
function thrown(work: () => unknown): string {
  try {
    work()
    return 'nothing'
  } catch (error) {
    return String(codeOf(error))
  }
}

const setSession = (req: object, session: unknown) => Object.assign(req, { session })

describe('variables that PHP calls as express-session calls its own', () => {
  const names = ['id', 'cookie', 'save', 'reload', 'regenerate', 'destroy', 'touch', 'resetMaxAge']

  it('are left alone, not shown, and reached by $_SESSION', async () => {
    const { visit } = await open({
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
    expect(await answerOf(page)).toEqual([all.slice(1), all, all, []])
  })
})

describe('req.session', () => {
  it('is printed as its variables', async () => {
    const page: Page = ({ session }) => [inspect(put(session, { user: 'Alice', cart: [1] }) && session), inspect({ ...session })]
    expect(await answerOf(page)).toEqual(["{ user: 'Alice', cart: [ 1 ] }", "{ user: 'Alice', cart: [ 1 ] }"])
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
    expect(await answerOf(({ session }) => inspect(session.cookie))).toBe(attributes)
  })

  it('shows at once what is done through $_SESSION, and the other way round', async () => {
    const page: Page = (req) => {
      req.$_SESSION['a'] = [1]
      req.session['a'].push(2)
      req.$_SESSION = { a: req.$_SESSION['a'], b: 1 }
      return [req.session, delete req.session['b'], Object.keys(req.$_SESSION)]
    }
    expect(await answerOf(page)).toEqual([{ a: [1, 2] }, true, ['a']])
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
    expect(await answerOf(page)).toEqual([...Array(5).fill('TypeError'), { n: 1 }])
  })

  it('is what was started, or null: anything else would not be stored, and is refused', async () => {
    const page: Page = (req) => [
      thrown(() => setSession(req, { n: 1 })),
      thrown(() => Object.assign(req, { sessionID: 'x' })),
      thrown(() => setSession(req, req.session)),
      put(req.session, { n: 2 }),
    ]
    expect(await answerOf(page)).toEqual(['TypeError', 'TypeError', 'nothing', { n: 2 }])
  })

  it('gives the lock back when it is set to null', async () => {
    const page: Page = async (req) => {
      const { id } = req.session
      count(req.session)
      setSession(req, null)
      const session = await sessions.start({ id })
      await session.abort()
      return session.$_SESSION
    }
    expect(await answerOf(page)).toEqual({})
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
    expect(await answerOf(page)).toEqual(['undefined', 'saved, undefined', 'undefined', 'nothing'])
    expect(side.count()).toBe(0)
  })

  it('begins as another session where one is started again after destroy', async () => {
    const page: Page = async (req, res) => {
      const { id } = put(req.session, { n: 1 }) && req.session
      req.session.destroy()
      const again = await sessions.start(req, res)
      return [req.session.id === again.id, again.id === id, put(req.session, { n: 2 })]
    }
    const { visit } = await open({ '/again': page, '/show': show })
    expect((await visit('/again')).body).toEqual([true, false, { n: 2 }])
    expect((await visit('/show')).body).toEqual({ n: 2 })
  })

  it('is another object after regenerate; methods of the one before work on the session of the request', async () => {
    const page: Page = (req) =>
      new Promise((resolve) => {
        const before = put(req.session, { n: 1 }) && req.session
        before.regenerate(() => {
          put(req.session, { n: 2 })
          before.save(() => resolve([before['n'], side.bytes()]))
        })
      })
    expect(await answerOf(page)).toEqual([1, 'n|i:2;'])
  })

  it('belongs to one session, however often the middleware is used', async () => {
    const app = frameworks['Express 5']!()
    let first: AnySession | undefined
    app.use(phpSession(sessions) as unknown as Page)
    app.use((req, _res, next) => {
      first = req.session
      next()
    })
    const { visit } = await open({ '/': (req) => [req.session === first, count(req.session)] }, undefined, app)
    await visit('/')
    expect((await visit('/')).body).toEqual([true, 2])
  })

  it('is undefined with autoStart: false, until a session is started', async () => {
    const page: Page = async (req, res) => {
      const before = [typeof req.session, typeof req.sessionID, thrown(() => req.$_SESSION)]
      const session = await sessions.start(req, res)
      return [...before, put(req.session, { n: 1 }), session.$_SESSION, req.sessionID === session.id]
    }
    expect(await answerOf(page, { autoStart: false })).toEqual(['undefined', 'undefined', 'NO_SESSION', { n: 1 }, { n: 1 }, true])
  })

  it('can be read after read_and_close, and to change it is an error', async () => {
    const { visit } = await open({ '/set': ({ session }) => put(session, { n: 1 }) })
    await visit('/set')
    const { cookie } = browser!
    await browser!.close()
    const other = await open(
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
    const { visit } = await open({ '/slow': slow })
    await visit('/slow')
    await Promise.all([visit('/slow'), visit('/slow'), visit('/slow')])
    expect(side.bytes()).toBe('n|i:4;')
  })
})

describe('the callback', () => {
  const outcome = (session: AnySession, method: 'save' | 'reload' | 'regenerate' | 'destroy') =>
    new Promise((resolve) => session[method]((error) => resolve(error === undefined ? 'done' : codeOf(error))))

  it('gets the error of what cannot be stored, and the session can be mended', async () => {
    const page: Page = async ({ session }) => {
      put(session, { n: 1, of: { callback: () => {} } })
      const first = await outcome(session, 'save')
      delete session['of'].callback
      return [first, await outcome(session, 'save'), side.bytes()]
    }
    expect(await answerOf(page)).toEqual(['TypeError', 'done', 'n|i:1;of|a:0:{}'])
  })

  it('gets the error of a regenerate that comes after the headers, and the session stays', async () => {
    const page: Page = (req, res) => {
      count(req.session)
      res.write('[')
      req.session.regenerate((error) => res.end(JSON.stringify([codeOf(error), req.session]).slice(1)))
    }
    expect(await answerOf(page)).toEqual(['HEADERS_SENT', { n: 1 }])
    expect(side.bytes()).toBe('n|i:1;')
  })

  it('gets the error of all that comes after the answer', async () => {
    let late: Promise<unknown> | undefined
    const page: Page = (req, res) => {
      const { session } = req
      late = new Promise((resolve) => res.once('close', resolve)).then(() =>
        Promise.all((['save', 'reload', 'regenerate'] as const).map((method) => outcome(session, method))),
      )
      return put(session, { n: 1 })
    }
    expect(await answerOf(page)).toEqual({ n: 1 })
    expect(await late).toEqual(Array(3).fill('SESSION_CLOSED'))
  })

  it('may be null; the error is a warning then', async () => {
    const page: Page = async (req) => {
      const { session } = req
      session.save(null as never)
      put(session, { of: { callback: () => {} } })
      session.save()
      await outcome(session, 'reload')
      return req.session
    }
    expect(await answerOf(page)).toEqual({})
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]).toEqual([expect.stringContaining('PHP has no function'), { type: 'SessionWarning' }])
    warn.mockClear()
  })

  it('finds the session of the request as the current one, and so does what comes after a parsed body', async () => {
    const app = express()
    app.use(phpSession(sessions), express.json(), express.urlencoded())
    const isCurrent = (req: Request) => sessions.current?.id === req.sessionID
    const page = (req: Request) =>
      new Promise((resolve) => req.session.save(() => resolve([isCurrent(req), sessions.current === undefined]))).then(
        (inCallback) => [isCurrent(req), inCallback],
      )
    browser = await openBrowser(app as unknown as App, side.name, { '/': page as unknown as Page })
    expect((await browser.visit('/')).body).toEqual([true, [true, false]])
  })

  it('is waited for before the session is stored, and what it begins too', async () => {
    const { visit } = await open({
      '/login': (req) => {
        req.session.regenerate(() => {
          put(req.session, { user: 'Alice' })
          req.session.save(() => put(req.session, { n: 1 }))
        })
        return 'welcome'
      },
    })
    await visit('/login')
    expect(side.bytes()).toBe('user|s:5:"Alice";n|i:1;')
  })
})

describe('phpSession', () => {
  it('takes options that depend on the request', async () => {
    const app = express()
    app.use(phpSession(sessions, (req: Request) => ({ cookie_lifetime: req.path === '/long' ? 3600 : 0 })))
    browser = await openBrowser(app as unknown as App, side.name, { '/': ({ session }) => session.cookie.originalMaxAge })
    expect([(await browser.visit('/long')).body, (await browser.visit('/short')).body]).toEqual([3_600_000, null])
  })

  it.each([
    ['no session manager', () => phpSession({} as SessionManager), 'must be a SessionManager'],
    ['an option of express-session', () => phpSession(sessions, { resave: false } as object), 'resave'],
    ['a bad value', () => phpSession(sessions, { cookie_path: 'a;b' }), 'cookie_path'],
  ])('refuses %s at once', (_what, make, message) => {
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })

  it('gives what fails at the start to the error handler', async () => {
    const options = () => ({ save_path: '/nowhere/at/all' })
    const { visit } = await open({ '/': () => 'reached' }, options)
    expect(await visit('/')).toMatchObject({ status: 500, body: { error: 'SessionError' } })
  })
})
