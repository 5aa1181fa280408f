import { once } from 'node:events'
import { createServer, type Server as HttpServer, type IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import Koa from 'koa'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { WebSocket, WebSocketServer } from 'ws'
import * as forExpress from '../../src/adapters/express.ts'
import * as forFastify from '../../src/adapters/fastify.ts'
import { withSession } from '../../src/adapters/fetch.ts'
import * as forKoa from '../../src/adapters/koa.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { type SpySaveHandler, spySaveHandler } from '../session/support/spy-save-handler.ts'

/** Requests that become sockets: their session is read, and nobody waits for them. */

let store: SpySaveHandler
let sessions: SessionManager
const open: { close(): unknown }[] = []

beforeEach(async () => {
  store = spySaveHandler(memorySaveHandler())
  sessions = new SessionManager({ save_handler: store, gc_divisor: 1, use_strict_mode: false, lockTimeout: 300 })
  const session = await sessions.start({ id: 'alice' })
  session.$_SESSION['user'] = 'Alice'
  await session.commit()
  await settled()
  store.calls.length = 0
})

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})

const settled = () => new Promise((resolve) => setTimeout(resolve, 20))
const headers = { Cookie: 'PHPSESSID=alice' }

/** Another request of the same session, which is answered only if the lock is free. */
async function visit(): Promise<string> {
  const session = await sessions.start({ id: 'alice' })
  session.$_SESSION['visits'] = (session.$_SESSION['visits'] ?? 0) + 1
  await session.commit()
  return `visit ${session.$_SESSION['visits']}`
}

async function listen(server: HttpServer): Promise<number> {
  open.push({ close: () => new Promise((resolve) => server.close(resolve)) })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

/** Opens a WebSocket, and gives the first it is told. */
async function told(port: number, sent: Record<string, string> = headers): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: sent })
  open.push({ close: () => socket.terminate() })
  const [message] = await once(socket, 'message')
  return String(message)
}

type Show = (req: IncomingMessage) => unknown

/** As express-ws and @fastify/websocket do: what asks for a socket is routed as all others, with a response that nothing is written to. */
type Serve = (show: Show, options?: object) => Promise<HttpServer>

const upgrade = (req: IncomingMessage, text: unknown) => {
  const sockets = new WebSocketServer({ noServer: true })
  sockets.handleUpgrade(req, req.socket, Buffer.alloc(0), (socket) => socket.send(String(text)))
}

const serveExpress: Serve = async (show, options) => {
  const app = express()
  app.use(forExpress.phpSession(sessions, options), (req) => upgrade(req, show(req)))
  return createServer().on('upgrade', (req) => app(req, new ServerResponse(req)))
}

const serveKoa: Serve = async (show, options) => {
  const app = new Koa()
  app.use(forKoa.phpSession(sessions, options)).use((ctx) => {
    ctx.respond = false
    upgrade(ctx.req, show(ctx as never))
  })
  const handle = app.callback()
  return createServer().on('upgrade', (req) => void handle(req, new ServerResponse(req)))
}

const serveFastify: Serve = async (show, options) => {
  const app = fastify()
  app.register(forFastify.phpSession(sessions, options))
  app.get('/', (request, reply) => {
    reply.hijack()
    upgrade(request.raw, show(request as never))
  })
  await app.ready()
  return createServer().on('upgrade', (req) => app.routing(req, new ServerResponse(req)))
}

const variables: Show = (req) => JSON.stringify((req as unknown as { $_SESSION: object }).$_SESSION)

describe.each([
  ['Express', serveExpress],
  ['Koa', serveKoa],
  ['Fastify', serveFastify],
])('a route of %s that becomes a WebSocket', (_name, serve) => {
  it('sees the session, and holds no lock while the socket is open', async () => {
    const port = await listen(await serve(variables))
    expect(await told(port)).toBe('{"user":"Alice"}')
    expect(await visit()).toBe('visit 1')
    expect(await told(port)).toBe('{"user":"Alice","visits":1}')
  })

  it('reads only, whatever the options say', async () => {
    const port = await listen(await serve(variables, { read_and_close: false, saveUninitialized: true, gc_probability: 1 }))
    expect(await told(port)).toBe('{"user":"Alice"}')
    expect(await visit()).toBe('visit 1')
    const change: Show = (req) => {
      try {
        return Object.assign((req as unknown as { $_SESSION: object }).$_SESSION, { late: 1 })
      } catch (error) {
        return (error as { code?: string }).code
      }
    }
    expect(await told(await listen(await serve(change)))).toBe('SESSION_CLOSED')
  })

  it('makes no session for who has none, and does not clean up', async () => {
    const port = await listen(await serve(variables))
    expect(await told(port, {})).toBe('{}')
    expect(await told(port, { Cookie: 'PHPSESSID=nobody' })).toBe('{}')
    await settled()
    expect(store.calls.filter((call) => /^(read|write|updateTimestamp|gc)/.test(call))).toEqual([])
  })

  it('starts nothing with autoStart: false', async () => {
    const port = await listen(await serve((req) => (req as { session?: unknown }).session, { autoStart: false }))
    expect(await told(port)).toBe('undefined')
    expect(store.calls).toEqual([])
  })
})

describe('withSession', () => {
  it.each(['websocket', 'WebSocket'])('only reads for a request with Upgrade: %s', async (Upgrade) => {
    const handler = withSession(sessions, async (_request, session) => {
      return new Response([session.status, session.$_SESSION['user'], await visit()].join())
    })
    const answer = await handler(new Request('http://localhost/', { headers: { ...headers, Upgrade } }))
    expect(await answer.text()).toBe('closed,Alice,visit 1')
  })
})

describe('io.engine.use(phpSession(sessions))', () => {
  /** What `socket.request` shows, once the socket is open. */
  async function connect(transports: ('websocket' | 'polling')[], options?: object): Promise<unknown> {
    const server = createServer()
    const site = new Server(server)
    site.engine.use(forExpress.phpSession(sessions, options))
    open.push({ close: () => site.close() })
    const connected = once(site, 'connection')
    const port = await listen(server)
    const client = io(`http://127.0.0.1:${port}`, { transports, extraHeaders: headers, reconnection: false, forceNew: true })
    open.push(client)
    await new Promise<void>((resolve, reject) => void client.once('connect', resolve).once('connect_error', reject))
    const [{ request }] = (await connected) as [{ request: { session: { user: string } } }]
    return request.session.user
  }

  it('shows the session as socket.request.session, and holds no lock while the socket is open', async () => {
    expect(await connect(['websocket'])).toBe('Alice')
    expect([await visit(), await visit()]).toEqual(['visit 1', 'visit 2'])
  })

  it('does so for long polling, with read_and_close: true', async () => {
    expect(await connect(['polling'], { read_and_close: true })).toBe('Alice')
    expect([await visit(), await visit()]).toEqual(['visit 1', 'visit 2'])
  })

  it('keeps no lock where sessions.start itself is given the response, which is none', async () => {
    const server = createServer()
    const site = new Server(server)
    site.engine.use((req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => {
      sessions.start(req, res).then(() => next(), next)
    })
    open.push({ close: () => site.close() })
    const client = io(`http://127.0.0.1:${await listen(server)}`, {
      transports: ['websocket'],
      extraHeaders: headers,
      reconnection: false,
      forceNew: true,
    })
    open.push(client)
    await new Promise((resolve) => void client.once('connect_error', resolve))
    expect(await visit()).toBe('visit 1')
  })
})
