import express, { type NextFunction, type Request, type Response } from 'express'
import { phpSession, type RequestSession } from '../../src/adapters/express.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'

/** What TypeScript takes, and what it does not: the compiler is the test, which only has to be run. */

declare module '../../src/adapters/express.ts' {
  interface SessionData {
    views: number
    user: { name: string }
  }
}

const app = express()
app.use(phpSession(new SessionManager({ save_handler: memorySaveHandler() })))
app.use(phpSession(new SessionManager(), (req: Request) => ({ cookie_secure: req.secure, autoStart: req.path !== '/health' })))
app.use('/admin', phpSession(new SessionManager<{ views: number }>(), { read_and_close: true, saveUninitialized: false }))

app.get('/', (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1
  // @ts-expect-error: it is a number
  req.session.views = 'many'
  // @ts-expect-error: it may not be there
  req.session.user.name
  // @ts-expect-error: nobody said that there is one
  req.session.cart
  // @ts-expect-error: the id is nobody's to set
  req.session.id = 'mine'
  delete req.session.user
  req.$_SESSION.views = 2
  // @ts-expect-error: it may not be there
  req.$_SESSION.user.name
  req.$_SESSION['anything'].goes = [req.session.id, req.sessionID]
  req.$_SESSION = { views: 1, more: null }
  res.json(req.session.touch().save().resetMaxAge().views)
})

app.post('/login', (req: Request, res: Response, next: NextFunction) => {
  const session: RequestSession = req.session
  session.regenerate((error) => {
    if (error) return next(error)
    req.session.cookie.maxAge = 3_600_000
    req.session.cookie.expires = false
    req.session.cookie.expires = new Date()
    req.session.cookie.sameSite = 'strict'
    // @ts-expect-error: 'auto' was resolved when express-session made its cookie
    req.session.cookie.secure = 'auto'
    const left: number = (req.session.cookie.maxAge ?? 0) / 1000
    req.session.save((failure: Error) => res.json(failure?.message ?? left))
  })
})

app.post('/logout', (req, _res, next) => {
  req.session.reload(() => req.session.destroy(next))
})

it('compiles', () => {
  expect(app).toBeInstanceOf(Function)
})
