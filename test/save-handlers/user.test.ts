import { AsyncLocalStorage } from 'node:async_hooks'
import { saveHandlerConformance } from '../../src/save-handlers/conformance.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import type { SaveHandle, SaveHandler } from '../../src/save-handlers/save-handler.ts'
import { userSaveHandler } from '../../src/save-handlers/user.ts'
import type { SaveHandlerObject } from '../../src/save-handlers/user-object.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { OverMemory } from './user-over-memory.ts'

describe('an application’s save handler, made for each request', () => {
  const skipped: Readonly<Record<string, string>> = {
    'lists the sessions with size and time': 'PHP’s interface cannot list',
    'removes the old sessions and only those': 'the rule looks at the list',
    'looks without lock, without creating and without touching': 'to look is to read, with the object’s lock',
    'gives up waiting after lockTimeout, and can be used again': 'the lock is the object’s',
    'lets nobody through after a wait that was given up': 'the lock is the object’s',
    'neither waits nor holds up when locking is switched off': 'the lock is the object’s',
  }
  saveHandlerConformance(
    (title, run) => (title in skipped ? it.skip(`${title} (skipped: ${skipped[title]})`, run) : it(title, run)),
    () => {
      const memory = memorySaveHandler()
      const handler = userSaveHandler(() => new OverMemory(memory))
      return { handler, save_path: '', age: (id, seconds) => memory.age('', id, seconds) }
    },
  )
})

/** An application's save handler with what PHP needs and no more, which notes what it was asked. */
function plain(changes: Partial<SaveHandlerObject> = {}): SaveHandlerObject & { readonly calls: string[] } {
  const calls: string[] = []
  const stored = new Map<string, string>()
  const note = <R>(call: string, result: R) => {
    calls.push(call)
    return result
  }
  return {
    calls,
    open: (path, name) => note(`open ${path} ${name}`, true),
    close: () => note('close', true),
    read: (id) => note(`read ${id}`, stored.get(id) ?? ''),
    write: (id, data) => note(`write ${id} ${stored.set(id, String(data)).get(id)}`, true),
    destroy: (id) => note(`destroy ${id} ${stored.delete(id)}`, true),
    gc: (max_lifetime) => note(`gc ${max_lifetime}`, 3),
    ...changes,
  }
}

const options = { lock: true, lockTimeout: 1000 }
const open = async (handler: SaveHandler): Promise<SaveHandle> => handler.open('/path', 'SHOP', options)

describe('an application’s save handler', () => {
  it('is opened when it is used first, and closed once', async () => {
    const object = plain()
    const handle = await open(userSaveHandler(object))
    await handle.close()
    expect(object.calls).toEqual([])
    await handle.read('a')
    await handle.write('a', Buffer.from('n|i:1;'))
    await handle.close()
    await handle.close()
    expect(object.calls).toEqual(['open /path SHOP', 'read a', 'write a n|i:1;', 'close'])
  })

  it('stays open as long as one of several requests uses it', async () => {
    const object = plain()
    const [first, second] = [await open(userSaveHandler(object)), await open(userSaveHandler(object))]
    await Promise.all([first.read('a'), second.read('b')])
    await first.close()
    expect(object.calls).toEqual(['open /path SHOP', 'read a', 'read b'])
    await second.close()
    await first.read('a')
    expect(object.calls.slice(3)).toEqual(['close', 'open /path SHOP', 'read a'])
  })

  it('is not opened in two places at a time', async () => {
    const handler = userSaveHandler(plain())
    await (await open(handler)).read('a')
    const elsewhere = await handler.open('/elsewhere', 'SHOP', options)
    await expect(elsewhere.read('a')).rejects.toThrow(/another save_path or name/)
  })

  it('is closed when it says that it could not be opened, not when it throws', async () => {
    const answers = [() => false, () => Promise.reject(new Error('Oh'))]
    const object = plain({ open: () => answers.shift()!() })
    const handle = await open(userSaveHandler(object))
    await expect(handle.read('a')).rejects.toMatchObject({ code: 'SAVE_PATH' })
    expect(object.calls).toEqual(['close'])
    await expect(handle.read('a')).rejects.toMatchObject({ code: 'SAVE_PATH' })
    expect(object.calls).toEqual(['close'])
  })

  it('can be opened after it could not', async () => {
    let isBroken = true
    const object = plain({ open: () => !isBroken })
    const handle = await open(userSaveHandler(object))
    await expect(handle.read('a')).rejects.toMatchObject({ code: 'SAVE_PATH' })
    isBroken = false
    expect(String(await handle.read('a'))).toBe('')
  })

  it('takes text as UTF-8, and bytes as they are', async () => {
    const answers = ['é', new Uint8Array([0xff, 0]), Buffer.from('x')]
    const handle = await open(userSaveHandler(plain({ read: () => answers.shift()! })))
    expect([await handle.read('a'), await handle.read('a'), await handle.read('a')]).toEqual(
      [[0xc3, 0xa9], [0xff, 0], [0x78]].map((bytes) => Buffer.from(bytes)),
    )
  })

  it.each(['write', 'updateTimestamp'] as const)('gets bytes of its own to %s, as a Buffer', async (method) => {
    const kept: Buffer[] = []
    const handle = await open(userSaveHandler(plain({ [method]: (_id: string, data: Buffer) => kept.push(data) > 0 })))
    const bytes = new Uint8Array(Buffer.from('n|i:1;'))
    await handle[method]('a', bytes)
    bytes.fill(0)
    expect(kept.map((data) => data.toString())).toEqual(['n|i:1;'])
  })

  it('is called with its own this', async () => {
    class Counting {
      #reads = 0
      open() {
        return true
      }
      close = () => true
      read() {
        return String(++this.#reads)
      }
      write = () => true
      destroy = () => true
      gc = () => 0
    }
    const handle = await open(userSaveHandler(new Counting()))
    await handle.read('a')
    expect(String(await handle.read('a'))).toBe('2')
  })

  it('is called as from the request, whoever ends it', async () => {
    const request = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const object = plain({ write: () => seen.push(request.getStore()) > 0 })
    const handle = await request.run('the request', () => open(userSaveHandler(object)))
    await handle.write('a', Buffer.from('x'))
    expect(seen).toEqual(['the request'])
  })

  it('is closed when it could not read or destroy', async () => {
    const object = plain({ read: () => false, destroy: () => false })
    const handle = await open(userSaveHandler(object))
    await expect(handle.read('a')).rejects.toMatchObject({ code: 'READ_FAILED' })
    await expect(handle.destroy('a')).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    expect(object.calls).toEqual(['open /path SHOP', 'close', 'open /path SHOP', 'close'])
  })

  it('is closed by those who look or clean up', async () => {
    const object = plain({ validateId: () => false })
    const handle = await open(userSaveHandler(object))
    await handle.peek('a')
    await handle.gc(5)
    expect(object.calls).toEqual(['open /path SHOP', 'close', 'open /path SHOP', 'gc 5', 'close'])
  })

  it('is not closed by them while it is in use', async () => {
    const object = plain()
    const handle = await open(userSaveHandler(object))
    await handle.read('a')
    await handle.gc(5)
    expect(object.calls).toEqual(['open /path SHOP', 'read a', 'gc 5'])
  })

  it.each([
    [3, 3],
    [0, 0],
    [true, 1],
  ])('says %p to say how many are gone, which is %p', async (answer, count) => {
    expect(await (await open(userSaveHandler(plain({ gc: () => answer })))).gc(1)).toBe(count)
  })

  it('knows a session without validateId by its bytes, to look at it', async () => {
    const handle = await open(userSaveHandler(plain()))
    expect(await handle.peek('a')).toBeNull()
    await handle.write('a', Buffer.from('x'))
    expect(String(await handle.peek('a'))).toBe('x')
  })

  it('lists nothing', async () => {
    const handle = await open(userSaveHandler(plain()))
    for await (const entry of handle.list()) throw new Error(entry.id)
    expect(await handle.peek('a')).toBeNull()
  })
})

describe('what an application’s save handler may not answer', () => {
  // biome-ignore format: a table
  it.each<[method: keyof SaveHandlerObject, answer: unknown, message: string, call: (handle: SaveHandle) => unknown]>([
    ['open', undefined, 'open() of the application\'s save handler must return true or false, not undefined', (handle) => handle.read('a')],
    ['close', 0, 'close() of the application\'s save handler must return true or false, not a number', (handle) => handle.gc(1)],
    ['read', null, 'read() of the application\'s save handler must return a string, a Uint8Array or false, not null', (handle) => handle.read('a')],
    ['read', { n: 1 }, 'read() of the application\'s save handler must return a string, a Uint8Array or false, not an object', (handle) => handle.peek('a')],
    ['write', 6, 'write() of the application\'s save handler must return true or false, not a number', (handle) => handle.write('a', Buffer.from('x'))],
    ['write', undefined, 'write() of the application\'s save handler must return true or false, not undefined', (handle) => handle.updateTimestamp('a', Buffer.from('x'))],
    ['updateTimestamp', 'x', 'updateTimestamp() of the application\'s save handler must return true or false, not this string', (handle) => handle.updateTimestamp('a', Buffer.from('x'))],
    ['destroy', undefined, 'destroy() of the application\'s save handler must return true or false, not undefined', (handle) => handle.destroy('a')],
    ['gc', 'x', 'gc() of the application\'s save handler must return a whole number, true or false, not this string', (handle) => handle.gc(1)],
    ['validateId', undefined, 'validateId() of the application\'s save handler must return true or false, not undefined', (handle) => handle.validateSid('a')],
    ['create_sid', 'a b', 'create_sid() of the application\'s save handler must return an id, 1 to 256 characters of 0-9, a-z, A-Z, comma and minus, not this string', (handle) => handle.createSid(() => 'a')],
  ])('%s: %p', async (method, answer, message, call) => {
    const handle = await open(userSaveHandler(plain({ [method]: () => answer })))
    await expect(call(handle)).rejects.toThrow(new TypeError(message))
  })

  it.each(['open', 'close', 'read', 'write', 'destroy', 'gc'] as const)('without a method %s', (method) => {
    expect(() => userSaveHandler(plain({ [method]: undefined } as object))).toThrow(
      new TypeError(`A save handler of the application needs a method ${method}`),
    )
  })
})

describe('an application’s save handler that fails', () => {
  // biome-ignore format: a table
  it.each<[method: keyof SaveHandlerObject, code: string, call: (handle: SaveHandle) => unknown]>([
    ['open', 'SAVE_PATH', (handle) => handle.read('a')],
    ['read', 'READ_FAILED', (handle) => handle.read('a')],
    ['validateId', 'READ_FAILED', (handle) => handle.validateSid('a')],
    ['create_sid', 'READ_FAILED', (handle) => handle.createSid(() => 'a')],
    ['write', 'WRITE_FAILED', (handle) => handle.write('a', Buffer.from('x'))],
    ['updateTimestamp', 'WRITE_FAILED', (handle) => handle.updateTimestamp('a', Buffer.from('x'))],
    ['destroy', 'WRITE_FAILED', (handle) => handle.destroy('a')],
    ['gc', 'WRITE_FAILED', (handle) => handle.gc(1)],
    ['close', 'WRITE_FAILED', (handle) => handle.gc(1)],
  ])('in %s: %s, with what it threw as the cause', async (method, code, call) => {
    const cause = new Error('Oh')
    const object = plain({ [method]: async () => Promise.reject(cause) })
    await expect(call(await open(userSaveHandler(object)))).rejects.toMatchObject({ code, cause })
  })

  // biome-ignore format: a table
  it.each<[method: keyof SaveHandlerObject, call: (handle: SaveHandle) => unknown]>([
    ['read',       (handle) => handle.read('a')],
    ['destroy',    (handle) => handle.destroy('a')],
    ['gc',         (handle) => handle.gc(1)],
    ['read',       (handle) => handle.peek('a')],
  ])('in %s and then in close: the first is told', async (method, call) => {
    const handle = await open(userSaveHandler(plain({ [method]: () => false, close: () => false })))
    await expect(call(handle)).rejects.toThrow(`${method}() of the application's save handler returned false`)
  })

  it.each(['write', 'create_sid', 'read'] as const)(
    'in %s and then in close, and the session tells the first',
    async (method) => {
      let isBroken = false
      const fail = () => {
        throw new Error('Oh')
      }
      const object = plain()
      const broken: typeof object = { ...object, create_sid: () => 'b' }
      for (const each of [method, 'close'] as const) {
        const works = broken[each] as (...given: unknown[]) => never
        broken[each] = (...given: unknown[]) => (isBroken ? fail() : works(...given))
      }
      const sessions = new SessionManager({ save_handler: userSaveHandler(() => broken), use_strict_mode: 0, gc_probability: 0 })
      const session = await sessions.start({ id: 'a' })
      session.$_SESSION['n'] = 1
      isBroken = true
      const failing = method === 'write' ? session.commit() : session.regenerate()
      await expect(failing).rejects.toThrow(`${method}() of the application's save handler failed`)
    },
  )

  it('does not say session data or ids', async () => {
    const object = plain({
      write: () => {
        throw new Error('n|s:6:"secret";')
      },
    })
    const failure = Promise.resolve((await open(userSaveHandler(object))).write('aaaaaaaaaaaaaaaaaaaaaaaaaa', Buffer.from('x')))
    await expect(failure).rejects.toThrow(/^write\(\) of the application's save handler failed$/)
  })

  it('fails the commit of a session whose variables it keeps until it is closed', async () => {
    const sessions = new SessionManager({ save_handler: userSaveHandler(plain({ close: () => false })), gc_probability: 0 })
    const session = await sessions.start()
    await expect(session.commit()).rejects.toMatchObject({ code: 'WRITE_FAILED' })
  })
})

describe('a session manager with an application’s save handler', () => {
  it('starts, regenerates and destroys', async () => {
    const object = plain()
    const sessions = new SessionManager({
      save_handler: userSaveHandler(object),
      save_path: '/path',
      use_strict_mode: 0,
      gc_probability: 0,
    })
    const session = await sessions.start({ id: 'a' })
    session.$_SESSION['n'] = 1
    await session.regenerate()
    await session.commit()
    await (await sessions.start({ id: 'a' })).destroy()
    expect(object.calls.map((call) => call.replaceAll(session.id, 'new'))).toEqual([
      ...['open /path PHPSESSID', 'read a', 'read new', 'write a n|i:1;', 'write new n|i:1;', 'close'],
      ...['open /path PHPSESSID', 'read a', 'destroy a true', 'close'],
    ])
    expect(await sessions.peek({ id: session.id })).toEqual({ n: 1 })
    expect(await sessions.gc()).toBe(3)
  })

  it('says how to pass one, where it is only named', () => {
    expect(() => new SessionManager({ save_handler: 'user' })).toThrow(TypeError)
  })
})
