import fc from 'fast-check'
import type { Charset } from '../../src/php/charset.ts'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { getVisibility, PhpObject } from '../../src/php/values.ts'
import { check, seed } from '../support/random.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const string = (content: Buffer) => Buffer.concat([Buffer.from(`s:${content.length}:"`), content, Buffer.from('";')])
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
const charsets: readonly Charset[] = ['utf-8', 'latin1', 'windows-1252', 'buffer']

/** The bytes of a string, and what they are in each charset; where a Buffer is expected, the bytes themselves. */
// biome-ignore format: a table
const rows: readonly [content: string, utf8: string | Buffer, latin1: string, windows1252: string][] = [
  ['abc', 'abc', 'abc', 'abc'],
  ['', '', '', ''],
  ['caf\xe9', bytes('caf\xe9'), 'café', 'café'],
  ['caf\xc3\xa9', 'café', 'caf\xc3\xa9', 'caf\xc3\xa9'],
  ['\x80 100', bytes('\x80 100'), '\x80 100', '€ 100'],
  ['\x93quote\x94', bytes('\x93quote\x94'), '\x93quote\x94', '“quote”'],
  ['\x81\x8d\x8f\x90\x9d', bytes('\x81\x8d\x8f\x90\x9d'), '\x81\x8d\x8f\x90\x9d', '\x81\x8d\x8f\x90\x9d'],
  ['\xf0\x9f\x98\x80', '😀', '\xf0\x9f\x98\x80', 'ðŸ˜€'],
  ['\xef\xbb\xbfa', '\ufeffa', '\xef\xbb\xbfa', 'ï»¿a'],
  ['\xef\xbf\xbd', '\ufffd', '\xef\xbf\xbd', 'ï¿½'],
  ['\xc0\x80', bytes('\xc0\x80'), '\xc0\x80', 'À€'],
  ['\xed\xa0\x80', bytes('\xed\xa0\x80'), '\xed\xa0\x80', 'í\xa0€'],
  ['\xf4\x90\x80\x80', bytes('\xf4\x90\x80\x80'), '\xf4\x90\x80\x80', 'ô\x90€€'],
  ['\xe6\x97', bytes('\xe6\x97'), '\xe6\x97', 'æ—'],
]

describe.each(rows)('the bytes %j', (content, utf8, latin1, windows1252) => {
  const serialized = string(bytes(content))
  const expected = { 'utf-8': utf8, latin1, 'windows-1252': windows1252, buffer: bytes(content) }

  test.each(charsets)('are read and written as %s', (charset) => {
    const value = unserialize(serialized, { charset })
    expect(value).toStrictEqual(expected[charset])
    expect(serialize(value, { charset })).toEqual(serialized)
  })

  test.each(charsets)('are a key of its own in %s', (charset) => {
    const keyed = Buffer.concat([Buffer.from('a:1:{'), serialized, Buffer.from('b:1;}')])
    const value = unserialize(keyed, { charset }) as Record<string, boolean>
    expect(Object.values(value)).toEqual([true])
    expect(serialize(value, { charset })).toEqual(keyed)
  })
})

test.each(charsets)('all 256 bytes survive in %s: as a value, a key, a property and after an ASCII string', (charset) => {
  const property = string(Buffer.concat([Buffer.from('\0*\0'), everyByte.subarray(1)]))
  const parts = [
    'a:4:{i:0;',
    string(everyByte),
    'i:1;a:1:{',
    string(everyByte),
    'N;}i:2;O:1:"A":1:{',
    property,
    'N;}i:3;s:1:"a";}',
  ]
  const serialized = Buffer.concat(parts.map((part) => Buffer.from(part)))
  const value = unserialize(serialized, { charset }) as [unknown, object, PhpObject, unknown]
  expect(serialize(value, { charset })).toEqual(serialized)
  expect(getVisibility(value[2], Object.keys(value[2])[0]!)).toBe('protected')
  expect(value[3]).toEqual(charset === 'buffer' ? bytes('a') : 'a')
})

test(`any bytes survive as a key and as a value (SESSION_START_SEED=${seed})`, () => {
  const tricky = fc.constantFrom(0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0x80, 0xbf, 0x9f, 0x90, 0xa0, 0xb2, 0xc3, 0xa9, 0x41)
  const contents = fc
    .array(fc.oneof(tricky, fc.integer({ min: 0, max: 255 })), { maxLength: 12 })
    .map((list) => Buffer.from(list))
  const property = fc.property(contents, fc.constantFrom(...charsets), (content, charset) => {
    const isInt = /^(0|-?[1-9]\d*)$/.test(content.toString('latin1'))
    const key = string(isInt ? Buffer.from('k') : content)
    const serialized = Buffer.concat([Buffer.from('a:1:{'), key, string(content), Buffer.from('}')])
    expect(serialize(unserialize(serialized, { charset }), { charset })).toEqual(serialized)
  })
  check(property, 5000)
})

test('no two keys fall together', () => {
  const contents = ['\xff', '\xc3\xbf', '\xed\xbf\xbf', '\xfe', '\xf3\xbf'].map(bytes)
  const serialized = Buffer.concat([
    Buffer.from('a:5:{'),
    ...contents.map((content) => Buffer.concat([string(content), Buffer.from('N;')])),
    Buffer.from('}'),
  ])
  expect(Object.keys(unserialize(serialized) as object)).toEqual(['\udcff', 'ÿ', '\udced\udcbf\udcbf', '\udcfe', '\udcf3\udcbf'])
})

test('a Buffer of a string is a copy, which may be changed', () => {
  const serialized = string(bytes('\xff\xfe'))
  const value = unserialize(serialized) as Buffer
  value[0] = 0x41
  expect(serialized).toEqual(string(bytes('\xff\xfe')))
  const all = unserialize(serialized, { charset: 'buffer' }) as Buffer
  all[0] = 0x41
  expect(serialized).toEqual(string(bytes('\xff\xfe')))
})

test('names of classes and enums are text of the charset', () => {
  const serialized = bytes('a:2:{i:0;O:4:"Caf\xe9":0:{}i:1;E:6:"Gr\xfc:\xc4b";}')
  const [object, suit] = unserialize(serialized, { charset: 'latin1' }) as [PhpObject, { caseName: string }]
  expect([String(PhpObject.classOf(object)), suit.caseName]).toEqual(['Café', 'Äb'])
  expect(serialize([object, suit], { charset: 'latin1' })).toEqual(serialized)
  expect(serialize(unserialize(serialized))).toEqual(serialized)
})

test.each([
  ['latin1', 'a€', "'€' is not a latin1 character"],
  ['latin1', '😀', "'😀' is not a latin1 character"],
  ['windows-1252', 'ł', "'ł' is not a windows-1252 character"],
  ['windows-1252', '\x80', "'\x80' is not a windows-1252 character"],
] as const)('%s refuses to write %j, as a value and as a key', (charset, text, message) => {
  expect(() => serialize({ place: text }, { charset })).toThrow(new TypeError(`place: ${message}`))
  expect(() => serialize({ [text]: 1 }, { charset })).toThrow(message)
  expect(() => serialize(new PhpObject('A', { place: text }), { charset })).toThrow(TypeError)
  expect(serialize({ place: 'ok' }, { charset }).toString()).toBe('a:1:{s:5:"place";s:2:"ok";}')
})

test('text in is taken for the bytes it has in the charset', () => {
  expect(unserialize('s:2:"é";')).toBe('é')
  expect(unserialize('s:1:"é";', { charset: 'latin1' })).toBe('é')
  expect(unserialize('s:1:"€";', { charset: 'windows-1252' })).toBe('€')
})

test('a charset that is not there is named', () => {
  expect(() => unserialize('N;', { charset: 'utf-16' as Charset })).toThrow(
    new TypeError("Unknown charset 'utf-16': use utf-8, latin1, windows-1252, buffer"),
  )
  expect(() => serialize(null, { charset: 'toString' as Charset })).toThrow(TypeError)
})
