import { inspect } from 'node:util'
import { Scan, scanValue } from '../../src/php/scan.ts'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { getClass } from '../../src/php/values.ts'
import { describePhps } from './support/phps.ts'
import { bytesOf, links, remembered, values } from './support/value-rows.ts'

describe.each([...values, ...links, ...remembered])('%s', (_, text, value) => {
  const bytes = bytesOf(text)

  test('is read', () => {
    const read = unserialize(bytes)
    expect(read).toStrictEqual(value)
    expect(getClass(read)).toBe(getClass(value))
  })

  test('is written as it was read', () => {
    expect(serialize(unserialize(bytes)).toString('latin1')).toBe(bytes.toString('latin1'))
  })

  test('is scanned to its end', () => {
    expect(scanValue(bytes, 0, new Scan())).toBe(bytes.length)
  })
})

describe.each([...values, ...links])('%s, made anew', (_, text, value) => {
  const bytes = bytesOf(text)

  test('is written', () => {
    expect(serialize(value).toString('latin1')).toBe(bytes.toString('latin1'))
  })

  test('looks like the one that was read', () => {
    expect(inspect(unserialize(bytes), { depth: 6 })).toBe(inspect(value, { depth: 6 }))
  })
})

test('a list of PHP is an Array, any other array a plain object', () => {
  expect(Array.isArray(unserialize('a:1:{i:0;N;}'))).toBe(true)
  expect(Object.getPrototypeOf(unserialize('a:1:{i:1;N;}'))).toBe(Object.prototype)
})

test('an escaped string, which PHP reads and never writes, is a string', () => {
  expect(unserialize('S:4:"a\\41\\c3\\a9";')).toBe('aAé')
  expect(unserialize('a:1:{S:1:"\\6b";S:1:"\\ff";}')).toEqual({ k: Buffer.from([0xff]) })
  expect(unserialize('a:1:{S:1:"\\35";N;}')).toEqual({ 5: null })
  expect(serialize(unserialize('S:1:"\\41";')).toString()).toBe('s:1:"A";')
})

test('of equal keys the last value counts, in the place of the first', () => {
  expect(serialize(unserialize('a:3:{s:1:"a";i:1;s:1:"b";i:2;s:1:"a";i:3;}')).toString()).toBe('a:2:{s:1:"a";i:3;s:1:"b";i:2;}')
  expect(serialize(unserialize('a:2:{i:0;d:5;i:0;i:7;}')).toString()).toBe('a:1:{i:0;i:7;}')
  expect(serialize(unserialize('a:2:{i:0;i:5;s:1:"0";d:7;}')).toString()).toBe('a:1:{i:0;d:7;}')
  expect(serialize(unserialize('O:1:"A":3:{s:4:"\0A\0x";i:1;s:4:"\0*\0x";i:2;s:4:"\0A\0x";i:3;}')).toString()).toBe(
    'O:1:"A":2:{s:4:"\0A\0x";i:3;s:4:"\0*\0x";i:2;}',
  )
})

test('a number alone, which stands in no place, forgets that it was a float', () => {
  expect(serialize(unserialize('d:10;')).toString()).toBe('i:10;')
})

describePhps('the rows of values', ['7.4', '8.5'], (php, version) => {
  const hasEnums = version !== '7.4'
  // An array that holds itself is cut short by PHP, or runs out of stack; keys of 32-bit PHPs and old floats are written anew.
  const written = [...values, ...links].filter(([what]) => what !== 'an array in itself')
  const rows = written.filter(([, text]) => hasEnums || !text.includes('E:'))

  test('are what PHP writes', async () => {
    const setup = `
      class Token implements Serializable {
        public $bytes;
        function serialize() { return $this->bytes; }
        function unserialize($bytes) { $this->bytes = $bytes; }
      }
      ${hasEnums ? "enum Suit { case Hearts; } eval('namespace App; enum Status { case Active; }');" : ''}`
    const answers = await php().map(
      'return serialize(unserialize($in));',
      rows.map(([, text]) => bytesOf(text)),
      { setup },
    )
    const texts = answers.map((answer) => (answer instanceof Error ? answer.message : answer.toString('latin1')))
    expect(texts).toEqual(rows.map(([, text]) => bytesOf(text).toString('latin1')))
  })
})
