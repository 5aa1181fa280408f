import { inspect } from 'node:util'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { getClass, getVisibility, PhpEnum, PhpFloat, PhpObject, PhpSerialized, PhpSerializedPart } from '../../src/php/values.ts'

const s = (text: string) => `s:${Buffer.byteLength(text)}:"${text}";`
const child =
  `O:7:"App\\Kid":6:{${s('open')}i:1;${s('\0*\0inner')}i:2;${s('\0App\\Kid\0own')}i:3;` +
  `${s('\0App\\Dad\0own')}i:4;${s('\0App\\Dad\0secret')}i:5;${s('added')}i:6;}`

describe('an object of a class that nobody named', () => {
  test('has its properties under their plain names, a hidden one of a parent under its mangled name', () => {
    expect(Object.entries(unserialize(child) as PhpObject)).toEqual([
      ['open', 1],
      ['inner', 2],
      ['own', 3],
      ['\0App\\Dad\0own', 4],
      ['secret', 5],
      ['added', 6],
    ])
  })

  test('knows its class and the visibility of each property', () => {
    const object = unserialize(child) as PhpObject
    expect(getClass(object)).toBe('App\\Kid')
    expect(Object.keys(object).map((name) => getVisibility(object, name))).toEqual([
      'public',
      'protected',
      'private',
      'private',
      'private',
      'public',
    ])
  })

  test('keeps class and visibility when properties change', () => {
    const object = unserialize(child) as PhpObject
    object['inner'] = 'changed'
    object['new'] = true
    delete object['own']
    expect(serialize(object).toString()).toBe(
      `O:7:"App\\Kid":6:{${s('open')}i:1;${s('\0*\0inner')}${s('changed')}` +
        `${s('\0App\\Dad\0own')}i:4;${s('\0App\\Dad\0secret')}i:5;${s('added')}i:6;${s('new')}b:1;}`,
    )
  })

  test('is plain data to whoever looks at it', () => {
    const object = unserialize(`O:1:"A":1:{${s('a')}a:1:{i:0;i:1;}}`) as PhpObject
    expect(object).toEqual({ a: [1] })
    expect({ ...object }).toEqual({ a: [1] })
    expect(JSON.stringify(object)).toBe('{"a":[1]}')
    expect(structuredClone(object)).toEqual({ a: [1] })
    expect(object).toBeInstanceOf(PhpObject)
  })
})

describe('an object made here', () => {
  test('is written with the visibility it was given', () => {
    const object = new PhpObject('A', { x: 1, y: 2, z: 3 }, { y: 'protected', z: 'private', x: 'public' })
    expect(serialize(object).toString()).toBe(`O:1:"A":3:{${s('x')}i:1;${s('\0*\0y')}i:2;${s('\0A\0z')}i:3;}`)
    expect(['x', 'y', 'z'].map((name) => getVisibility(object, name))).toEqual(['public', 'protected', 'private'])
  })

  test.each(['', '\\A', 'A B', 'A:B', 'A"', 'A\0', 'A-B'])('has no class named %j', (name) => {
    const message = new TypeError(`'${name}' is not a PHP class name`)
    expect(() => new PhpObject(name)).toThrow(message)
    expect(() => new PhpEnum(name, 'A')).toThrow(message)
    expect(() => new PhpSerialized(name, '')).toThrow(message)
  })

  test('is no enum without a case', () => {
    expect(() => new PhpEnum('Suit', '')).toThrow(TypeError)
  })
})

test('only objects of PHP have a class', () => {
  const classes = [new PhpEnum('Suit', 'Hearts'), new PhpSerialized('Token', ''), new PhpObject('A'), {}, [], null, 'A', 5].map(
    getClass,
  )
  expect(classes).toEqual(['Suit', 'Token', 'A', ...Array(5).fill(undefined)])
})

const cycle = unserialize(`O:4:"Node":2:{${s('self')}r:1;${s('list')}a:1:{i:0;r:1;}}`)
const wide = unserialize(`O:4:"Wide":2:{${s('a')}${s('x'.repeat(40))}${s('b')}${s('y'.repeat(40))}}`)
const deep = unserialize(`O:1:"A":1:{${s('x')}O:1:"B":1:{${s('x')}O:1:"C":1:{${s('x')}O:1:"D":1:{${s('x')}O:1:"E":0:{}}}}}`)

/** What util.inspect, and so console.log, shows. */
// biome-ignore format: a table
const shown: readonly [value: unknown, text: string, options?: object][] = [
  [unserialize(child), [
    'App\\Kid {',
    '  open: 1,',
    '  [inner:protected]: 2,',
    '  [own:App\\Kid:private]: 3,',
    '  [own:App\\Dad:private]: 4,',
    '  [secret:App\\Dad:private]: 5,',
    '  added: 6',
    '}',
  ].join('\n')],
  [new PhpObject('Empty'), 'Empty {}'],
  [new PhpObject('A', { 'a b': 1, "it's": 2, __proto__x: 3, $: 4, 5: 5 }), `A { '5': 5, 'a b': 1, "it's": 2, __proto__x: 3, $: 4 }`],
  [new PhpObject('A', { list: [1, { k: 'v' }], none: null }), "A { list: [ 1, { k: 'v' } ], none: null }"],
  [[new PhpObject('A', { x: new PhpObject('B') })], '[ A { x: B {} } ]'],
  [wide, `Wide {\n  a: '${'x'.repeat(40)}',\n  b: '${'y'.repeat(40)}'\n}`],
  [deep, 'A { x: B { x: C { x: [D] } } }'],
  [deep, 'A { x: B { x: C { x: D { x: E {} } } } }', { depth: null }],
  [deep, 'A { x: [B] }', { depth: 0 }],
  [cycle, 'Node { self: [Circular], list: [ [Circular] ] }'],
  [cycle, 'Node { self: [Circular], list: [ [Circular] ] }', { depth: null }],
  [cycle, 'Node { self: [Circular], list: [ [Circular] ] }', { depth: Number.POSITIVE_INFINITY }],
  [new PhpEnum('App\\Suit', 'Hearts'), 'App\\Suit::Hearts'],
  [new PhpSerialized('Token', Buffer.from('x;y')), "Token { serialized: 'x;y' }"],
  [new PhpFloat(10), 'PhpFloat(10)'],
  [new PhpSerializedPart(new PhpSerialized('Token', ''), 2, true), '[value 2 inside Token]'],
]

test.each(shown)('%# is shown as PHP shows it', (value, text, options = {}) => {
  expect(inspect(value, options)).toBe(text)
})

test('a PhpFloat is a number where one is wanted', () => {
  expect(Number(new PhpFloat(2)) + 1).toBe(3)
  expect(JSON.stringify({ price: new PhpFloat(10) })).toBe('{"price":10}')
  expect(String(new PhpEnum('Suit', 'Hearts'))).toBe('Suit::Hearts')
})

describe('an object that wrote its own bytes', () => {
  const nested = 'a:3:{i:0;C:3:"Bag":41:{a:2:{i:0;O:8:"stdClass":0:{}i:1;s:1:"x";}}i:1;r:4;i:2;R:5;}'

  test('holds values that are met again outside', () => {
    const [bag, object, text] = unserialize(nested) as [PhpSerialized, PhpSerializedPart, PhpSerializedPart]
    expect(bag.data.toString()).toBe('a:2:{i:0;O:8:"stdClass":0:{}i:1;s:1:"x";}')
    expect([object.index, object.isReference, text.index, text.isReference]).toEqual([1, false, 2, true])
    expect(serialize([bag, object, text]).toString()).toBe(nested)
  })

  test('stands before what is met again', () => {
    const [bag, object] = unserialize(nested) as [PhpSerialized, PhpSerializedPart]
    expect(serialize(['first', bag, object]).toString()).toContain('i:2;r:5;}')
    expect(() => serialize([object, bag])).toThrow(
      new TypeError('[0]: a value inside Bag can only stand behind the object that holds it'),
    )
  })

  test('is taken for one without values where only then the references are as PHP writes them', () => {
    const opaque = 'a:5:{i:0;C:4:"Card":4:{i:5;}i:1;O:1:"A":0:{}i:2;r:3;i:3;O:1:"B":0:{}i:4;r:5;}'
    const [, first, again, second, andAgain] = unserialize(opaque) as unknown[]
    expect([again, andAgain]).toEqual([first, second])
    expect([again === first, andAgain === second, getClass(second)]).toEqual([true, true, 'B'])
    expect(serialize(unserialize(opaque)).toString()).toBe(opaque)
  })

  test('cannot move when its bytes refer to values outside', () => {
    const outside = 'a:2:{i:0;O:8:"stdClass":0:{}i:1;C:3:"Bag":14:{a:1:{i:0;r:2;}}}'
    const [object, bag] = unserialize(outside) as [PhpObject, PhpSerialized]
    expect(serialize([object, bag]).toString()).toBe(outside)
    expect(() => serialize([1, object, bag])).toThrow('they have moved')
  })
})
