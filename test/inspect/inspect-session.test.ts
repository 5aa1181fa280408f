import { inspectSession } from '../../src/inspect/inspect-session.ts'
import { formatReport } from '../../src/inspect/print.ts'
import { fixtures } from '../oracle/fixtures.ts'
import { shapes } from '../php/support/hostile-shapes.ts'
import { bytesOf, inspectText, s } from './support/inspect.ts'
import { linesOf } from './support/lines.ts'

const custom = (name: string, inside: string) => `C:${name.length}:"${name}":${inside.length}:{${inside}}`

// biome-ignore format: a table
const rows: [what: string, bytes: string, lines: string[]][] = [
  ['scalars', `a|N;b|b:1;c|i:-5;d|d:0.10;e|${s('x')}`, ['a 1 null null', 'b 2 bool true', 'c 3 int -5', 'd 4 float 0.10', 'e 5 string "x"']],
  ['ints that no number holds', 'a|i:9007199254740993;b|i:99999999999999999999;', ['a 1 int 9007199254740993n', 'b 2 int 9223372036854775807n']],
  ['floats as they are written', 'a|d:INF;b|d:-0;c|d:NAN;d|d:1.0E+25;', ['a 1 float INF', 'b 2 float -0', 'c 3 float NAN', 'd 4 float 1.0E+25']],
  ['bytes that are no text', `a|${s('\xff')}`, ['a 1 string <Buffer ff>']],
  ['escaped strings', 'a|S:2:"\\ff\\41";', ['a 1 string <Buffer ff 41>']],
  ['arrays, with the keys that PHP makes of them', `a|a:4:{i:0;N;${s('5')}N;${s('05')}N;${s('\xff')}N;}`, ['a 1 array 4', 'a[0] 2 null null', 'a[5] 3 null null', "a['05'] 4 null null", "a['\udcff'] 5 null null"]],
  ['objects', `o|O:8:"App\\User":2:{${s('x')}i:1;i:5;i:2;}`, ['o 1 object App\\User 2', 'o.x 2 int 1', 'o[5] 3 int 2']],
  ['enums', 'e|E:11:"Suit:Hearts";f|r:1;', ['e 1 enum Suit "Hearts"', 'f 2 reference object 1 e']],
  ['custom objects', `c|${custom('A\\B', 'x;y}')}d|r:1;`, ['c 1 custom A\\B "x;y}"', 'd 2 reference object 1 c']],
  ['what custom objects wrote with serialize()', `c|${custom('X', 'a:2:{i:0;i:5;i:1;R:2;}')}d|R:3;`, ['c 1 custom X "a:2:{i:0;i:5;i:1;R:2;}"', '= 2 array 2', 'c[0] 3 int 5', 'c[1] - reference variable 2 c', 'd - reference variable 3 c[0]']],
  ['what lists of SPL wrote', `c|${custom('SplStack', 'i:6;:i:1;:i:2;')}d|R:3;`, ['c 1 custom SplStack "i:6;:i:1;:i:2;"', 'd - reference variable 3 c']],
  ['custom objects whose bytes only look like values', `c|${custom('X', 'i:5;')}n|i:1;o|O:1:"A":0:{}p|r:3;`, ['c 1 custom X "i:5;"', 'n 2 int 1', 'o 3 object A 0', 'p 4 reference object 3 o']],
  ['references across keys', 'a|a:2:{i:0;i:1;i:1;i:2;}b|R:3;c|R:1;', ['a 1 array 2', 'a[0] 2 int 1', 'a[1] 3 int 2', 'b - reference variable 3 a[1]', 'c - reference variable 1 a']],
  ['the array around all in php_serialize', `a:2:{${s('a')}i:1;${s('b')}R:2;}`, ['a 2 int 1', 'b - reference variable 2 a']],
  ['$_SESSION in itself', `a:1:{${s('a')}R:1;}`, ['a - reference variable 1 $_SESSION']],
  ['keys of php_binary', '\x01ai:1;\x02bbi:2;', ['a 1 int 1', 'bb 2 int 2']],
  ['a key that is there twice', 'a|i:1;a|i:2;', ['a 1 int 1', 'a 2 int 2']],
  ['strings that hold serialize() output', `t|${s(`a:2:{i:0;i:5;i:1;R:2;}`)}u|R:1;`, ['t 1 string "a:2:{i:0;i:5;i:1;R:2;}"', '= 1 array 2', 't[0] 2 int 5', 't[1] - reference variable 2 t[0]', 'u - reference variable 1 t']],
  ['and strings in them', `t|${s(`a:1:{i:0;${s('a:0:{}')}}`)}`, [`t 1 string ${JSON.stringify(`a:1:{i:0;${s('a:0:{}')}}`)}`, '= 1 array 1', 't[0] 2 string "a:0:{}"', '= 1 array 0']],
  ['strings that only begin like that', `a|${s('a:1:{i:0;}')}b|${s('a:0:{}x')}c|${s('i:5;')}d|${s('a:1:{i:0;R:9;}')}`, ['a 1 string "a:1:{i:0;}"', 'b 2 string "a:0:{}x"', 'c 3 string "i:5;"', 'd 4 string "a:1:{i:0;R:9;}"']],
]

// biome-ignore format: a table
const problems: [what: string, bytes: string, handler: string | undefined, keys: string[], problem: object][] = [
  ['a length that is wrong', 'a|i:1;b|s:4:"abc";c|i:1;', 'php', ['a'], { offset: 17, path: 'b', message: 'expected "; behind 4 bytes of string' }],
  ['a value deep inside', 'a|a:1:{s:1:"x";a:1:{i:0;i:x;}}', 'php', [], { offset: 26, path: 'a.x[0]', message: 'expected an int and a semicolon' }],
  ['a newline', 'a|i:1;\n', 'php', ['a'], { offset: 6, path: '', message: "expected a key and '|'" }],
  ['a reference to no object', `a:2:{${s('a')}i:1;${s('b')}r:2;}`, 'php_serialize', ['a'], { offset: 25, path: 'b', message: 'value number 2 is not an object' }],
  ['a problem before a reference that leads nowhere', 'a|i:1;b|R:9;c|i:x;', 'php', ['a'], { offset: 8, path: 'b', message: 'there is no value number 9' }],
  ['nothing that is a session', 'hello', undefined, [], { offset: 0, path: '', message: 'expected a session of PHP’s' }],
  ['a key of php_binary that ends too early', '\x01ai:1;\x09b', 'php_binary', ['a'], { offset: 6, path: '', message: 'expected a key of 9 bytes' }],
]

describe('a report', () => {
  it.each(rows)('tells of %s', (_what, bytes, expected) => {
    const report = inspectText(bytes)
    expect(report.problem).toBeUndefined()
    expect(linesOf(report)).toEqual(expected)
  })

  it.each(problems)('has what stands before %s', (_what, bytes, handler, keys, problem) => {
    for (const report of [inspectText(bytes, handler), inspectText(bytes)]) {
      expect(report).toMatchObject({ serializeHandler: handler, size: bytes.length, problem })
      expect(report.variables.map(({ key }) => key)).toEqual(keys)
    }
  })

  it('tells where everything stands', () => {
    const text = `a|i:1;user|O:1:"A":2:{${s('x')}a:1:{i:0;b:1;}${s('\0*\0y')}N;}`
    const cut = ({ offset, length }: { offset: number; length: number }) => text.slice(offset, offset + length)
    const [a, user] = inspectText(text).variables
    expect([cut(a!), cut(a!.value)]).toEqual(['a|i:1;', 'i:1;'])
    expect(cut(user!)).toBe(text.slice(6))
    const [x, y] = user!.value.members!
    expect([cut(x!.value), cut(x!.value.members![0]!.value), cut(y!.value)]).toEqual(['a:1:{i:0;b:1;}', 'b:1;', 'N;'])
    const [held] = inspectText(`t|${s(text.slice(11))}`).variables
    expect(`t|${s(text.slice(11))}`.slice(held!.value.nested!.offset)).toBe(`${text.slice(11)}";`)
  })

  it('tells who sees a property, and what is shared', () => {
    const text = `o|O:1:"A":4:{${s('a')}i:1;${s('\0*\0b')}i:2;${s('\0A\0c')}i:3;${s('\0P\0d')}i:4;}b|R:3;c|r:1;d|R:1;`
    const [object] = inspectText(text).variables
    expect(object!.value.shared).toBe('variable')
    expect(object!.value.members!.map(({ value, ...rest }) => ({ ...rest, shared: value.shared }))).toEqual([
      { key: 'a', visibility: 'public', shared: undefined },
      { key: 'b', visibility: 'protected', shared: 'variable' },
      { key: 'c', visibility: 'private', declaredBy: 'A', shared: undefined },
      { key: 'd', visibility: 'private', declaredBy: 'P', shared: undefined },
    ])
  })

  it('of an empty session says the handler only when it was given', () => {
    expect(inspectSession(Buffer.alloc(0))).toEqual({ serializeHandler: undefined, size: 0, variables: [], problem: undefined })
    expect(inspectSession(Buffer.alloc(0), 'php_binary').serializeHandler).toBe('php_binary')
  })

  it('refuses a handler that is not known, by name', () => {
    expect(() => inspectSession(Buffer.alloc(0), 'json')).toThrow(
      new TypeError("Unknown serialize_handler 'json': use php, php_binary, php_serialize"),
    )
  })

  it.each([
    ['php', 'a|i:1;bb|a:2:{i:0;i:1;i:1;s:9:"x";}', 'a variable is damaged'],
    ['php', 'user|a:1:{s:4:"name";s:5:"alice";', 'the end is missing'],
    [
      'php',
      'int32|a:4:{i:0;i:2147483647;i:1;i:-2147483648;i:2;i:2147483648;i:2;',
      'php_binary reads it all, with a key no one would have',
    ],
    ['php_binary', '\x04usera:1:{s:4:"name";s:5:"al', 'the end is missing'],
    ['php_serialize', `a:2:{${s('user')}i:1;${s('b')}i:x;}`, 'a variable is damaged'],
  ])('guesses %s of bytes that no handler reads: %j (%s)', (handler, bytes) => {
    expect(inspectText(bytes).serializeHandler).toBe(handler)
  })
})

describe('what PHP wrote', () => {
  it('is read without a problem, by the handler that wrote it', () => {
    const reports = fixtures().map(({ bytes, handler }) => ({ handler, ...inspectSession(bytes, handler) }))
    expect(
      reports.filter(({ problem, serializeHandler, handler }) => problem !== undefined || serializeHandler !== handler),
    ).toEqual([])
  })
})

describe('hostile bytes', () => {
  it.each(shapes)('are no more than that: $what', ({ make, isRefused }) => {
    const report = inspectSession(bytesOf(`x|${make(3000)}`), 'php')
    expect(report.problem !== undefined).toBe(isRefused === true)
  })

  it('may nest as deep as PHP lets them, in strings as well', () => {
    const deep = (levels: number, inside: string) => `${'a:1:{i:0;'.repeat(levels)}${inside}${'}'.repeat(levels)}`
    const inString = deep(4095, s(deep(4096, 'i:7;')))
    const report = inspectText(`a|${inString}`)
    expect(report.problem).toBeUndefined()
    expect(
      formatReport(report)
        .split('\n')
        .filter((line) => line.endsWith('int(7)')),
    ).toHaveLength(1)
    expect(inspectText(`a|${deep(4097, 'N;')}`).problem).toMatchObject({
      message: 'more than 4096 arrays and objects inside each other',
    })
  })
})
