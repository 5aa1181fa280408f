import { readdirSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { csrfSync } from 'csrf-sync'
import type { Request } from 'express'
import { Passport } from 'passport'
import { Strategy } from 'passport-local'
import { openPhp, type Php } from '../oracle/php.ts'
import { put, show } from './express-session/scenario.ts'
import {
  type App,
  type Browser,
  frameworks,
  idIn,
  type Next,
  type OurSide,
  openBrowser,
  ours,
  type Page,
  type PageRequest,
  type Side,
  sides,
} from './express-session/sides.ts'

/** Packages that were written for express-session, unchanged: the same visits with theirs and ours. */

const flash = require('connect-flash') as () => Page

const opened: { browser: Browser; side: Side }[] = []

afterEach(async () => {
  for (const { browser, side } of opened.splice(0)) {
    await browser.close()
    side.close()
  }
})

type Build = (app: App) => Record<string, Page>

async function open(framework: string, side: Side, build: Build): Promise<Browser> {
  const app = frameworks[framework]!()
  app.use(side.middleware)
  const browser = await openBrowser(app, side.name, build(app))
  opened.push({ browser, side })
  return browser
}

async function bodiesOf(browser: Browser, paths: readonly string[]): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const path of paths) seen.push([path, await browser.visit(path)])
  return seen
}

/** What both see. */
async function seenByBoth(framework: string, build: Build, paths: readonly string[]): Promise<unknown[]> {
  const theirs = await bodiesOf(await open(framework, sides.theirs({}), build), paths)
  expect(await bodiesOf(await open(framework, ours(), build), paths)).toEqual(theirs)
  return theirs
}

/** A login, with what passport has for its options. */
const login =
  (options: { keepSessionInfo?: boolean } = {}): Build =>
  (app) => {
    const passport = new Passport()
    passport.use(
      new Strategy((username, password, done) =>
        password === 'right'
          ? done(null, { name: username })
          : done(null, false, { message: `No ${username} with this password` }),
      ),
    )
    passport.serializeUser((user, done) => done(null, (user as { name: string }).name))
    passport.deserializeUser((name: string, done) => done(null, name === 'gone' ? false : { name, isMember: true }))
    app.use(flash())
    app.use(passport.initialize() as unknown as Page)
    app.use(passport.session() as unknown as Page)
    const redirects = { successRedirect: '/me', failureRedirect: '/failed', failureFlash: true, failureMessage: true }
    return {
      '/cart': ({ session }) => put(session, { cart: [{ sku: 'MUG', price: 7.5 }] }),
      '/login': (...given) => void (passport.authenticate('local', { ...redirects, ...options }) as Page)(...given),
      '/logout': (req, res, next) => passportOf(req).logout(options, (error) => (error ? next(error) : res.end('"bye"'))),
      '/me': (req) => [passportOf(req).user, passportOf(req).isAuthenticated()],
      '/failed': (req) => [(req as unknown as { flash(type: string): string[] }).flash('error'), req.session['messages']],
      '/show': show,
    }
  }

function passportOf(req: PageRequest) {
  return req as unknown as { user?: object; isAuthenticated(): boolean; logout(options: object, done: Next): void }
}

const right = '/login?username=alice&password=right'
const wrong = '/login?username=alice&password=wrong'

describe.each(['Express 5', 'Express 4', 'connect'])('%s', (framework) => {
  // connect parses no query.
  const withQuery: Build = (app) => {
    app.use((req, _res, next) => {
      const { searchParams } = new URL(req.url ?? '', 'http://localhost')
      Object.defineProperty(req, 'query', { value: Object.fromEntries(searchParams), configurable: true })
      next()
    })
    app.use((_req, res, next) => {
      Object.assign(res, { redirect: (to: string) => res.writeHead(302, { Location: to }).end() })
      next()
    })
    return {}
  }
  const site =
    (build: Build): Build =>
    (app) => ({ ...(framework === 'connect' && withQuery(app)), ...build(app) })

  it('passport: a login, a logout, and one login after the other', async () => {
    const paths = ['/me', '/cart', right, '/me', '/show', '/logout', '/me', '/show', right, right, '/me']
    const seen = await seenByBoth(framework, site(login()), paths)
    expect(seen[3]).toEqual(['/me', expect.objectContaining({ body: [{ name: 'alice', isMember: true }, true] })])
    expect(seen[4]).toEqual(['/show', expect.objectContaining({ body: { passport: { user: 'alice' } } })])
  })

  it('passport: keepSessionInfo keeps the other variables', async () => {
    const seen = await seenByBoth(framework, site(login({ keepSessionInfo: true })), ['/cart', right, '/show', '/logout', '/me'])
    expect(seen[2]).toEqual([
      '/show',
      expect.objectContaining({ body: { cart: [{ sku: 'MUG', price: 7.5 }], passport: { user: 'alice' } } }),
    ])
  })

  it('passport and connect-flash: failed logins, each told once', async () => {
    const seen = await seenByBoth(framework, site(login()), [
      wrong,
      '/failed',
      wrong,
      wrong,
      '/failed',
      '/failed',
      right,
      '/failed',
    ])
    const message = 'No alice with this password'
    const bodies = seen.map((each) => (each as [string, { body: unknown }])[1].body)
    expect([bodies[1], bodies[4]]).toEqual([
      [[message], [message]],
      [
        [message, message],
        [message, message, message],
      ],
    ])
  })

  it('passport: a user who is there no more', async () => {
    const build = site(login())
    await seenByBoth(framework, build, ['/login?username=gone&password=right', '/me', '/me'])
  })

  it('connect-flash: messages of several kinds, formatted, in lists, in one request and over several', async () => {
    const build: Build = (app) => {
      app.use(flash())
      const flashOf = (req: PageRequest) => (req as unknown as { flash: (...given: unknown[]) => unknown }).flash.bind(req)
      return {
        '/add': (req) => [
          flashOf(req)('info', 'Hello %s', 'Alice'),
          flashOf(req)('info', ['a', 'b']),
          flashOf(req)('error', 'Oh'),
        ],
        '/again': (req) => [flashOf(req)('info', 'more'), flashOf(req)('info'), flashOf(req)('info', 'last')],
        '/all': (req) => flashOf(req)(),
      }
    }
    const seen = await seenByBoth(framework, build, ['/add', '/again', '/all', '/add', '/all'])
    expect(seen[2]).toEqual(['/all', expect.objectContaining({ body: { info: ['last'], error: ['Oh'] } })])
  })
})

describe.each(['Express 5', 'Express 4'])('%s', (framework) => {
  const build: Build = (app) => {
    const { csrfSynchronisedProtection, generateToken } = csrfSync()
    const tokenOf = (req: PageRequest, overwrite = false) => generateToken(req as unknown as Request, overwrite)
    app.use('/token', (req, res) => void res.end(JSON.stringify(tokenOf(req))))
    app.use('/new-token', (req, res) => void res.end(JSON.stringify(tokenOf(req, true))))
    app.use(csrfSynchronisedProtection as unknown as Page)
    app.use((error: Error, _req: PageRequest, res: ServerResponse, _next: Next) => {
      const { status, code } = error as Error & { status: number; code: string }
      res.statusCode = status
      res.end(JSON.stringify(code))
    })
    return { '/buy': ({ session }) => put(session, { bought: true }) }
  }

  it.each(['theirs', 'ours'] as const)('csrf-sync: takes its own token, and only that (%s)', async (which) => {
    const { visit } = await open(framework, sides[which]({}), build)
    const buy = async (token?: string) => {
      const { status, body } = await visit('/buy', undefined, {
        method: 'POST',
        headers: token === undefined ? {} : { 'x-csrf-token': token },
      })
      return [status, (body as { bought?: boolean }).bought ?? body]
    }
    expect(await buy('')).toEqual([403, 'EBADCSRFTOKEN'])
    const token = (await visit('/token')).body as string
    expect((await visit('/token')).body).toBe(token)
    expect(await buy(token)).toEqual([200, true])
    expect(await buy()).toEqual([403, 'EBADCSRFTOKEN'])
    expect(await buy(token.replace(/^./, (first) => (first === '0' ? '1' : '0')))).toEqual([403, 'EBADCSRFTOKEN'])
    const another = (await visit('/new-token')).body as string
    expect(await buy(token)).toEqual([403, 'EBADCSRFTOKEN'])
    expect(await buy(another)).toEqual([200, true])
  })
})

describe('the session of passport in PHP', () => {
  let php: Php
  let side: OurSide
  let browser: Browser
  const idNow = () => idIn(browser.cookie)
  const files = () => readdirSync(side.save_path)

  async function start(options: { keepSessionInfo?: boolean }): Promise<void> {
    side = ours()
    browser = await open('Express 5', side, login(options))
    php = await openPhp('8.5', { mounts: [side.save_path], ini: { 'session.save_path': side.save_path } })
  }

  afterEach(() => php.close())

  /** Runs in a session, with `$in`. */
  async function inPhp(id: string, code: string): Promise<unknown> {
    const printed = await php.run(`session_id('${id}'); session_start(); ${code} session_write_close();`)
    return printed.length === 0 ? undefined : JSON.parse(printed.toString())
  }

  it('is PHP’s: the file has its format and its name, and PHP reads the login', async () => {
    await start({})
    await browser.visit('/cart')
    const before = idNow()
    expect(files()).toEqual([`sess_${before}`])
    await browser.visit(right)
    expect(idNow()).not.toBe(before)
    expect(files()).toEqual([`sess_${idNow()}`])
    expect(side.bytes()).toBe('passport|a:1:{s:4:"user";s:5:"alice";}')
    expect(await inPhp(idNow(), "echo json_encode($_SESSION['passport']['user']);")).toBe('alice')
  })

  it('keeps what PHP put there where passport keeps it, objects of classes too; of whole floats those inside of something', async () => {
    await start({ keepSessionInfo: true })
    const id = 'made-by-php'
    writeFileSync(join(side.save_path, `sess_${id}`), '', { mode: 0o600 })
    const cart =
      "$o = new ArrayObject(['a' => 1]); $_SESSION = ['cart' => ['total' => 10.0, 'object' => $o], 'name' => 'Zoë', 'paid' => 20.0];"
    await inPhp(id, cart)
    const variables = side.bytes()
    expect((await browser.visit(right, `PHPSESSID=${id}`)).cookie).toBe('new id')
    expect(files()).toEqual([`sess_${idNow()}`])
    const moved = variables.replace('paid|d:20;', 'paid|i:20;')
    expect(side.bytes()).toBe(`${moved}passport|a:1:{s:4:"user";s:5:"alice";}`)
    const inCart = "echo json_encode([get_class($_SESSION['cart']['object']), $_SESSION['cart']['total'] === 10.0]);"
    expect(await inPhp(idNow(), inCart)).toEqual(['ArrayObject', true])
  })

  it('is logged in where PHP says so, and out', async () => {
    await start({})
    await browser.visit('/cart')
    await inPhp(idNow(), "$_SESSION['passport'] = ['user' => 'bob'];")
    expect((await browser.visit('/me')).body).toEqual([{ name: 'bob', isMember: true }, true])
    await inPhp(idNow(), "unset($_SESSION['passport']);")
    expect((await browser.visit('/me')).body).toEqual([null, false])
  })
})
