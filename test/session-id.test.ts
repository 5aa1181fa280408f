import { binToReadable, createSid, hasForbiddenCharacters, isValidSid } from '../src/session-id.ts'

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-'

describe('the characters of an id', () => {
  // Worked out by hand from bin_to_readable: bits are taken from the low end of each byte.
  test.each([
    [4, 4, [0x21, 0x43], '1234'],
    [4, 4, [0xf0, 0x0f], '0ff0'],
    [5, 8, [0b00100000, 0b10001000, 0b01000001, 0b10001010, 0b00111001], '01234567'],
    [6, 4, [0b01000000, 0b00100000, 0b00001100], '0123'],
    [6, 4, [0xff, 0xff, 0xff], '----'],
    [5, 8, [0xff, 0xff, 0xff, 0xff, 0xff], 'vvvvvvvv'],
    [6, 2, [0x3e, 0x00], ',0'],
  ])('of %i bits: %i of them out of %j', (bits, length, bytes, expected) => {
    expect(binToReadable(Uint8Array.from(bytes), length, bits)).toBe(expected)
  })
})

test('ids have the length and the alphabet that PHP gives them', () => {
  for (const bits of [4, 5, 6]) {
    for (const length of [22, 26, 32, 33, 48, 255, 256]) {
      const id = createSid(length, bits)
      expect(id).toHaveLength(length)
      expect([...id].every((character) => ALPHABET.slice(0, 2 ** bits).includes(character))).toBe(true)
      expect(isValidSid(id)).toBe(true)
    }
  }
  expect(createSid()).toMatch(/^[0-9a-f]{32}$/)
})

test('every character is as likely as every other, at every place', () => {
  for (const bits of [4, 5, 6]) {
    const kinds = 2 ** bits
    const ids = 4000
    for (const places of [
      [0, 1, 2],
      [19, 20, 21],
    ]) {
      const counts = new Map<string, number>()
      for (let made = 0; made < ids; made++) {
        const id = createSid(22, bits)
        for (const place of places) {
          counts.set(id[place]!, (counts.get(id[place]!) ?? 0) + 1)
        }
      }
      const expected = (ids * places.length) / kinds
      const chiSquared = [...ALPHABET.slice(0, kinds)].reduce(
        (sum, c) => sum + ((counts.get(c) ?? 0) - expected) ** 2 / expected,
        0,
      )
      // Mean kinds - 1, standard deviation sqrt(2 (kinds - 1)): eight of these away is not chance.
      expect(chiSquared).toBeLessThan(kinds - 1 + 8 * Math.sqrt(2 * (kinds - 1)))
    }
  }
})

test('no id comes twice', () => {
  const ids = new Set(Array.from({ length: 20_000 }, () => createSid(22, 4)))
  expect(ids.size).toBe(20_000)
})

test.each([
  [21, 4],
  [257, 4],
  [22.5, 4],
  [Number.NaN, 4],
  [32, 3],
  [32, 7],
  [32, 4.5],
])('a length of %p and %p bits are refused', (length, bits) => {
  expect(() => createSid(length, bits)).toThrow(TypeError)
})

test.each([
  ['a', true],
  ['0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-', true],
  ['a'.repeat(256), true],
  ['', false],
  ['a'.repeat(257), false],
  ['../x', false],
  ['a/b', false],
  ['a\0', false],
  ['a.b', false],
  ['a_b', false],
  ['a%2e', false],
  ['a\n', false],
  ['é', false],
  [['a'], false],
  [undefined, false],
  [{ toString: (): string => 'a' }, false],
])('whether %j may be an id: %p', (id, valid) => {
  expect(isValidSid(id)).toBe(valid)
})

test('PHP throws an id away for these characters and no others', () => {
  const forbidden = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter((c) =>
    hasForbiddenCharacters(`a${c}b`),
  )
  expect(forbidden).toEqual(['\t', '\n', '\r', ' ', '"', "'", '<', '>', '\\'])
})
