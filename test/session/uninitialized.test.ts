import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import type { SessionManagerOptions } from '../../src/session/options.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { serve } from '../http/servers.ts'
import { type SpySaveHandler, spySaveHandler } from './support/spy-save-handler.ts'

/** `saveUninitialized: false`: a session that is not there until something is put into it. */

describe.each([
  ['at once', 0],
  ['later', 5],
])('with a save handler that answers %s', (_when, delay) => {
  let spy: SpySaveHandler
  let sessions: SessionManager

  function open(options: SessionManagerOptions = {}): void {
    spy = spySaveHandler(memorySaveHandler())
    spy.delay = delay
    sessions = new SessionManager({ save_handler: spy, gc_probability: 0, lockTimeout: 0, ...options })
  }
  beforeEach(() => open())

  const start = (id?: string) => sessions.start({ saveUninitialized: false, ...(id === undefined ? {} : { id }) })

  it('neither reads nor writes a session into which nothing is put', async () => {
    const session = await start()
    expect(session.status).toBe('active')
    expect({ ...session.$_SESSION }).toEqual({})
    delete session.$_SESSION['nothing']
    session.unset()
    await session.reset()
    await session.commit()
    expect(session.status).toBe('closed')
    expect(spy.calls.filter((call) => !/^(createSid|close)/.test(call))).toEqual([])
  })

  it('takes the lock with the first variable', async () => {
    const session = await start()
    session.$_SESSION['n'] = 1
    await session.save()
    await expect(sessions.start({ id: session.id })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
    await session.commit()
    expect(await sessions.peek({ id: session.id })).toEqual({ n: 1 })
  })

  it('stores a session that is empty again', async () => {
    const session = await start()
    session.$_SESSION['n'] = 1
    delete session.$_SESSION['n']
    await session.commit()
    expect(await sessions.peek({ id: session.id })).toEqual({})
  })

  it.each([
    ['abort', 'closed'],
    ['destroy', 'destroyed'],
  ] as const)('leaves nothing behind after %s', async (method, status) => {
    const session = await start()
    await session[method]()
    expect(session.status).toBe(status)
    expect(await sessions.peek({ id: session.id })).toBeNull()
  })

  it('has another id after regenerate, and is still not there', async () => {
    const session = await start()
    const { id } = session
    await session.regenerate(true)
    expect(session.id).not.toBe(id)
    expect(await sessions.peek({ id: session.id })).toBeNull()
    session.$_SESSION['n'] = 1
    await session.commit()
    expect(await sessions.peek({ id: session.id })).toEqual({ n: 1 })
  })

  it('starts one that is there as ever', async () => {
    const first = await sessions.start()
    await first.commit()
    const session = await start(first.id)
    await expect(sessions.start({ id: first.id })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
    await session.commit()
  })

  it('keeps what somebody else put into a session of the same id meanwhile', async () => {
    open({ use_strict_mode: false })
    const session = await start('chosen')
    const other = await sessions.start({ id: 'chosen' })
    other.$_SESSION = { theirs: 1, both: 1 }
    await other.commit()
    session.$_SESSION['both'] = 2
    await session.commit()
    expect(await sessions.peek({ id: 'chosen' })).toEqual({ theirs: 1, both: 2 })
  })

  it('writes nothing over what it could not get, and says why', async () => {
    open({ use_strict_mode: false })
    const session = await start('chosen')
    const other = await sessions.start({ id: 'chosen' })
    other.$_SESSION['user'] = 'Bob'
    // The lock is held: memory says so later.
    session.$_SESSION['cart'] = ['MUG']
    await expect(session.commit()).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
    expect(session.status).toBe('closed')
    await other.commit()
    expect(await sessions.peek({ id: 'chosen' })).toEqual({ user: 'Bob' })
  })

  it('writes nothing over what cannot be decoded', async () => {
    open({ use_strict_mode: false })
    const session = await start('chosen')
    const handle = await spy.open('', 'PHPSESSID', { lock: true, lockTimeout: 0 })
    await handle.read('chosen')
    await handle.write('chosen', Buffer.from('damaged|x:1;'))
    await handle.close()
    const put = async () => {
      session.$_SESSION['n'] = 1
      await session.commit()
    }
    await expect(put()).rejects.toMatchObject({ code: 'DECODE_FAILED' })
    await session.abort()
    const look = await spy.open('', 'PHPSESSID', { lock: false, lockTimeout: 0 })
    expect(String(await look.peek('chosen'))).toBe('damaged|x:1;')
  })

  it('is an error of the answer, where nobody asked whether it is stored', async () => {
    open({ use_strict_mode: false })
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const served = await serve('HTTP/1.1', async (req, res) => {
      const session = await sessions.start(req, res, { id: 'chosen', saveUninitialized: false })
      const other = await sessions.start({ id: 'chosen' })
      session.$_SESSION['cart'] = ['MUG']
      await new Promise((resolve) => setTimeout(resolve, 20))
      await other.abort()
      res.end('all is well')
    })
    const { status } = await served.ask()
    await served.close()
    expect([status, String(warn.mock.calls[0])]).toEqual([500, expect.stringContaining('Waited 0 ms for the lock')])
    warn.mockRestore()
  })

  it('throws when the first variable comes after the headers, and stores nothing', async () => {
    const served = await serve('HTTP/1.1', async (req, res) => {
      const session = await sessions.start(req, res, { saveUninitialized: false })
      res.write('begun')
      let code = 'none'
      try {
        session.$_SESSION['n'] = 1
      } catch (error) {
        code = (error as { code: string }).code
      }
      res.end(` ${code}`)
    })
    const { body, headers } = await served.ask()
    await served.close()
    expect(body).toBe('begun HEADERS_SENT')
    expect(headers).not.toHaveProperty('set-cookie')
    expect(spy.calls.filter((call) => call.startsWith('write'))).toEqual([])
  })
})

describe('save', () => {
  const open = () => new SessionManager({ save_handler: memorySaveHandler(), gc_probability: 0, lockTimeout: 0 })

  it('stores the session and keeps it, with its lock', async () => {
    const sessions = open()
    const session = await sessions.start()
    session.$_SESSION['n'] = 1
    await session.save()
    expect(await sessions.peek({ id: session.id })).toEqual({ n: 1 })
    expect(session.status).toBe('active')
    await expect(sessions.start({ id: session.id })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })
    session.$_SESSION['n'] = 2
    await session.commit()
    expect(await sessions.peek({ id: session.id })).toEqual({ n: 2 })
  })

  it('fails for a session that is closed', async () => {
    const session = await open().start()
    await session.commit()
    await expect(session.save()).rejects.toMatchObject({ code: 'SESSION_CLOSED' })
  })

  it('lets abort give up only what came after it', async () => {
    const sessions = open()
    const session = await sessions.start()
    session.$_SESSION['n'] = 1
    await session.save()
    session.$_SESSION['n'] = 2
    await session.abort()
    expect(await sessions.peek({ id: session.id })).toEqual({ n: 1 })
  })
})

describe('the cookie of a session', () => {
  const cookiesOf = async (handle: (session: Awaited<ReturnType<SessionManager['start']>>) => unknown, id?: string) => {
    const sessions = new SessionManager({ save_handler: memorySaveHandler(), use_strict_mode: false, gc_probability: 0 })
    const served = await serve('HTTP/1.1', async (req, res) => {
      const session = await sessions.start(req, res)
      try {
        await handle(session)
        res.end()
      } catch (error) {
        res.end(String(error))
      }
    })
    const { headers, body } = await served.ask(id === undefined ? {} : { headers: { Cookie: `PHPSESSID=${id}` } })
    await served.close()
    return [...((headers['set-cookie'] as string[] | undefined) ?? []), ...(body === '' ? [] : [body])]
  }

  it('is sent again with other attributes for who wants to be remembered, and stays so', async () => {
    const cookies = await cookiesOf(async (session) => {
      session.cookie.set({ cookie_lifetime: 3600 })
      await session.regenerate()
    }, 'known')
    expect(cookies).toEqual([
      expect.stringMatching(/^PHPSESSID=\w{32}; expires=.* GMT; Max-Age=3600; path=\/; HttpOnly; SameSite=Lax$/),
    ])
  })

  it('is sent as PHP expires it', async () => {
    expect(await cookiesOf((session) => session.cookie.expire(), 'known')).toEqual([
      'PHPSESSID=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; path=/; HttpOnly; SameSite=Lax',
    ])
  })

  it('takes no other directives and no bad values', async () => {
    expect(await cookiesOf((session) => session.cookie.set({ cookie_samesite: 'Sometimes' }), 'known')).toEqual([
      expect.stringMatching(/^TypeError: cookie_samesite must be one of/),
    ])
  })
})
