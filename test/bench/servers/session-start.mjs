/** The login page on node:http with a session of ours: the argument is the folder; says its port. */
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { loginPage, serve } from './login-page.mjs'

const { SessionManager } = createRequire(import.meta.url)('../../../dist/index.js')
const sessions = new SessionManager({ save_path: process.argv[2], gc_probability: 0, use_strict_mode: true })

serve(async (req, res) => {
  const { $_SESSION } = await sessions.start(req, res)
  $_SESSION.csrf_token = randomBytes(16).toString('hex')
  $_SESSION.return_to = '/account'
  $_SESSION.attempts = 0
  res.setHeader('Content-Type', 'text/html; charset=utf-8')
  res.end(loginPage($_SESSION.csrf_token))
})
