/** PHP's sessions in Express: visits are counted, and who logs in here or in PHP is logged in there too. */
import express from 'express'
import { SessionManager } from 'session-start'
import { phpSession } from 'session-start/express'

const { SAVE_PATH = '/var/lib/php/sessions', PORT = '8080' } = process.env

const sessions = new SessionManager({ save_path: SAVE_PATH })
const app = express()

app.use(phpSession(sessions))

app.get('/', ({ $_SESSION }, res) => {
  $_SESSION.visits = ($_SESSION.visits ?? 0) + 1
  res.type('text').send(`Hello ${$_SESSION.user ?? 'stranger'}, visit ${$_SESSION.visits}`)
})

app.post('/login', async (req, res) => {
  await sessions.regenerate(true) // the id from before the login is worth nothing now
  req.$_SESSION.user = 'Alice' // whoever the name and the password belong to
  res.redirect(303, '/')
})

app.post('/logout', async (_req, res) => {
  sessions.current.cookie.expire()
  await sessions.destroy()
  res.redirect(303, '/')
})

const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.once('SIGTERM', () => server.close())
