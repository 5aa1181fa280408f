import fc from 'fast-check'
import { explainSession } from '../../src/inspect/explain.ts'
import { serializeHandlerNames } from '../../src/serialize-handlers/serialize-handlers.ts'
import { describePhps } from '../php/support/phps.ts'
import { type Complaint, forAll, seed, show } from '../support/random.ts'
import { inSession } from './support/in-session.ts'
import { bytesOf, s } from './support/inspect.ts'

/** Of several damaged variables each is removed by itself, and named; so is whatever else goes. */

// biome-ignore format: a table
const rows: [what: string, handler: string, bytes: string, repaired: string, loses: string][] = [
  ['two', 'php', 'a|i:1;b|X;c|i:2;d|X;e|i:3;', 'a|i:1;c|i:2;e|i:3;', 'b and d'],
  ['two arrays', 'php', `user_id|i:1;cart|a:1:{X}theme|${s('dark')}token|O:1:"T":1:{X}last|i:1;`, `user_id|i:1;theme|${s('dark')}last|i:1;`, 'cart and token'],
  ['two in php_serialize', 'php_serialize', `a:5:{${s('n')}i:1;${s('cart')}a:1:{X}${s('mid')}i:2;${s('u')}a:1:{X}${s('last')}i:1;}`, `a:3:{${s('n')}i:1;${s('mid')}i:2;${s('last')}i:1;}`, 'cart and u'],
  ['two in php_binary', 'php_binary', '\x01ni:1;\x04carta:1:{X}\x03midi:2;\x01ua:1:{X}\x04lasti:1;', '\x01ni:1;\x03midi:2;\x04lasti:1;', 'cart and u'],
  ['two with nothing in between', 'php', 'a|i:1;b|X;d|X;e|i:3;', 'a|i:1;e|i:3;', 'b and d'],
  ['the last one too', 'php', 'a|i:1;b|X;c|i:2;d|X;', 'a|i:1;c|i:2;', 'b and d, and all that stands behind it'],
  ['a wrong length too', 'php', 'a|i:1;u|s:9:"abc";c|i:2;d|X;e|i:3;', 'a|i:1;c|i:2;e|i:3;', 'u and d'],
  ['one, and one with a reference', 'php', 'a|i:1;b|X;c|O:1:"A":0:{}d|r:2;e|i:1;', 'a|i:1;c|O:1:"A":0:{}e|i:1;', 'b and d'],
  ['two, and what looks like a variable in a text', 'php', `a|i:1;b|a:2:{i:0;${s('x;admin|i:1;foo|y')}X}c|i:2;d|X;e|i:3;`, 'a|i:1;c|i:2;e|i:3;', 'b and d'],
  ['two, and what looks like a variable in an array', 'php_serialize', `a:4:{${s('a')}i:1;${s('b')}a:3:{${s('x')}i:1;X;${s('admin')}i:1;}${s('d')}X;${s('e')}i:3;}`, `a:2:{${s('a')}i:1;${s('e')}i:3;}`, 'b and d'],
  ['a text that may be cut off, and one', 'php', 'a|i:1;u|s:99:"abc";c|i:2;d|X;', 'a|i:1;', 'u and c, and what may have followed'],
  ['an enum without its semicolon, and one', 'php', `id|i:4;o|E:11:"Suit:Hearts"name|${s('x')}d|X;z|i:1;`, 'id|i:4;z|i:1;', 'o, name and d'],
  ['an int without its semicolon, and one', 'php', `id|i:42name|${s('x')}d|X;z|i:1;`, 'z|i:1;', 'id, name and d'],
  ['a text without its semicolon, and one', 'php', `id|${s('a').slice(0, -1)}name|${s('x')}d|X;z|i:1;`, 'z|i:1;', 'id, name and d'],
  ['an int without its semicolon in php_binary, and one', 'php_binary', `\x02idi:42\x04name${s('x')}\x01dX;\x01zi:1;`, '\x01zi:1;', 'id, name and d'],
  ['an int without its semicolon, and one at the end', 'php', `a|i:1;id|i:42name|${s('x')}d|X;`, 'a|i:1;', 'id, name and d, and all that stands behind it'],
  ['one in front of a key with a line end', 'php', 'u|s:3:"abcdX;a|i:1;b|i:2;x\ny|i:3;', 'a|i:1;b|i:2;x\ny|i:3;', 'u'],
  ['one in front of a key with a line end in php_binary', 'php_binary', '\x01us:3:"abcdX;\x03x\nyi:3;\x01ai:1;', '\x03x\nyi:3;\x01ai:1;', 'u'],
  ['one whose key has a line end', 'php', 'a|i:1;x\ny|X;c|i:1;', 'a|i:1;c|i:1;', "['x\\x0ay']"],
  ['two, and a variable once more', 'php', 'a|i:1;b|X;a|i:2;d|X;', 'a|i:1;', 'b, d and a, and all that stands behind it'],
]

const writers: Record<string, (variables: readonly (readonly [key: string, value: string])[]) => string> = {
  php: (variables) => variables.map(([key, value]) => `${key}|${value}`).join(''),
  php_binary: (variables) => variables.map(([key, value]) => String.fromCharCode(key.length) + key + value).join(''),
  php_serialize: (variables) => `a:${variables.length}:{${variables.map(([key, value]) => s(key) + value).join('')}}`,
}

// biome-ignore format: a table
const whole = ['i:42;', 'N;', s('Alice'), s('a;b|c;{"d"}'), s(''), `a:1:{${s('sku')}${s('MUG')}}`, `a:2:{i:0;i:1;i:1;a:1:{${s('x')}N;}}`, `O:8:"stdClass":1:{${s('p')}${s('q')}}`]
const broken = ['X;', 'a:1:{X}', 'i:x;', 'O:1:"T":1:{X}', `a:2:{${s('p')}i:1;X}`, `a:2:{i:0;${s('x;y|i:1;')}X;}`, 's;3:"abc";']

interface Session {
  readonly bytes: Buffer
  readonly variables: readonly (readonly [key: string, value: string])[]
}

/** A session with one variable that is whole in front, and of the others some that are not. */
function sessions(handler: string): fc.Arbitrary<Session> {
  const value = fc.oneof(fc.constantFrom(...whole), fc.constantFrom(...broken))
  const prefix = fc.constantFrom('key', 'key', 'new\nline', '\t', '\x01\0')
  return fc.array(fc.tuple(value, prefix), { minLength: 2, maxLength: 24 }).map((pairs) => {
    const values = pairs.map(
      ([each, before], index) => [whole.includes(each) ? `${before}${index}` : `key${index}`, each] as const,
    )
    const variables = [['first', 'i:1;'] as const, ...values]
    return { bytes: bytesOf(writers[handler]!(variables)), variables }
  })
}

const isWhole = ([, value]: readonly [key: string, value: string]) => whole.includes(value) || value === 'i:1;'

function complaintOf({ bytes, variables }: Session, handler: string): Complaint {
  const diagnosis = explainSession(bytes, handler)
  if (diagnosis === undefined) return variables.every(isWhole) ? undefined : `nothing is wrong\n${show(bytes)}`
  const { repair } = diagnosis
  const kept = bytesOf(writers[handler]!(variables.filter(isWhole)))
  const lost = variables.filter((each) => !isWhole(each)).map(([key]) => key)
  const unnamed = lost.filter((key) => !new RegExp(`\\b${key}\\b`).test(repair?.loses ?? ''))
  if (repair?.bytes.equals(kept) && unnamed.length === 0) return undefined
  return `loses ${repair?.loses}, and ${unnamed}\n${show(bytes)}\n${show(repair?.bytes ?? Buffer.alloc(0))}`
}

describe(`a session with several damaged variables (SESSION_START_SEED=${seed})`, () => {
  it.each(rows)('loses %s, and keeps what is in between (%s)', (_what, handler, bytes, repaired, loses) => {
    const repair = explainSession(bytesOf(bytes), handler)?.repair
    expect([repair?.bytes.toString('latin1'), repair?.loses]).toEqual([repaired, loses])
  })

  it.each(serializeHandlerNames)('keeps all others, and names those that go (%s)', async (handler) => {
    await forAll(sessions(handler), 1000, async (cases) => cases.map((each) => complaintOf(each, handler)))
  })

  it.each(serializeHandlerNames)('may be large (%s)', (handler) => {
    const values = Array.from({ length: 20000 }, (_, index) => [`k${index}`, index % 2 === 0 ? s('x') : 'a:1:{X}'] as const)
    const bytes = bytesOf(writers[handler]!(values))
    expect(explainSession(bytes, handler)?.repair?.loses).toMatch(/^k1, k3, .* and 9900 more/)
  })
})

describePhps('a session with several damaged variables that was repaired', ['8.0', '8.5'], (php) => {
  it.each(serializeHandlerNames)('is read by PHP (%s)', async (handler) => {
    const repaired = rows
      .filter((row) => row[1] === handler)
      .map(([, , bytes]) => explainSession(bytesOf(bytes), handler)!.repair!.bytes)
    const answers = await php().map(inSession(handler, `return session_decode($in) ? 'read' : 'refused';`), repaired)
    expect(answers.map(String)).toEqual(repaired.map(() => 'read'))
  })
})
