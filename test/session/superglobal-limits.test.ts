import { SessionError } from '../../src/errors.ts'
import { encodeSession } from '../../src/serialize-handlers/session-codec.ts'
import { afterwards, storedSession } from './support/memory-session.ts'

/** What cannot be kept is refused where it is assigned, and what cannot be stored any more is not taken. */

const long = 'k'.repeat(128)

// biome-ignore format: a table
const keys: [handler: string, key: string, shown: string, reason: RegExp][] = [
  ['php', 'a|b', "'a|b'", /'\|'/],
  ['php', '|', "'|'", /'\|'/],
  ['php', '5', "'5'", /integer/],
  ['php', '-7', "'-7'", /integer/],
  ['php', '9223372036854775807', "'9223372036854775807'", /integer/],
  ['php_binary', '0', "'0'", /integer/],
  ['php_binary', long, `'${long}'`, /127/],
  ['php_binary', 'é'.repeat(64), 'éé', /127/],
]

// biome-ignore format: a table
const allowed: [handler: string, key: string, bytes: string][] = [
  ['php', '', '|i:1;'],
  ['php', '05', '05|i:1;'],
  ['php', '-0', '-0|i:1;'],
  ['php', '1.5', '1.5|i:1;'],
  ['php', '9223372036854775808', '9223372036854775808|i:1;'],
  ['php', 'a b!\0;"', 'a b!\0;"|i:1;'],
  ['php', long, `${long}|i:1;`],
  ['php', '__proto__', '__proto__|i:1;'],
  ['php', 'constructor', 'constructor|i:1;'],
  ['php', 'hasOwnProperty', 'hasOwnProperty|i:1;'],
  ['php_binary', 'a|b', '\x03a|bi:1;'],
  ['php_binary', long.slice(1), `\x7f${long.slice(1)}i:1;`],
  ['php_serialize', 'a|b', 'a:1:{s:3:"a|b";i:1;}'],
  ['php_serialize', '5', 'a:1:{i:5;i:1;}'],
  ['php_serialize', long, `a:1:{s:128:"${long}";i:1;}`],
]

describe('a key that PHP could not write is refused where it is assigned, by name:', () => {
  it.each(keys)('%s %j', async (serialize_handler, key, shown, reason) => {
    const { start, stored } = await storedSession('', { serialize_handler })
    const session = await start()
    session.$_SESSION['a'] = 1
    const before = session.encode()
    for (const assign of [
      () => {
        session.$_SESSION[key] = 1
      },
      () => {
        Object.assign(session.$_SESSION, { [key]: 1 })
      },
      () => {
        Object.defineProperty(session.$_SESSION, key, { value: 1, enumerable: true })
      },
      () => {
        session.$_SESSION = { [key]: 1 }
      },
    ]) {
      expect(assign).toThrow(SessionError)
      expect(assign).toThrow(expect.objectContaining({ code: 'INVALID_KEY', message: expect.stringMatching(reason) }))
      expect(assign).toThrow(shown)
    }
    expect(session.encode()).toEqual(before)
    expect(key in session.$_SESSION).toBe(false)
    await session.commit()
    expect(await stored()).toBe(before.toString('latin1'))
  })

  it.each(allowed)('%s takes %j', async (serialize_handler, key, bytes) => {
    const assign = (vars: Record<string, unknown>) => {
      vars[key] = 1
    }
    expect(await afterwards('', assign, { serialize_handler })).toBe(bytes)
    const { $_SESSION } = await (await storedSession(bytes, { serialize_handler })).start()
    expect(Object.keys($_SESSION)).toEqual([key])
    expect($_SESSION[key]).toBe(1)
    expect(key in $_SESSION).toBe(true)
    expect(delete $_SESSION[key]).toBe(true)
    expect(Object.hasOwn($_SESSION, key)).toBe(false)
  })
})

describe('what holds no variables', () => {
  it.each<[given: unknown, shown: string]>([
    [5, 'a Number'],
    ['', 'a String'],
    [undefined, 'undefined'],
    [null, 'null'],
    [() => 1, 'a Function'],
    [new Map([['a', 1]]), 'a Map'],
    [new Set(['a']), 'a Set'],
    [new Date(), 'a Date'],
    [new Error('no'), 'an Error'],
    [Promise.resolve({ a: 1 }), 'a Promise'],
  ])('cannot be all of $_SESSION, since it would be lost: %p', async (given, shown) => {
    const message = `$_SESSION must be an object of variables, not ${shown}`
    const session = await (await storedSession('a|i:1;')).start()
    expect(() => Object.assign(session, { $_SESSION: given })).toThrow(new TypeError(message))
    expect(session.encode().toString()).toBe('a|i:1;')
    expect(() => encodeSession(given as object)).toThrow(new TypeError(message))
  })

  it.each([{}, [], Object.create(null), new (class Vars {})()])('can: %p', async (given) => {
    const session = await (await storedSession('a|i:1;')).start()
    session.$_SESSION = given
    expect(session.encode().toString()).toBe('')
    expect(encodeSession(given).toString()).toBe('')
  })
})

describe('a value that PHP has not', () => {
  // biome-ignore format: a table
  const rows: [what: string, assign: (vars: Record<string, unknown>) => void, path: string][] = [
    ['a function', (vars) => { vars['f'] = () => 1 }, 'f'],
    ['a symbol', (vars) => { vars['f'] = Symbol('x') }, 'f'],
  ]
  it.each(rows)('is refused at once: %s', async (_what, assign, path) => {
    const session = await (await storedSession('a|i:1;')).start()
    expect(() => assign(session.$_SESSION)).toThrow(TypeError)
    expect(() => assign(session.$_SESSION)).toThrow(path)
    expect(session.encode().toString()).toBe('a|i:1;')
  })

  // biome-ignore format: a table
  const nested: [what: string, value: unknown, path: string][] = [
    ['a function in a list', { items: [{ onSale: () => true }] }, 'cart.items[0].onSale'],
    ['a symbol', [Symbol('x')], 'cart[0]'],
    ['a bigint of 65 bits', { n: 2n ** 64n }, 'cart.n'],
    ['an instance of a class that is not known', { since: new (class Shop {})() }, 'cart.since'],
    ['a function in a Map', new Map([['f', () => 1]]), 'cart.f'],
  ]
  it.each(nested)(
    'is refused when the session is written, with its path, and $_SESSION can be mended: %s',
    async (_what, value, path) => {
      const { start, stored } = await storedSession('a|i:1;cart|i:5;')
      const session = await start()
      session.$_SESSION['cart'] = value
      await expect(session.commit()).rejects.toThrow(TypeError)
      await expect(session.commit()).rejects.toThrow(path)
      expect(() => session.encode()).toThrow(path)
      await expect(session.regenerate()).rejects.toThrow(path)
      expect(session.status).toBe('active')
      expect(session.id).toBe('stored')
      expect(await stored()).toBe('a|i:1;cart|i:5;')
      session.$_SESSION['cart'] = []
      await session.commit()
      expect(await stored()).toBe('a|i:1;cart|a:0:{}')
    },
  )
})

describe('after it was given up, $_SESSION', () => {
  const ways = {
    closed: ['commit', 'abort'],
    destroyed: ['destroy'],
  } as const
  const rows = Object.entries(ways).flatMap(([status, methods]) => methods.map((method) => [method, status] as const))

  it.each(rows)('can be read, and a change is refused (%s)', async (method, status) => {
    const { start, stored } = await storedSession('a|i:1;list|a:1:{i:0;i:1;}lazy|s:1:"x";')
    const session = await start()
    session.$_SESSION['b'] = 2
    await session[method]()
    const after = await stored()
    const { $_SESSION } = session
    expect(session.status).toBe(status)
    expect($_SESSION).toEqual({ a: 1, list: [1], lazy: 'x', b: 2 })
    for (const change of [
      () => {
        $_SESSION['a'] = 2
      },
      () => {
        delete $_SESSION['a']
      },
      () => {
        $_SESSION['new'] = 1
      },
      () => {
        session.$_SESSION = {}
      },
      () => {
        Object.assign($_SESSION, { a: 2 })
      },
      () => session.unset(),
      () => session.decode(Buffer.from('a|i:2;')),
    ]) {
      expect(change).toThrow(expect.objectContaining({ code: 'SESSION_CLOSED', message: expect.stringContaining(status) }))
    }
    for (const late of [() => session.destroy(), () => session.reset(), () => session.regenerate()]) {
      await expect(late()).rejects.toMatchObject({ code: 'SESSION_CLOSED' })
    }
    await session.commit()
    await session.abort()
    expect(session.status).toBe(status)
    expect(delete $_SESSION['nobody']).toBe(true)
    expect($_SESSION).toEqual({ a: 1, list: [1], lazy: 'x', b: 2 })
    expect(await stored()).toBe(after)
  })

  it('says in the error which session it was by its first characters only', async () => {
    const session = await (await storedSession('')).sessions.start({ id: 'abcdefghijklmnop', use_strict_mode: false })
    await session.commit()
    expect(() => session.unset()).toThrow(expect.objectContaining({ message: expect.stringContaining('abcdef…') }))
    expect(() => session.unset()).not.toThrow(expect.objectContaining({ message: expect.stringContaining('abcdefg') }))
  })
})
