import * as peer from 'php-serialize'
import { serialize } from '../../../src/php/serialize.ts'
import { unserialize } from '../../../src/php/unserialize.ts'
import type { Php } from '../../oracle/php.ts'
import { bytesOf, links, type Row, remembered, values } from './value-rows.ts'

/** What becomes of some bytes when they are read and written again: the bytes, or undefined when they are refused. */
type Outcome = Buffer | undefined

export interface Reading {
  readonly what: string
  readonly bytes: Buffer
  readonly php: Outcome
  readonly ours: Outcome
  readonly theirs: Outcome
  /** What PHP makes of theirs. */
  readonly phpOfTheirs: Outcome
}

export interface Writing {
  readonly what: string
  readonly ours: string
  readonly theirs: string
  /** What PHP makes of each. */
  readonly phpOfOurs: string
  readonly phpOfTheirs: string
}

const s = (text: string) => `s:${Buffer.byteLength(text)}:"${text}";`

/** What is added to the rows of values: bytes that only some take, or take for something else. */
// biome-ignore format: a table
const more: readonly Row[] = [
  ['an escaped string', 'S:1:"\\41";', 'A'],
  ['a key that names the prototype', `a:1:{${s('__proto__')}a:1:{${s('admin')}b:1;}}`, JSON.parse('{"__proto__":{"admin":true}}')],
  ['an int with a plus sign', 'i:+5;', 5],
  ['an int with leading zeros', 'i:007;', 7],
  ['an int beyond 64 bits', 'i:99999999999999999999;', 9223372036854775807n],
  ['an exponent in an int', 'i:1e3;', undefined],
  ['a word in an int', 'i:x;', undefined],
  ['an infinity as JavaScript writes it', 'd:Infinity;', undefined],
  ['a bool that is neither', 'b:2;', undefined],
  ['a length that is too short', 's:1:"ab";', undefined],
  ['a length that is too long', 's:9:"ab";', undefined],
  ['a count that is too high', 'a:2:{i:0;N;}', undefined],
  ['a missing semicolon', 'a:1:{i:0;i:1}', undefined],
  ['a value cut off', 'a:1:{i:0;s:1:"a";', undefined],
  ['something behind the value', 'i:1;x', undefined],
]

const inPhp = `
  if ($in === 'b:0;') return $in;
  $value = unserialize($in);
  return $value === false ? '' : serialize($value);`

const setup = `
  class Token implements Serializable {
    public $bytes;
    function serialize() { return $this->bytes; }
    function unserialize($bytes) { $this->bytes = $bytes; }
  }
  enum Suit { case Hearts; }
  eval('namespace App; enum Status { case Active; }');`

export async function compareReading(php: Php): Promise<Reading[]> {
  // An array that holds itself makes PHP run out of stack when it writes it.
  const rows = [...values, ...links, ...remembered, ...more].filter(([what]) => what !== 'an array in itself')
  const peers = rows.map(([, text]) => outcome(() => Buffer.from(peer.serialize(readByPeer(bytesOf(text))))))
  const ask = async (inputs: readonly Buffer[]) => (await php.map(inPhp, inputs, { setup })).map(taken)
  const ofBytes = await ask(rows.map(([, text]) => bytesOf(text)))
  const ofPeers = await ask(peers.map((bytes) => bytes ?? Buffer.from('refused')))
  return rows.map(([what, text], index) => {
    const bytes = bytesOf(text)
    const ours = outcome(() => serialize(unserialize(bytes)))
    return { what, bytes, php: ofBytes[index], ours, theirs: peers[index], phpOfTheirs: ofPeers[index] }
  })
}

function taken(answer: Buffer | Error): Outcome {
  return answer instanceof Error || answer.length === 0 ? undefined : answer
}

/** As php-serialize reads it: text of UTF-8, unknown classes allowed. */
export function readByPeer(bytes: Buffer): unknown {
  return peer.unserialize(bytes as unknown as string, {}, { strict: false, encoding: 'utf8' })
}

class Point {
  readonly x = 1
}
const list = [1]
const object = { a: 1 }
const cycle: Record<string, unknown> = {}
cycle['self'] = cycle

// biome-ignore format: a table
const written: readonly [what: string, value: unknown][] = [
  ['`{ 5: 1 }`', { 5: 1 }],
  ['`{ a: undefined }`', { a: undefined }],
  ['`[undefined]`', [undefined]],
  ['`-0`', -0],
  ['`NaN`', Number.NaN],
  ['`Infinity`', Number.POSITIVE_INFINITY],
  ['`1e25`', 1e25],
  ['`1.5e-7`', 1.5e-7],
  ['`2 ** 53`', 2 ** 53],
  ['`2n ** 64n`', 2n ** 64n],
  ['`new Set([1])`', new Set([1])],
  ['`new Map([[5, 1]])`', new Map([[5, 1]])],
  ['`new Date(0)`', new Date(0)],
  ['`Buffer.from([255])`', Buffer.from([255])],
  ["`'\\ud800'`", '\ud800'],
  ['`[1, , 3]`', Object.assign([1], { 2: 3 })],
  ["`Object.assign([1], { name: 'x' })`", Object.assign([1], { name: 'x' })],
  ['`Object.create(null)`', Object.create(null)],
  ['`{ toJSON: () => 1 }`', { toJSON: () => 1 }],
  ['`new Point()`, a class nobody named', new Point()],
  ['`Object(5)`', Object(5)],
  ['`/a/`', /a/],
  ['one array in two places', [list, list]],
  ['one object in two places', [object, object]],
  ['an object in itself', [cycle]],
  ["`{ constructor: 'x' }`", { constructor: 'x' }],
]

export async function compareWriting(php: Php): Promise<Writing[]> {
  const texts = written.map(([, value]) => [
    attempt(() => serialize(value).toString('latin1')),
    attempt(() => Buffer.from(peer.serialize(value)).toString('latin1')),
  ])
  const asked = texts.flat().map((text) => Buffer.from(text.startsWith('error') ? 'refused' : text, 'latin1'))
  const answers = await php.map(inPhp, asked, { setup })
  return written.map(([what], index) => {
    const [ours, theirs] = texts[index] as [string, string]
    const read = [0, 1].map((which) => answers[2 * index + which]!)
    const [phpOfOurs, phpOfTheirs] = read.map((each) => (each instanceof Error ? '' : each.toString('latin1'))) as [
      string,
      string,
    ]
    return { what, ours, theirs, phpOfOurs, phpOfTheirs }
  })
}

function outcome(run: () => Buffer): Outcome {
  try {
    return run()
  } catch {
    return undefined
  }
}

/** The result, or the kind of error. */
function attempt(run: () => string): string {
  try {
    return run()
  } catch (error) {
    return `error: ${(error as Error).name}`
  }
}
