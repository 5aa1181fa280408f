import { once } from 'node:events'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { SessionError } from '../../src/errors.ts'
import { type MemorySaveHandler, memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { type Answer, askHttp1 } from '../http/servers.ts'
import { type SpySaveHandler, spySaveHandler } from '../session/support/spy-save-handler.ts'
import { frameworks, type Pages, type Site } from './support/frameworks.ts'

/** What every adapter promises, over real sockets. */

const deferred = <T = void>() => {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

describe.each(frameworks)('the adapter for $name', ({ name, serve }) => {
  const isFetch = name === 'fetch' || name === 'Hono'
  let memory: MemorySaveHandler
  let spy: SpySaveHandler
  let sessions: SessionManager
  const sites: Site[] = []

  beforeEach(() => {
    memory = memorySaveHandler()
    spy = spySaveHandler(memory)
    sessions = new SessionManager({ save_handler: spy, gc_probability: 0, lockTimeout: 2000 })
  })

  afterEach(async () => {
    for (const site of sites.splice(0)) await site.close()
  })

  /** Serves these pages, and asks for one of them, with the cookie of an earlier answer. */
  async function open(pages: Pages, options?: Parameters<typeof serve>[2]) {
    const site = await serve(sessions, pages, options)
    sites.push(site)
    return Object.assign((path: string, earlier?: Answer) => askHttp1(site.port, { path, headers: cookieOf(earlier) }), {
      port: site.port,
    })
  }

  const counter: Pages = {
    '/count': {
      show({ $_SESSION }) {
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1
        return `n = ${$_SESSION['n']}`
      },
    },
  }

  it('starts the session before the handler, and keeps it from request to request', async () => {
    const ask = await open(counter)
    const first = await ask('/count')
    const second = await ask('/count', first)
    expect([first.body, second.body]).toEqual(['n = 1', 'n = 2'])
    expect(await sessions.peek({ id: idOf(first) })).toEqual({ n: 2 })
  })

  it('sends the cookie once, and the headers of the cache limiter each time', async () => {
    const ask = await open(counter)
    const first = await ask('/count')
    const second = await ask('/count', first)
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(/^PHPSESSID=[\da-f]{32}; path=\/; HttpOnly; SameSite=Lax$/),
    ])
    expect(second.headers['set-cookie']).toBeUndefined()
    for (const { headers } of [first, second]) {
      expect(headers).toMatchObject({
        expires: 'Thu, 19 Nov 1981 08:52:00 GMT',
        'cache-control': 'no-store, no-cache, must-revalidate',
        pragma: 'no-cache',
      })
    }
  })

  it('shows the session and its variables, also as the current ones', async () => {
    const seen: unknown[] = []
    const ask = await open({
      '/': {
        show({ session, $_SESSION }) {
          $_SESSION['user'] = 'Alice'
          seen.push(session?.id, sessions.current?.id, sessions.$_SESSION['user'])
          return ''
        },
      },
    })
    const id = idOf(await ask('/'))
    expect(seen).toEqual([id, id, 'Alice'])
  })

  describe.each([
    ['a text', 'fine'],
    ['a redirect', { location: '/count' }],
  ] as const)('with %s', (_what, reply) => {
    it('has stored the session before the answer is complete', async () => {
      const ask = await open({
        '/': {
          show({ $_SESSION }) {
            $_SESSION['n'] = 1
            spy.delay = 50
            return reply
          },
        },
      })
      const answer = await ask('/')
      expect(await stored(idOf(answer))).toBe('n|i:1;')
    })
  })

  it('stores what a stream puts into the session before its last byte leaves', async () => {
    const first = deferred()
    const ask = await open({
      '/': {
        show: ({ $_SESSION }) => ({
          chunks: (async function* () {
            yield 'begun'
            await first.promise
            $_SESSION['n'] = 1
            spy.delay = 50
            yield 'done'
          })(),
        }),
      },
    })
    const sent = request({ port: ask.port, path: '/', agent: false }).end()
    const [response] = await once(sent, 'response')
    const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]()
    expect((await chunks.next()).value).toBe('begun')
    const id = /PHPSESSID=(\w+)/.exec(response.headers['set-cookie'][0])![1]!
    expect(await stored(id)).toBeUndefined()
    first.resolve()
    for await (const _ of chunks);
    expect(await stored(id)).toBe('n|i:1;')
  })

  it('stores what a handler had done when it failed, as PHP does, and gives the lock back', async () => {
    const ask = await open({
      ...counter,
      '/fail': {
        show({ $_SESSION }) {
          $_SESSION['n'] = 41
          throw new Error('the handler fails')
        },
      },
    })
    const first = await ask('/count')
    const failed = await ask('/fail', first)
    expect(failed.status).toBe(500)
    expect((await ask('/count', first)).body).toBe('n = 42')
    // What wraps a handler of the Fetch API has no part in the answer to its error.
    if (!isFetch) expect((await ask('/count', await ask('/fail'))).body).toBe('n = 42')
  })

  it('answers with an error when the session cannot be stored', async () => {
    const ask = await open(counter)
    const first = await ask('/count')
    spy.failure = new SessionError('WRITE_FAILED', 'the disk is full')
    const failed = await ask('/count', first)
    expect(failed.status).toBe(500)
    expect(failed.body).not.toContain('n =')
    spy.failure = undefined
    expect((await ask('/count', first)).body).toBe('n = 2')
  })

  it('answers with an error when the session cannot be started', async () => {
    const ask = await open(counter)
    const first = await ask('/count')
    const session = await sessions.start({ id: idOf(first) })
    session.$_SESSION['n'] = 10
    const waiting = new SessionManager({ save_handler: memory, gc_probability: 0, lockTimeout: 20 })
    const site = await serve(waiting, counter)
    sites.push(site)
    expect((await askHttp1(site.port, { path: '/count', headers: cookieOf(first) })).status).toBe(500)
    await session.commit()
    expect((await ask('/count', first)).body).toBe('n = 11')
  })

  it('gives the lock back when the client goes away', async () => {
    const [entered, release] = [deferred(), deferred()]
    const ask = await open({
      ...counter,
      '/hang': {
        async show() {
          entered.resolve()
          await release.promise
          return ''
        },
      },
    })
    const first = await ask('/count')
    const sent = request({ port: ask.port, path: '/hang', agent: false, headers: cookieOf(first) }).end()
    sent.on('error', () => {})
    await entered.promise
    sent.destroy()
    expect((await ask('/count', first)).body).toBe('n = 2')
    release.resolve()
  })

  it('lets two requests with one session in one after the other', async () => {
    const ask = await open({
      ...counter,
      '/slow': {
        async show({ $_SESSION }) {
          const { n } = $_SESSION
          await sleep(5)
          $_SESSION['n'] = n + 1
          return ''
        },
      },
    })
    const first = await ask('/count')
    await Promise.all(Array.from({ length: 10 }, () => ask('/slow', first)))
    expect((await ask('/count', first)).body).toBe('n = 12')
  })

  it('reads and closes where a page asks for it', async () => {
    const ask = await open({
      ...counter,
      '/look': {
        options: { read_and_close: true },
        async show({ $_SESSION, session }) {
          const other = await sessions.start({ id: session!.id })
          await other.abort()
          return `n is ${$_SESSION['n']}`
        },
      },
    })
    const first = await ask('/count')
    expect((await ask('/look', first)).body).toBe('n is 1')
  })

  it('leaves the start to the handler with autoStart: false', async () => {
    const ask = await open(
      {
        '/without': { show: () => 'no session' },
        '/with': {
          async show(visit) {
            const session = await visit.start()
            session.$_SESSION['n'] = 1
            return `current: ${sessions.current === session}`
          },
        },
      },
      { autoStart: false },
    )
    const without = await ask('/without')
    expect(without.headers).not.toHaveProperty('set-cookie')
    expect(without.headers).not.toHaveProperty('pragma')
    const answer = await ask('/with')
    expect(answer.body).toBe('current: true')
    expect(await stored(idOf(answer))).toBe('n|i:1;')
    expect(await ids()).toHaveLength(1)
  })

  describe('with saveUninitialized: false', () => {
    const pages: Pages = {
      ...counter,
      '/look': { show: ({ $_SESSION }) => `n is ${$_SESSION['n']}` },
      '/clear': {
        show({ $_SESSION }) {
          delete $_SESSION['n']
          return ''
        },
      },
    }

    it('leaves robots without file and cookie', async () => {
      const ask = await open(pages, { saveUninitialized: false })
      const robot = await ask('/look')
      expect(robot.body).toBe('n is undefined')
      expect(robot.headers).not.toHaveProperty('set-cookie')
      expect(await ids()).toEqual([])
    })

    it('makes the session with its first variable, and keeps it when it is empty again', async () => {
      const ask = await open(pages, { saveUninitialized: false })
      const first = await ask('/count')
      expect(await stored(idOf(first))).toBe('n|i:1;')
      expect((await ask('/look', first)).body).toBe('n is 1')
      await ask('/clear', first)
      expect(await stored(idOf(first))).toBe('')
    })

    it('gives who brings an unknown id nothing either', async () => {
      const ask = await open(pages, { saveUninitialized: false })
      const stale = await ask('/count')
      const session = await sessions.start({ id: idOf(stale) })
      await session.destroy()
      const answer = await ask('/look', stale)
      expect(answer.headers).not.toHaveProperty('set-cookie')
      expect(await ids()).toEqual([])
    })
  })

  it('refuses a wrong option when it is made', async () => {
    await expect(async () => open(counter, { cookie_secur: true } as never)).rejects.toThrow("did you mean 'cookie_secure'?")
    await expect(async () => open(counter, { read_and_clos: true } as never)).rejects.toThrow("did you mean 'read_and_close'?")
    await expect(async () => open(counter, { autoStart: 'no' } as never)).rejects.toThrow('autoStart must be true or false')
    await expect(async () => serve({} as never, counter)).rejects.toThrow('must be a SessionManager')
  })

  async function stored(id: string): Promise<string | undefined> {
    const handle = await memory.open(sessions.directives.save_path, '', { lock: false, lockTimeout: 0 })
    return (await handle.peek(id))?.toString()
  }

  async function ids(): Promise<string[]> {
    const handle = await memory.open(sessions.directives.save_path, '', { lock: false, lockTimeout: 0 })
    const found: string[] = []
    for await (const { id } of handle.list()) found.push(id)
    return found
  }
})

function idOf({ headers }: Answer): string {
  return /PHPSESSID=(\w+)/.exec(String(headers['set-cookie']))![1]!
}

function cookieOf(earlier: Answer | undefined): Record<string, string> {
  return earlier === undefined ? {} : { Cookie: `PHPSESSID=${idOf(earlier)}` }
}
