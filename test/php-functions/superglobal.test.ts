import { inspect } from 'node:util'
import {
  $_SESSION,
  SID,
  session_destroy,
  session_start,
  session_write_close,
  set_error_handler,
} from '../../src/php-functions.ts'
import { manager, request, visitor } from './support.ts'

const said: string[] = []

beforeEach(() => {
  said.length = 0
  set_error_handler((_errno, errstr) => said.push(errstr))
})

afterEach(() => void set_error_handler(null))

/** What a page gives that has a session with `n` and `list`. */
async function active(page: () => unknown): Promise<unknown> {
  const { result } = await request(async (req, res) => {
    manager().bind(req, res)
    await session_start()
    Object.assign($_SESSION, { n: 1, list: [1, 2] })
    return page()
  }, visitor)
  return result
}

/** The same before a session is started. */
async function unstarted(page: () => unknown): Promise<unknown> {
  const { result } = await request((req, res) => {
    manager().bind(req, res)
    return page()
  })
  return result
}

describe('$_SESSION', () => {
  // biome-ignore format: a table
  it.each<[what: string, page: () => unknown, result: unknown]>([
    ['a variable', () => $_SESSION['n'], 1],
    ['one that is not there', () => $_SESSION['m'], undefined],
    ['in', () => ['n' in $_SESSION, 'm' in $_SESSION], [true, false]],
    ['hasOwn', () => [Object.hasOwn($_SESSION, 'n'), Object.hasOwn($_SESSION, 'toString')], [true, false]],
    ['delete', () => delete $_SESSION['n'] && { ...$_SESSION }, { list: [1, 2] }],
    ['spread', () => ({ ...$_SESSION }), { n: 1, list: [1, 2] }],
    ['keys', () => Object.keys($_SESSION), ['n', 'list']],
    ['for … in', () => { const keys: string[] = []; for (const key in $_SESSION) keys.push(key); return keys }, ['n', 'list']],
    ['a change deep inside', () => $_SESSION['list'].push(3) && $_SESSION['list'], [1, 2, 3]],
    ['JSON', () => JSON.stringify($_SESSION), '{"n":1,"list":[1,2]}'],
    ['the console', () => inspect($_SESSION), '{ n: 1, list: [ 1, 2 ] }'],
    ['defineProperty', () => Object.defineProperty($_SESSION, 'm', { value: 2, enumerable: true, writable: true, configurable: true })['m'], 2],
    ['what inherits from it', () => { const child = Object.create($_SESSION); child.n = 2; return [child.n, $_SESSION['n'], child.list] }, [2, 1, [1, 2]]],
    ['its prototype', () => Object.getPrototypeOf($_SESSION) === Object.prototype, true],
    ['that it cannot be frozen', () => { try { return Object.freeze($_SESSION) } catch (error) { return (error as Error).name } }, 'TypeError'],
    ['that it keeps its prototype', () => Reflect.setPrototypeOf($_SESSION, null), false],
  ])('is an object as any other: %s', async (_what, page, result) => {
    expect(await active(page)).toEqual(result)
    expect(said).toEqual([])
  })

  it('is the one of the running request', async () => {
    const sessions = manager()
    const page = (name: string) =>
      request(async (req, res) => {
        sessions.bind(req, res)
        await session_start()
        $_SESSION['name'] = name
        await new Promise((resolve) => setImmediate(resolve))
        return $_SESSION['name']
      })
    const results = await Promise.all(['Alice', 'Bob'].map(page))
    expect(results.map(({ result }) => result)).toEqual(['Alice', 'Bob'])
  })

  // biome-ignore format: a table
  it.each<[what: string, page: () => unknown, result: unknown, warnings: number]>([
    ['a variable', () => $_SESSION['n'], undefined, 1],
    ['its variables', () => Object.keys($_SESSION), [], 1],
    ['whether a variable is there', () => 'n' in $_SESSION || Object.hasOwn($_SESSION, 'n'), false, 0],
    ['to remove a variable', () => delete $_SESSION['n'], true, 0],
    ['the console', () => inspect($_SESSION), '{}', 0],
  ])('is empty before a session is started: %s', async (_what, page, result, warnings) => {
    expect(await unstarted(page)).toEqual(result)
    expect(said).toEqual(Array(warnings).fill('Undefined global variable $_SESSION'))
  })

  it.each<[string, () => unknown]>([
    ['assignment', () => ($_SESSION['n'] = 1)],
    ['defineProperty', () => Object.defineProperty($_SESSION, 'n', { value: 1 })],
  ])('takes nothing before a session is started: %s', async (_how, page) => {
    const message = 'Cannot change $_SESSION before a session is started: await session_start() first'
    expect(await unstarted(page)).toMatchObject({ code: 'NO_SESSION', message })
  })

  it.each<[string, () => unknown]>([
    ['assignment', () => ($_SESSION['n'] = 2)],
    ['delete', () => delete $_SESSION['n']],
  ])('takes nothing after it is closed, and stays readable: %s', async (_how, page) => {
    const result = await active(async () => {
      await session_write_close()
      const error = await Promise.resolve()
        .then(page)
        .catch((error: unknown) => error)
      return [error, $_SESSION['n']]
    })
    expect(result).toEqual([expect.objectContaining({ code: 'SESSION_CLOSED' }), 1])
  })
})

describe('$_SESSION after session_destroy()', () => {
  // biome-ignore format: a table
  it.each<[what: string, page: () => unknown, result: unknown]>([
    ['a time of the last click', () => { $_SESSION['last'] = 5; return { ...$_SESSION } }, { n: 1, list: [1, 2], last: 5 }],
    ['a user who is gone', () => delete $_SESSION['n'] && ['n' in $_SESSION, $_SESSION['n'], Object.keys($_SESSION)], [false, undefined, ['list']]],
    ['a change deep inside', () => { $_SESSION['list'].push(3); $_SESSION['n'] = 2; return { ...$_SESSION } }, { n: 2, list: [1, 2, 3] }],
    ['the console', () => { $_SESSION['n'] = 2; return inspect($_SESSION) }, '{ n: 2, list: [ 1, 2 ] }'],
  ])('takes what the next start forgets: %s', async (_what, page, result) => {
    const forgotten = async () => {
      await session_destroy()
      const changed = page()
      await session_start()
      return [changed, { ...$_SESSION }]
    }
    expect(await active(forgotten)).toEqual([result, {}])
    expect(said).toEqual([])
  })
})

describe('SID', () => {
  it.each<[string, () => unknown]>([
    ['a template', () => `?${SID}`],
    ['a list', () => ['?', SID].join('')],
    ['String()', () => `?${String(SID)}`],
    ['JSON', () => `?${JSON.parse(JSON.stringify({ SID })).SID}`],
    ['the console', () => `?${inspect(SID).slice(1, -1)}`],
  ])('is a text in %s', async (_where, page) => {
    const { result } = await request(async (req, res) => {
      manager({ use_only_cookies: 0, name: 'SHOP' }).bind(req, res)
      await session_start()
      return page()
    })
    expect(result).toMatch(/^\?SHOP=[0-9a-f]{32}$/)
  })

  it('is empty before a session is started', async () => {
    expect(await unstarted(() => `${SID}`)).toBe('')
  })
})
