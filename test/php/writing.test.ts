import { runInNewContext } from 'node:vm'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { PhpFloat, PhpObject } from '../../src/php/values.ts'

const date = (text: string) =>
  `O:17:"DateTimeImmutable":3:{s:4:"date";s:${text.length}:"${text}";s:13:"timezone_type";i:3;s:8:"timezone";s:3:"UTC";}`
const elsewhere = (code: string): unknown => runInNewContext(`(${code})`)
class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  toJSON() {
    return { x: this.x, y: this.y }
  }
}
const withNames = Object.assign(['a'], { name: 'b' })
// biome-ignore lint/suspicious/noSparseArray: PHP has arrays with gaps
const sparse = ['a', , 'c']
const bare = Object.assign(Object.create(null), { a: 1 })
const named = Object.assign([1, 2], { x: undefined })
const selfish = { toJSON: () => 1, other: 2 }

/** Values that PHP has no type of its own for, and the bytes they become. */
// biome-ignore format: a table
const rows: readonly [what: string, value: unknown, bytes: string][] = [
  ['undefined', undefined, 'N;'],
  ['undefined in a list', [1, undefined], 'a:2:{i:0;i:1;i:1;N;}'],
  ['undefined in an object', { a: undefined, b: 1 }, 'a:1:{s:1:"b";i:1;}'],
  ['only undefined in an object', { a: undefined }, 'a:0:{}'],
  ['so many that the count gets shorter', { ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`k${i}`, undefined])), z: [1] }, 'a:1:{s:1:"z";a:1:{i:0;i:1;}}'],
  ['undefined in a PHP object', new PhpObject('A', { a: undefined, b: 1 }), 'O:1:"A":1:{s:1:"b";i:1;}'],
  ['a Map', new Map([['b', 1], ['a', 2]]), 'a:2:{s:1:"b";i:1;s:1:"a";i:2;}'],
  ['a Map in its own order', new Map<unknown, number>([['x', 1], [5, 2], ['1', 3], [-1, 4]]), 'a:4:{s:1:"x";i:1;i:5;i:2;i:1;i:3;i:-1;i:4;}'],
  ['a Map with a bigint key', new Map([[9223372036854775807n, 1]]), 'a:1:{i:9223372036854775807;i:1;}'],
  ['a Map with minus zero as a key', new Map([[-0, 1]]), 'a:1:{i:0;i:1;}'],
  ['a Map with a strange key', new Map([['__proto__', 1]]), 'a:1:{s:9:"__proto__";i:1;}'],
  ['an empty Map', new Map(), 'a:0:{}'],
  ['a Set', new Set(['a', 1]), 'a:2:{i:0;s:1:"a";i:1;i:1;}'],
  ['a Date', new Date(Date.UTC(2024, 1, 29, 12, 34, 56, 789)), date('2024-02-29 12:34:56.789000')],
  ['a Date before Christ', new Date('-000044-03-15T00:00:00Z'), date('-0044-03-15 00:00:00.000000')],
  ['a Date of the first century', new Date('0070-01-01T00:00:00Z'), date('0070-01-01 00:00:00.000000')],
  ['something with toJSON', new Point(1, 2), 'a:2:{s:1:"x";i:1;s:1:"y";i:2;}'],
  ['something with a toJSON of its own', selfish, 'i:1;'],
  ['toJSON that gives undefined', { toJSON: () => undefined }, 'N;'],
  ['toJSON that gives another with toJSON', { toJSON: () => new Point(1, 2) }, 'a:2:{s:1:"x";i:1;s:1:"y";i:2;}'],
  ['a URL', new URL('https://example.com/a'), 's:21:"https://example.com/a";'],
  ['a property toJSON that is no function', { toJSON: 1 }, 'a:1:{s:6:"toJSON";i:1;}'],
  ['a bigint', 12n, 'i:12;'],
  ['the largest bigint', 2n ** 63n - 1n, 'i:9223372036854775807;'],
  ['the smallest bigint', -(2n ** 63n), 'i:-9223372036854775808;'],
  ['a Buffer', Buffer.from([0, 0x22, 0xff]), 's:3:"\0"\xff";'],
  ['a Uint8Array', new Uint8Array([0x61]), 's:1:"a";'],
  ['a part of a larger Uint8Array', new Uint8Array([0x61, 0x62, 0x63]).subarray(1, 2), 's:1:"b";'],
  ['a PhpFloat', new PhpFloat(10), 'd:10;'],
  ['a PhpFloat of a fraction', new PhpFloat(-0.5), 'd:-0.5;'],
  ['a sparse array', sparse, 'a:2:{i:0;s:1:"a";i:2;s:1:"c";}'],
  ['an array with nothing in it', new Array(3), 'a:0:{}'],
  ['an array with a name', withNames, 'a:2:{i:0;s:1:"a";s:4:"name";s:1:"b";}'],
  ['an array with a name that is undefined', named, 'a:3:{i:0;i:1;i:1;i:2;s:1:"x";N;}'],
  ['minus zero', -0, 'd:-0;'],
  ['minus zero in a list', [-0, 0], 'a:2:{i:0;d:-0;i:1;i:0;}'],
  ['NaN and Infinity', [Number.NaN, Infinity, -Infinity], 'a:3:{i:0;d:NAN;i:1;d:INF;i:2;d:-INF;}'],
  ['an unsafe integer', 2 ** 53, 'd:9007199254740992;'],
  ['a larger one', 1e21, 'd:1.0E+21;'],
  ['a boxed number', Object(5), 'i:5;'],
  ['a boxed string', Object('a'), 's:1:"a";'],
  ['a boxed boolean', Object(true), 'b:1;'],
  ['a boxed bigint', Object(5n), 'i:5;'],
  ['an object without prototype', bare, 'a:1:{s:1:"a";i:1;}'],
  ['an object with a getter', { get now() { return 5 } }, 'a:1:{s:3:"now";i:5;}'],
  ['a frozen object', Object.freeze({ a: 1 }), 'a:1:{s:1:"a";i:1;}'],
  ['symbols as keys and hidden properties', Object.defineProperty({ a: 1, [Symbol('s')]: 2 }, 'b', { value: 3 }), 'a:1:{s:1:"a";i:1;}'],
  ['an object of another realm', elsewhere('{ a: [1, { b: null }] }'), 'a:1:{s:1:"a";a:2:{i:0;i:1;i:1;a:1:{s:1:"b";N;}}}'],
  ['a Map and a Set of another realm', elsewhere('[new Map([["x", 1]]), new Set([2])]'), 'a:2:{i:0;a:1:{s:1:"x";i:1;}i:1;a:1:{i:0;i:2;}}'],
  ['a Date of another realm', elsewhere('new Date(0)'), date('1970-01-01 00:00:00.000000')],
  ['bytes of another realm', elsewhere('new Uint8Array([97])'), 's:1:"a";'],
  ['a boxed number of another realm', elsewhere('new Number(5)'), 'i:5;'],
  ['keys that PHP takes for ints', { 5: 1, '-7': 2, '05': 3 }, 'a:3:{i:5;i:1;i:-7;i:2;s:2:"05";i:3;}'],
  ['properties that PHP takes for strings', new PhpObject('A', { 5: 1 }), 'O:1:"A":1:{s:1:"5";i:1;}'],
  ['an array in two places', (() => { const both: unknown[] = []; return { a: both, b: both } })(), 'a:2:{s:1:"a";a:0:{}s:1:"b";R:2;}'],
  ['a Map in two places', (() => { const both = new Map([['k', 1]]); return [both, both] })(), 'a:2:{i:0;a:1:{s:1:"k";i:1;}i:1;R:2;}'],
  ['a Date in two places', (() => { const both = new Date(0); return [both, 1, both, [both]] })(), `a:4:{i:0;${date('1970-01-01 00:00:00.000000')}i:1;i:1;i:2;r:2;i:3;a:1:{i:0;r:2;}}`],
]

test.each(rows)('%s is written as PHP can hold it', (_, value, bytes) => {
  expect(serialize(value).toString('latin1')).toBe(bytes)
})

test.each(rows)('%s comes back from the bytes as PHP data', (_, value) => {
  const bytes = serialize([value])
  expect(serialize(unserialize(bytes))).toEqual(bytes)
})

class Unknown {
  readonly a = 1
}
const surrogate = '\ud800'
const cyclic = { toJSON: (): unknown => cyclic }

/** Values that PHP cannot hold, and the message that names their place. */
// biome-ignore format: a table
const refused: readonly [what: string, value: unknown, message: string][] = [
  ['a function', { cart: [{ onSale: () => true }] }, 'cart[0].onSale: PHP has no function'],
  ['a symbol', { a: Symbol('s') }, 'a: PHP has no symbol'],
  ['a boxed symbol', [Object(Symbol('s'))], '[0]: PHP has no symbol'],
  ['a bigint beyond 64 bits', { n: 2n ** 63n }, 'n: a bigint beyond 64 bits does not fit a PHP int'],
  ['a negative one', [[-(2n ** 63n) - 1n]], '[0][0]: a bigint beyond 64 bits does not fit a PHP int'],
  ['an instance of a class nobody named', { user: new Unknown() }, 'user: an instance of Unknown can only be written when its class is named in `classes`'],
  ['an invalid Date', { at: new Date(Number.NaN) }, 'at: an invalid Date'],
  ['a Date that no PHP before 8.1 reads', { at: new Date('+010000-01-01T00:00:00Z') }, 'at: a Date whose year has more than four digits'],
  ['a RegExp', [/a/], '[0]: an instance of RegExp'],
  ['a Promise', { later: Promise.resolve(1) }, 'later: an instance of Promise'],
  ['an Error', new Error('x'), 'an instance of Error'],
  ['a WeakMap', { w: new WeakMap() }, 'w: an instance of WeakMap'],
  ['a Float64Array', { w: new Float64Array(1) }, 'w: an instance of Float64Array'],
  ['an ArrayBuffer', { w: new ArrayBuffer(1) }, 'w: an instance of ArrayBuffer'],
  ['half of a character', { text: surrogate }, 'text: a lone surrogate'],
  ['the other half', { text: 'a\udc80' }, 'text: a lone surrogate'],
  ['half of a character in a long text', { text: `${'x'.repeat(100)}\udfff` }, 'text: a lone surrogate'],
  ['half of a character in a key', { [surrogate]: 1 }, `['${surrogate}']: a lone surrogate`],
  ['toJSON that gives its own object', { a: cyclic }, 'a.toJSON: PHP has no function'],
  ['a Map with a key that is no string', { m: new Map([[{}, 1]]) }, 'm: a Map key must be a string or an int, not object'],
  ['a Map with a fraction as a key', { m: new Map([[1.5, 1]]) }, 'm: a Map key must be a string or an int, not 1.5'],
  ['a Map with two keys that are one in PHP', { m: new Map<unknown, number>([[1, 1], ['1', 2]]) }, 'm: two keys of the Map are the same key in PHP: 1'],
  ['something below a Map and a Set', { m: new Map([['k', new Set([1, () => 1])]]) }, 'm.k[1]: PHP has no function'],
  ['something below a PHP object', { o: new PhpObject('A', { list: [Symbol('s')] }) }, 'o.list[0]: PHP has no symbol'],
  ['something below a name with strange characters', { 'a b': { "it's": () => 1 } }, "['a b']['it\\'s']: PHP has no function"],
]

test.each(refused)('%s is refused, with the path to it', (_, value, message) => {
  let error: unknown
  try {
    serialize(value)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(TypeError)
  expect((error as TypeError).message.slice(0, message.length)).toBe(message)
  expect(serialize({ again: [1] }).toString()).toBe('a:1:{s:5:"again";a:1:{i:0;i:1;}}')
})

test('what a hook throws comes through as it is', () => {
  const own = new Error('not today')
  const value = {
    toJSON() {
      throw own
    },
  }
  expect(() => serialize({ value })).toThrow(own)
})

test('a value may be written while another is', () => {
  const value = { toJSON: () => serialize({ inner: 1 }) }
  expect(serialize({ a: value, b: 'x'.repeat(20_000) }).toString()).toBe(
    `a:2:{s:1:"a";s:22:"a:1:{s:5:"inner";i:1;}";s:1:"b";s:20000:"${'x'.repeat(20_000)}";}`,
  )
})

test('a value that was read is written with what was changed changed', () => {
  const session = unserialize('a:3:{s:5:"price";d:10;s:4:"list";a:2:{i:0;d:1;i:1;d:2;}s:2:"id";i:5;}') as {
    price: number
    list: number[]
    id: unknown
    more?: unknown
  }
  session.price = 12
  session.list.push(3)
  session.id = 'new'
  session.more = null
  expect(serialize(session).toString()).toBe(
    'a:4:{s:5:"price";d:12;s:4:"list";a:3:{i:0;d:1;i:1;d:2;i:2;i:3;}s:2:"id";s:3:"new";s:4:"more";N;}',
  )
})

test('a shared scalar takes the new value in all its places', () => {
  const pair = unserialize('a:3:{s:1:"a";i:5;s:1:"b";R:2;s:1:"c";i:5;}') as Record<string, unknown>
  pair['b'] = 6
  expect(serialize(pair).toString()).toBe('a:3:{s:1:"a";i:6;s:1:"b";R:2;s:1:"c";i:5;}')
  pair['a'] = 'seven'
  pair['b'] = 'eight'
  expect(serialize(pair).toString()).toBe('a:3:{s:1:"a";s:5:"seven";s:1:"b";s:5:"eight";s:1:"c";i:5;}')
})

test('keys that were taken out and put back go to the end, as in PHP', () => {
  const record = unserialize('a:3:{s:1:"b";i:1;i:5;i:2;s:1:"a";i:3;}') as Record<string, number>
  delete record['b']
  record['b'] = 4
  record['z'] = 5
  expect(serialize(record).toString()).toBe('a:4:{i:5;i:2;s:1:"a";i:3;s:1:"b";i:4;s:1:"z";i:5;}')
})
