/** PHP's sessions in Fastify: visits are counted, and who logs in here or in PHP is logged in there too. */
import fastify from 'fastify'
import { SessionManager } from 'session-start'
import { phpSession } from 'session-start/fastify'

const { SAVE_PATH = '/var/lib/php/sessions', PORT = '8080' } = process.env

const sessions = new SessionManager({ save_path: SAVE_PATH })
const app = fastify()

app.register(phpSession(sessions))

app.get('/', async ({ $_SESSION }) => {
  $_SESSION.visits = ($_SESSION.visits ?? 0) + 1
  return `Hello ${$_SESSION.user ?? 'stranger'}, visit ${$_SESSION.visits}`
})

app.post('/login', async ({ session, $_SESSION }, reply) => {
  await session.regenerate(true) // the id from before the login is worth nothing now
  $_SESSION.user = 'Alice' // whoever the name and the password belong to
  return reply.redirect('/', 303)
})

app.post('/logout', async ({ session }, reply) => {
  session.cookie.expire()
  await session.destroy()
  return reply.redirect('/', 303)
})

console.log(await app.listen({ port: Number(PORT), host: '127.0.0.1' }))
process.once('SIGTERM', () => app.close())
