import fc from 'fast-check'
import { formatDouble } from '../../src/php/double.ts'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { PhpFloat } from '../../src/php/values.ts'
import { openPhp, type Php } from '../oracle/php.ts'
import { type Complaint, forAll, seed } from '../support/random.ts'
import { describePhps, someVersions } from './support/phps.ts'

const mantissas = [
  '1',
  '-1',
  '2',
  '3.1',
  '4.5',
  '-5',
  '9.9',
  '1.25',
  '7.0368744177664',
  '9.999999999999999',
  '1.2345678901234567',
]
const exponents = Array.from({ length: 310 + 330 + 1 }, (_, index) => index - 330)
const everywhere = exponents.flatMap((exponent) => mantissas.map((mantissa) => `${mantissa}E${exponent}`))

/** Numbers of all magnitudes, and those that shops and clocks have. */
const doubles = fc.oneof(
  { arbitrary: fc.double(), weight: 4 },
  fc.integer({ min: -10_000_000, max: 10_000_000 }).map((cents) => cents / 100),
  fc.tuple(fc.maxSafeInteger(), fc.nat(20)).map(([digits, decimals]) => digits / 10 ** decimals),
  fc.tuple(fc.integer(), fc.integer({ min: -40, max: 40 })).map(([digits, exponent]) => digits * 2 ** exponent),
  fc.integer({ min: 0, max: 3_000_000_000 }).map((time) => time + 0.1234),
)

/** The double in eight bytes, the bytes that PHP writes, what var_export() shows. */
const body = `
  $value = unserialize($in);
  return bin2hex(strrev(pack('d', $value[0]))) . ' ' . serialize($value) . ' ' . var_export($value[0], true);`

describePhps(`floats (SESSION_START_SEED=${seed})`, someVersions, (php, version) => {
  test('of every exponent are read and written as by PHP', async () => {
    expect(await compareTexts(php(), everywhere)).toEqual([])
  })

  test('are the same bytes from us and from PHP', async () => {
    await forAll(doubles, version === 'native' ? 10000 : 2000, async (values) => {
      const ours = values.map((value) => serialize([new PhpFloat(value)]))
      const answers = await php().map(body, ours)
      return values.map((value, index) => {
        const { plain, forced } = { plain: serialize({ value }), forced: serialize({ value: new PhpFloat(value) }) }
        if (!Number.isSafeInteger(value) && !plain.equals(forced)) return `${plain} should be ${forced}`
        const text = formatDouble(value)
        const expected = `${hex(value)} a:1:{i:0;d:${text};} ${exported(text)}`
        const answer = String(answers[index])
        return answer === expected && ours[index]!.toString() === `a:1:{i:0;d:${text};}`
          ? undefined
          : `${expected}\n  PHP ${answer}`
      })
    })
  })
})

/** Whether reading a text gives the same double as in PHP, and writing this double gives the same text. */
async function compareTexts(php: Php, texts: readonly string[]): Promise<string[]> {
  const inputs = texts.map((text) => Buffer.from(`a:1:{i:0;d:${text};}`))
  const answers = await php.map(body, inputs)
  return texts.flatMap((text, index) => {
    const [value] = unserialize(inputs[index]!) as [number]
    const written = formatDouble(value)
    const ours = `${hex(value)} a:1:{i:0;d:${written};} ${exported(written)}`
    return ours === String(answers[index]) ? [] : [`${text}: ours ${ours}, PHP ${answers[index]}`]
  })
}

function hex(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return Number.isNaN(value) ? '7ff8000000000000' : bytes.toString('hex')
}

/** var_export() shows that a float is none of the ints; -0.0 and the constants have a way of their own. */
function exported(text: string): string {
  if (/^-?\d+$/.test(text)) return `${text}.0`
  return text
}

describe(`floats that older PHPs wrote (SESSION_START_SEED=${seed})`, () => {
  const write = 'list(, $value) = unpack("d", strrev($in)); return serialize(array($value));'

  let oldest: Php
  beforeAll(async () => {
    oldest = await openPhp('5.2')
  })
  afterAll(() => oldest.close())

  async function check(php: Php): Promise<void> {
    await forAll(doubles.filter(Number.isFinite), 4000, async (values) => {
      const answers = await php.map(
        write,
        values.map((value) => Buffer.from(hex(value), 'hex')),
      )
      return answers.map((bytes, index) => keeps(bytes as Buffer, values[index]!))
    })
  }

  test('with up to a hundred digits are the same number, and keep their text (PHP 5.2)', async () => {
    await check(oldest)
  })

  test('with seventeen digits are the same number, and keep their text (serialize_precision 17)', async () => {
    const php = await openPhp('7.4', { ini: { serialize_precision: '17' } })
    await check(php)
    await php.close()
  })

  test('are read by PHP 5.2 when we wrote them', async () => {
    await forAll(doubles.filter(Number.isFinite), 2000, async (values) => {
      const answers = await oldest.map(
        '$value = unserialize($in); return bin2hex(strrev(pack("d", $value[0])));',
        values.map((value) => serialize([new PhpFloat(value)])),
      )
      return values.map((value, index) => (String(answers[index]) === hex(value) ? undefined : `${value}: ${answers[index]}`))
    })
  })
})

function keeps(bytes: Buffer, value: number): Complaint {
  const list = unserialize(bytes) as [number]
  if (!Object.is(list[0], value)) return `${bytes}: read as ${list[0]}, is ${value}`
  if (!serialize(list).equals(bytes)) return `${bytes}: written as ${serialize(list)}`
  list[0] = value / 2
  const changed = `a:1:{i:0;d:${formatDouble(value / 2)};}`
  return serialize(list).toString() === changed ? undefined : `${bytes}: half of it is written as ${serialize(list)}`
}
