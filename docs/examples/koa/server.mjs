/** PHP's sessions in Koa: visits are counted, and who logs in here or in PHP is logged in there too. */
import Koa from 'koa'
import { SessionManager } from 'session-start'
import { phpSession } from 'session-start/koa'

const { SAVE_PATH = '/var/lib/php/sessions', PORT = '8080' } = process.env

const sessions = new SessionManager({ save_path: SAVE_PATH })
const app = new Koa()

app.use(phpSession(sessions))

app.use(async (ctx) => {
  const { session, $_SESSION } = ctx
  switch (`${ctx.method} ${ctx.path}`) {
    case 'GET /':
      $_SESSION.visits = ($_SESSION.visits ?? 0) + 1
      ctx.body = `Hello ${$_SESSION.user ?? 'stranger'}, visit ${$_SESSION.visits}`
      break

    case 'POST /login':
      await session.regenerate(true) // the id from before the login is worth nothing now
      $_SESSION.user = 'Alice' // whoever the name and the password belong to
      ctx.status = 303
      ctx.redirect('/')
      break

    case 'POST /logout':
      session.cookie.expire()
      await session.destroy()
      ctx.status = 303
      ctx.redirect('/')
  }
})

const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.once('SIGTERM', () => server.close())
