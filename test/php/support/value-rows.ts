import { PhpEnum, PhpObject, PhpSerialized } from '../../../src/php/values.ts'

export type Row = readonly [what: string, bytes: string, value: unknown]

const s = (text: string) => `s:${Buffer.byteLength(text)}:"${text}";`
const squares = Array.from({ length: 12 }, (_, index) => index * index)

/** What PHP writes, the value it becomes, and the bytes of this value, be it read or made anew. */
// biome-ignore format: a table
export const values: readonly Row[] = [
  ['null', 'N;', null],
  ['true', 'b:1;', true],
  ['false', 'b:0;', false],
  ['zero', 'i:0;', 0],
  ['a negative int', 'i:-5;', -5],
  ['the largest int that is a safe number', 'i:9007199254740991;', 9007199254740991],
  ['the smallest', 'i:-9007199254740991;', -9007199254740991],
  ['the first int that is not safe', 'i:9007199254740992;', 9007199254740992n],
  ['the first negative one', 'i:-9007199254740992;', -9007199254740992n],
  ['PHP_INT_MAX', 'i:9223372036854775807;', 9223372036854775807n],
  ['PHP_INT_MIN', 'i:-9223372036854775808;', -9223372036854775808n],
  ['a float', 'd:0.1;', 0.1],
  ['a negative float', 'd:-1.5;', -1.5],
  ['minus zero', 'd:-0;', -0],
  ['NAN', 'd:NAN;', Number.NaN],
  ['INF', 'd:INF;', Number.POSITIVE_INFINITY],
  ['-INF', 'd:-INF;', Number.NEGATIVE_INFINITY],
  ['a large float', 'd:1.0E+25;', 1e25],
  ['a small float', 'd:1.5E-10;', 1.5e-10],
  ['the largest float in plain digits', 'd:99999999999999980;', 99999999999999980],
  ['the smallest float in plain digits', 'd:0.0001;', 0.0001],
  ['the empty string', 's:0:"";', ''],
  ['a string', s('hello'), 'hello'],
  ['a string of UTF-8', s('Zoë 日本 😀'), 'Zoë 日本 😀'],
  ['a string with a byte order mark', s('\ufeffa'), '\ufeffa'],
  ['a string with the replacement character', s('\ufffd'), '\ufffd'],
  ['a string that looks like the format', s('a";i:1;}{'), 'a";i:1;}{'],
  ['a string of control characters', s('\0\x01\r\n\x7f'), '\0\x01\r\n\x7f'],
  ['a string of digits', s('5'), '5'],
  ['a long string', s('x'.repeat(300)), 'x'.repeat(300)],
  ['a long string of UTF-8', s('é'.repeat(300)), 'é'.repeat(300)],
  ['a string of bytes that are no UTF-8', 's:4:"caf\xe9";', Buffer.from('caf\xe9', 'latin1')],
  ['the empty array', 'a:0:{}', []],
  ['a list', `a:2:{i:0;${s('a')}i:1;N;}`, ['a', null]],
  ['a list of lists', 'a:2:{i:0;a:1:{i:0;i:1;}i:1;a:0:{}}', [[1], []]],
  ['a list of many', `a:12:{${squares.map((square, index) => `i:${index};i:${square};`).join('')}}`, squares],
  ['an array with names', `a:2:{${s('id')}i:7;${s('name')}${s('Zoe')}}`, { id: 7, name: 'Zoe' }],
  ['an array that begins at 1', `a:2:{i:1;${s('a')}i:2;${s('b')}}`, { 1: 'a', 2: 'b' }],
  ['an array with a gap', 'a:2:{i:0;N;i:2;N;}', { 0: null, 2: null }],
  ['an array with one name at the end', `a:2:{i:0;N;${s('k')}N;}`, { 0: null, k: null }],
  ['an array with a negative key', 'a:1:{i:-7;b:1;}', { '-7': true }],
  ['keys of digits that are no ints', `a:3:{${s('05')}N;${s('-0')}N;${s('1.5')}N;}`, { '05': null, '-0': null, 1.5: null }],
  ['keys at the ends of 64 bits', 'a:2:{i:9223372036854775807;N;i:-9223372036854775808;N;}', { '9223372036854775807': null, '-9223372036854775808': null }],
  ['keys beyond 64 bits', `a:2:{${s('9223372036854775808')}N;${s('-9223372036854775809')}N;}`, { '9223372036854775808': null, '-9223372036854775809': null }],
  ['the last index of JavaScript, and one more', 'a:2:{i:4294967294;N;i:4294967295;N;}', { 4294967294: null, 4294967295: null }],
  ['the empty key', 'a:1:{s:0:"";i:1;}', { '': 1 }],
  ['a key of UTF-8', `a:1:{${s('größe')}i:1;}`, { größe: 1 }],
  ['a key of bytes that are no UTF-8', 'a:1:{s:2:"a\xff";i:1;}', { 'a\udcff': 1 }],
  ['an object', `O:8:"stdClass":1:{${s('x')}i:1;}`, new PhpObject('stdClass', { x: 1 })],
  ['an object without properties', 'O:8:"App\\User":0:{}', new PhpObject('App\\User')],
  ['an object with properties of all visibilities', `O:1:"A":3:{${s('x')}i:1;${s('\0*\0y')}i:2;${s('\0A\0z')}i:3;}`, new PhpObject('A', { x: 1, y: 2, z: 3 }, { y: 'protected', z: 'private' })],
  ['a property that looks like an int', `O:8:"stdClass":1:{${s('5')}N;}`, new PhpObject('stdClass', { 5: null })],
  ['a class with a name of UTF-8', 'O:6:"Grüß":0:{}', new PhpObject('Grüß')],
  ['an enum case', 'E:11:"Suit:Hearts";', new PhpEnum('Suit', 'Hearts')],
  ['an enum case of a namespace', 'E:17:"App\\Status:Active";', new PhpEnum('App\\Status', 'Active')],
  ['an object that wrote bytes of its own', 'C:5:"Token":3:{x;}}', new PhpSerialized('Token', 'x;}')],
  ['one that wrote nothing', 'C:5:"Token":0:{}', new PhpSerialized('Token', '')],
]

const shared = new PhpObject('stdClass', { name: 'shared' })
const list = [1]
const cycle = new PhpObject('Node')
cycle['self'] = cycle
const loop: unknown[] = []
loop.push(loop)
const suit = new PhpEnum('Suit', 'Hearts')

/** The same, for values of which one part is another. */
// biome-ignore format: a table
export const links: readonly Row[] = [
  ['one object twice', `a:2:{i:0;O:8:"stdClass":1:{${s('name')}${s('shared')}}i:1;r:2;}`, [shared, shared]],
  ['one enum case twice', 'a:2:{i:0;E:11:"Suit:Hearts";i:1;r:2;}', [suit, suit]],
  ['one array twice', 'a:2:{i:0;a:1:{i:0;i:1;}i:1;R:2;}', [list, list]],
  ['an object in itself', `O:4:"Node":1:{${s('self')}r:1;}`, cycle],
  ['an array in itself', 'a:1:{i:0;R:1;}', loop],
]

/** What JavaScript cannot hold is remembered: the bytes of the value that was read; made anew, it has others. */
// biome-ignore format: a table
export const remembered: readonly Row[] = [
  ['a whole float', 'a:1:{i:0;d:1;}', [1]],
  ['a whole float beside ints', `a:3:{${s('a')}i:1;${s('b')}d:1;${s('c')}i:1;}`, { a: 1, b: 1, c: 1 }],
  ['a float with the text of PHP 5.2', 'a:1:{i:0;d:0.1000000000000000055511151231257827021181583404541015625;}', [0.1]],
  ['a float of seventeen digits', 'a:1:{i:0;d:0.10000000000000001;}', [0.1]],
  ['a small float in plain digits', 'a:1:{i:0;d:0.00001;}', [0.00001]],
  ['a float written by hand', `a:1:{${s('k')}d:+1.e3;}`, { k: 1000 }],
  ['a name before an index', `a:2:{${s('k')}i:1;i:5;i:2;}`, { 5: 2, k: 1 }],
  ['indexes that run down', 'a:3:{i:2;i:0;i:1;i:0;i:0;i:0;}', { 0: 0, 1: 0, 2: 0 }],
  ['a list out of order', 'a:2:{i:1;N;i:0;N;}', { 0: null, 1: null }],
  ['integer keys of an object', `O:5:"Money":3:{${s('k')}i:1;i:5;i:2;i:-1;i:3;}`, new PhpObject('Money', { 5: 2, k: 1, '-1': 3 })],
  ['a private property of a parent', `O:1:"B":2:{${s('\0A\0x')}i:1;${s('y')}i:2;}`, new PhpObject('B', { x: 1, y: 2 })],
  ['a private property of a parent, and the own of its name', `O:1:"B":2:{${s('\0A\0x')}d:1;${s('\0B\0x')}d:2;}`, new PhpObject('B', { '\0A\0x': 1, x: 2 })],
  ['the same the other way round', `O:1:"B":2:{${s('\0B\0x')}d:1;${s('\0A\0x')}d:2;}`, new PhpObject('B', { x: 1, '\0A\0x': 2 })],
  ['an int that two places share', 'a:2:{i:0;i:5;i:1;R:2;}', [5, 5]],
  ['a float that two places share', `a:2:{${s('a')}d:5;${s('b')}R:2;}`, { a: 5, b: 5 }],
  ['a reference in a list that gets a name', `a:3:{i:0;i:5;i:1;R:2;${s('k')}R:2;}`, { 0: 5, 1: 5, k: 5 }],
  ['a reference to a property that gives way', `a:2:{i:0;O:1:"B":2:{${s('\0A\0x')}i:1;${s('\0B\0x')}i:2;}i:1;R:3;}`, [new PhpObject('B', { '\0A\0x': 1, x: 2 }), 1]],
  ['a reference that goes along when its property gives way', `O:1:"B":3:{${s('\0A\0x')}i:1;${s('y')}R:2;${s('\0B\0x')}i:2;}`, new PhpObject('B', { '\0A\0x': 1, y: 1, x: 2 })],
  ['a key that was a string where ints have 32 bits', `a:1:{${s('2147483648')}i:1;}`, { 2147483648: 1 }],
]

/** Rows are UTF-8, except for those that are about bytes which are not. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, /\xff|caf\xe9/.test(text) ? 'latin1' : 'utf8')
}
