import { once } from 'node:events'
import { Agent, createServer, type RequestListener, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SessionError } from '../../src/errors.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import type { Session } from '../../src/session/session.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { spySaveHandler } from './support/spy-save-handler.ts'

/** `sessions.current` and what hangs on it: which session is that of the running request. */

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server, and a way to ask it for a path as a user. Connections are kept and shared, as behind a reverse proxy. */
async function serve(handler: RequestListener, maxSockets: number): Promise<(path: string, user?: string) => Promise<string>> {
  const server = createServer(handler)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets })
  closing.push(() => {
    agent.destroy()
    server.close()
    server.closeAllConnections()
  })
  return async (path, user) => {
    const sent = request({ port, path, agent, headers: user === undefined ? {} : { Cookie: `PHPSESSID=${user}` } })
    sent.end()
    const [response] = await once(sent, 'response')
    let body = ''
    for await (const chunk of response.setEncoding('utf8')) body += chunk
    return body
  }
}

const open = () => new SessionManager({ save_handler: memorySaveHandler(), use_strict_mode: false, gc_probability: 0 })
const pause = () => sleep(Math.random() * 5)

describe('200 interleaved requests', () => {
  it('never see each other’s session', async () => {
    const sessions = open()
    const ask = await serve(async (req, res) => {
      const strangers = [sessions.current?.id]
      const user = /PHPSESSID=(\w+)/.exec(req.headers.cookie ?? '')?.[1]
      if (Math.random() < 0.5) await pause()
      strangers.push(sessions.current?.id)
      if (user !== undefined) {
        const session = await sessions.start(req, res)
        for (let step = 0; step < 5; step++) {
          await (step % 2 === 0 ? pause() : new Promise(setImmediate))
          sessions.$_SESSION['user'] ??= user
          sessions.$_SESSION[`n${step}`] = (sessions.$_SESSION[`n${step}`] ?? 0) + 1
          if (sessions.current !== session || sessions.$_SESSION !== session.$_SESSION) strangers.push('another session')
        }
        strangers.push(sessions.$_SESSION['user'] === user ? undefined : sessions.$_SESSION['user'])
        if (Math.random() < 0.5) await sessions.commit()
      }
      res.end(strangers.every((each) => each === undefined) ? 'fine' : `saw ${strangers}`)
    }, 10)

    const users = Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? undefined : `user${index % 40}`))
    const answers = await Promise.all(users.map((user) => ask('/', user)))

    expect(new Set(answers)).toEqual(new Set(['fine']))
    for (const user of new Set(users)) {
      if (user === undefined) continue
      const times = users.filter((each) => each === user).length
      expect(await sessions.peek({ id: user })).toEqual({ user, n0: times, n1: times, n2: times, n3: times, n4: times })
    }
  })
})

describe('a request that starts no session', () => {
  it('does not find that of the request before it on the same connection', async () => {
    const sessions = open()
    const seen: unknown[] = []
    const ask = await serve(async (req, res) => {
      seen.push(sessions.current?.id)
      if (req.url === '/start') await sessions.start(req, res)
      await pause()
      seen.push(sessions.current?.id)
      res.end()
    }, 1)
    for (const path of ['/start', '/', '/start', '/']) await ask(path, 'alice')
    expect(seen).toEqual([undefined, 'alice', undefined, undefined, undefined, 'alice', undefined, undefined])
  })

  it('does not find that of a request that is still running in the same pipeline', async () => {
    const sessions = open()
    const seen: unknown[] = []
    const server = createServer(async (req, res) => {
      if (req.url === '/start') await sessions.start(req, res)
      await sleep(req.url === '/start' ? 50 : 10)
      seen.push(req.url, sessions.current?.id)
      res.end()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(
      'GET /start HTTP/1.1\r\nHost: a\r\nCookie: PHPSESSID=alice\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    await once(socket.resume(), 'close')
    server.close()
    expect(seen).toEqual(['/', undefined, '/start', 'alice'])
  })
})

describe('the session of the running request', () => {
  it('is that of the last start, found from everything the request set going', async () => {
    const sessions = open()
    const session = await sessions.start({ id: 'alice' })
    expect(sessions.current).toBe(session)
    await Promise.all([
      (async () => {
        await pause()
        expect(sessions.current).toBe(session)
      })(),
      new Promise<void>((resolve) => setTimeout(() => resolve(expect(sessions.current).toBe(session)), 5)),
      new Promise<void>((resolve) => process.nextTick(() => resolve(expect(sessions.current).toBe(session)))),
    ])
    const second = await sessions.start({ id: 'bob' })
    expect(sessions.current).toBe(second)
    expect(session.status).toBe('active')
    await Promise.all([session.commit(), second.commit()])
  })

  it('is one for each session manager', async () => {
    const [one, other] = [open(), open()]
    const first = await one.start({ id: 'a' })
    const second = await other.start({ id: 'b' })
    const third = await one.start({ id: 'c' })
    expect([one.current, other.current]).toEqual([third, second])
    await Promise.all([first, second, third].map((each) => each.commit()))
  })

  it('has the methods of the manager', async () => {
    const sessions = open()
    const session = await sessions.start({ id: 'alice' })
    sessions.$_SESSION['n'] = 1
    sessions.$_SESSION = { m: 1 }
    expect(session.$_SESSION).toEqual({ m: 1 })
    sessions.unset()
    expect(session.$_SESSION).toEqual({})
    sessions.$_SESSION['n'] = 1
    await sessions.reset()
    expect(session.$_SESSION).toEqual({})
    sessions.$_SESSION['n'] = 2
    await sessions.regenerate()
    expect(sessions.current?.id).not.toBe('alice')
    await sessions.regenerate(true)
    await sessions.commit()
    expect(await sessions.peek({ id: session.id })).toEqual({ n: 2 })
    await sessions.start({ id: session.id })
    await sessions.abort()
    await sessions.start({ id: session.id })
    await sessions.destroy()
    expect(await sessions.peek({ id: session.id })).toBeNull()
    expect(sessions.current?.status).toBe('destroyed')
  })

  // biome-ignore format: a table
  const rows: [what: string, use: (sessions: SessionManager) => unknown][] = [
    ['$_SESSION', (sessions) => sessions.$_SESSION],
    ['$_SESSION = {}', (sessions) => { sessions.$_SESSION = {} }],
    ['unset', (sessions) => sessions.unset()],
    ['destroy', (sessions) => sessions.destroy()],
    ['regenerate', (sessions) => sessions.regenerate()],
    ['commit', (sessions) => sessions.commit()],
    ['abort', (sessions) => sessions.abort()],
    ['reset', (sessions) => sessions.reset()],
  ]

  it.each(rows)('is missed where none was started: %s', async (_what, use) => {
    const sessions = open()
    expect(sessions.current).toBeUndefined()
    const attempt = async () => use(sessions)
    await expect(attempt()).rejects.toThrow(SessionError)
    await expect(attempt()).rejects.toMatchObject({ code: 'NO_SESSION' })
  })

  it('is there for a request that started it twice at once, and is one', async () => {
    const store = spySaveHandler(memorySaveHandler())
    store.delay = 5
    const sessions = new SessionManager({ save_handler: store, use_strict_mode: false, gc_probability: 0, lockTimeout: 50 })
    const ask = await serve(async (req, res) => {
      const [one, other] = await Promise.all([sessions.start(req, res), sessions.start(req, res)])
      const third = await sessions.start(req, res, { name: 'ignored' })
      res.end(String(one === other && other === third && sessions.current === one))
    }, 1)
    expect(await ask('/', 'alice')).toBe('true')
  })

  it('is started by the second attempt when the first failed', async () => {
    const sessions = open()
    const ask = await serve(async (req, res) => {
      const bad = sessions.start(req, res, { cookie_samesite: 'perhaps' })
      const [first, second] = await Promise.allSettled([bad, sessions.start(req, res)])
      res.end(`${first.status} ${(second as PromiseFulfilledResult<Session>).value.id}`)
    }, 1)
    expect(await ask('/', 'alice')).toBe('rejected alice')
  })
})
