import { SessionError, UnserializeError } from '../../src/errors.ts'
import { Scan, scanValue } from '../../src/php/scan.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { fixtures } from '../oracle/fixtures.ts'
import { describePhps } from './support/phps.ts'

/** What PHP refuses, where it is wrong, and in which value. A `^` in front of a byte marks the offset; at the end, nothing follows it. */
// biome-ignore format: a table
const rows: readonly [marked: string, path?: string][] = [
  // Nothing, or no value at all
  ['^'], ['^x'], ['^}'], ['^;'], ['^\n'], ['^\0'], ['^:1;'], ['^5;'],
  // Types PHP does not have
  ['^o:8:"stdClass":0:{}'], ['^x:i:1;'], ['^A:0:{}'], ['^n;'], ['^I:5;'], ['^m:a:0:{}'],
  // null and bool
  ['N^'], ['N^:'], ['N^ ;'], ['b:^;'], ['b:^2;'], ['b:^-1;'], ['b:^01;'], ['b:^true;'], ['^b;'], ['^b1;'], ['b:^1'],
  // int
  ['i:^;'], ['i:^-;'], ['i:^+;'], ['i:^1'], ['i:^1.5;'], ['i:^1e+25;'], ['i:^0x10;'], ['i:^ 1;'], ['i:^1 ;'], ['i:^--1;'], ['^i;'], ['^i1;'],
  // float
  ['d:^;'], ['d:^.;'], ['d:^-;'], ['d:^e5;'], ['d:^1e;'], ['d:^1e+;'], ['d:^1.5.2;'], ['d:^inf;'], ['d:^Infinity;'], ['d:^NaN;'], ['d:^-NAN;'], ['d:^+INF;'],
  ['d:^INF'], ['d:^1,5;'], ['d:^0x1p3;'], ['d:^1.5'], ['d:^ 1;'], ['d:^1e5.5;'], ['d:^INFINITY;'],
  // string
  ['s:^;'], ['s:^"a";'], ['s:^1;"a";'], ['s:^-1:"a";'], ['s:^+1:"a";'], ['s:^1:a;'], ['s:^1"a";'], ['^s'], ['s:^'], ['s:^1'], ['s:^1:'], ['s:^1:\'a\';'],
  ['s:0:"^a";'], ['s:2:"a"^;'], ['s:1:"a^b";'], ['s:1:"a^"'], ['s:1:"a^" ;'], ['s:5:"abc^'], ['s:5:"abc";^'], ['s:99999999999999:"a";^'], ['s:18446744073709551615:"a";^'],
  ['s:6:"café"^;'], ['s:3:"caf^é";'],
  // escaped string
  ['S:^;'], ['S:^1:"ab";'], ['S:^1:"\\4";'], ['S:^1:"\\xx";'], ['S:^2:"\\41";'], ['S:^1:"\\4g";'], ['S:^-1:"a";'], ['S:^1:"\\41'], ['S:^9:"a";'],
  // array
  ['a:^;'], ['a:^{}'], ['a:^1{}'], ['a:^-1:{}'], ['a:^+0:{}'], ['a:^1:[]'], ['^a'], ['a:^'], ['a:^0'], ['a:0:{^'], ['a:0:{^ }'], ['a:^x:{}'],
  ['a:0:{^i:0;N;}'], ['a:1:{i:0;^}', '[0]'], ['a:1:{i:0;N;^'], ['a:1:{i:0;N;^i:1;N;}'], ['a:2:{i:0;N;^}'], ['a:1:{^}'], ['a:1:{^N;N;}'], ['a:1:{^b:1;N;}'], ['a:1:{^d:1;N;}'],
  ['a:1:{^a:0:{}N;}'], ['a:1:{^R:1;N;}'], ['a:1:{^r:1;N;}'], ['a:1:{i:^x;N;}'], ['a:1:{i:^;N;}'], ['a:1:{s:^x:"";N;}'], ['a:1:{s:1:""^;N;}'], ['a:1:{s:1:"a^"N;}'],
  ['a:1:{S:^1:"\\4";N;}'], ['a:1:{i:0;^i0;}', '[0]'], ['a:1:{s:1:"k";i:^x;}', 'k'], ['a:2:{s:1:"k";i:1;s:3:"a b";i:^x;}', "['a b']"],
  ['a:1:{s:4:"cart";a:2:{i:0;N;i:1;a:1:{s:5:"price";d:^x;}}}', 'cart[1].price'], ['a:999999999:{^'], ['a:99999999999999999999:{^'], ['a:2:{i:0;N;^;i:1;N;}'],
  ['a:1:{s:9:"__proto__";^x}', '__proto__'], ['a:1:{i:-5;^x}', "['-5']"], ['a:1:{s:0:"";^x}', "['']"],
  // object
  ['O:^;'], ['O:^0:"":0:{}'], ['O:^8:"stdClas":0:{}'], ['O:^8:"stdClass"'], ['O:^8:"stdClass":'], ['O:^8:"stdClass":0'], ['O:^8:"stdClass":0:'], ['O:^8:"stdClass":0{}'], ['O:^8:"stdClass":-1:{}'],
  ['O:^-8:"stdClass":0:{}'], ['O:^3:"A B":0:{}'], ['O:^2:"\\A":0:{}'], ['O:^1:"\0":0:{}'], ['O:^3:"A:B":0:{}'], ['O:^8:"stdClass":x:{}'], ['O:8:"stdClass":1:{^}'],
  ['O:8:"stdClass":0:{^'], ['O:8:"stdClass":0:{^s:1:"a";N;}'], ['O:8:"stdClass":1:{s:1:"a";^}', 'a'], ['O:8:"stdClass":1:{^N;N;}'], ['O:1:"A":1:{s:4:"\0*\0a";^x}', 'a'],
  ['O:8:"stdClass":1:{s:1:"a";N;^s:1:"b";N;}'], ['O:8:"stdClass":99999999999:{^'], ['a:1:{i:0;O:^1:"A";}', '[0]'],
  // bytes of its own, enum
  ['C:^0:"":0:{}'], ['C:^1:"A"'], ['C:^1:"A":-1:{}'], ['C:1:"A":1:{^'], ['C:1:"A":2:{x}^'], ['C:1:"A":0:{^x}'], ['C:1:"A":1:{x^y}'], ['C:1:"A":9:{x}^'],
  ['E:^0:"";'], ['E:^1:"A";'], ['E:^2:"A:";'], ['E:^2:":A";'], ['E:3:"A:A"^'], ['E:3:"A:A"^x'], ['E:^5:"A B:C";'], ['E:^5:"A:B C";'], ['E:^3:"A:5";'], ['E:^9:"A:B";'],
  // references
  ['R:^;'], ['R:^x;'], ['R:^1'], ['R:^-1;'], ['^R:1;'], ['^r:1;'], ['^R:0;'], ['a:1:{i:0;^R:2;}', '[0]'], ['a:1:{i:0;^r:2;}', '[0]'], ['a:1:{i:0;^R:0;}', '[0]'], ['a:1:{i:0;^r:1;}', '[0]'],
  ['a:2:{i:0;N;i:1;^r:2;}', '[1]'], ['a:2:{i:0;N;i:1;^R:3;}', '[1]'], ['a:2:{i:0;N;i:1;^r:3;}', '[1]'], ['a:2:{i:0;N;i:0;^R:2;}', '[0]'], ['a:1:{i:0;^R:18446744073709551618;}', '[0]'],
  ['a:2:{i:0;O:1:"A":0:{}i:1;^r:9;}', '[1]'], ['a:2:{i:0;E:3:"A:B";i:1;r:^2x}', '[1]'],
  // behind the value
  ['N;^N;'], ['i:1;^ '], ['a:0:{}^\n'], ['s:1:"a";^;'], ['O:8:"stdClass":0:{}^}'],
]

const parsed = rows.map(([marked, path = '']) => {
  const at = marked.indexOf('^')
  const offset = Buffer.byteLength(marked.slice(0, at))
  return { text: marked.slice(0, at) + marked.slice(at + 1), offset, path }
})

test.each(parsed)('$text is refused at byte $offset in "$path"', ({ text, offset, path }) => {
  let error: unknown
  try {
    unserialize(text)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(UnserializeError)
  expect(error).toBeInstanceOf(SessionError)
  expect(error).toMatchObject({ name: 'UnserializeError', code: 'DECODE_FAILED', offset, path })
  expect((error as Error).message).toContain(` at byte ${offset}${path === '' ? '' : ` in ${path}`}`)
  expect(unserialize('a:1:{i:0;i:1;}')).toEqual([1])
})

const corpus = fixtures().filter(({ handler, bytes }) => handler === 'php_serialize' && bytes.length < 1500)

test('a session that is cut off is refused wherever the cut is', () => {
  const complaints: string[] = []
  for (const { name, bytes } of corpus) {
    for (let length = 0; length < bytes.length; length++) {
      const start = bytes.subarray(0, length)
      if (scanValue(start, 0, new Scan()) !== -1) complaints.push(`${name} is scanned up to ${length}`)
      try {
        unserialize(start)
        complaints.push(`${name} is read up to ${length}`)
      } catch (error) {
        const isRight = error instanceof UnserializeError && error.offset <= length
        if (!isRight) complaints.push(`${name} up to ${length}: ${error}`)
      }
    }
  }
  expect(complaints).toEqual([])
  expect(corpus.length).toBeGreaterThan(30)
})

describePhps('the rows of bad input', ['7.4', '8.5'], (php, version) => {
  test('are refused by PHP', async () => {
    // PHP ignores what follows the value, and 7.4 takes a class name that begins with a backslash.
    const texts = parsed.map(({ text }) => text).filter((text) => endOf(text) === -1)
    const inside = texts.filter((text) => version !== '7.4' || !text.includes('"\\A"'))
    const answers = await php().map(
      'return unserialize($in) === false ? "refused" : $in;',
      inside.map((text) => Buffer.from(text)),
    )
    expect(new Set(answers.map(String))).toEqual(new Set(['refused']))
    expect(inside.length).toBeGreaterThan(150)
  })
})

function endOf(text: string): number {
  return scanValue(Buffer.from(text), 0, new Scan())
}
