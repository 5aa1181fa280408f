import { UnserializeError } from '../../src/errors.ts'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { getClass, getVisibility, PhpObject } from '../../src/php/values.ts'
import { describePhps } from './support/phps.ts'

const s = (text: string) => `s:${Buffer.byteLength(text)}:"${text}";`

class User {
  static made = 0
  name = 'made by the constructor'
  constructor() {
    User.made++
  }
  greet(): string {
    return `Hello ${this.name}`
  }
}
const classes = { 'App\\User': User }
const alice = `O:8:"App\\User":1:{${s('name')}${s('Alice')}}`

describe('an object of a named class', () => {
  test('is an instance, made without its constructor', () => {
    const before = User.made
    const user = unserialize(alice, { classes }) as User
    expect(user).toBeInstanceOf(User)
    expect([user.greet(), User.made, getClass(user)]).toEqual(['Hello Alice', before, 'App\\User'])
    expect(Object.keys(unserialize('O:8:"App\\User":0:{}', { classes }) as User)).toEqual([])
  })

  test('is written under its name, be it read or made', () => {
    expect(serialize(unserialize(alice, { classes }), { classes }).toString()).toBe(alice)
    expect(serialize(Object.assign(new User(), { name: 'Alice' }), { classes }).toString()).toBe(alice)
  })

  test('is found by its name in any case, and keeps the spelling of the bytes', () => {
    const shouted = alice.replace('App\\User', 'APP\\uSER')
    const user = unserialize(shouted, { classes })
    expect(user).toBeInstanceOf(User)
    expect(serialize(user, { classes }).toString()).toBe(shouted)
    expect(unserialize(alice, { classes: { '\\app\\user': User } })).toBeInstanceOf(User)
    expect(unserialize('O:7:"Größe":0:{}', { classes: { GRÖßE: User } })).not.toBeInstanceOf(User)
  })

  test('keeps the visibility of its properties, floats, references and order', () => {
    const bytes = `O:8:"App\\User":4:{${s('\0App\\User\0name')}d:1;${s('\0*\0mail')}R:2;${s('5')}N;i:6;N;}`
    const user = unserialize(bytes, { classes }) as User
    expect([getVisibility(user, 'name'), getVisibility(user, 'mail')]).toEqual(['private', 'protected'])
    expect(serialize(user, { classes }).toString()).toBe(bytes)
  })

  test('is the same object wherever it is met', () => {
    const bytes = `a:3:{i:0;${alice}i:1;r:2;i:2;R:2;}`
    const [first, second, third] = unserialize(bytes, { classes }) as User[]
    expect([second, third].every((user) => user === first)).toBe(true)
    expect(serialize([first, second], { classes }).toString()).toBe(`a:2:{i:0;${alice}i:1;r:2;}`)
  })

  test('is refused when it is written without `classes`', () => {
    expect(() => serialize([new User()])).toThrow(
      new TypeError('[0]: an instance of User can only be written when its class is named in `classes` or has a toJSON method'),
    )
  })

  test('of a class below it is no instance of the class, until it is named too', () => {
    class Admin extends User {}
    expect(() => serialize(new Admin(), { classes })).toThrow(TypeError)
    const both = { ...classes, Admin }
    expect(serialize(unserialize('O:5:"Admin":0:{}', { classes: both }), { classes: both }).toString()).toBe('O:5:"Admin":0:{}')
  })
})

test('one class may have several names; an instance made here gets the first', () => {
  const both = { A: User, B: User }
  expect(serialize(unserialize('a:2:{i:0;O:1:"B":0:{}i:1;O:1:"A":0:{}}', { classes: both }), { classes: both }).toString()).toBe(
    'a:2:{i:0;O:1:"B":0:{}i:1;O:1:"A":0:{}}',
  )
  expect(serialize(Object.create(User.prototype), { classes: both }).toString()).toBe('O:1:"A":0:{}')
})

test('stdClass may be a plain object, which stays an object in PHP', () => {
  const bytes = `a:2:{i:0;O:8:"stdClass":1:{${s('a')}a:1:{${s('b')}i:1;}}i:1;r:2;}`
  const [object, again] = unserialize(bytes, { classes: { stdClass: Object } }) as object[]
  expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
  expect(again).toBe(object)
  expect(serialize([object, again], { classes: { stdClass: Object } }).toString()).toBe(bytes)
  expect(serialize([object, again]).toString()).toBe(bytes)
  expect(serialize({}, { classes: { stdClass: Object } }).toString()).toBe('a:0:{}')
})

test('no setter, getter or method of a prototype is in the way of a property', () => {
  const calls: unknown[] = []
  class Trap {
    set name(value: unknown) {
      calls.push(value)
    }
    get only(): number {
      return 1
    }
    method(): number {
      return 2
    }
  }
  const names = ['name', 'only', 'method', 'constructor', '__proto__', 'toString']
  const bytes = `O:4:"Trap":6:{${names.map((name) => `${s(name)}i:7;`).join('')}}`
  const trap = unserialize(bytes, { classes: { Trap } }) as Trap
  expect([calls, Object.keys(trap), Object.values(trap)]).toEqual([[], names, Array(6).fill(7)])
  expect(Object.getPrototypeOf(trap)).toBe(Trap.prototype)
  expect(serialize(trap, { classes: { Trap } }).toString()).toBe(bytes)
})

test.each(['Map', 'Date', 'Function', 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'User', 'App\\Other'])(
  'nothing but a PhpObject is made of the class %s, which nobody named',
  (name) => {
    const inherited = Object.create({ User, 'App\\Other': User })
    const object = unserialize(`O:${name.length}:"${name}":0:{}`, { classes: Object.assign(inherited, classes) })
    expect(object).toBeInstanceOf(PhpObject)
    expect(getClass(object)).toBe(name)
  },
)

test.each([
  [{ A: 5 }, "classes['A'] must be a class"],
  [{ A: {} }, "classes['A'] must be a class"],
  [{ A: undefined }, "classes['A'] must be a class"],
  [{ 'A B': User }, "classes: 'A B' is not a PHP class name"],
  [{ '': User }, "classes: '' is not a PHP class name"],
])('%j is no table of classes', (wrong, message) => {
  expect(() => unserialize('N;', { classes: wrong as never })).toThrow(new TypeError(message))
  expect(() => serialize(null, { classes: wrong as never })).toThrow(new TypeError(message))
})

describe('a class with __serialize and __unserialize', () => {
  class Money {
    cents = 0
    static __serialize(money: Money): unknown[] {
      return [money.cents, 'CHF']
    }
    static __unserialize(money: Money, data: number[]): void {
      money.cents = data[0]!
    }
  }
  const money = { classes: { Money } }

  test('is read and written by them', () => {
    const bytes = `O:5:"Money":2:{i:0;i:250;i:1;${s('CHF')}}`
    const read = unserialize(bytes, money) as Money
    expect([read instanceof Money, Object.keys(read), read.cents]).toEqual([true, ['cents'], 250])
    expect(serialize(read, money).toString()).toBe(bytes)
  })

  /** Writes what it was given. */
  class Bag {
    data: unknown
    static __serialize = (bag: Bag): object => bag.data as object
    static __unserialize(bag: Bag, data: unknown): void {
      bag.data = data
    }
  }
  const options = { classes: { Bag, Money } }

  test.each([
    'O:3:"Bag":0:{}',
    'O:3:"Bag":2:{i:0;d:1;i:1;d:2;}',
    'O:3:"Bag":3:{s:1:"k";i:1;i:5;d:2;i:-1;N;}',
    'O:3:"Bag":2:{i:0;i:1;s:1:"k";R:2;}',
    'O:3:"Bag":1:{s:4:"\0*\0x";i:1;}',
    'a:2:{i:0;O:3:"Bag":1:{i:0;O:3:"Bag":1:{s:4:"self";r:2;}}i:1;r:3;}',
  ])('writes %j as it was read, when it keeps the data', (bytes) => {
    expect(serialize(unserialize(bytes, options), options).toString()).toBe(bytes)
  })

  test('gets a list as an Array and other keys as an object, and may give a Map', () => {
    expect((unserialize('O:3:"Bag":1:{i:0;N;}', options) as Bag).data).toEqual([null])
    expect((unserialize('O:3:"Bag":1:{s:1:"5";N;}', options) as Bag).data).toEqual({ 5: null })
    const bag = new Bag()
    bag.data = new Map([['k', 1]])
    expect(serialize(bag, options).toString()).toBe('O:3:"Bag":1:{s:1:"k";i:1;}')
  })

  test('may hold itself', () => {
    const bytes = 'O:3:"Bag":1:{s:4:"self";r:1;}'
    const bag = unserialize(bytes, options) as { data: { self: unknown } }
    expect(bag.data.self).toBe(bag)
    expect(serialize(bag, options).toString()).toBe(bytes)
  })

  test('must give an object or an array', () => {
    const bag = new Bag()
    for (bag.data of [5, null, undefined, 'x']) {
      expect(() => serialize({ bag }, options)).toThrow(new TypeError('bag: Bag.__serialize() must return an object or array'))
    }
  })

  test('is not called when the bytes are refused in the end', () => {
    const calls: string[] = []
    class Spy {
      seen = false
      static __unserialize(): void {
        calls.push('called')
      }
    }
    expect(() => unserialize('a:2:{i:0;O:3:"Spy":0:{}i:1;x;}', { classes: { Spy } })).toThrow(UnserializeError)
    expect(calls).toEqual([])
  })

  test('may have only one of the two', () => {
    class Reads {
      seen: unknown
      static __unserialize(reads: Reads, data: unknown): void {
        reads.seen = data
      }
    }
    class Writes {
      seen = false
      static __serialize = () => ({ a: 1 })
    }
    const halves = { classes: { Reads, Writes } }
    expect(serialize(unserialize('O:5:"Reads":1:{i:0;N;}', halves), halves).toString()).toBe(
      'O:5:"Reads":1:{s:4:"seen";a:1:{i:0;N;}}',
    )
    expect(serialize(unserialize('O:6:"Writes":1:{s:1:"b";N;}', halves), halves).toString()).toBe('O:6:"Writes":1:{s:1:"a";i:1;}')
  })

  test('passes its own errors on', () => {
    const own = new Error('not today')
    class Fails {
      seen = false
      static __unserialize(): void {
        throw own
      }
    }
    expect(() => unserialize('O:5:"Fails":0:{}', { classes: { Fails } })).toThrow(own)
  })
})

describePhps('the order in which objects are woken', ['8.5'], (php) => {
  const item = (id: string, inner = 'N;') => `O:4:"Item":2:{${s('id')}${s(id)}${s('inner')}${inner}}`
  const tree = `a:3:{i:0;${item('a', item('b', `a:2:{i:0;${item('c')}i:1;r:2;}`))}i:1;${item('d')}i:2;${item('e', item('f'))}}`

  test('is that of PHP', async () => {
    const woken: string[] = []
    class Item {
      seen = false
      static __unserialize(_: Item, data: { id: string }): void {
        woken.push(data.id)
      }
    }
    unserialize(tree, { classes: { Item } })
    const setup = `
      class Item {
        public static $woken = '';
        function __unserialize(array $data): void { self::$woken .= $data['id']; }
      }`
    const [answer] = await php().map('unserialize($in); return Item::$woken;', [Buffer.from(tree)], { setup })
    expect(woken.join('')).toBe(String(answer))
    expect(woken).toHaveLength(6)
  })
})
