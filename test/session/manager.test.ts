import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { storedSession } from './support/memory-session.ts'
import { spySaveHandler } from './support/spy-save-handler.ts'

describe('peek', () => {
  it('shows the variables without lock, without touch, without making a session', async () => {
    const store = spySaveHandler(memorySaveHandler())
    const sessions = new SessionManager({ save_handler: store, gc_probability: 0, lockTimeout: 0 })
    const session = await sessions.start({ id: 'open', use_strict_mode: false })
    session.$_SESSION['n'] = 1
    expect(await sessions.peek({ id: 'open' })).toBeNull()
    await session.commit()
    const locked = await sessions.start({ id: 'open' })
    store.calls.length = 0
    expect(await sessions.peek({ id: 'open' })).toEqual({ n: 1 })
    expect(await sessions.peek({ id: 'nobody' })).toBeNull()
    expect(store.calls).toEqual(['peek open', 'close', 'peek nobody', 'close'])
    await locked.commit()
  })

  // biome-ignore format: a table
  const requests: [what: string, request: object, shown: unknown][] = [
    ['the cookie of a request', { headers: { cookie: 'a=b; PHPSESSID=stored' } }, { n: 1 }],
    ['a request to which a framework gave an id', { headers: { cookie: 'PHPSESSID=stored' }, id: 'req-1', url: '/' }, { n: 1 }],
    ['a request whose id is another session', { headers: {}, id: 'stored', url: '/?PHPSESSID=stored' }, null],
    ['a hostile cookie', { headers: { cookie: 'PHPSESSID=../stored' } }, null],
    ['a hostile id', { id: '../stored' }, null],
    ['an empty id', { id: '' }, null],
  ]
  it.each(requests)('finds the session by %s', async (_what, request, shown) => {
    const { sessions } = await storedSession('n|i:1;')
    expect(await sessions.peek(request as never)).toEqual(shown)
  })

  it('rejects for what PHP could not decode, and leaves it', async () => {
    const { sessions, stored } = await storedSession('n|i:x;')
    await expect(sessions.peek({ id: 'stored' })).rejects.toMatchObject({ code: 'DECODE_FAILED', path: 'n' })
    expect(await stored()).toBe('n|i:x;')
  })

  it('gives an object of its own, that nothing is stored from', async () => {
    const { sessions, stored } = await storedSession('n|i:1;list|a:0:{}')
    const vars = (await sessions.peek({ id: 'stored' }))!
    vars['n'] = 2
    vars['list'].push(1)
    expect(await stored()).toBe('n|i:1;list|a:0:{}')
    expect(await sessions.peek({ id: 'stored' })).toEqual({ n: 1, list: [] })
  })
})

describe('createId', () => {
  it('makes ids as the directives say, with a prefix', async () => {
    const sessions = new SessionManager({ save_handler: memorySaveHandler(), sid_length: 40, sid_bits_per_character: 6 })
    expect(await sessions.createId()).toMatch(/^[0-9a-zA-Z,-]{40}$/)
    expect(await sessions.createId('user-7,')).toMatch(/^user-7,[0-9a-zA-Z,-]{40}$/)
    expect(await sessions.createId()).not.toBe(await sessions.createId())
  })

  it.each(['a/b', '../', 'a b', 'é', '\0', 'a'.repeat(225), 'a'.repeat(257)])('refuses the prefix %j', async (prefix) => {
    const sessions = new SessionManager({ save_handler: memorySaveHandler() })
    await expect(sessions.createId(prefix)).rejects.toThrow(TypeError)
  })

  it('makes another where there is a session already', async () => {
    const handler = memorySaveHandler()
    const sessions = new SessionManager({ save_handler: handler })
    const handle = await handler.open('', 'PHPSESSID', { lock: false, lockTimeout: 0 })
    const made: string[] = []
    const taken = {
      ...handler,
      open: () => ({
        ...handle,
        createSid: (newId: () => string) =>
          handle.createSid(() => {
            const id = made.length === 0 ? 'taken' : newId()
            made.push(id)
            return id
          }),
      }),
    }
    await handle.write('taken', Buffer.from('n|i:1;'))
    const id = await new SessionManager({ save_handler: taken }).createId()
    expect(made).toEqual(['taken', id])
    expect(await sessions.peek({ id: 'taken' })).toEqual({ n: 1 })
  })
})

describe('onDecodeError', () => {
  it('throw: start rejects with offset and key path, nothing is lost, no lock is kept', async () => {
    const { sessions, stored, start } = await storedSession('ok|i:1;cart|a:1:{i:0;a:1:{s:5:"price";d:x;}}', { lockTimeout: 0 })
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(start()).rejects.toMatchObject({
        name: 'UnserializeError',
        code: 'DECODE_FAILED',
        path: 'cart[0].price',
        offset: 40,
      })
    }
    expect(await stored()).toBe('ok|i:1;cart|a:1:{i:0;a:1:{s:5:"price";d:x;}}')
    expect(sessions.current).toBeUndefined()
  })

  it('destroy: the session is removed and an empty one starts under its id', async () => {
    const { start, stored } = await storedSession('garbage', { onDecodeError: 'destroy', use_strict_mode: false })
    const session = await start()
    expect(session.$_SESSION).toEqual({})
    expect(session.id).toBe('stored')
    await session.commit()
    expect(await stored()).toBe('')
  })

  it('destroy: in strict mode under a new id, since the old one is not known any more', async () => {
    const { start, stored } = await storedSession('garbage', { onDecodeError: 'destroy' })
    const session = await start()
    session.$_SESSION['n'] = 1
    await session.commit()
    expect(session.id).not.toBe('stored')
    expect(await stored()).toBeNull()
  })

  it('destroy: read_and_close and directives of the start are kept', async () => {
    const { sessions } = await storedSession('garbage', { onDecodeError: 'destroy' })
    const session = await sessions.start({ id: 'stored', read_and_close: true, name: 'SHOP', use_strict_mode: false })
    expect([session.status, session.name, session.id]).toEqual(['closed', 'SHOP', 'stored'])
  })

  it('does not hide other failures', async () => {
    const store = spySaveHandler(memorySaveHandler())
    const sessions = new SessionManager({
      save_handler: {
        ...store,
        open: () => {
          throw new TypeError('oh')
        },
      },
      onDecodeError: 'destroy',
    })
    await expect(sessions.start({ id: 'a' })).rejects.toThrow('oh')
  })
})

describe('a start that fails', () => {
  it.each(['a/b', '', '..', 'a'.repeat(257), 'é'])('refuses the id %j of the application', async (id) => {
    const store = spySaveHandler(memorySaveHandler())
    const sessions = new SessionManager({ save_handler: store })
    await expect(sessions.start({ id })).rejects.toMatchObject({ code: 'INVALID_ID' })
    expect(store.calls).toEqual([])
  })

  it('says which option is not known, or has no such value, before anything is opened', async () => {
    const store = spySaveHandler(memorySaveHandler())
    const sessions = new SessionManager({ save_handler: store })
    await expect(sessions.start({ cookie_lifetime: 'long' })).rejects.toThrow(/cookie_lifetime/)
    await expect(sessions.start({ coookie_path: '/' } as never)).rejects.toThrow(/cookie_path/)
    await expect(sessions.start({ save_handler: 'files' })).rejects.toThrow(/save_handler/)
    expect(store.calls).toEqual([])
  })

  it('says so when the response was forgotten', async () => {
    const sessions = new SessionManager({ save_handler: memorySaveHandler() })
    await expect(sessions.start({ headers: {} } as never)).rejects.toThrow(/needs the response/)
    await expect(sessions.start({ headers: {} } as never)).rejects.toThrow(TypeError)
  })

  it('leaves the manager as it was', async () => {
    const { sessions, start } = await storedSession('n|i:1;')
    await expect(sessions.start({ id: 'stored', cache_limiter: 'no such' })).rejects.toThrow(TypeError)
    const session = await start()
    expect(session.$_SESSION).toEqual({ n: 1 })
  })
})

describe('lazy_write', () => {
  it.each([
    [true, 'updateTimestamp'],
    [false, 'write'],
  ])('%s: an unchanged session is committed by %s', async (lazy_write, call) => {
    const store = spySaveHandler(memorySaveHandler())
    const sessions = new SessionManager({ save_handler: store, use_strict_mode: false, gc_probability: 0, lazy_write })
    await (await sessions.start({ id: 'a' })).commit()
    expect(store.calls).toEqual(['read a', `${call} a`, 'close'])
  })

  it('writes what changed, back to what it was or not', async () => {
    const store = spySaveHandler(memorySaveHandler())
    const sessions = new SessionManager({ save_handler: store, use_strict_mode: false, gc_probability: 0 })
    const session = await sessions.start({ id: 'a' })
    session.$_SESSION['n'] = 1
    delete session.$_SESSION['n']
    await session.commit()
    const again = await sessions.start({ id: 'a' })
    again.$_SESSION['n'] = 1
    await again.commit()
    expect(store.calls).toEqual(['read a', 'updateTimestamp a', 'close', 'read a', 'write a', 'close'])
  })
})

describe('gc', () => {
  it('counts what it removed, by the directives of the manager, or of the start that set it off', async () => {
    const handler = memorySaveHandler()
    const sessions = new SessionManager({ save_handler: handler, use_strict_mode: false, gc_probability: 0, save_path: 'a' })
    for (const save_path of ['a', 'b']) {
      for (const id of ['old', 'older']) await (await sessions.start({ id, save_path })).commit()
      handler.age(save_path, 'old', 1000)
      handler.age(save_path, 'older', 2000)
    }
    const left = async (save_path: string) => {
      const peeks = ['old', 'older'].map((id) => new SessionManager({ save_handler: handler, save_path }).peek({ id }))
      return (await Promise.all(peeks)).map((vars) => vars !== null)
    }
    expect(await sessions.gc()).toBe(1)
    expect([await left('a'), await left('b')]).toEqual([
      [true, false],
      [true, true],
    ])
    await (await sessions.start({ id: 'new', save_path: 'b', gc_maxlifetime: 500, gc_probability: 100 })).commit()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([await left('a'), await left('b')]).toEqual([
      [true, false],
      [false, false],
    ])
  })
})

describe('a session in a block of its own', () => {
  it('is committed at the end of `await using`', async () => {
    const { start, stored } = await storedSession('n|i:1;')
    {
      await using session = await start()
      session.$_SESSION['n']++
      expect(await stored()).toBe('n|i:1;')
    }
    expect(await stored()).toBe('n|i:2;')
  })

  it('is committed when the block throws, as at the end of a script', async () => {
    const { start, stored } = await storedSession('n|i:1;')
    const block = async () => {
      await using session = await start()
      session.$_SESSION['n']++
      throw new Error('oh')
    }
    await expect(block()).rejects.toThrow('oh')
    expect(await stored()).toBe('n|i:2;')
  })

  it('may be given up before', async () => {
    const { start, stored } = await storedSession('n|i:1;')
    {
      await using session = await start()
      session.$_SESSION['n']++
      await session.abort()
    }
    expect(await stored()).toBe('n|i:1;')
  })
})

interface Shop {
  user?: { id: number; name: string }
  cart: string[]
}

describe('the type of $_SESSION', () => {
  it('is what the application says it keeps there', async () => {
    const sessions = new SessionManager<Shop>({ save_handler: memorySaveHandler() })
    const session = await sessions.start()
    session.$_SESSION.cart = ['mug']
    session.$_SESSION.user = { id: 7, name: 'Alice' }
    const name: string | undefined = session.$_SESSION.user?.name
    // @ts-expect-error: a cart holds names
    session.$_SESSION.cart.push(7)
    // @ts-expect-error: there is no such variable
    session.$_SESSION.basket = []
    sessions.$_SESSION = { cart: [] }
    await session.commit()
    const peeked: Shop | null = await sessions.peek({ id: session.id })
    expect([name, peeked]).toEqual(['Alice', { cart: [] }])
  })

  it('is anything where it does not say so', async () => {
    const sessions = new SessionManager({ save_handler: memorySaveHandler() })
    const { $_SESSION } = await sessions.start()
    $_SESSION['anything'] = { at: ['all'] }
    const all: string = $_SESSION['anything'].at[0]
    expect(all).toBe('all')
  })
})
