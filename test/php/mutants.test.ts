import { UnserializeError } from '../../src/errors.ts'
import type { Charset } from '../../src/php/charset.ts'
import { formatDouble } from '../../src/php/double.ts'
import { Scan, scanValue } from '../../src/php/scan.ts'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { fixtures } from '../oracle/fixtures.ts'
import type { Php } from '../oracle/php.ts'
import { type Complaint, forAll, seed, show } from '../support/random.ts'
import { mutants } from './support/mutants.ts'
import { describePhps, someVersions } from './support/phps.ts'

/**
 * Sessions that PHP wrote, in small. Left out: classes that PHP itself has, because each checks its properties in its own way
 * (`DateTime`, `SplObjectStorage` …), enums, which PHP only reads when they are loaded, and `C:`, of which PHP loses the bytes
 * when the class is not loaded.
 */
const corpus = fixtures()
  .filter(({ handler, bytes }) => handler === 'php_serialize' && bytes.length < 2000)
  .map(({ bytes }) => bytes.toString('latin1'))
  .filter((text) => !/[OC]:\d+:"(Date|Spl|Array)|[CE]:\d+:"/.test(text))

/**
 * Where our bytes differ from what PHP writes after reading the same, by intention. PHP has to read the same out of both.
 * It writes none of these itself, except for the float texts that older PHPs wrote.
 */
const exceptions: readonly [reason: string, isMet: (input: string) => boolean][] = [
  ['a float keeps its text', (input) => floatTexts(input).some((text) => formatDouble(Number(text)) !== text)],
  ['an object keeps its integer keys', (input) => /O:\d+:.*i:/s.test(input)],
  [
    'a variable that holds an object met before is not that of the first place',
    (input) => /r:\d/.test(input) && /R:\d/.test(input),
  ],
  ['a key that was a string where ints had 32 bits stays one', (input) => /s:\d+:"-?\d{10,}"/.test(input)],
]

function floatTexts(input: string): string[] {
  return [...input.matchAll(/d:([^;]*);/g)].map(([, text]) => text!)
}

/** PHP before 8.2 takes any two characters behind a count of properties; before 8.1 a class may begin with `\\` or have a DEL. */
const laxHeader = /O:\d+:"([^"]*":[+-]?\d*(?!\d|:\{)|\\|[^"]*\x7f)/

const charsets: readonly Charset[] = ['utf-8', 'latin1', 'windows-1252', 'buffer']

describePhps(`nearly what PHP writes (SESSION_START_SEED=${seed})`, someVersions, (php, version) => {
  const isOld = version === '7.4' || version === '8.1'
  const cases = isOld ? mutants(corpus).filter((bytes) => !laxHeader.test(bytes.toString('latin1'))) : mutants(corpus)

  test('is taken and refused as PHP does, and understood the same', async () => {
    await forAll(cases, version === 'native' ? 8000 : 2000, (inputs) => compare(php(), inputs))
  })

  test('takes as many slots as in PHP', async () => {
    await forAll(cases, version === 'native' ? 4000 : 1000, (inputs) => compareSlots(php(), inputs))
  })
})

test(`a look over the bytes ends where reading them ends (SESSION_START_SEED=${seed})`, async () => {
  await forAll(mutants(corpus), 15000, async (inputs) => inputs.map(compareScan))
})

function compareScan(input: Buffer): Complaint {
  const scanned = scanValue(input, 0, new Scan())
  const read = endOf(input)
  // Whether a reference means an object, and not itself, is known to the reader alone.
  if (scanned === read || (read === -1 && /[rR]:\d/.test(input.toString('latin1', 0, scanned)))) return undefined
  return `${show(input)}: scanned to ${scanned}, read to ${read}`
}

/** Where the value ends, or -1 when it is refused. */
function endOf(input: Buffer): number {
  const ends: number[] = []
  for (const allowTrailing of [true, false]) {
    try {
      unserialize(input, { allowTrailing })
      ends.push(input.length)
    } catch (error) {
      ends.push((error as UnserializeError).offset)
      if (allowTrailing) return -1
    }
  }
  return ends[1]!
}

/** In an array whose second element refers to the last slot of the first, PHP finds that slot, and none behind it. */
async function compareSlots(php: Php, inputs: readonly Buffer[]): Promise<Complaint[]> {
  const outcomes = await roundTripsInPhp(
    php,
    inputs.flatMap((input) => [0, 1].map((more) => withReferenceBehind(input, more))),
  )
  return inputs.map((input, index) => {
    const [last, behind] = [outcomes[2 * index], outcomes[2 * index + 1]]
    if (endOf(input) === -1 || (last !== undefined && behind === undefined)) return undefined
    return `${show(input)}: PHP ${last === undefined ? 'does not find the last slot' : 'finds a slot behind the last'}`
  })
}

function withReferenceBehind(input: Buffer, more: number): Buffer {
  const scan = new Scan()
  const end = scanValue(input, 0, scan)
  if (end === -1) return Buffer.from('N;')
  const parts = ['a:2:{i:0;']
  let at = 0
  for (let i = 0; i < scan.references.length; i += 2) {
    const digits = scan.references[i]!
    parts.push(input.toString('latin1', at, digits), String(scan.references[i + 1]! + 1))
    at = input.indexOf(';', digits)
  }
  parts.push(input.toString('latin1', at, end), `i:1;R:${scan.slots + 1 + more};}`)
  return Buffer.from(parts.join(''), 'latin1')
}

interface Ours {
  /** Undefined when refused. */
  readonly bytes: Buffer | undefined
  readonly complaint: Complaint
}

async function compare(php: Php, inputs: readonly Buffer[]): Promise<Complaint[]> {
  const theirs = await roundTripsInPhp(php, inputs)
  const ours = inputs.map((input) => roundTrip(input))
  const nothing = Buffer.from('N;')
  const theirsAgain = await roundTripsInPhp(
    php,
    theirs.map((bytes) => bytes ?? nothing),
  )
  const theirsOfOurs = await roundTripsInPhp(
    php,
    ours.map(({ bytes }) => bytes ?? nothing),
  )
  return inputs.map((input, index) => {
    const { bytes, complaint } = ours[index]!
    const their = theirs[index]
    const report = (what: string) =>
      [what, show(input), `PHP  ${their && show(their)}`, `ours ${bytes && show(bytes)}`].join('\n  ')
    if (complaint !== undefined) return report(complaint)
    if ((bytes === undefined) !== (their === undefined)) return report('one takes it, one does not')
    if (bytes === undefined || their === undefined || bytes.equals(their)) return undefined
    // A number alone stands in no place that could remember that it was a float.
    if (/^d:-?\d+;$/.test(their.toString()) && bytes.toString() === their.toString().replace('d', 'i')) return undefined
    // Where `R:` means a place that is an `r:` itself, PHP may read its own bytes as something else the next time.
    if (theirsAgain[index]?.equals(their) !== true) return undefined
    if (theirsOfOurs[index]?.equals(their) !== true) return report('PHP reads something else from our bytes')
    const text = input.toString('latin1')
    return exceptions.some(([, isMet]) => isMet(text)) ? undefined : report('our bytes are not those of PHP')
  })
}

/** What PHP writes after it read the bytes; undefined when it refused them. */
async function roundTripsInPhp(php: Php, inputs: readonly Buffer[]): Promise<(Buffer | undefined)[]> {
  const body = `
    $value = unserialize($in);
    return $value === false && strncmp($in, 'b:0;', 4) !== 0 ? '' : serialize($value);`
  const answers = await php.map(body, inputs)
  return answers.map((answer) => (answer instanceof Error || answer.length === 0 ? undefined : answer))
}

/** One of the charsets, for what nobody refuses; every error is of the documented kind and says where. */
function roundTrip(input: Buffer): Ours {
  const charset = charsets[input.length % charsets.length]!
  let value: unknown
  try {
    value = unserialize(input, { allowTrailing: true, charset })
  } catch (error) {
    const isRight = error instanceof UnserializeError && error.code === 'DECODE_FAILED'
    const isInside = isRight && error.offset >= 0 && error.offset <= input.length
    return { bytes: undefined, complaint: isInside ? undefined : `the error is ${error}` }
  }
  const bytes = serialize(value, { charset })
  return { bytes, complaint: undefined }
}
