/** WebSockets (the package ws) for whoever is logged in, in PHP or here. To look at a session takes no lock. */
import { createServer } from 'node:http'
import { SessionManager } from 'session-start'
import { WebSocketServer } from 'ws'

const { SAVE_PATH = '/var/lib/php/sessions', PORT = '8080' } = process.env

const sessions = new SessionManager({ save_path: SAVE_PATH })
const server = createServer((_req, res) => res.writeHead(426).end('Upgrade Required'))
const sockets = new WebSocketServer({ noServer: true })

server.on('upgrade', async (req, socket, head) => {
  socket.on('error', () => socket.destroy())
  const user = await userOf(req)
  if (user === undefined) return socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n')
  sockets.handleUpgrade(req, socket, head, (ws) => welcome(ws, req, user))
})

function welcome(ws, req, user) {
  ws.send(`Hello ${user}`)
  ws.on('error', console.error)
  ws.on('message', async () => {
    // The socket may outlive the login: what PHP did meanwhile is seen by looking again.
    const now = await sessions.peek(req).catch(console.error)
    if (now?.user === user) ws.send(`${user}, visit ${now.visits ?? 0}`)
    else ws.close(1008, 'Logged out')
  })
}

async function userOf(req) {
  if (!isFromHere(req)) return undefined
  const $_SESSION = await sessions.peek(req).catch(console.error)
  return $_SESSION?.user
}

/** A page of another site may open a socket too, and browsers send cookies with it. */
function isFromHere({ headers: { origin, host } }) {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}

server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.once('SIGTERM', () => {
  server.close()
  for (const ws of sockets.clients) ws.close(1001)
})
