import { unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { PhpEnum, PhpFloat, PhpObject } from '../../src/php/values.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { decodeSession, encodeSession } from '../../src/serialize-handlers/session-codec.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { checkMatch, checkPhpSession, checkSessionValue, type KeyPath } from '../../src/testing/checks.ts'
import '../../src/testing/jest.ts'
import { createTestSessions } from '../../src/testing/test-sessions.ts'
import { check } from '../support/random.ts'

class Money {
  constructor(readonly cents: number) {}
}

const sessions = createTestSessions({ classes: { Money } })

const user = 'O:8:"App\\User":3:{s:4:"name";s:5:"Alice";s:12:"\0App\\User\0id";i:5;s:7:"\0*\0mail";N;}'
const stored = Buffer.from(
  `user|${user}cart|a:2:{i:0;a:2:{s:4:"name";s:3:"Mug";s:5:"price";d:10;}i:1;a:1:{s:4:"name";s:3:"Cup";}}n|i:1;t|b:1;e|a:0:{}` +
    `suit|E:11:"Suit:Hearts";same|R:5;raw|s:2:"\xc3(";big|i:9007199254740993;keyed|a:1:{i:3;s:1:"x";}again|r:1;`,
  'latin1',
)
const alice = { name: 'Alice', id: 5, mail: null }
const visibility = { id: 'private', mail: 'protected' } as const

describe('toMatchSession', () => {
  // biome-ignore format: a table
  const matching: [what: string, vars: object][] = [
    ['nothing', {}],
    ['some variables', { n: 1, t: true }],
    ['no order of keys', { t: true, cart: [{ price: new PhpFloat(10), name: 'Mug' }, {}] }],
    ['some elements of keyed arrays', { cart: [{ name: 'Mug' }, { name: 'Cup' }] }],
    ['a list as a Set', { cart: new Set([{ name: 'Mug' }, { name: 'Cup' }]) }],
    ['a keyed array as a Map', { cart: new Map([[1, { name: 'Cup' }]]), keyed: new Map([['3', 'x']]) }],
    ['some properties of an object', { user: new PhpObject('App\\User', { id: 5 }) }],
    ['a shared object in its other place', { again: new PhpObject('App\\User', { id: 5 }) }],
    ['what a reference leads to', { same: [{ name: 'Mug' }, {}] }],
    ['an enum', { suit: new PhpEnum('Suit', 'Hearts') }],
    ['bytes', { raw: Buffer.from([0xc3, 0x28]) }],
    ['large ints', { big: 9007199254740993n }],
    ['nothing there', { gone: undefined, cart: [{ gone: undefined }, {}] }],
    ['any matcher of jest', { n: expect.any(Number), cart: expect.arrayContaining([{ name: 'Cup' }]), t: expect.anything() }],
    ['a matcher deep inside', { cart: [{ price: expect.closeTo(10.001, 2) }, { name: expect.stringMatching(/^C/) }] }],
    ['a matcher in an object', { user: new PhpObject('App\\User', { name: expect.any(String) }) }],
    ['a matcher of all', expect.objectContaining({ n: 1 })],
    ['what was decoded from the same bytes', decodeSession(stored)],
  ]

  it.each(matching)('expects %s', (_what, vars) => {
    expect(stored).toMatchSession(vars)
    expect(() => expect(stored).not.toMatchSession(vars)).toThrow('the session is as it was expected not to be:\n\n  $_SESSION')
  })

  // biome-ignore format: a table
  const differing: [what: string, vars: object, message: string][] = [
    ['an int where there is a float', { cart: [{ price: 10 }, {}] }, `cart[0].price
    expected: int(10)
    received: float(10)

10 expects an int; new PhpFloat(10) expects a float`],
    ['a float where there is an int', { n: new PhpFloat(1) }, 'n\n    expected: float(1)\n    received: int(1)'],
    ['a string where there is an int', { n: '1' }, 'n\n    expected: string(1) "1"\n    received: int(1)'],
    ['an int where there is a bool', { t: 1 }, 't\n    expected: int(1)\n    received: bool(true)'],
    ['null where there is nothing', { gone: null }, 'gone\n    expected: null\n    received: nothing; $_SESSION has user, cart, n, t, e, suit, same, raw, big, keyed and 1 more'],
    ['a missing element', { cart: [{ qty: 1 }, {}] }, 'cart[0].qty\n    expected: int(1)\n    received: nothing; cart[0] has name, price'],
    ['a longer list', { cart: [{}, {}, 'Tea'] }, 'cart[2]\n    expected: string(3) "Tea"\n    received: nothing; cart has [0], [1]'],
    ['a shorter list', { cart: [{}] }, `cart[1]
    expected: nothing
    received: array(1) {
      name: string(3) "Cup"
    }`],
    ['an empty list', { keyed: [] }, 'keyed[3]\n    expected: nothing\n    received: string(1) "x"'],
    ['something in an empty array', { e: { a: 1 } }, 'e.a\n    expected: int(1)\n    received: nothing; e is empty'],
    ['an array where there is an int', { n: { a: 1 } }, 'n\n    expected: array(1)\n    received: int(1)'],
    ['an array where there is nothing', { gone: [1, 2] }, 'gone\n    expected: array(2)\n    received: nothing; $_SESSION has'],
    ['an array where there is an object', { user: { name: 'Alice' } }, `user
    expected: array(1)
    received: object(App\\User) {
      name: string(5) "Alice"
      -id: int(5)
      #mail: null
    }

{ … } expects an array; new PhpObject('App\\\\User', { … }) expects an object`],
    ['an object of another class', { user: new PhpObject('User', {}) }, 'user\n    expected: object(User)\n    received: object(App\\User) {'],
    ['another property', { user: new PhpObject('App\\User', { id: 6 }) }, 'user.id\n    expected: int(6)\n    received: int(5)'],
    ['another case of an enum', { suit: new PhpEnum('Suit', 'Spades') }, 'suit\n    expected: enum(Suit::Spades)\n    received: enum(Suit::Hearts)'],
    ['other bytes', { raw: Buffer.from([0xc3]) }, 'raw\n    expected: string(1) "\\xc3"\n    received: string(2) "\\xc3("'],
    ['another large int', { big: 9007199254740992n }, 'big\n    expected: int(9007199254740992)\n    received: int(9007199254740993)'],
    ['a date', { n: new Date(0) }, 'n\n    expected: object(DateTimeImmutable) {'],
    ['nothing where there is something', { n: undefined }, 'n\n    expected: nothing\n    received: int(1)'],
    ['what a matcher refuses', { cart: [{ name: expect.any(Number) }, {}] }, 'cart[0].name\n    expected: Any<Number>\n    received: string(3) "Mug"'],
    ['a matcher where there is nothing', { gone: expect.anything() }, 'gone\n    expected: Anything\n    received: nothing; $_SESSION has'],
    ['a matcher with a sample', { t: expect.stringContaining('x') }, 't\n    expected: StringContaining "x"\n    received: bool(true)'],
    ['a matcher in a matcher', { n: expect.objectContaining({ a: expect.any(Number) }) }, 'n\n    expected: ObjectContaining {"a": Any<Number>}\n    received: int(1)'],
    ['a matcher of all', expect.objectContaining({ n: 2 }), '$_SESSION\n    expected: ObjectContaining {"n": 2}\n    received: array(11) {'],
  ]

  it.each(differing)('says what is there instead of %s', (_what, vars, message) => {
    expect(() => expect(stored).toMatchSession(vars)).toThrow(`the session is not as expected:\n\n  ${message}`)
    expect(stored).not.toMatchSession(vars)
  })

  it('says all places that differ, and not too much about them', () => {
    const vars = { list: Array.from({ length: 30 }, (_, index) => index), text: 'a'.repeat(200), tree: 1 }
    const tree = { list: Array.from({ length: 30 }, String), text: `${'a'.repeat(150)}b`, tree: Array(50).fill(0) }
    const { message } = checkMatch(encodeSession(tree), vars)
    expect(message()).toMatch(/^the session is not as expected in 32 places:\n\n {2}list\[0\]\n {4}expected: int\(0\)\n/)
    expect(message()).toMatch(/\n {2}… and 12 more$/)
    const rest = checkMatch(encodeSession(tree), { text: vars.text, tree: 1 }).message().split('\n').slice(2)
    expect(rest.slice(0, 3)).toEqual([
      '  text',
      `    expected: string(200) "…${'a'.repeat(75)}"`,
      `    received: string(151) "…${'a'.repeat(25)}b"`,
    ])
    expect(rest).toHaveLength(3 + 2 + 12)
    expect(rest.at(-1)).toBe('    … 41 lines more')
  })

  it('compares with what PHP stores for the values of an application’s classes', async () => {
    const session = await sessions.seed({ total: new Money(5), wallet: [new Money(1)] })
    expect(session).toMatchSession({ total: new Money(5), wallet: [new Money(1)] })
    expect(() => expect(session).toMatchSession({ total: new Money(6) })).toThrow(
      /expected: object\(Money\) {\n {6}cents: int\(6\)/,
    )
    expect(session).toMatchSession({ total: expect.any(Money) })
    writeFileSync(session.file!, 'total|O:5:"Money":1:{s:12:"\0Money\0cents";i:5;}')
    expect(session).not.toMatchSession({ total: new Money(5) })
    writeFileSync(session.file!, 'total|O:5:"Money":2:{s:5:"cents";i:5;s:1:"x";i:1;}')
    expect(session).not.toMatchSession({ total: new Money(5) })
  })

  it('cuts long strings between characters', () => {
    const text = '😀'.repeat(80)
    const { message } = checkMatch(encodeSession({ text: `${text}a` }), { text: `${text}b` })
    expect(message()).toContain(`received: string(321) "…${'😀'.repeat(12)}a"`)
  })

  it('counts no references into what a string holds', () => {
    const bytes = Buffer.from('a|i:5;login|s:14:"a:1:{i:0;i:7;}";same|R:1;')
    expect(bytes).toMatchSession({ same: 5 })
  })

  it('follows circles', () => {
    const circle = (name: string) => {
      const one: Record<string, unknown> = { name }
      one['self'] = one
      return { one }
    }
    expect(encodeSession(circle('a'))).toMatchSession(circle('a'))
    expect(encodeSession(circle('a'))).not.toMatchSession(circle('b'))
    const end = encodeSession({ one: { name: 'a', self: { name: 'b', self: null } } })
    expect(() => expect(end).toMatchSession(circle('a'))).toThrow(
      /in 2 places:\n\n {2}one\.self\.name\n.*\n.*\n {2}one\.self\.self\n/,
    )
    expect(encodeSession(circle('a'))).not.toMatchSession({ one: { name: 'a', self: { name: 'b' } } })
  })

  it.each([null, 'user', 1])('refuses %p, which holds no variables', (vars) => {
    expect(() => expect(stored).toMatchSession(vars as never)).toThrow('Give an object with the variables that are expected')
  })

  it('refuses what PHP cannot hold', () => {
    expect(() => expect(stored).not.toMatchSession({ n: () => {} })).toThrow(new TypeError('expected: PHP has no function'))
  })

  it('expects of any session just that session', () => {
    const leaf = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.boolean(), fc.constant(null))
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(fc.string(), tie('tree'))),
    }))
    check(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), tree), tree, (vars, other) => {
        const bytes = encodeSession(vars)
        expect(checkMatch(bytes, vars).pass).toBe(true)
        expect(checkMatch(bytes, decodeSession(bytes)).pass).toBe(true)
        for (const key of Object.keys(vars)) {
          const isSame = encodeSession({ x: other }).equals(encodeSession({ x: vars[key] }))
          if (checkSessionValue(bytes, [key], other).pass !== isSame) {
            // The order of keys does not count.
            expect(encodeSession({ x: other })).toHaveLength(encodeSession({ x: vars[key] }).length)
          }
        }
      }),
    )
  })
})

describe('toHaveSessionValue', () => {
  // biome-ignore format: a table
  const holding: [path: KeyPath, ...value: [value?: unknown]][] = [
    ['n'],
    ['n', 1],
    ['cart[0].price', new PhpFloat(10)],
    ['cart[0]', { name: 'Mug', price: new PhpFloat(10) }],
    [['cart', 1, 'name'], 'Cup'],
    ['keyed[3]', 'x'],
    ["['keyed']['3']", expect.any(String)],
    ['cart', [expect.anything(), { name: expect.stringContaining('up') }]],
    ['user.id', 5],
    ['user', new PhpObject('App\\User', alice, visibility)],
    ['again.name', 'Alice'],
    ['same[1].name', 'Cup'],
    ['user.mail', null],
    ['user.mail'],
  ]

  it.each(holding)('finds %j', (...args) => {
    expect(stored).toHaveSessionValue(...args)
    expect(() => expect(stored).not.toHaveSessionValue(...args)).toThrow('is as it was expected not to be')
  })

  // biome-ignore format: a table
  const lacking: [path: KeyPath, values: [value?: unknown], message: string][] = [
    ['gone', [], 'gone\n    expected: anything\n    received: nothing; $_SESSION has user'],
    ['user.nmae', [], 'user.nmae\n    expected: anything\n    received: nothing; user has name, id, mail'],
    ['user.name.first', ['Al'], 'user.name.first\n    expected: string(2) "Al"\n    received: nothing; user.name is string(5) "Alice"'],
    ['gone.name', ['Al'], 'gone.name\n    expected: string(2) "Al"\n    received: nothing; $_SESSION has user'],
    ['n', [2], 'n\n    expected: int(2)\n    received: int(1)'],
    ['cart[0]', [{ name: 'Mug' }], 'cart[0].price\n    expected: nothing\n    received: float(10)'],
    ['user', [new PhpObject('App\\User', alice, { ...visibility, name: 'private' })], 'user.name\n    expected: a private property\n    received: a public property'],
  ]

  it.each(lacking)('says what is there where %j is not %j', (path, values, message) => {
    expect(() => expect(stored).toHaveSessionValue(path, ...values)).toThrow(`the session is not as expected:\n\n  ${message}`)
    expect(stored).not.toHaveSessionValue(path, ...values)
  })

  it('refuses undefined, which may be a mistake', () => {
    expect(() => expect(stored).not.toHaveSessionValue('n', undefined)).toThrow(TypeError)
    expect(() => expect(stored).toHaveSessionValue('gone', undefined)).toThrow('PHP has no undefined')
  })

  it.each([undefined, null, 5, {}])('refuses %j as a path', (path) => {
    const message = 'Give a key path, such as cart[3].price, or an array of keys'
    expect(() => expect(stored).not.toHaveSessionValue(path as never, 1)).toThrow(new TypeError(message))
  })

  it('refuses what is no path', () => {
    expect(() => expect(stored).not.toHaveSessionValue('cart..n')).toThrow("'cart..n' is no key path")
  })

  it('finds two properties of one name, a parent’s private one behind the object’s own', () => {
    const bytes = Buffer.from('o|O:1:"B":2:{s:4:"\0A\0x";i:1;s:4:"\0B\0x";d:2;}', 'latin1')
    expect(bytes).toHaveSessionValue('o.x', new PhpFloat(2))
    expect(bytes).toHaveSessionValue(['o', '\0A\0x'], 1)
    expect(bytes).toHaveSessionValue('o', decodeSession(bytes)['o'])
    expect(Buffer.from('o|O:1:"B":1:{s:4:"\0A\0x";i:1;}', 'latin1')).toHaveSessionValue('o.x', 1)
  })
})

describe('toBePhpSession', () => {
  it.each([
    ['php', 'a|i:1;'],
    ['php_binary', '\x01ai:1;\x01bi:1;'],
    ['php_serialize', 'a:1:{s:1:"a";i:1;}'],
    ['php', ''],
  ])('is one that %s wrote: %j', (serialize_handler, bytes) => {
    expect(Buffer.from(bytes)).toBePhpSession()
    expect(Buffer.from(bytes)).toBePhpSession({ serialize_handler })
    expect(() => expect(Buffer.from(bytes)).not.toBePhpSession()).toThrow(/\n\nPHP reads the session$/)
  })

  // biome-ignore format: a table
  const damaged: [bytes: string, options: { serialize_handler?: string }, message: string][] = [
    ['user|s:5:"Alic";', {}, `A text was changed, and its length was not

  user, byte 7 of 16, serialize_handler php
    expected: a length of 4, not 5
    received: user|s:5:"Alic";
                     ^`],
    ['n|i:1;cart|a:1:{i:0;a:1:{s:5:"price";d:1O;}}', {}, `The bytes make no sense in cart[0].price: expected a float and a semicolon

  cart[0].price, byte 39 of 44, serialize_handler php
    expected: a float and a semicolon
    received: art|a:1:{i:0;a:1:{s:5:"price";d:1O;}}
                                              ^`],
    ['n|i:1;\n', {}, `A line end stands behind the last value, as editors put it there

  byte 6 of 7, serialize_handler php
    expected: the end
    received: n|i:1;\\n
                    ^^`],
    ['{"user":"Alice"}', {}, `This is JSON, as applications with a save handler of their own write it

  byte 0 of 16
    expected: a session
    received: {"user":"Alice"}
              ^^^^^^^^^^^^^^^^`],
    ['user|s:5:"Al', {}, 'The session ends too early, in user: it was not written to its end\n\n  user, byte 12 of 12'],
    ['a|i:1;', { serialize_handler: 'php_serialize' }, 'This was written by the serialize handler php and is read by php_serialize\n\n  byte 0 of 6, serialize_handler php_serialize'],
  ]

  it.each(damaged)('is not %j, read with %j', (text, options, message) => {
    const bytes = Buffer.from(text)
    expect(() => expect(bytes).toBePhpSession(options)).toThrow(`PHP would destroy the session. ${message}`)
    expect(bytes).not.toBePhpSession(options)
  })

  it.each([
    [{ serializeHandler: 'php' }, "Unknown option 'serializeHandler': did you mean 'serialize_handler'?"],
    ['php', 'The options are an object with serialize_handler'],
  ])('takes no %j', (options, message) => {
    expect(() => expect(stored).toBePhpSession(options as never)).toThrow(new TypeError(message))
  })

  it('is no answer for what a damaged session holds, or does not', () => {
    const bytes = Buffer.from('user|s:5:"Alic";')
    expect(() => expect(bytes).not.toMatchSession({ user: 'Bob' })).toThrow('PHP would destroy the session')
    expect(() => expect(bytes).not.toHaveSessionValue('user')).toThrow('PHP would destroy the session')
  })
})

describe('a session', () => {
  it('may be the path of a file', () => {
    const path = join(sessions.save_path, 'sess_0123456789abcdef')
    writeFileSync(path, 'n|i:1;')
    expect(path).toMatchSession({ n: 1 })
    expect(() => expect(path).toMatchSession({ n: 2 })).toThrow('session 012345… is not as expected')
    writeFileSync(path, 'n|i:1;\x01|s:0000000001:"\x01";') // as a process that was killed while it wrote may leave it
    expect(path).not.toHaveSessionValue(['\x01'])
    unlinkSync(path)
    expect(path).not.toBePhpSession()
    expect(() => expect(path).toBePhpSession()).toThrow('There is no session 012345…')
    expect(() => expect(path).not.toMatchSession({ n: 1 })).toThrow('There is no session 012345…')
  })

  it('may be an open one, with what is not stored yet', async () => {
    const session = await sessions.sessions.start()
    session.$_SESSION['n'] = 1
    expect(session).toMatchSession({ n: 1 })
    expect(() => expect(session).toMatchSession({ n: 2 })).toThrow(`session ${session.id.slice(0, 6)}… is not as expected`)
    await session.destroy()
  })

  it('may be one of any session manager, which says its charset and classes', async () => {
    for (const serialize_handler of ['php', 'php_serialize']) {
      const manager = new SessionManager({
        save_handler: memorySaveHandler(),
        charset: 'latin1',
        classes: { Money },
        serialize_handler,
      })
      await using session = await manager.start()
      Object.assign(session.$_SESSION, { name: 'Jürgen', price: new Money(5) })
      expect(session).toMatchSession({ name: 'Jürgen', price: new Money(5) })
    }
  })

  it('may be one that a test made, as it is stored now and as its directives say', async () => {
    const others = createTestSessions({ charset: 'latin1', serialize_handler: 'php_serialize' })
    const session = await others.seed({ name: 'Zoé' })
    expect(session).toMatchSession({ name: 'Zoé' })
    expect(session).toHaveSessionValue('name', expect.stringMatching('é'))
    await others.seed({ name: 'Bob' }, session)
    expect(session).toMatchSession({ name: 'Bob' })
    writeFileSync(session.file!, 'name|s:3:"Bob";')
    expect(session).not.toBePhpSession()
    expect(session).toBePhpSession({ serialize_handler: 'php' })
    await others.close()
    expect(session).not.toBePhpSession()
  })

  it.each([
    [undefined, 'something of type undefined'],
    [null, 'something of type object'],
    [{ id: 'a' }, 'something of type object'],
    [Promise.resolve(''), 'a promise: await it first'],
  ])('is not %p', (what, given) => {
    expect(() => expect(what).toBePhpSession()).toThrow(
      `Give the path of a session file, its bytes, a Session or a test's session, not ${given}`,
    )
    expect(() => expect(what).not.toBePhpSession()).toThrow(TypeError)
  })

  it.each([
    ['none', ''],
    ['php', 'user|s:5:"Alice";'],
    ['php_serialize', 'a:1:{s:1:"a";i:1;}'],
    ['more than a path may have', `text|s:5000:"${'a'.repeat(5000)}";`],
    ['what no path may have', 'nul|s:1:"\0";'],
  ])('is no string of bytes: %s', (_what, text) => {
    const message = 'A string is the path of a session file: give bytes as a Buffer'
    expect(() => expect(text).toBePhpSession()).toThrow(new TypeError(message))
    expect(() => expect(text).not.toBePhpSession()).toThrow(message)
  })

  it('is never named by its whole id', () => {
    const path = join(sessions.save_path, 'sess_0123456789abcdef')
    expect(checkPhpSession(path).message()).not.toContain('0123456789')
    writeFileSync(path, 'x')
    expect(checkPhpSession(path).message()).not.toContain('0123456789')
    expect(checkPhpSession(`ci_session0123456789${'ab'.repeat(8)}`).message()).toBe('There is no ci_sessio…')
    expect(() => checkPhpSession(`${path}/x`)).toThrow(/^(?!.*0123456789)/)
  })
})

describe('a snapshot of a session', () => {
  it('shows the variables with their PHP types, and no id', async () => {
    expect({ stored }).toMatchInlineSnapshot(`
{
  "stored": PHP session {
    user: object(App\\User) {
      name: string(5) "Alice"
      -id: int(5)
      #mail: null
    }
    cart: & array(2) {
      [0]: array(2) {
        name: string(3) "Mug"
        price: float(10)
      }
      [1]: array(1) {
        name: string(3) "Cup"
      }
    }
    n: int(1)
    t: bool(true)
    e: array(0) {}
    suit: enum(Suit::Hearts)
    same: & → cart
    raw: string(2) "\\xc3("
    big: int(9007199254740993)
    keyed: array(1) {
      [3]: string(1) "x"
    }
    again: → user
  },
}
`)
    const session = await sessions.seed({ user: 'Alice' })
    expect(session).toMatchInlineSnapshot(`
PHP session {
  user: string(5) "Alice"
}
`)
    const open = await sessions.sessions.start({ id: session.id })
    expect(open).toMatchInlineSnapshot(`
PHP session {
  user: string(5) "Alice"
}
`)
    await open.abort()
    expect(await createTestSessions().seed({})).toMatchInlineSnapshot(`PHP session {}`)
    unlinkSync(session.file!)
    expect(session).toMatchInlineSnapshot(`no PHP session`)
    writeFileSync(session.file!, 'x')
    expect(session).toMatchInlineSnapshot(`
PHP would destroy the session. The session ends too early: it was not written to its end

  byte 1 of 1, serialize_handler php
    expected: more bytes
    received: x
               ^
`)
  })

  it('leaves other values alone', () => {
    expect([Buffer.from('x'), { id: 'a' }, 'a|i:1;']).toMatchInlineSnapshot(`
[
  {
    "data": [
      120,
    ],
    "type": "Buffer",
  },
  {
    "id": "a",
  },
  "a|i:1;",
]
`)
  })
})
