import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SessionError } from '../../src/errors.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { type Answer, protocols, type Served, serve } from '../http/servers.ts'
import { type SpySaveHandler, spySaveHandler } from './support/spy-save-handler.ts'

/** Sessions of real requests. When exactly an answer is held back, however it is given: test/http/node.test.ts. */

let store: SpySaveHandler
let sessions: SessionManager
const servers: Served[] = []
let warn: jest.SpyInstance

beforeEach(() => {
  store = spySaveHandler(memorySaveHandler())
  sessions = new SessionManager({ save_handler: store, gc_probability: 0, lockTimeout: 200 })
  warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
})

afterEach(async () => {
  warn.mockRestore()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

type Page = (req: IncomingMessage, res: ServerResponse) => Promise<void>

async function open(page: Page, protocol: (typeof protocols)[number] = 'HTTP/1.1') {
  const served = await serve(protocol, (req, res) => void page(req, res).catch((error) => res.writeHead(500).end(String(error))))
  servers.push(served)
  return served
}

const idOf = ({ headers }: Answer) => /PHPSESSID=(\w+)/.exec(String(headers['set-cookie']))![1]!
const isFree = async (id: string) => {
  const session = await sessions.start({ id, use_strict_mode: false })
  await session.abort()
  return true
}

describe.each(protocols)('over %s', (protocol) => {
  // biome-ignore format: a table
  const answers: [what: string, answer: (res: ServerResponse) => void | Promise<void>, status: number][] = [
    ['an answer at once', (res) => { res.end('hello') }, 200],
    ['an answer in pieces', async (res) => { for (const piece of ['h', 'e', 'y']) { res.write(piece); await sleep(5) } res.end() }, 200],
    ['an answer of a length that was told', async (res) => { res.setHeader('Content-Length', 5); res.write('hel'); res.write('lo'); await sleep(20); res.end() }, 200],
    ['a redirect', (res) => { res.writeHead(302, { Location: '/' }).end() }, 302],
    ['no content', (res) => { res.writeHead(204).end() }, 204],
  ]

  it.each(answers)('the session is stored before the client can ask again: %s', async (_what, answer, status) => {
    const { ask } = await open(async (req, res) => {
      const { $_SESSION } = await sessions.start(req, res)
      $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1
      await answer(res)
    }, protocol)
    store.delay = 40
    const first = await ask()
    expect(first.status).toBe(status)
    store.delay = 0
    expect(await sessions.peek({ id: idOf(first) })).toEqual({ n: 1 })
    await ask({ headers: { Cookie: `PHPSESSID=${idOf(first)}` } })
    expect(await sessions.peek({ id: idOf(first) })).toEqual({ n: 2 })
  })

  it('a commit before the end is the only one', async () => {
    const { ask } = await open(async (req, res) => {
      const session = await sessions.start(req, res)
      session.$_SESSION['n'] = 1
      await session.commit()
      res.end('done')
    }, protocol)
    const id = idOf(await ask())
    expect(store.calls.filter((call) => call === `write ${id}`)).toHaveLength(1)
    expect(await isFree(id)).toBe(true)
  })

  it('a session is removed before the client can ask again, also where nobody awaits destroy', async () => {
    const { ask } = await open(async (req, res) => {
      const session = await sessions.start(req, res)
      session.$_SESSION['user'] = 'Alice'
      if (req.headers.cookie !== undefined) void session.destroy()
      res.end('bye')
    }, protocol)
    const id = idOf(await ask())
    store.delay = 40
    await ask({ headers: { Cookie: `PHPSESSID=${id}` } })
    expect(await sessions.peek({ id })).toBe(null)
  })

  it('a session that cannot be stored is a 500, and lets its lock go', async () => {
    const { ask } = await open(async (req, res) => {
      const session = await sessions.start(req, res)
      session.$_SESSION['n'] = () => 1
      res.end('all is well')
    }, protocol)
    const answer = await ask()
    expect([answer.status, answer.body.includes('all is well')]).toEqual([500, false])

    const { ask: again } = await open(async (req, res) => {
      const session = await sessions.start(req, res)
      session.$_SESSION['n'] = { nested: () => 1 }
      res.end(session.id)
    }, protocol)
    expect((await again()).status).toBe(500)

    store.failure = new SessionError('WRITE_FAILED', 'disk full')
    const third = await open(async (req, res) => {
      await sessions.start(req, res, { id: 'full', use_strict_mode: false })
      res.end('all is well')
    }, protocol)
    expect((await third.ask()).status).toBe(500)
    store.failure = undefined
    expect(await isFree('full')).toBe(true)
  })

  it('who hears that a session cannot be stored, gives the answer', async () => {
    const { ask } = await open(async (req, res) => {
      const session = await sessions.start(req, res, { id: 'full', use_strict_mode: false })
      session.$_SESSION['n'] = 1
      const { code } = await session.commit().catch((error) => error)
      await session.abort()
      res.writeHead(503).end(`sorry: ${code}`)
    }, protocol)
    store.failure = new SessionError('WRITE_FAILED', 'disk full')
    expect(await ask()).toMatchObject({ status: 503, body: 'sorry: WRITE_FAILED' })
  })

  it('an answer waits for a commit that nobody awaits, and is a 500 if that fails', async () => {
    const { ask } = await open(async (req, res) => {
      const session = await sessions.start(req, res, { id: 'full', use_strict_mode: false })
      session.$_SESSION['n'] = 1
      session.commit().catch(() => {})
      res.end('all is well')
    }, protocol)
    ;[store.failure, store.delay] = [new SessionError('WRITE_FAILED', 'disk full'), 20]
    expect((await ask()).status).toBe(500)
  })

  it('what the handler could not do after an error is done: the session is stored as it is', async () => {
    const { ask } = await open(async (req, res) => {
      const session = await sessions.start(req, res, { id: 'failing', use_strict_mode: false })
      session.$_SESSION['before'] = true
      throw new Error('oh')
    }, protocol)
    expect((await ask()).status).toBe(500)
    expect(await sessions.peek({ id: 'failing' })).toEqual({ before: true })
    expect(await isFree('failing')).toBe(true)
  })

  it('HEADERS_SENT says so too where something else answered while a lock was waited for, and that is given back', async () => {
    let code = ''
    const { ask } = await open(async (req, res) => {
      const first = await sessions.start(req, res, { id: 'slow', use_strict_mode: false })
      await first.commit()
      const other = await sessions.start({ id: 'slow', use_strict_mode: false })
      const again = sessions.start(req, res)
      res.writeHead(503).end('timeout')
      await other.commit()
      await again.catch((error) => (code = error.code))
    }, protocol)
    expect((await ask()).status).toBe(503)
    expect(await isFree('slow')).toBe(true)
    expect(code).toBe('HEADERS_SENT')
  })

  it('HEADERS_SENT says that it is too late, and no session is made', async () => {
    const { ask } = await open(async (req, res) => {
      res.write('early ')
      const error = await sessions.start(req, res).catch((each) => each)
      res.end(error.code)
    }, protocol)
    expect((await ask()).body).toBe('early HEADERS_SENT')
    expect(store.calls).toEqual([])
  })

  it('HEADERS_SENT says that a new id comes too late, and the session goes on', async () => {
    const { ask } = await open(async (req, res) => {
      const session = await sessions.start(req, res, { id: 'late', use_strict_mode: false })
      res.write('early ')
      const error = await session.regenerate().catch((each) => each)
      session.$_SESSION['n'] = 1
      res.end(error.code)
    }, protocol)
    expect((await ask()).body).toBe('early HEADERS_SENT')
    expect(await sessions.peek({ id: 'late' })).toEqual({ n: 1 })
  })
})

describe('a connection that goes away', () => {
  it.each([
    ['before the handler answers', false],
    ['in the middle of the answer', true],
  ])('frees the lock %s', async (_when, isStarted) => {
    let handled: () => void = () => {}
    const isHandled = new Promise<void>((resolve) => {
      handled = resolve
    })
    const { port } = await open(async (req, res) => {
      const session = await sessions.start(req, res, { id: 'gone', use_strict_mode: false })
      session.$_SESSION['n'] = 1
      if (isStarted) res.write('half')
      handled()
      await new Promise(() => {})
    })
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await isHandled
    socket.destroy()
    expect(await isFree('gone')).toBe(true)
    expect(await sessions.peek({ id: 'gone' })).toEqual({ n: 1 })
    expect(warn).not.toHaveBeenCalled()
  })

  it('frees the lock also when what it left cannot be stored, and a warning says so', async () => {
    const { port } = await open(async (req, res) => {
      const session = await sessions.start(req, res, { id: 'gone', use_strict_mode: false })
      session.$_SESSION['cart'] = { f: () => 1 }
      req.socket.destroy()
    })
    connect(port, '127.0.0.1')
      .on('error', () => {})
      .write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await sleep(50)
    expect(await isFree('gone')).toBe(true)
    expect(warn.mock.calls).toEqual([[expect.stringContaining('cart.f'), { type: 'SessionWarning' }]])
  })
})

describe('two requests of one session', () => {
  it('go one after the other', async () => {
    const { ask } = await open(async (req, res) => {
      const { $_SESSION } = await sessions.start(req, res)
      const n = $_SESSION['n'] ?? 0
      await sleep(5)
      $_SESSION['n'] = n + 1
      res.end()
    })
    const id = idOf(await ask())
    await Promise.all(Array.from({ length: 10 }, () => ask({ headers: { Cookie: `PHPSESSID=${id}` } })))
    expect(await sessions.peek({ id })).toEqual({ n: 11 })
  })

  it('the second gets LOCK_TIMEOUT when the first takes too long, and can say so', async () => {
    const { ask } = await open(async (req, res) => {
      const started = Date.now()
      try {
        await sessions.start(req, res, { id: 'slow', use_strict_mode: false })
        await sleep(600)
        res.end('first')
      } catch (error) {
        res
          .writeHead(503, { 'Retry-After': '1' })
          .end(`${(error as SessionError).code} ${(error as Error).message} ${Date.now() - started}`)
      }
    })
    const [first, second] = await Promise.all([ask(), sleep(50).then(() => ask())])
    expect(first.body).toBe('first')
    expect(second.status).toBe(503)
    expect(second.body).toMatch(/^LOCK_TIMEOUT .*200 ms.* slow.* \d{3}$/s)
    expect(await isFree('slow')).toBe(true)
  })
})
