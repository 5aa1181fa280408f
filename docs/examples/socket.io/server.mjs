/** socket.io for whoever is logged in, in PHP or here. To look at a session takes no lock. */
import { createServer } from 'node:http'
import { SessionManager } from 'session-start'
import { Server } from 'socket.io'

const { SAVE_PATH = '/var/lib/php/sessions', PORT = '8080' } = process.env

const sessions = new SessionManager({ save_path: SAVE_PATH })
const server = createServer()
const io = new Server(server, { allowRequest: (req, decide) => decide(null, isFromHere(req)) })

io.use(async (socket, next) => {
  const $_SESSION = await sessions.peek(socket.request).catch(console.error)
  if ($_SESSION?.user === undefined) return next(new Error('Unauthorized'))
  socket.data.user = $_SESSION.user
  next()
})

io.on('connection', (socket) => {
  const { user } = socket.data
  socket.emit('hello', `Hello ${user}`)
  socket.on('visits', async (reply) => {
    // The socket may outlive the login: what PHP did meanwhile is seen by looking again.
    const now = await sessions.peek(socket.request).catch(console.error)
    if (now?.user === user) reply(now.visits ?? 0)
    else socket.disconnect(true)
  })
})

/** A page of another site may open a socket too, and browsers send cookies with it. */
function isFromHere({ headers: { origin, host } }) {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}

server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.once('SIGTERM', () => io.close())
