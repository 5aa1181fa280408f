import { inspect } from 'node:util'
import { phpSession } from '../../src/adapters/express.ts'
import * as php from '../../src/php-functions.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { decodeSession } from '../../src/serialize-handlers/session-codec.ts'
import type { SessionManager } from '../../src/session/session-manager.ts'
import { manager, type Page, request, visitor } from './support.ts'

const { $_SESSION, SID, session_id, session_name, session_start, session_write_close, set_error_handler, ini_get, ini_set } = php

afterEach(() => void set_error_handler(null))

describe('where no request is bound', () => {
  const noSession = { code: 'NO_SESSION', message: expect.stringMatching(/sessions\.bind\(req, res\).*autoStart: false/) }
  const needs = Object.entries(php).filter(([name]) => /^(session_|ini_)/.test(name) && name !== 'session_register_shutdown')
  const given: Readonly<Record<string, unknown[]>> = {
    session_set_cookie_params: [60],
    session_decode: [''],
    session_set_save_handler: Array(6).fill(() => true),
    ini_get: ['session.name'],
    ini_set: ['session.name', 'SHOP'],
  }

  it.each(needs)('%s says how to bind one', async (name, call) => {
    const calling = async () => (call as (...given: unknown[]) => unknown)(...(given[name] ?? []))
    await expect(calling()).rejects.toMatchObject(noSession)
  })

  it.each<[string, () => unknown]>([
    ['read', () => $_SESSION['n']],
    ['written', () => ($_SESSION['n'] = 1)],
    ['listed', () => ({ ...$_SESSION })],
    ['looked for', () => 'n' in $_SESSION],
  ])('$_SESSION, %s, says so too', (_how, use) => {
    expect(use).toThrow(expect.objectContaining(noSession))
  })

  it('SID says so too', () => {
    expect(() => `${SID}`).toThrow(expect.objectContaining(noSession))
  })

  it('the console shows them empty', () => {
    expect(inspect({ $_SESSION, SID })).toBe("{ '$_SESSION': {}, SID: '' }")
  })

  it('a session without HTTP is none', async () => {
    const session = await manager().start()
    expect(() => session_id()).toThrow(expect.objectContaining(noSession))
    await session.abort()
  })
})

describe('a bound request', () => {
  it('is stored before its answer leaves, as a page of PHP', async () => {
    const sessions = manager()
    const page: Page = async (req, res) => {
      sessions.bind(req, res)
      await session_start()
      $_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1
    }
    const { answer } = await request(page, visitor)
    await request(page, visitor)
    expect(await sessions.peek({ id: 'given' })).toEqual({ count: 2 })
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store, no-cache, must-revalidate' })
  })

  it('has settings of its own', async () => {
    const sessions = manager()
    const names: unknown[] = []
    const page =
      (name: string): Page =>
      async (req, res) => {
        sessions.bind(req, res)
        session_name(name)
        ini_set('session.cookie_lifetime', 60)
        await session_start()
        names.push(session_name())
      }
    const answers = await Promise.all([request(page('A')), request(page('B'))])
    expect(names.sort()).toEqual(['A', 'B'])
    expect(answers.map(({ answer }) => String(answer.headers['set-cookie']).slice(0, 2))).toEqual(['A=', 'B='])
    const { result } = await request((req, res) => {
      sessions.bind(req, res)
      return [session_name(), ini_get('session.cookie_lifetime')]
    })
    expect(result).toEqual(['PHPSESSID', '0'])
  })

  it('has settings for each session manager', async () => {
    const [first, second] = [manager(), manager({ name: 'SECOND' })]
    const { result } = await request((req, res) => {
      first.bind(req, res)
      session_name('FIRST')
      second.bind(req, res)
      const name = session_name()
      first.bind(req, res)
      return [name, session_name()]
    })
    expect(result).toEqual(['SECOND', 'FIRST'])
  })

  it('is bound by an adapter that starts nothing', async () => {
    const sessions = manager()
    const { result } = await request(async (req, res) => {
      await new Promise((next) => phpSession(sessions, { autoStart: false })(req as never, res as never, next))
      const before = php.session_status()
      await session_start()
      return [before, php.session_status()]
    })
    expect(result).toEqual([php.PHP_SESSION_NONE, php.PHP_SESSION_ACTIVE])
  })

  it('goes on with the session, and the directives, that an adapter started', async () => {
    const sessions = manager()
    const started = phpSession(sessions, { name: 'SHOP', cookie_lifetime: 60, cookie_httponly: 0, cookie_samesite: '' })
    const { answer, result } = await request(async (req, res) => {
      await new Promise((next) => started(req as never, res as never, next))
      $_SESSION['n'] = 1
      const seen = [session_name(), ini_get('session.cookie_httponly'), php.session_get_cookie_params().lifetime]
      await session_write_close()
      return [...seen, await session_start(), session_name(), $_SESSION['n']]
    })
    expect(result).toEqual(['SHOP', '0', 60, true, 'SHOP', 1])
    expect(answer.headers['set-cookie']).toEqual([expect.stringMatching(/^SHOP=\w+; expires=[^;]+; Max-Age=60; path=\/$/)])
  })

  it.each([
    ['as it came', undefined],
    ['with a new id', ''],
  ])('is the running one of the session manager too, %s', async (_how, id) => {
    const sessions = manager()
    const { result } = await request(async (req, res) => {
      sessions.bind(req, res)
      if (id !== undefined) session_id(id)
      await session_start()
      sessions.$_SESSION['n'] = 1
      return [sessions.current?.id === session_id(), $_SESSION['n'], session_id() !== 'given']
    }, visitor)
    expect(result).toEqual([true, 1, id === ''])
  })

  it('goes on with a session that the session manager started', async () => {
    const sessions = manager()
    const { result } = await request(async (req, res) => {
      await sessions.start(req, res, { name: 'SHOP' })
      const started = session_name()
      await sessions.destroy()
      return [started, session_id(), session_name()]
    })
    expect(result).toEqual(['SHOP', '', 'SHOP'])
  })

  it('waits for a start that is on its way', async () => {
    const sessions = manager()
    const { result } = await request(async (req, res) => {
      sessions.bind(req, res)
      return Promise.all([session_start(), session_start()])
    })
    expect(result).toEqual([true, true])
  })

  it('says that a start was not awaited', async () => {
    const sessions = manager()
    const { result } = await request((req, res) => {
      sessions.bind(req, res)
      void session_start()
      $_SESSION['n'] = 1
    })
    expect(result).toMatchObject({ code: 'NO_SESSION', message: expect.stringContaining('await session_start()') })
  })

  it.each([
    [true, 'none'],
    [1, 'none'],
    ['1', 'none'],
    [-1, 'none'],
    [' 2x', 'none'],
    [false, 'active'],
    [0, 'active'],
    ['0', 'active'],
    ['yes', 'active'],
  ])('reads and closes with %p: %s', async (read_and_close, status) => {
    const sessions = manager()
    const { result } = await request(async (req, res) => {
      sessions.bind(req, res)
      await session_start({ read_and_close })
      return php.session_status()
    })
    expect(result).toBe(status === 'none' ? php.PHP_SESSION_NONE : php.PHP_SESSION_ACTIVE)
  })

  it('gets the errors of the engine as they are', async () => {
    const sessions = manager({ lockTimeout: 20 })
    const other = await sessions.start({ id: 'given' })
    const { result } = await request(async (req, res) => {
      sessions.bind(req, res)
      await session_start()
    }, visitor)
    await other.abort()
    expect(result).toMatchObject({ code: 'LOCK_TIMEOUT' })
  })

  it('has the length of ids that it set', async () => {
    const sessions = manager()
    const { result } = await request(async (req, res) => {
      sessions.bind(req, res)
      ini_set('session.sid_length', 40)
      ini_set('session.sid_bits_per_character', 6)
      const before = await php.session_create_id()
      await session_start()
      return [before, await php.session_create_id('p-'), session_id()].map((id) => String(id).length)
    })
    expect(result).toEqual([40, 42, 40])
  })

  it('cleans up as its session manager does, in a store of the application’s', async () => {
    const memory = memorySaveHandler()
    const sessions = manager({ save_handler: memory, gc_maxlifetime: 500 })
    await (await sessions.start({ id: 'old' })).commit()
    memory.age('', 'old', 1000)
    const { result } = await request(async (req, res) => {
      sessions.bind(req, res)
      await session_start()
      return php.session_gc()
    })
    expect(result).toBe(1)
  })

  it('cleans up with the lifetime that it set', async () => {
    const memory = memorySaveHandler()
    const sessions = manager({ save_handler: memory, gc_maxlifetime: 500 })
    await (await sessions.start({ id: 'old' })).commit()
    memory.age('', 'old', 1000)
    const { result } = await request(async (req, res) => {
      sessions.bind(req, res)
      ini_set('session.gc_maxlifetime', 2000)
      await session_start()
      return php.session_gc()
    })
    expect(result).toBe(0)
  })

  it('names the number that is not whole', async () => {
    const { result } = await request((req, res) => {
      manager().bind(req, res)
      php.session_cache_expire(1.5)
    })
    expect(result).toEqual(new TypeError('session_cache_expire(): $value must be a whole number, not 1.5'))
  })

  it('names the save handlers there are', async () => {
    const sessions = manager()
    const said: string[] = []
    set_error_handler((_errno, errstr) => said.push(errstr))
    const { result } = await request((req, res) => {
      sessions.bind(req, res)
      return [
        ...[php.session_module_name('redis'), php.session_module_name('files'), php.session_module_name('memory')],
        ...[php.session_module_name(), ini_set('session.save_handler', 'files'), ini_get('session.save_handler')],
      ]
    })
    expect(result).toEqual([false, 'memory', 'files', 'memory', 'memory', 'files'])
    expect(said).toEqual(['session_module_name(): Session handler module "redis" cannot be found'])
  })

  it('sets a cookie for each top-level site, and unsets it, in either order', async () => {
    const page = (sessions: SessionManager, value: number) =>
      request(async (req, res) => {
        sessions.bind(req, res)
        ini_set(`session.${value === 1 ? 'cookie_partitioned' : 'cookie_secure'}`, value)
        ini_set(`session.${value === 1 ? 'cookie_secure' : 'cookie_partitioned'}`, value)
        await session_start()
      })
    const on = await page(manager(), 1)
    const off = await page(manager({ cookie_partitioned: 1, cookie_secure: 1 }), 0)
    expect(String(on.answer.headers['set-cookie'])).toContain('; secure; Partitioned')
    expect(String(off.answer.headers['set-cookie'])).not.toMatch(/secure|Partitioned/)
  })

  it('encodes to bytes that decode again', async () => {
    const sessions = manager()
    const { result } = await request(async (req, res) => {
      sessions.bind(req, res)
      await session_start()
      php.session_decode(Buffer.from([...Buffer.from('b|s:1:"'), 0xff, ...Buffer.from('";')]))
      return [$_SESSION['b'], decodeSession(php.session_encode() as Buffer)]
    })
    expect(result).toEqual([Buffer.from([0xff]), { b: Buffer.from([0xff]) }])
  })
})
