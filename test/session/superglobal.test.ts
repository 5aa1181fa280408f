import { inspect, isDeepStrictEqual } from 'node:util'
import type { Session } from '../../src/session/session.ts'
import { storedSession } from './support/memory-session.ts'

/** `$_SESSION` is a proxy; everything that takes a plain object must take it for one. */

const bytes = 'user|s:5:"Alice";cart|a:2:{i:0;s:3:"mug";i:1;a:1:{s:5:"price";d:10;}}10x|N;n|i:5;'
const plain = { user: 'Alice', cart: ['mug', { price: 10 }], '10x': null, n: 5 }

let session: Session
let $_SESSION: Session['$_SESSION']

beforeEach(async () => {
  session = await (await storedSession(bytes)).start()
  $_SESSION = session.$_SESSION
})

describe('reading $_SESSION', () => {
  // biome-ignore format: a table
  const rows: [what: string, look: (vars: Session['$_SESSION']) => unknown][] = [
    ['a property', (vars) => vars['user']],
    ['a property of a property', (vars) => vars['cart'][1].price],
    ['a property that is not there', (vars) => vars['nobody']],
    ['in', (vars) => ['user' in vars, 'nobody' in vars, 'toString' in vars]],
    ['hasOwn', (vars) => [Object.hasOwn(vars, 'user'), Object.hasOwn(vars, 'toString'), Object.hasOwn(vars, 'nobody')]],
    ['hasOwnProperty', (vars) => [Object.hasOwn(vars, 'user'), Object.hasOwn(vars, 'toString')]],
    ['propertyIsEnumerable', (vars) => Object.prototype.propertyIsEnumerable.call(vars, 'user')],
    ['Object.keys', (vars) => Object.keys(vars)],
    ['Object.values', (vars) => Object.values(vars)],
    ['Object.entries', (vars) => Object.entries(vars)],
    ['Object.getOwnPropertyNames', (vars) => Object.getOwnPropertyNames(vars)],
    ['Object.getOwnPropertySymbols', (vars) => Object.getOwnPropertySymbols(vars)],
    ['Reflect.ownKeys', (vars) => Reflect.ownKeys(vars)],
    ['Object.getOwnPropertyDescriptors', (vars) => Object.getOwnPropertyDescriptors(vars)],
    ['spread', (vars) => ({ ...vars, more: true })],
    ['destructuring', ({ user, nobody = 'x', ...rest }) => [user, nobody, rest]],
    ['Object.assign from it', (vars) => Object.assign({}, vars)],
    ['JSON.stringify', (vars) => JSON.stringify(vars)],
    ['JSON.stringify of what holds it', (vars) => JSON.stringify({ vars }, null, 2)],
    ['inspect', (vars) => inspect(vars, { depth: null })],
    ['inspect of what holds it', (vars) => inspect({ vars })],
    ['inspect with options', (vars) => inspect(vars, { compact: false, sorted: true })],
    ['String', (vars) => String(vars)],
    ['Object.prototype.toString', (vars) => Object.prototype.toString.call(vars)],
    ['typeof and instanceof', (vars) => [typeof vars, vars instanceof Object, Array.isArray(vars)]],
    ['its prototype', (vars) => Object.getPrototypeOf(vars)],
    ['its constructor', (vars) => vars.constructor],
    ['whether it can be extended', (vars) => [Object.isExtensible(vars), Object.isFrozen(vars), Object.isSealed(vars)]],
    ['structuredClone of a value', (vars) => structuredClone(vars['cart'])],
    ['structuredClone of a copy', (vars) => structuredClone({ ...vars })],
    ['Object.groupBy-like loops', (vars) => Object.fromEntries(Object.entries(vars).map(([key, value]) => [key, typeof value]))],
    ['isDeepStrictEqual', (vars) => isDeepStrictEqual({ ...vars }, plain)],
    ['an object that inherits from it', (vars) => { const child = Object.create(vars); child.own = 1; return [child.user, Object.keys(child)] }],
  ]

  it.each(rows)('answers as a plain object: %s', (_what, look) => {
    expect(look($_SESSION)).toStrictEqual(look(plain))
    expect(Object.keys($_SESSION)).toStrictEqual(Object.keys(plain))
  })

  it('is equal to a plain object for toEqual, toStrictEqual and toMatchObject, both ways round', () => {
    expect($_SESSION).toEqual(plain)
    expect($_SESSION).toStrictEqual(plain)
    expect(plain).toStrictEqual($_SESSION)
    expect($_SESSION).toMatchObject({ user: 'Alice' })
    expect($_SESSION).toHaveProperty('cart.1.price', 10)
    expect($_SESSION).not.toEqual({ ...plain, n: 6 })
    expect($_SESSION).not.toEqual({ ...plain, more: 1 })
  })

  it('is walked by for…in', () => {
    const keys: string[] = []
    for (const key in $_SESSION) keys.push(key)
    expect(keys).toEqual(['user', 'cart', '10x', 'n'])
  })

  it('is not a promise: returning it from an async function gives it', async () => {
    const give = async () => $_SESSION
    expect(await give()).toBe($_SESSION)
  })

  it('shows itself in console.log as its variables', () => {
    expect(inspect($_SESSION)).toBe(inspect(plain))
    expect(`${inspect({ a: { b: { c: $_SESSION } } }, { depth: 1 })}`).not.toContain('Alice')
  })

  it('lists keys in PHP’s order, where JavaScript has another', async () => {
    const stored = await storedSession('a:4:{s:1:"b";i:1;i:7;i:2;i:3;i:3;s:1:"a";i:4;}', { serialize_handler: 'php_serialize' })
    const { $_SESSION: vars } = await stored.start()
    const keys: string[] = []
    for (const key in vars) keys.push(key)
    expect(keys).toEqual(['b', '7', '3', 'a'])
    expect(Object.keys(vars)).toEqual(['b', '7', '3', 'a'])
    expect(Object.values(vars)).toEqual([1, 2, 3, 4])
    expect(JSON.stringify(vars)).toBe('{"b":1,"7":2,"3":3,"a":4}')
    expect(vars[7]).toBe(2)
    expect(7 in vars).toBe(true)
  })
})

describe('changing $_SESSION', () => {
  // biome-ignore format: a table
  const rows: [what: string, change: (vars: Session['$_SESSION']) => unknown][] = [
    ['a new property', (vars) => { vars['more'] = [1] }],
    ['a property replaced', (vars) => { vars['user'] = 'Bob' }],
    ['a counter', (vars) => vars['n']++],
    ['??=', (vars) => { vars['n'] ??= 7; vars['m'] ??= 7 }],
    ['a nested property', (vars) => { vars['cart'][1].price += 1 }],
    ['a list', (vars) => vars['cart'].push('hat')],
    ['delete', (vars) => delete vars['user']],
    ['delete of what is not there', (vars) => delete vars['nobody']],
    ['Reflect.deleteProperty', (vars) => Reflect.deleteProperty(vars, 'user')],
    ['Reflect.set', (vars) => Reflect.set(vars, 'more', 1)],
    ['a key removed and added again', (vars) => { const { user } = vars; delete vars['user']; vars['user'] = user }],
    ['Object.assign to it', (vars) => { Object.assign(vars, { n: 6, m: { deep: [true] } }) }],
    ['Object.defineProperty with an enumerable value', (vars) => { Object.defineProperty(vars, 'm', { value: 1, enumerable: true, writable: true, configurable: true }) }],
    ['undefined', (vars) => { vars['m'] = undefined }],
    ['null', (vars) => { vars['m'] = null }],
  ]

  it.each(rows)('does what it does to a plain object: %s', (_what, change) => {
    const copy = structuredClone(plain) as Session['$_SESSION']
    expect(change($_SESSION)).toStrictEqual(change(copy))
    expect($_SESSION).toEqual(copy)
    expect(Object.keys($_SESSION)).toEqual(Object.keys(copy))
  })

  it('gives the same object each time it is asked', () => {
    expect($_SESSION['cart']).toBe($_SESSION['cart'])
    expect(session.$_SESSION).toBe($_SESSION)
    const mine = { a: 1 }
    $_SESSION['mine'] = mine
    expect($_SESSION['mine']).toBe(mine)
  })

  it('takes all variables at once, and drops the others', async () => {
    session.$_SESSION = { b: 1, a: 'x' }
    expect(session.$_SESSION).toBe($_SESSION)
    expect($_SESSION).toStrictEqual({ b: 1, a: 'x' })
    expect(session.encode().toString()).toBe('b|i:1;a|s:1:"x";')
  })

  it('takes a changed copy of itself', () => {
    session.$_SESSION = { ...$_SESSION, n: 6 }
    expect(session.encode().toString()).toBe(bytes.replace('n|i:5;', 'n|i:6;'))
  })

  it('keeps everything when one of the variables assigned at once cannot be kept', () => {
    expect(() => {
      session.$_SESSION = { fine: 1, 'a|b': 2 }
    }).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }))
    expect(() => {
      session.$_SESSION = { fine: 1, f: () => 1 }
    }).toThrow(TypeError)
    expect(() => {
      session.$_SESSION = null as never
    }).toThrow(TypeError)
    expect(session.encode().toString()).toBe(bytes)
  })
})

describe('what a session cannot keep', () => {
  // biome-ignore format: a table
  const rows: [what: string, change: (vars: Session['$_SESSION']) => unknown][] = [
    ['Object.freeze', (vars) => Object.freeze(vars)],
    ['Object.seal', (vars) => Object.seal(vars)],
    ['Object.preventExtensions', (vars) => Object.preventExtensions(vars)],
    ['Object.setPrototypeOf', (vars) => Object.setPrototypeOf(vars, {})],
    ['a getter', (vars) => Object.defineProperty(vars, 'a', { get: () => 1 })],
    ['a hidden property', (vars) => Object.defineProperty(vars, 'a', { value: 1, enumerable: false })],
    ['a constant', (vars) => Object.defineProperty(vars, 'user', { value: 1, writable: false })],
    ['a symbol', (vars) => { vars[Symbol('secret') as never] = 1 as never }],
    ['a function', (vars) => { vars['f'] = () => 1 }],
    ['a value that is a symbol', (vars) => { vars['s'] = Symbol('s') }],
  ]

  it.each(rows)('is refused with a TypeError: %s', (_what, change) => {
    expect(() => change($_SESSION)).toThrow(TypeError)
    expect(session.encode().toString()).toBe(bytes)
    $_SESSION['n'] = 6
    expect(session.encode().toString()).toBe(bytes.replace('n|i:5;', 'n|i:6;'))
  })

  it('has no symbols, and asking for one is no error', () => {
    expect(Symbol('s') in $_SESSION).toBe(false)
    expect($_SESSION[Symbol.iterator as never]).toBeUndefined()
    expect(delete $_SESSION[Symbol('s') as never]).toBe(true)
  })
})
