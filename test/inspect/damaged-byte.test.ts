import fc from 'fast-check'
import { explainSession } from '../../src/inspect/explain.ts'
import { inspectSession } from '../../src/inspect/inspect-session.ts'
import type { Variable } from '../../src/inspect/report.ts'
import { serializeHandlerNames } from '../../src/serialize-handlers/serialize-handlers.ts'
import { fixtures } from '../oracle/fixtures.ts'
import { describePhps } from '../php/support/phps.ts'
import { type Complaint, forAll, seed, show } from '../support/random.ts'
import { inSession } from './support/in-session.ts'
import { s } from './support/inspect.ts'

/**
 * One byte next to a quote or a semicolon is lost, or another: that is enough for a string to have no end. Whatever is said to have lost nothing
 * has to hold the variables behind.
 */

const token = `a:2:{${s('name')}${s('say "hi"; bye')}${s('n')}i:1;}`

/** Values that hold quotes and semicolons wherever they may stand. */
const values: readonly Record<string, string>[] = [
  { id: 'i:42;', name: s('Alice'), u: `a:1:{${s('x')}i:1;}`, cart: `a:1:{${s('sku')}${s('MUG')}}`, ok: 'b:1;', last: s('end') },
  {
    a: s('x'),
    b: s(''),
    c: s('x "y"; z'),
    d: `a:2:{i:0;${s('p')}i:1;a:2:{${s('q')}${s('r')}${s('t')}d:0.5;}}`,
    e: 'N;',
    f: s('z'),
  },
  {
    token: s(token),
    user: `O:8:"stdClass":2:{${s('a')}${s('v')}${s('\0*\0b')}${s('w')}}`,
    deep: `a:1:{${s('k')}${s(token)}}`,
    z: s('z'),
  },
  {
    list: `a:2:{i:0;${s('a;b|c;d')}i:1;${s('')}}`,
    flash: 'a:0:{}',
    note: s('i:1;'),
    n: 'i:-3;',
    m: s('M\xfcller'),
    w: s('\xfc'),
  },
]

const writers: Record<string, (variables: readonly [key: string, value: string][]) => string> = {
  php: (variables) => variables.map(([key, value]) => `${key}|${value}`).join(''),
  php_binary: (variables) => variables.map(([key, value]) => String.fromCharCode(key.length) + key + value).join(''),
  php_serialize: (variables) => `a:${variables.length}:{${variables.map(([key, value]) => s(key) + value).join('')}}`,
}

function sessionsOf(handler: string): Buffer[] {
  const written = values.map((each) => Buffer.from(writers[handler]!(Object.entries(each)), 'latin1'))
  const stored = fixtures().filter(
    (fixture) => fixture.handler === handler && fixture.php === '8.5' && fixture.bytes.length < 2000,
  )
  return [...written, ...stored.map(({ bytes }) => bytes)].filter((bytes) => inspectSession(bytes, handler).variables.length > 1)
}

interface Damaged {
  readonly bytes: Buffer
  /** What stands behind the damaged variable. */
  readonly behind: readonly Variable[]
  readonly before: Buffer
}

/** `by`: the byte that is put in place of another, or none. */
function damagedAt(before: Buffer, handler: string, at: number, by: number | undefined): Damaged {
  const bytes = Buffer.concat([before.subarray(0, at), Buffer.from(by === undefined ? [] : [by]), before.subarray(at + 1)])
  return { bytes, before, behind: inspectSession(before, handler).variables.filter(({ offset }) => offset > at) }
}

const isMark = (byte: number | undefined) => byte === 0x22 || byte === 0x3b

function placesIn(bytes: Buffer): number[] {
  return [...bytes.keys()].filter((at) => isMark(bytes[at - 1]) || isMark(bytes[at]) || isMark(bytes[at + 1]))
}

/** Any byte, and more often those that mean something. */
const byte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('";:|{}xsi0 ')))

function damaged(handler: string): fc.Arbitrary<Damaged> {
  return fc.constantFrom(...sessionsOf(handler)).chain((bytes) => {
    const place = fc.constantFrom(...placesIn(bytes))
    return fc.tuple(place, fc.option(byte, { nil: undefined })).map(([at, by]) => damagedAt(bytes, handler, at, by))
  })
}

/** Of a repair that is said to lose nothing: whether something is lost all the same. */
function complaintOf({ bytes, before, behind }: Damaged, handler: string): Complaint {
  const repair = explainSession(bytes, handler)?.repair
  if (repair === undefined || repair.loses !== undefined) return undefined
  const { variables } = inspectSession(repair.bytes, handler)
  const lost = behind.filter(({ key, value }) => {
    const kept = variables.findLast((each) => each.key === key)?.value
    const stored = before.subarray(value.offset, value.offset + value.length)
    return kept === undefined || !repair.bytes.subarray(kept.offset, kept.offset + kept.length).equals(stored)
  })
  if (lost.length === 0) return undefined
  return `${repair.what}, but lost is ${lost.map(({ key }) => key)}\n${show(bytes)}\n${show(repair.bytes)}`
}

describe(`a session with one damaged byte (SESSION_START_SEED=${seed})`, () => {
  it.each(serializeHandlerNames)('keeps what stands behind, or says that it does not (%s)', async (handler) => {
    await forAll(damaged(handler), 1500, async (cases) => cases.map((each) => complaintOf(each, handler)))
  })

  it.each(serializeHandlerNames)('is as it was when the mark around a string is put back (%s)', (handler) => {
    const [bytes] = sessionsOf(handler) as [Buffer]
    // In php nobody knows whether a semicolon was lost or is the first byte of the name that follows.
    const marks = [...bytes.toString('latin1').matchAll(/";/g)].flatMap(({ index }) =>
      handler === 'php' ? [index] : [index, index + 1],
    )
    marks.push(...[...bytes.toString('latin1').matchAll(/:"/g)].map(({ index }) => index + 1))
    const isLast = (at: number) => at === bytes.length - 1
    for (const at of marks.filter((each) => !isLast(each))) {
      for (const by of [undefined, 0x23]) {
        const repair = explainSession(damagedAt(bytes, handler, at, by).bytes, handler)?.repair
        expect([at, by, repair?.bytes.toString('latin1'), repair?.loses]).toEqual([at, by, bytes.toString('latin1'), undefined])
      }
    }
  })
})

describePhps(`a session with one damaged byte that was repaired (SESSION_START_SEED=${seed})`, ['8.0', '8.5'], (php, version) => {
  const numRuns = version === 'native' ? 800 : 300
  // Classes that the bytes name are not there.
  const isPlain = ({ before }: Damaged) => !/[OC]:\d+:"(Date|Spl|Array)|[CE]:\d+:"/.test(before.toString('latin1'))

  it.each(serializeHandlerNames)('has in PHP what stood behind (%s)', async (handler) => {
    const cases = damaged(handler).filter(isPlain)
    const keys =
      'return session_decode($in) ? implode(" ", array_map("bin2hex", array_map("strval", array_keys($_SESSION)))) : "refused";'
    await forAll(cases, numRuns, async (inputs) => {
      const repairs = inputs.map(({ bytes }) => explainSession(bytes, handler)?.repair)
      const whole = repairs.flatMap((repair, index) => (repair !== undefined && repair.loses === undefined ? [index] : []))
      const answers = await php().map(
        inSession(handler, keys),
        whole.map((index) => repairs[index]!.bytes),
      )
      const complaints: Complaint[] = inputs.map(() => undefined)
      for (const [nth, index] of whole.entries()) {
        const { before, behind, bytes } = inputs[index]!
        const wanted = behind.map(({ offset, value }) => keyIn(before, handler, offset, value.offset))
        const found = String(answers[nth]).split(' ')
        const lost = wanted.filter((key) => !found.includes(key))
        if (lost.length > 0) complaints[index] = `PHP: ${answers[nth]}\n${show(bytes)}\n${show(repairs[index]!.bytes)}`
      }
      return complaints
    })
  })
})

/** The bytes of a key in hexadecimal. */
function keyIn(bytes: Buffer, handler: string, start: number, end: number): string {
  if (handler === 'php') return bytes.toString('hex', start, end - 1)
  if (handler === 'php_binary') return bytes.toString('hex', start + 1, end)
  if (bytes[start] === 0x69) return Buffer.from(bytes.toString('latin1', start + 2, end - 1)).toString('hex')
  return bytes.toString('hex', bytes.indexOf('"', start) + 1, end - 2)
}
