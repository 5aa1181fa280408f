import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import express4 from 'express4'
import { phpSession } from '../../src/adapters/express.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'

/** What an application of Express does with an answer that it has given already, while the session is being stored. */

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** The answer of a page, and what came out of it as an error; stored is what the session holds afterwards. */
async function answerOf(app: express.Express, page: RequestHandler, cookie = '') {
  const sessions = new SessionManager({ save_handler: memorySaveHandler(), gc_probability: 0, lockTimeout: 1000 })
  const errors: unknown[] = []
  const caught: ErrorRequestHandler = (error, _req, _res, _next) => void errors.push(error)
  app.use(phpSession(sessions))
  app.get('/', page)
  app.use(caught)
  const server = app.listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sent = httpRequest({ port, headers: { cookie } }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  const answer: Answer = { status: response.statusCode, headers: response.headers, body }
  const id = /PHPSESSID=(\w+)/.exec(String(response.headers['set-cookie']))?.[1] ?? ''
  return { ...answer, errors, stored: await sessions.peek({ id }) }
}

describe.each([
  ['5', express],
  ['4', express4 as unknown as typeof express],
])('Express %s', (_version, framework) => {
  const sent = expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' })

  it('sends the first of two answers, whole', async () => {
    const page: RequestHandler = (req, res) => {
      Object.assign(req.$_SESSION, { n: 1 })
      res.send('first')
      res.status(500).json({ error: 'a longer second answer' })
    }
    expect(await answerOf(framework(), page)).toMatchObject({ status: 200, body: 'first', errors: [sent], stored: { n: 1 } })
  })

  it('sends a redirect and not what follows it', async () => {
    const page: RequestHandler = (_req, res) => {
      res.redirect('/login')
      res.send('b')
    }
    const { status, headers, body, errors } = await answerOf(framework(), page)
    expect({ status, length: Number(headers['content-length']), errors }).toEqual({
      status: 302,
      length: body.length,
      errors: [sent],
    })
    expect(body).toBe('Found. Redirecting to /login')
  })

  it('changes no status and no header of an answer', async () => {
    const page: RequestHandler = (_req, res) => {
      res.json({ secret: 1 })
      res.status(403).set('X-Late', '1')
    }
    const { status, headers, body, errors } = await answerOf(framework(), page)
    expect([status, headers['x-late'], body, errors]).toEqual([200, undefined, '{"secret":1}', [sent]])
  })

  it.each<[what: string, page: RequestHandler]>([
    [
      'behind save',
      (req, res) => {
        req.session.save()
        req.session.regenerate(logIn(req))
        res.send('x')
      },
    ],
    [
      'in the callback of save',
      (req, res) => {
        req.session.save(() => req.session.regenerate(logIn(req)))
        res.send('x')
      },
    ],
    [
      'behind reload',
      (req, res) => {
        req.session.reload(() => {})
        req.session.regenerate(logIn(req))
        res.redirect('/')
      },
    ],
  ])('makes the new id that nobody waited for: %s', async (_what, page) => {
    const { errors, stored, headers } = await answerOf(framework(), page)
    expect({ errors, stored, cookies: headers['set-cookie']?.length }).toEqual({
      errors: [],
      stored: { user: 'Alice' },
      cookies: 1,
    })
  })

  it('takes a cookie’s lifetime from the callback of regenerate', async () => {
    const page: RequestHandler = (req, res) => {
      req.session.regenerate(() => {
        req.session.cookie.maxAge = 5000
      })
      res.send('x')
    }
    const { headers } = await answerOf(framework(), page)
    expect(headers['set-cookie']).toEqual([expect.stringContaining('Max-Age=5;')])
  })
})

/** A callback of regenerate. */
function logIn(req: express.Request): (error?: unknown) => void {
  return (error) => {
    if (error !== undefined && error !== null) throw error
    Object.assign(req.$_SESSION, { user: 'Alice' })
  }
}
