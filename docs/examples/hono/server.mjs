/** PHP's sessions in Hono on Node: visits are counted, and who logs in here or in PHP is logged in there too. */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { SessionManager } from 'session-start'
import { withSession } from 'session-start/fetch'

const { SAVE_PATH = '/var/lib/php/sessions', PORT = '8080' } = process.env

const sessions = new SessionManager({ save_path: SAVE_PATH })
const app = new Hono()

app.get('/', (c) => {
  const { $_SESSION } = c.env.session
  $_SESSION.visits = ($_SESSION.visits ?? 0) + 1
  return c.text(`Hello ${$_SESSION.user ?? 'stranger'}, visit ${$_SESSION.visits}`)
})

app.post('/login', async (c) => {
  const { session } = c.env
  await session.regenerate(true) // the id from before the login is worth nothing now
  session.$_SESSION.user = 'Alice' // whoever the name and the password belong to
  return c.redirect('/', 303)
})

app.post('/logout', async (c) => {
  const { session } = c.env
  session.cookie.expire()
  await session.destroy()
  return c.redirect('/', 303)
})

const fetch = withSession(sessions, (request, session, env) => app.fetch(request, { ...env, session }))

const server = serve({ fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) => console.log(`http://127.0.0.1:${port}`))
process.once('SIGTERM', () => server.close())
