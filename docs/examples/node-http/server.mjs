/** PHP's sessions in Node's own HTTP server: visits are counted, and who logs in here or in PHP is logged in there too. */
import { createServer } from 'node:http'
import { SessionManager } from 'session-start'

const { SAVE_PATH = '/var/lib/php/sessions', PORT = '8080' } = process.env

const sessions = new SessionManager({ save_path: SAVE_PATH })

const server = createServer((req, res) => {
  answer(req, res).catch((error) => {
    console.error(error)
    if (res.headersSent) res.destroy()
    else res.writeHead(500).end('Internal Server Error')
  })
})

async function answer(req, res) {
  const session = await sessions.start(req, res) // session_start()
  const { $_SESSION } = session
  switch (`${req.method} ${req.url}`) {
    case 'GET /':
      $_SESSION.visits = ($_SESSION.visits ?? 0) + 1
      res.setHeader('Content-Type', 'text/plain; charset=utf-8')
      return res.end(`Hello ${$_SESSION.user ?? 'stranger'}, visit ${$_SESSION.visits}`) // stored before the last byte leaves

    case 'POST /login':
      await session.regenerate(true) // the id from before the login is worth nothing now
      $_SESSION.user = 'Alice' // whoever the name and the password belong to
      return res.writeHead(303, { Location: '/' }).end()

    case 'POST /logout':
      session.cookie.expire()
      await session.destroy()
      return res.writeHead(303, { Location: '/' }).end()

    default:
      return res.writeHead(404).end('Not found')
  }
}

server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.once('SIGTERM', () => server.close())
