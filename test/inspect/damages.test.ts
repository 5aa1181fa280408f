import { execFileSync } from 'node:child_process'
import type { Diagnosis } from '../../src/inspect/diagnosis.ts'
import { explainSession } from '../../src/inspect/explain.ts'
import { inspectSession } from '../../src/inspect/inspect-session.ts'
import { walk } from '../../src/inspect/walk.ts'
import { textCodec } from '../../src/php/charset.ts'
import { serializeHandlerNames } from '../../src/serialize-handlers/serialize-handlers.ts'
import { describePhps } from '../php/support/phps.ts'
import { inSession } from './support/in-session.ts'

/** What happens to the files of sessions, done by the programs that do it. */

type Encoding = 'utf8' | 'latin1'

/** A session that has something for every damage to change; with UTF-8 also serialize() output in a string. */
function session(handler: string, encoding: Encoding, lineEnd = '\n'): Buffer {
  const s = (text: string) => `s:${Buffer.byteLength(text, encoding)}:"${text}";`
  const token = `O:8:"App\\User":2:{${s('name')}${s('Zoë')}${s('\0*\0city')}${s('Zürich')}}`
  const user = `a:3:{${s('name')}${s('Zoë Müller')}${s('café')}i:5;${s('note')}${s(`one${lineEnd}two${lineEnd}`)}}`
  const object = `O:8:"App\\User":2:{${s('\0*\0mail')}${s('zoë@example.com')}${s('\0App\\User\0id')}i:7;}`
  const variables = Object.entries({ lang: s('de'), user, object, token: s(token), remembered: 'b:1;', last: 'i:1700000000;' })
  const keys: Record<string, (key: string) => string> = {
    php: (key) => `${key}|`,
    php_binary: (key) => String.fromCharCode(key.length) + key,
    php_serialize: s,
  }
  const bytes = Buffer.from(variables.map(([key, value]) => keys[handler]!(key) + value).join(''), encoding)
  return handler === 'php_serialize' ? Buffer.concat([Buffer.from(`a:${variables.length}:{`), bytes, Buffer.from('}')]) : bytes
}

const through =
  (program: string, ...args: string[]) =>
  (input: Buffer): Buffer =>
    execFileSync(program, args, { input, env: { ...process.env, LC_ALL: 'C' } })

interface Damage {
  readonly what: string
  readonly do: (bytes: Buffer) => Buffer
  readonly cause: Diagnosis['cause']
  /** What the repaired session is: the one before the damage, or the same with other texts. */
  readonly repaired: 'as before' | ((text: Buffer) => Buffer)
  readonly from?: Encoding
  readonly lineEnd?: string
  /** Where it is one. */
  readonly handlers?: readonly string[]
}

const toLatin1 = (text: Buffer) => Buffer.from(text.toString(), 'latin1')
const toUtf8 = (text: Buffer) => Buffer.from(text.toString('latin1'))
const replacing = (pattern: RegExp, by: string) => (text: Buffer) =>
  Buffer.from(text.toString('latin1').replace(pattern, by), 'latin1')

// biome-ignore format: a table
const damages: readonly Damage[] = [
  { what: 'iconv -f UTF-8 -t ISO-8859-1', do: through('iconv', '-f', 'UTF-8', '-t', 'ISO-8859-1'), cause: 'charset conversion', repaired: toLatin1 },
  { what: 'iconv -f UTF-8 -t WINDOWS-1252', do: through('iconv', '-f', 'UTF-8', '-t', 'WINDOWS-1252'), cause: 'charset conversion', repaired: toLatin1 },
  { what: 'iconv -f ISO-8859-1 -t UTF-8', do: through('iconv', '-f', 'ISO-8859-1', '-t', 'UTF-8'), from: 'latin1', cause: 'charset conversion', repaired: toUtf8 },
  { what: 'iconv a second time', do: through('iconv', '-f', 'ISO-8859-1', '-t', 'UTF-8'), cause: 'charset conversion', repaired: toUtf8 },
  { what: 'an editor that saves as UTF-16', do: through('iconv', '-f', 'UTF-8', '-t', 'UTF-16'), cause: 'charset conversion', repaired: 'as before' },
  { what: "sed 's/$/\\r/'", do: through('sed', 's/$/\\r/'), cause: 'line endings', repaired: replacing(/\n/g, '\r\n') },
  { what: "tr -d '\\r'", do: through('tr', '-d', '\\r'), lineEnd: '\r\n', cause: 'line endings', repaired: replacing(/\r/g, '') },
  { what: "an editor's newline at the end", do: through('sed', '$a\\'), cause: 'trailing newline', repaired: 'as before' },
  { what: 'a newline of Windows at the end', do: (bytes) => Buffer.concat([bytes, Buffer.from('\r\n')]), cause: 'trailing newline', repaired: 'as before' },
  { what: 'NUL bytes at the end, as after a crash', do: (bytes) => Buffer.concat([bytes, Buffer.alloc(4096)]), cause: 'trailing bytes', repaired: 'as before' },
  { what: "tr -d '\\000', as a column for text", do: through('tr', '-d', '\\000'), cause: 'lost NUL bytes', repaired: 'as before' },
  { what: 'a terminal that shows NUL bytes as U+FFFD', do: replacing(/\0/g, '\xef\xbf\xbd'), cause: 'lost NUL bytes', repaired: 'as before' },
  { what: 'an editor with another name', do: through('sed', 's/Zo\\xc3\\xab M/Zoe M/'), cause: 'wrong length', repaired: replacing(/Zo\xc3\xab M/, 'Zoe M') },
  { what: 'an editor with a longer name', do: through('sed', 's/Zo\\xc3\\xab M/Zoey Maria Luise M/'), cause: 'wrong length', repaired: replacing(/Zo\xc3\xab M/, 'Zoey Maria Luise M') },
  { what: 'an editor with a name in quotes', do: through('sed', 's/Zo\\xc3\\xab M/Z";M/'), cause: 'wrong length', repaired: replacing(/Zo\xc3\xab M/, 'Z";M') },
  { what: 'an editor with another count', do: through('sed', 's/a:3:/a:5:/'), cause: 'wrong count', repaired: 'as before' },
  { what: 'an editor that adds an element', do: through('sed', 's/i:5;/i:5;i:0;b:1;i:1;b:0;/'), cause: 'wrong count', repaired: (text) => text },
  { what: 'a disk that lost a quote', do: replacing(/(M\xc3\xbcller)"/, '$1'), cause: 'lost quote', repaired: 'as before' },
  { what: 'a disk that lost the quote of a key', do: replacing(/(caf\xc3\xa9)"/, '$1'), cause: 'lost quote', repaired: 'as before' },
  { what: 'a disk that lost the quote of a property', do: replacing(/(\0\*\0mail)"/, '$1'), cause: 'lost quote', repaired: 'as before' },
  { what: 'a disk that lost the quote behind serialize() output', do: replacing(/(rich";})"/, '$1'), cause: 'lost quote', repaired: 'as before' },
  { what: 'a disk that made another byte of a quote', do: replacing(/(M\xc3\xbcller)"/, '$1#'), cause: 'lost quote', repaired: 'as before' },
  { what: 'a disk that made a semicolon of a quote', do: replacing(/(M\xc3\xbcller)"/, '$1;'), cause: 'lost quote', repaired: 'as before' },
  { what: 'a disk that lost a semicolon', do: replacing(/(M\xc3\xbcller");/, '$1'), cause: 'lost semicolon', repaired: 'as before' },
  { what: 'a disk that made another byte of a semicolon', do: replacing(/(M\xc3\xbcller");/, '$1:'), cause: 'lost semicolon', repaired: 'as before' },
  { what: 'a disk that lost a quote and a semicolon', do: replacing(/(M\xc3\xbcller)";/, '$1'), cause: 'lost quote', repaired: 'as before' },
  { what: 'a disk that lost an opening quote', do: replacing(/"(Zo\xc3\xab M)/, '$1'), cause: 'lost quote', repaired: 'as before' },
  { what: 'a disk that lost the opening quote of a key', do: replacing(/"(caf\xc3\xa9)/, '$1'), cause: 'lost quote', repaired: 'as before' },
  { what: 'a disk that made another byte of an opening quote', do: replacing(/"(Zo\xc3\xab M)/, '#$1'), cause: 'lost quote', repaired: 'as before' },
  { what: 'a disk that lost the semicolon behind a number', do: replacing(/i:5;/, 'i:5'), cause: 'lost semicolon', repaired: 'as before' },
  { what: 'a disk that made another byte of the semicolon behind a number', do: replacing(/i:5;/, 'i:5?'), cause: 'lost semicolon', repaired: 'as before' },
  { what: 'a disk that lost the brace of an array', do: replacing(/(two\r?\n";)}/, '$1'), handlers: ['php_binary', 'php_serialize'], cause: 'lost brace', repaired: 'as before' },
  { what: 'a disk that made another byte of the brace of an object', do: replacing(/(i:7;)}/, '$1#'), handlers: ['php_binary', 'php_serialize'], cause: 'lost brace', repaired: 'as before' },
  { what: 'addslashes()', do: through('sed', 's/[\\"]/\\\\&/g; s/\\x0/\\\\0/g'), cause: 'escaped', repaired: 'as before' },
  { what: 'htmlspecialchars()', do: through('sed', 's/&/\\&amp;/g; s/"/\\&quot;/g'), cause: 'escaped', repaired: 'as before' },
  { what: 'a byte order mark', do: (bytes) => Buffer.concat([Buffer.from('\ufeff'), bytes]), handlers: ['php_serialize'], cause: 'leading bytes', repaired: 'as before' },
  { what: 'a program that counts characters', do: (bytes) => bytes, from: 'latin1', cause: 'charset conversion', repaired: toUtf8 },
]
const cases = damages.flatMap((damage) => (damage.handlers ?? serializeHandlerNames).map((handler) => ({ ...damage, handler })))

/** Sets up what a case says. */
function damaged({ from = 'utf8', lineEnd, handler, ...damage }: (typeof cases)[number]): { before: Buffer; bytes: Buffer } {
  const before = session(handler, from, lineEnd)
  const isMiscounted = damage.what === 'a program that counts characters'
  return { before, bytes: isMiscounted ? Buffer.from(before.toString('latin1')) : damage.do(before) }
}

describe('a session that went through', () => {
  it.each(cases)('$what is explained, and repaired ($handler)', (row) => {
    const { before, bytes } = damaged(row)
    const diagnosis = explainSession(bytes, row.handler)
    expect(diagnosis).toMatchObject({ cause: row.cause, repair: { loses: undefined } })
    const repaired = diagnosis!.repair!.bytes
    if (row.repaired === 'as before') expect(repaired.toString('latin1')).toBe(before.toString('latin1'))
    else {
      const change = row.repaired
      const texts = textsOf(repaired, row.handler)
      expect(texts).toEqual(
        expect.arrayContaining(
          textsOf(before, row.handler).map((text) => change(Buffer.from(text, 'latin1')).toString('latin1')),
        ),
      )
    }
  })

  it.each(cases)('$what is explained also when nobody says which handler wrote it ($handler)', (row) => {
    const { bytes } = damaged(row)
    const given = explainSession(bytes, row.handler)!
    const guessed = explainSession(bytes)!
    expect([guessed.cause, guessed.repair?.bytes.toString('latin1')]).toEqual([
      given.cause,
      given.repair?.bytes.toString('latin1'),
    ])
  })
})

/** The keys and texts of a session, one character per byte; of a string that holds serialize() output, those in it. */
function textsOf(bytes: Buffer, handler: string): string[] {
  const texts: string[] = []
  walk(inspectSession(bytes, handler).variables, {
    enter({ type, value, nested, offset }, { of }) {
      if (of !== undefined) texts.push(bytesOfKey(String(of.key)).toString('latin1'))
      if (type === 'string' && nested === undefined) {
        const start = bytes.indexOf('"', offset) + 1
        texts.push(
          bytes.toString('latin1', start, start + (Buffer.isBuffer(value) ? value.length : Buffer.byteLength(value as string))),
        )
      }
      return true
    },
  })
  return texts
}

function bytesOfKey(key: string): Buffer {
  const codec = textCodec('utf-8')
  const bytes = Buffer.alloc(codec.byteLength(key))
  codec.write(key, bytes, 0)
  return bytes
}

describePhps('a repaired session', ['8.0', '8.5'], (php) => {
  it.each(serializeHandlerNames)('is read by PHP (%s)', async (handler) => {
    const rows = cases.filter((row) => row.handler === handler)
    const repaired = rows.map((row) => explainSession(damaged(row).bytes, handler)!.repair!.bytes)
    const answers = await php().map(inSession(handler, `return session_decode($in) ? 'read' : 'refused';`), repaired)
    expect(rows.map(({ what }, index) => [what, String(answers[index])])).toEqual(rows.map(({ what }) => [what, 'read']))
  })
})
