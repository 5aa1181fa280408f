/** The same page with express-session and session-file-store. */
import { randomBytes } from 'node:crypto'
import expressSession from 'express-session'
import fileStore from 'session-file-store'
import { loginPage, serve } from './login-page.mjs'

const store = new (fileStore(expressSession))({ path: process.argv[2], reapInterval: -1, logFn: () => {} })
const startSession = expressSession({ store, secret: 'not a secret', resave: false, saveUninitialized: false })

serve((req, res) => {
  startSession(req, res, (error) => {
    if (error) throw error
    req.session.csrf_token = randomBytes(16).toString('hex')
    req.session.return_to = '/account'
    req.session.attempts = 0
    res.setHeader('Content-Type', 'text/html; charset=utf-8')
    res.end(loginPage(req.session.csrf_token))
  })
})
