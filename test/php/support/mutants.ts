import fc from 'fast-check'

/**
 * Bytes that are nearly what PHP writes: values of the grammar, well formed but often not as PHP would write them, and
 * mutations of them and of a corpus. Made as latin1 text, one character per byte. Left out are `C:` and `E:`, which mean
 * nothing to a PHP that does not have the class, and an outermost array that holds itself: a PHP since 8.3 reads it, and
 * runs out of stack when it writes it.
 */
export function mutants(corpus: readonly string[]): fc.Arbitrary<Buffer> {
  const seeds = fc.oneof(value, value, fc.constantFrom(...corpus))
  const mutated = fc.tuple(seeds, fc.array(mutation, { maxLength: 3 })).map(([text, edits]) => {
    return edits.reduce((mutant, edit) => edit(mutant), text)
  })
  return mutated.filter((text) => !/[CE]:\d|^a:.*R:0*1;/s.test(text)).map((text) => Buffer.from(text, 'latin1'))
}

const quoted = (tag: string, text: string) => `${tag}:${text.length}:"${text}"`

const strings = fc.oneof(
  fc.constantFrom('', 'a', 'abc', '\xe9', '\xff\xfe', '\xc3\xa9', 'a";b', '\0*\0x', '0', '5', '-7', '05', '-0', 'i:1;'),
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 8 }),
)

const ints = fc.oneof(
  fc.constantFrom('0', '1', '-5', '+7', '007', '-0', '-00', '9223372036854775807', '9223372036854775808', '-9223372036854775809'),
  fc.constantFrom('9007199254740993', '18446744073709551617', '99999999999999999999', '00000000000000000000000000000000000001'),
  fc.integer({ min: -20, max: 20 }).map(String),
)

const floats = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '0.1',
    '1',
    '1.5',
    '1.0E+25',
    '1e5',
    '.5',
    '5.',
    '+1.5',
    'INF',
    '-INF',
    'NAN',
    '1E-7',
    '1.e3',
    '-.5e-5',
  ),
  fc.constantFrom(
    '0.10000000000000001',
    '1.0',
    '5e-324',
    '1e400',
    '-1.0E-300',
    '00.5',
    '1e-400',
    '123456789012345678901234567890',
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
)

const names = ['a', 'b', 'x', 'y', '0', '1', '-1', '05', '', '__proto__', 'length', '\xe9', '\xff', '9223372036854775807']
const properties = ['\0A\0x', '\0*\0x', '\0B\0x', '\0a\0x', '\0Foo\0x', '\0*\0y', '\0\0x', '\0x', '\0', ...names]
const indexes = ['0', '1', '2', '3', '5', '-1', '+1', '01', '4294967294', '4294967295', '4294967296', '9223372036854775807']

const listKey = fc.constant('')
const intKey = fc.constantFrom(...indexes).map((int) => `i:${int};`)
const nameKey = (among: readonly string[]) => fc.constantFrom(...among).map((name) => `${quoted('s', name)};`)
const escapedKey = fc.constantFrom('S:1:"\\61";', 'S:1:"a";', 'S:1:"\\31";')
const arrayKey = fc.oneof({ arbitrary: nameKey(names), weight: 9 }, { arbitrary: intKey, weight: 5 }, escapedKey)
const property = fc.oneof({ arbitrary: nameKey(properties), weight: 14 }, { arbitrary: intKey, weight: 3 }, escapedKey)

const { value } = fc.letrec<{ value: string; leaf: string; list: string; keyed: string; object: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('list'), tie('keyed'), tie('object')),
  leaf: fc.oneof(
    fc.constantFrom('N;', 'b:0;', 'b:1;', 'S:1:"\\41";', 'S:2:"a\\ff";', 'S:0:"";'),
    ints.map((text) => `i:${text};`),
    floats.map((text) => `d:${text};`),
    strings.map((text) => `${quoted('s', text)};`),
    fc.integer({ min: 1, max: 9 }).map((slot) => `R:${slot};`),
    fc.integer({ min: 1, max: 9 }).map((slot) => `r:${slot};`),
  ),
  list: elements(listKey, tie('value')).map((parts) => `a:${parts.length}:{${numbered(parts)}}`),
  keyed: elements(arrayKey, tie('value')).map((parts) => `a:${parts.length}:{${parts.join('')}}`),
  object: fc
    .tuple(fc.constantFrom('stdClass', 'Foo', 'A', 'App\\Bar', 'B'), elements(property, tie('value')))
    .map(([name, parts]) => `${quoted('O', name)}:${parts.length}:{${parts.join('')}}`),
}))

function elements(key: fc.Arbitrary<string>, element: fc.Arbitrary<string>): fc.Arbitrary<string[]> {
  return fc.array(
    fc.tuple(key, element).map(([first, second]) => first + second),
    { maxLength: 5 },
  )
}

function numbered(parts: readonly string[]): string {
  return parts.map((part, index) => `i:${index};${part}`).join('')
}

const tokens = [
  ...['N;', 'b:1;', 'i:0;', 'i:1;', 'd:0.5;', 's:1:"a";', 's:0:"";', 'a:0:{}', 'a:1:{i:0;N;}', 'O:8:"stdClass":0:{}'],
  ...['R:1;', 'R:2;', 'R:3;', 'r:1;', 'r:2;', 'r:3;', 'R:0;', 'R:18446744073709551618;', 'S:1:"\\41";', 'o:1:"A":0:{}'],
  ...['}', '{', '"', ':', ';', '+', '-', '.', 'e', 'E', '0', '1', '9', '\0', '\\', ' ', '\n', 'i:', 's:', 'a:', 'd:', 'O:'],
]

/** A place in a text, from 0 to 1. */
const place = fc.double({ min: 0, max: 1, noNaN: true })
const at = (text: string, where: number) => Math.floor(where * text.length)

/** One of the matches of a pattern is replaced, if there is one. */
function replaceOne(text: string, pattern: RegExp, where: number, replacement: string): string {
  const found = [...text.matchAll(pattern)]
  const match = found[Math.floor(where * (found.length - 1))]
  if (match === undefined) return text
  return text.slice(0, match.index) + replacement + text.slice(match.index + match[0].length)
}

type Edit = (text: string) => string

const mutation: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(
    ([where, bit]): Edit =>
      (text) => {
        const index = at(text, where)
        if (text === '' || index === text.length) return text
        return text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ (1 << bit)) + text.slice(index + 1)
      },
  ),
  fc.tuple(place, fc.nat(9)).map(
    ([where, digit]): Edit =>
      (text) =>
        replaceOne(text, /\d/g, where, String(digit)),
  ),
  fc.tuple(place, fc.nat(3)).map(
    ([where, length]): Edit =>
      (text) => {
        return text.slice(0, at(text, where)) + text.slice(at(text, where) + length)
      },
  ),
  fc.tuple(place, fc.constantFrom(...tokens)).map(
    ([where, token]): Edit =>
      (text) => {
        return text.slice(0, at(text, where)) + token + text.slice(at(text, where))
      },
  ),
  fc.tuple(place, fc.oneof(value, property)).map(
    ([where, token]): Edit =>
      (text) => {
        return replaceOne(text, /(?<=[;{}])/g, where, token)
      },
  ),
  fc.tuple(place, fc.oneof(value, property)).map(
    ([where, token]): Edit =>
      (text) => {
        return replaceOne(text, /N;|b:[01];|i:-?\d+;|[rR]:\d+;|s:\d+:"[^"]*";|d:[^;]*;/g, where, token)
      },
  ),
  place.map(
    (where): Edit =>
      (text) =>
        text.slice(0, at(text, where)),
  ),
)
