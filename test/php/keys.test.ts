import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { PhpObject } from '../../src/php/values.ts'

const s = (text: string) => `s:${Buffer.byteLength(text)}:"${text}";`

/** Names that mean something to JavaScript, of which some tools make a mess or a hole. */
const names = [
  ...['__proto__', 'constructor', 'prototype', 'length', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', 'toJSON'],
  ...['then', 'name', 'inspect', 'nodejs.util.inspect.custom', 'undefined', 'null', '', 'push', 'isPhpObject'],
]
class Thing {
  method(): void {}
}
const classes = { Thing }

describe.each(names)('the key %j', (name) => {
  // biome-ignore format: a table
  const holders: readonly [what: string, bytes: string][] = [
    ['an array', `a:1:{${s(name)}i:7;}`],
    ['an array behind a list', `a:2:{i:0;N;${s(name)}i:7;}`],
    ['an array behind another name', `a:3:{${s('k')}N;${s(name)}i:7;i:5;N;}`],
    ['a PHP object', `O:1:"A":1:{${s(name)}i:7;}`],
    ['a PHP object, not public', `O:1:"A":1:{${s(`\0*\0${name}`)}i:7;}`],
    ['an instance of a class', `O:5:"Thing":1:{${s(name)}i:7;}`],
  ]

  test.each(holders)('is an ordinary key of %s', (_, bytes) => {
    const value = unserialize(bytes, { classes }) as Record<string, unknown>
    expect(Object.getOwnPropertyDescriptor(value, name)).toEqual({
      value: 7,
      writable: true,
      enumerable: true,
      configurable: true,
    })
    expect(serialize(value, { classes }).toString()).toBe(bytes)
  })

  test('may be a float, a reference and an array that turns out to have names', () => {
    const bytes = `a:3:{${s(name)}d:1;${s('same')}R:2;${s('list')}a:2:{i:0;N;${s(name)}R:2;}}`
    expect(serialize(unserialize(bytes)).toString()).toBe(bytes)
  })
})

test.each([
  ['a', Object.prototype],
  ['O:8:"stdClass"', PhpObject.prototype],
  ['O:5:"Thing"', Thing.prototype],
])('nothing in %s changes a prototype', (type, prototype) => {
  const polluted = `a:1:{${s('polluted')}b:1;}`
  const bytes = `${type}:2:{${s('__proto__')}${polluted}${s('constructor')}a:1:{${s('prototype')}${polluted}}}`
  const before = [Object.prototype, prototype].map((each) => Object.getOwnPropertyNames(each))
  const value = unserialize(bytes, { classes }) as Record<string, object>
  expect(Object.getPrototypeOf(value)).toBe(prototype)
  expect(Object.values(value)[0]).toEqual({ polluted: true })
  expect(['polluted' in value, 'polluted' in {}]).toEqual([false, false])
  expect([Object.prototype, prototype].map((each) => Object.getOwnPropertyNames(each))).toEqual(before)
})

test('an own property __proto__ is written, what has a prototype of its own is refused', () => {
  expect(serialize(JSON.parse('{"__proto__":{"a":1}}')).toString()).toBe(`a:1:{${s('__proto__')}a:1:{${s('a')}i:1;}}`)
  expect(() => serialize(Object.create({ a: 1 }))).toThrow(TypeError)
})

test('a list has no key "length": it takes what PHP has under it', () => {
  const list = unserialize(`a:2:{i:0;N;${s('length')}i:99;}`)
  expect(list).toEqual({ 0: null, length: 99 })
})

describe('where Object.prototype', () => {
  const original = Object.getOwnPropertyDescriptor(Object.prototype, 'toString')!
  const change = (descriptor: PropertyDescriptor) => {
    Object.defineProperty(Object.prototype, 'toString', { configurable: true, enumerable: false, ...descriptor })
  }
  afterEach(() => {
    Object.defineProperty(Object.prototype, 'toString', original)
  })

  // biome-ignore format: a table
  const hardened: readonly [what: string, descriptor: PropertyDescriptor][] = [
    ['is frozen', { value: original.value, writable: false }],
    ['has getters only', { get: () => original.value }],
  ]

  test.each(hardened)('%s, its names are keys all the same', (_, descriptor) => {
    const bytes = `a:2:{${s('toString')}i:1;${s('map')}a:1:{${s('toString')}d:2;}}`
    change(descriptor)
    const values = [unserialize(bytes), new Map([['toString', 1]])]
    const written = values.map((value) => Buffer.from(serialize(value)).toString('latin1'))
    Object.defineProperty(Object.prototype, 'toString', original)
    expect(written).toEqual([bytes, `a:1:{${s('toString')}i:1;}`])
  })
})
