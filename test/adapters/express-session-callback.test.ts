import express, { type Request } from 'express'
import { count, put } from './express-session/scenario.ts'
import type { AnySession, App, Page } from './express-session/sides.ts'
import { codeOf, messageOf, Site, thrown } from './express-session/site.ts'

/** The callbacks and the cookie of `req.session`, where express-session has nothing to compare with: what may fail, what is waited for. */

let site: Site
beforeEach(() => {
  site = new Site()
})
afterEach(async () => expect(await site.close()).toEqual([]))

describe('req.session.cookie', () => {
  it.each([
    ['a time that is nearly over', (session) => Object.assign(session.cookie, { maxAge: 400 }), 'new id'],
    ['a time that is over', (session) => Object.assign(session.cookie, { maxAge: -1 }), 'forgotten'],
    ['other attributes once it is over', (session) => Object.assign(session.cookie, { maxAge: 0, path: '/shop' }), 'forgotten'],
    ['no time again', (session) => Object.assign(session.cookie, { maxAge: 0, expires: null }), 'new id'],
  ] satisfies [string, (session: AnySession) => object, string][])('%s', async (_what, change, cookie) => {
    const { visit } = await site.open({ '/': ({ session }) => change(session) })
    expect((await visit('/')).cookie).toBe(cookie)
  })

  it('takes the attributes of an object that is assigned', async () => {
    const { visit } = await site.open({
      '/': ({ session }) => Object.assign(session, { cookie: { path: '/shop', maxAge: 60_000 } }),
    })
    expect((await visit('/')).attributes).toEqual({ path: '/shop', lifetime: 60, httponly: true, samesite: 'Lax' })
  })

  it('is not sent again when it is assigned to itself, nor an attribute that is so already', async () => {
    const same: Page = ({ session }) => Object.assign(session, { cookie: session.cookie }).cookie.path
    const { visit } = await site.open(
      { '/set': ({ session }) => (session.cookie.path = '/'), '/same': same },
      { cookie_lifetime: 60 },
    )
    expect([(await visit('/same')).cookie, (await visit('/same')).cookie, (await visit('/set')).cookie]).toEqual([
      'new id',
      'not sent',
      'not sent',
    ])
  })

  it('refuses what no cookie can be', async () => {
    const page: Page = ({ session: { cookie } }) => [
      messageOf(() => Object.assign(cookie, { expires: 'tomorrow' })),
      messageOf(() => Object.assign(cookie, { maxAge: '60000' })),
      thrown(() => Object.assign(cookie, { expires: new Date(Number.NaN) })),
      thrown(() => Object.assign(cookie, { maxAge: Number.POSITIVE_INFINITY })),
      thrown(() => Object.assign(cookie, { path: '/;' })),
      thrown(() => Object.assign(cookie, { sameSite: 'maybe' })),
      thrown(() => Object.assign(cookie, { partitioned: true })),
      [cookie.expires, cookie.maxAge, cookie.path, cookie.sameSite, cookie.partitioned],
    ]
    const messages = ['expires must be a Date', 'maxAge must be a number or Date']
    expect(await site.answerOf(page)).toEqual([...messages, ...Array(5).fill('TypeError'), [null, null, '/', 'lax', false]])
  })

  it('cannot be changed after the headers, except that touch does nothing', async () => {
    const page: Page = ({ session }, res) => {
      res.write('[1')
      const late = [thrown(() => Object.assign(session.cookie, { path: '/shop' })), thrown(() => session.touch())]
      res.end(`,${JSON.stringify(late)}]`)
    }
    expect(await site.answerOf(page, { cookie_lifetime: 60 })).toEqual([1, ['HEADERS_SENT', 'nothing']])
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
      return [first, await outcome(session, 'save'), site.side.bytes()]
    }
    expect(await site.answerOf(page)).toEqual(['TypeError', 'done', 'n|i:1;of|a:0:{}'])
  })

  it('gets the error of a regenerate that comes after the headers, and the session stays', async () => {
    const page: Page = (req, res) => {
      count(req.session)
      res.write('[')
      req.session.regenerate((error) => res.end(JSON.stringify([codeOf(error), req.session]).slice(1)))
    }
    expect(await site.answerOf(page)).toEqual(['HEADERS_SENT', { n: 1 }])
    expect(site.side.bytes()).toBe('n|i:1;')
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
    expect(await site.answerOf(page)).toEqual({ n: 1 })
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
    expect(await site.answerOf(page)).toEqual({})
    const warning = [expect.stringContaining('PHP has no function'), { type: 'SessionWarning' }]
    expect(site.takeWarnings()).toEqual([warning])
  })

  it('finds the session of the request as the current one, and so does what comes after a parsed body', async () => {
    const app = express()
    app.use(express.json(), express.urlencoded())
    const isCurrent = (req: Request) => site.sessions.current?.id === req.sessionID
    const page = (req: Request) =>
      new Promise((resolve) => req.session.save(() => resolve([isCurrent(req), site.sessions.current === undefined]))).then(
        (inCallback) => [isCurrent(req), inCallback],
      )
    const browser = await site.open({ '/': page as unknown as Page }, undefined, app as unknown as App)
    expect((await browser.visit('/')).body).toEqual([true, [true, false]])
  })

  it('is called when all that was begun before is done', async () => {
    const page: Page = (req) =>
      new Promise(
        (resolve) => put(req.session, { n: 1 }) && req.session.regenerate().save(() => resolve([site.side.bytes(), req.session])),
      )
    expect(await site.answerOf(page)).toEqual(['', {}])
  })

  it('may end the answer while there is more to do, which is done first', async () => {
    const page: Page = ({ session }, res) => {
      put(session, { n: 1 })
      session.save(() => res.end('"ended"'))
      session.save(() => put(session, { n: 2 }))
    }
    expect(await site.answerOf(page)).toBe('ended')
    expect(site.side.bytes()).toBe('n|i:2;')
  })

  it('is waited for before the session is stored, and what it begins too', async () => {
    const { visit } = await site.open({
      '/login': (req) => {
        req.session.regenerate(() => {
          put(req.session, { user: 'Alice' })
          req.session.save(() => put(req.session, { n: 1 }))
        })
        return 'welcome'
      },
    })
    await visit('/login')
    expect(site.side.bytes()).toBe('user|s:5:"Alice";n|i:1;')
  })
})
