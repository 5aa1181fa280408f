import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  $_SESSION,
  ini_get,
  SessionHandler,
  type SessionHandlerInterface,
  session_create_id,
  session_regenerate_id,
  session_set_save_handler,
  session_start,
  session_write_close,
  set_error_handler,
} from '../../src/php-functions.ts'
import { saveHandlerConformance } from '../../src/save-handlers/conformance.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { userSaveHandler } from '../../src/save-handlers/user.ts'
import type { SaveHandlerObject } from '../../src/save-handlers/user-object.ts'
import { serve } from '../http/servers.ts'
import { manager, request, visitor } from './support.ts'

let folder: string
const said: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'handlers-'))
  said.length = 0
  set_error_handler((_errno, errstr) => said.push(errstr))
})

afterEach(() => {
  set_error_handler(null)
  jest.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

function inMemory(changes: Partial<SaveHandlerObject> = {}): SaveHandlerObject {
  const stored = new Map<string, Buffer>()
  return {
    open: () => true,
    close: () => true,
    read: (id) => stored.get(id) ?? '',
    write: (id, data) => stored.set(id, data).size > 0,
    destroy: (id) => stored.delete(id) || true,
    gc: () => 0,
    ...changes,
  }
}

describe('PHP’s class SessionHandler', () => {
  const skipped: Readonly<Record<string, string>> = {
    'knows the sessions that are there': 'it has no validateId, as PHP’s has none',
    'makes an id that is not taken': 'without validateId, every id is that of a session',
    'destroys what is there, and does not mind what is not':
      'without validateId, a session with nothing in it is as one that is not there',
    'lists the sessions with size and time': 'PHP’s interface cannot list',
    'removes the old sessions and only those': 'the rule looks at the list',
    'looks without lock, without creating and without touching': 'to look is to read, with its lock',
    'gives the lock back when another session is read': 'a request that regenerates its id holds two',
  }
  saveHandlerConformance(
    (title, run) => (title in skipped ? it.skip(`${title} (skipped: ${skipped[title]})`, run) : it(title, run)),
    () => ({
      handler: userSaveHandler(() => new SessionHandler()),
      save_path: folder,
      age(id, seconds) {
        const then = Date.now() / 1000 - seconds
        utimesSync(join(folder, `sess_${id}`), then, then)
      },
    }),
  )

  class Reversed extends SessionHandler {
    override async read(id: string) {
      return Buffer.from([...String(await super.read(id))].reverse().join(''))
    }

    override async write(id: string, data: Buffer) {
      return super.write(id, [...String(data)].reverse().join(''))
    }
  }

  it.each([
    ['of the request', (handler: SessionHandler) => handler],
    ['of the session manager', undefined],
  ])('is extended by an application’s, as the save handler %s', async (_whose, set) => {
    const sessions = manager({
      save_handler: set === undefined ? userSaveHandler(() => new Reversed()) : 'files',
      save_path: folder,
    })
    const page = (value: number) => async (req: http.IncomingMessage, res: http.ServerResponse) => {
      sessions.bind(req, res)
      if (set !== undefined) session_set_save_handler(set(new Reversed()))
      await session_start()
      const before = $_SESSION['n']
      $_SESSION['n'] = value
      return before
    }
    const results = [await request(page(1) as never, visitor), await request(page(2) as never, visitor)]
    expect(results.map(({ result }) => result)).toEqual([undefined, 1])
    expect(readFileSync(join(folder, 'sess_given'), 'utf8')).toBe(';2:i|n')
  })

  it('keeps the old session locked until it is stored, when the id is regenerated', async () => {
    const sessions = manager({ save_handler: 'files', save_path: folder })
    const { result } = await request(async (req, res) => {
      sessions.bind(req, res)
      session_set_save_handler(new Reversed())
      await session_start()
      $_SESSION['n'] = 1
      await session_regenerate_id()
      $_SESSION['n'] = 2
    }, visitor)
    expect(result).toBeUndefined()
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    expect(files.sort()).toEqual([';1:i|n', ';2:i|n'])
  })

  it('refuses to serve two requests', async () => {
    const sessions = manager({ save_handler: 'files', save_path: folder })
    const handler = new SessionHandler()
    const first = request(async (req, res) => {
      sessions.bind(req, res)
      session_set_save_handler(handler)
      await session_start()
      const { result } = await request(async (req, res) => {
        sessions.bind(req, res)
        session_set_save_handler(handler)
        await session_start()
      })
      return result
    }, visitor)
    expect((await first).result).toMatchObject({
      code: 'READ_FAILED',
      cause: new TypeError('A SessionHandler serves one request: make a new one for each'),
    })
  })

  it.each([
    ['close', []],
    ['read', ['a']],
    ['write', ['a', '']],
    ['destroy', ['a']],
    ['gc', [1]],
  ] as const)('warns when %s is called before open', async (method, given) => {
    const call = new SessionHandler()[method] as (...given: unknown[]) => Promise<unknown>
    const { result } = await request(async (req, res) => {
      manager().bind(req, res)
      await session_start()
      return call.apply(new SessionHandler(), [...given])
    })
    expect(result).toBe(false)
    expect(said).toEqual([`SessionHandler::${method}(): Parent session handler is not open`])
  })

  it('may be called where a session without HTTP is active', async () => {
    const session = await manager().start()
    expect(await new SessionHandler().create_sid()).toMatch(/^[0-9a-f]{32}$/)
    await session.abort()
    await expect(new SessionHandler().create_sid()).rejects.toThrow(new Error('Session is not active'))
  })

  it('wraps what the session manager has', async () => {
    const sessions = manager()
    const { result } = await request(async (req, res) => {
      sessions.bind(req, res)
      session_set_save_handler(new Reversed())
      await session_start()
      $_SESSION['n'] = 1
    }, visitor)
    expect(result).toBeUndefined()
    await expect(sessions.peek({ id: 'given' })).rejects.toMatchObject({ code: 'DECODE_FAILED' })
  })
})

describe('an application’s save handler', () => {
  const handled = (object: SaveHandlerObject, page: () => unknown, options = {}) =>
    request(async (req, res) => {
      manager(options).bind(req, res)
      session_set_save_handler(object)
      await session_start()
      return page()
    }, visitor)

  it('may make ids with session_create_id(), while it is called and while not', async () => {
    const object = inMemory({ create_sid: async () => `own-${await session_create_id()}`, validateId: () => false })
    const { result } = await handled(object, async () => {
      await session_regenerate_id()
      return session_create_id('p-')
    })
    expect(result).toMatch(/^p-own-[0-9a-f]{32}$/)
  })

  it('gets other ids when the first ones are taken', async () => {
    const ids = ['taken', 'taken', 'free']
    const object = inMemory({ create_sid: () => ids.shift()!, validateId: (id) => id === 'taken' })
    expect((await handled(object, () => session_create_id())).result).toBe('free')
  })

  it('that starts a session itself does not wait for itself', async () => {
    let started: unknown
    const object = inMemory({
      async read() {
        started = await session_start()
        return ''
      },
    })
    await handled(object, () => {})
    expect(started).toBe(true)
    expect(said).toEqual(['session_start(): Ignoring session_start() because a session is already active'])
  })

  it('that cannot write makes the answer a 500', async () => {
    jest.spyOn(process, 'emitWarning').mockImplementation()
    const { answer } = await handled(inMemory({ write: () => false }), () => ($_SESSION['n'] = 1))
    expect(answer.status).toBe(500)
  })

  it('that cannot clean up keeps nobody out', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation()
    const { result } = await handled(inMemory({ gc: () => false }), () => 'in', { gc_probability: 1, gc_divisor: 1 })
    expect(result).toBe('in')
    expect(warned.mock.calls).toEqual([["gc() of the application's save handler returned false", { type: 'SessionWarning' }]])
  })

  it('is what is cleaned up, in place of what the session manager has', async () => {
    const memory = memorySaveHandler()
    const sessions = manager({ save_handler: memory, gc_probability: 1, gc_divisor: 1, gc_maxlifetime: 500 })
    await (await sessions.start({ id: 'old', gc_probability: 0 })).commit()
    memory.age('', 'old', 1000)
    const lifetimes: number[] = []
    await request(async (req, res) => {
      sessions.bind(req, res)
      session_set_save_handler(inMemory({ gc: (max_lifetime) => lifetimes.push(max_lifetime) }))
      await session_start()
    })
    expect(lifetimes).toEqual([500])
    expect(await sessions.peek({ id: 'old' })).not.toBeNull()
  })

  it('knows its request also when the connection breaks off', async () => {
    const written = new Promise((resolve) => {
      const object = inMemory({ write: () => Boolean(resolve(ini_get('session.gc_maxlifetime'))) || true })
      const sessions = manager({ gc_maxlifetime: 77 })
      const server = serve('HTTP/1.1', async (req, res) => {
        sessions.bind(req, res)
        session_set_save_handler(object)
        await session_start()
        $_SESSION['n'] = 1
        res.write('half')
      })
      void server.then(({ port, close }) => {
        http.get({ port, agent: false }, (response) => response.destroy())
        void written.then(close)
      })
    })
    expect(await written).toBe('77')
  })

  it('may be PHP’s old list of functions', async () => {
    const { open, close, read, write, destroy, gc } = inMemory()
    const { result } = await request(async (req, res) => {
      manager().bind(req, res)
      session_set_save_handler(open, close, read, write, destroy, gc)
      await session_start()
      $_SESSION['n'] = 1
      await session_write_close()
      await session_start()
      return $_SESSION['n']
    }, visitor)
    expect(result).toBe(1)
  })

  it('is typed as PHP’s interface', () => {
    class Handler implements SessionHandlerInterface {
      open = () => true
      close = async () => true
      read = () => ''
      write = (_id: string, data: Buffer) => data.length > 0
      destroy = () => true
      gc = () => 0
    }
    expect(() => userSaveHandler(new Handler())).not.toThrow()
  })
})
