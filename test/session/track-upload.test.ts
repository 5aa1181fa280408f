import { once } from 'node:events'
import { type ClientRequest, createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import multer from 'multer'
import { phpSession } from '../../src/adapters/express.ts'
import { phpSession as fastifySession } from '../../src/adapters/fastify.ts'
import { withSession } from '../../src/adapters/fetch.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'

/** `sessions.trackUpload`: the progress is there for others while the upload lasts, and the session for the handler after it. */

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const open = (options = {}) =>
  new SessionManager({
    save_handler: memorySaveHandler(),
    gc_probability: 0,
    lockTimeout: 2000,
    'upload_progress.enabled': true,
    'upload_progress.freq': 0,
    'upload_progress.min_freq': 0,
    ...options,
  })

const frameworks: [name: string, serve: (sessions: SessionManager) => Promise<number>][] = [
  [
    'Express and multer',
    (sessions) => {
      const app = express()
      app.use(phpSession(sessions, { autoStart: false }))
      const track: express.RequestHandler = (req, _res, next) => {
        sessions.trackUpload(req)
        next()
      }
      app.post('/', track, multer().single('file'), async (req, res) => {
        const { $_SESSION } = await sessions.start(req, res)
        $_SESSION['received'] = req.file?.size
        res.json(Object.keys($_SESSION))
      })
      return listen(app)
    },
  ],
  [
    'Fastify and @fastify/multipart',
    async (sessions) => {
      const app = fastify()
      await app.register(import('@fastify/multipart'))
      await app.register(fastifySession(sessions, { autoStart: false }))
      app.post('/', async (request, reply) => {
        const file = await sessions.trackUpload(request).file()
        const bytes = await file?.toBuffer()
        const { $_SESSION } = await sessions.start(request, reply)
        $_SESSION['received'] = bytes?.length
        return Object.keys($_SESSION)
      })
      await app.listen({ port: 0, host: '127.0.0.1' })
      closing.push(() => app.close())
      return (app.server.address() as AddressInfo).port
    },
  ],
  [
    'the Fetch API',
    (sessions) => {
      const handler = withSession(
        sessions,
        async (request) => {
          const tracked = sessions.trackUpload(request)
          const file = (await tracked.formData()).get('file') as File
          const { $_SESSION } = await sessions.start(tracked)
          $_SESSION['received'] = file.size
          return Response.json(Object.keys($_SESSION))
        },
        { autoStart: false },
      )
      return listen(getRequestListener(handler))
    },
  ],
]

describe.each(frameworks)('an upload to %s', (_name, serve) => {
  it('is seen while it lasts, and gone when the handler starts the session', async () => {
    const sessions = open()
    const id = await makeSession(sessions)
    const upload = startUpload(await serve(sessions), id)
    upload.write(head)
    upload.write(Buffer.alloc(50_000))
    const seen = await until(async () => (await progress(sessions, id)) ?? false)
    expect(seen).toMatchObject({ done: false, files: [{ field_name: 'file', name: 'a.bin', done: false }] })
    upload.end(tail)
    expect(await answerTo(upload)).toEqual(['user', 'received'])
    expect(await sessions.peek({ id })).toEqual({ user: 'Alice', received: 50_000 })
  })

  it('is seen as done by the handler without clean-up', async () => {
    const sessions = open({ 'upload_progress.cleanup': false })
    const id = await makeSession(sessions)
    const upload = startUpload(await serve(sessions), id)
    upload.write(head)
    upload.end(Buffer.concat([Buffer.alloc(50_000), Buffer.from(tail)]))
    expect(await answerTo(upload)).toEqual(['user', 'upload_progress_mine', 'received'])
    expect(await progress(sessions, id)).toMatchObject({ done: true, files: [{ done: true, bytes_processed: 50_000 }] })
  })
})

it('leaves a request without a session alone', async () => {
  const sessions = open()
  const upload = startUpload(await frameworks[0]![1](sessions), undefined)
  upload.end(Buffer.concat([Buffer.from(head), Buffer.alloc(10), Buffer.from(tail)]))
  expect(await answerTo(upload)).toEqual(['received'])
})

describe('an id that a field of the form brings', () => {
  const field = (id: string) => `--x\r\nContent-Disposition: form-data; name="PHPSESSID"\r\n\r\n${id}\r\n`

  it('is that of the upload with use_only_cookies off', async () => {
    const sessions = open({ use_only_cookies: false })
    const id = await makeSession(sessions)
    const upload = startUpload(await frameworks[0]![1](sessions), undefined)
    upload.write(field(id) + head)
    upload.write(Buffer.alloc(50_000))
    expect(await until(async () => (await progress(sessions, id)) ?? false)).toMatchObject({ files: [{ name: 'a.bin' }] })
    upload.end(tail)
    expect(await answerTo(upload)).toEqual(['user', 'received'])
  })

  it.each([
    ['use_only_cookies is on', {}, undefined, undefined],
    ['there is a cookie', { use_only_cookies: false }, 'b'.repeat(32), undefined],
    ['there is a cookie that is no id', { use_only_cookies: false }, '..', undefined],
    ['it is none', { use_only_cookies: false }, undefined, '../x'],
  ])('is not when %s', async (_why, options, cookie, brought) => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue()
    const sessions = open({ 'upload_progress.cleanup': false, ...options })
    const id = await makeSession(sessions)
    const upload = startUpload(await frameworks[0]![1](sessions), cookie)
    upload.end(Buffer.concat([Buffer.from(field(brought ?? id) + head), Buffer.alloc(10), Buffer.from(tail)]))
    await answerTo(upload)
    expect(await sessions.peek({ id })).not.toHaveProperty('upload_progress_mine')
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })
})

it('makes no session for an id that nobody has', async () => {
  const sessions = open()
  const upload = startUpload(await frameworks[0]![1](sessions), 'b'.repeat(32))
  upload.end(Buffer.concat([Buffer.from(head), Buffer.alloc(10), Buffer.from(tail)]))
  await answerTo(upload)
  expect(await sessions.peek({ id: 'b'.repeat(32) })).toBeNull()
})

it('warns once where progress is off, which is the default', async () => {
  const warn = jest.spyOn(process, 'emitWarning').mockReturnValue()
  const sessions = open({ 'upload_progress.enabled': undefined })
  const id = await makeSession(sessions)
  const port = await frameworks[0]![1](sessions)
  for (let times = 0; times < 2; times++) {
    const upload = startUpload(port, id)
    upload.end(Buffer.concat([Buffer.from(head), Buffer.alloc(10), Buffer.from(tail)]))
    expect(await answerTo(upload)).toEqual(['user', 'received'])
  }
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining("'upload_progress.enabled': true"), { type: 'SessionWarning', code: 'UPLOAD_PROGRESS_OFF' }],
  ])
  warn.mockRestore()
})

const head =
  '--x\r\nContent-Disposition: form-data; name="PHP_SESSION_UPLOAD_PROGRESS"\r\n\r\nmine\r\n' +
  '--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/octet-stream\r\n\r\n'
const tail = '\r\n--x--\r\n'

async function makeSession(sessions: SessionManager): Promise<string> {
  const session = await sessions.start()
  session.$_SESSION['user'] = 'Alice'
  await session.commit()
  return session.id
}

function startUpload(port: number, id: string | undefined): ClientRequest {
  const headers = {
    'Content-Type': 'multipart/form-data; boundary=x',
    'Transfer-Encoding': 'chunked',
    ...(id === undefined ? {} : { Cookie: `PHPSESSID=${id}` }),
  }
  return request({ port, method: 'POST', headers, agent: false })
}

async function answerTo(upload: ClientRequest): Promise<unknown> {
  const [response] = (await once(upload, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  return JSON.parse(body)
}

async function progress(sessions: SessionManager, id: string): Promise<unknown> {
  return (await sessions.peek({ id }))?.['upload_progress_mine']
}

async function until<R>(look: () => Promise<R | false>): Promise<R> {
  for (;;) {
    const found = await look()
    if (found !== false) return found
    await sleep(5)
  }
}

async function listen(handler: Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(handler as never)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as AddressInfo).port
}

it.each([[undefined], [null], ['x'], [{}]])('trackUpload refuses %j, which is no request', (given) => {
  expect(() => new SessionManager().trackUpload(given as never)).toThrow(new TypeError('trackUpload takes a request'))
})
