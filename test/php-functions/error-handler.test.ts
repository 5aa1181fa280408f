import {
  $_SESSION,
  E_NOTICE,
  E_WARNING,
  session_destroy,
  session_gc,
  session_name,
  session_start,
  set_error_handler,
} from '../../src/php-functions.ts'
import { manager, type Page, request } from './support.ts'

let warned: jest.SpyInstance

beforeEach(() => {
  warned = jest.spyOn(process, 'emitWarning').mockImplementation()
})

afterEach(() => {
  set_error_handler(null)
  jest.restoreAllMocks()
})

/** Runs a page with a request that is bound. */
async function page(calls: () => unknown): Promise<unknown> {
  const bound: Page = (req, res) => {
    manager().bind(req, res)
    return calls()
  }
  return (await request(bound)).result
}

describe('set_error_handler', () => {
  it('gives all notices and warnings to the function', async () => {
    const said: unknown[][] = []
    set_error_handler((...given) => said.push(given))
    await page(async () => {
      await session_gc()
      await session_start()
      await session_start()
    })
    expect(said).toEqual([
      [E_WARNING, 'session_gc(): Session cannot be garbage collected when there is no active session'],
      [E_NOTICE, 'session_start(): Ignoring session_start() because a session is already active'],
    ])
    expect(warned).not.toHaveBeenCalled()
  })

  it('returns the function before, or null', () => {
    const handler = () => true
    expect(set_error_handler(handler)).toBeNull()
    expect(set_error_handler(() => true)).toBe(handler)
    expect(set_error_handler(null)).toBeInstanceOf(Function)
    expect(set_error_handler(null)).toBeNull()
  })

  it('lets the function throw, into the call', async () => {
    set_error_handler((_errno, errstr) => {
      throw new Error(errstr)
    })
    expect(await page(() => session_destroy())).toEqual(new Error('session_destroy(): Trying to destroy uninitialized session'))
  })

  it('takes nothing but a function or null', () => {
    expect(() => set_error_handler('error_log' as never)).toThrow(TypeError)
  })
})

describe('without a function for them, notices and warnings', () => {
  it('are process warnings, each kind once', async () => {
    await page(async () => {
      await session_start()
      session_name('A')
      session_name('B')
      await session_start({ nothing: 1 })
      await session_start({ nothing: 2 })
    })
    expect(warned.mock.calls).toEqual([
      ['session_name(): Session name cannot be changed when a session is active', { type: 'SessionWarning' }],
      ['session_start(): Ignoring session_start() because a session is already active', { type: 'SessionWarning' }],
    ])
  })

  it('are so, too, when the function returns false', async () => {
    set_error_handler(() => false)
    await page(() => $_SESSION['n'])
    expect(warned.mock.calls).toEqual([['Undefined global variable $_SESSION', { type: 'SessionWarning' }]])
  })

  it('name one kind by its text, whatever it is about', async () => {
    await page(() => session_start({ one: 1, two: 2 }))
    expect(warned.mock.calls).toEqual([['session_start(): Setting option "one" failed', { type: 'SessionWarning' }]])
  })
})
