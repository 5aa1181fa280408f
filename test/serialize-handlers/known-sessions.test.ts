import { Entry } from '../../src/serialize-handlers/entry.ts'
import { KnownSessions } from '../../src/serialize-handlers/known-sessions.ts'
import { serializeHandler } from '../../src/serialize-handlers/serialize-handlers.ts'
import { fixtures } from '../oracle/fixtures.ts'

const entries = (key: string) => [new Entry(key, 2, 5, 0, 1)]
const keysOf = (found: readonly Entry[] | undefined) => found?.map(({ key }) => key)

describe('known sessions', () => {
  it('are found by all their bytes, in the format they were read in', () => {
    const known = new KnownSessions(100_000)
    const bytes = Buffer.alloc(5000, 'a')
    const other = Buffer.from(bytes)
    other[1] = 0x62 // not one of the bytes that the look-up samples
    known.add('php utf-8', bytes, entries('k'))
    expect(keysOf(known.find('php utf-8', Buffer.from(bytes)))).toEqual(['k'])
    expect(known.find('php utf-8', other)).toBeUndefined()
    expect(known.find('php latin1', bytes)).toBeUndefined()
  })

  it('are as after a scan, whatever became of the entries that were found before', () => {
    const known = new KnownSessions(100_000)
    const bytes = Buffer.alloc(5000, 'a')
    known.add('php', bytes, entries('k'))
    const [first] = known.find('php', bytes)!
    first!.isTouched = true
    first!.isDecoded = true
    expect(known.find('php', bytes)).toEqual(entries('k'))
  })

  it('are forgotten when they take more than their budget, the least recently used first', () => {
    const known = new KnownSessions(12_000)
    const [a, b, c] = ['a', 'b', 'c'].map((letter) => Buffer.alloc(5000, letter)) as [Buffer, Buffer, Buffer]
    known.add('php', a, entries('a'))
    known.add('php', b, entries('b'))
    known.find('php', a)
    known.add('php', c, entries('c'))
    expect([a, b, c].map((bytes) => keysOf(known.find('php', bytes)))).toEqual([['a'], undefined, ['c']])
  })
})

describe.each(fixtures().filter(({ bytes }) => bytes.length > 4096))(
  '$name, written by PHP $php as $handler',
  ({ handler, bytes }) => {
    it('is understood the same when it is read as it was written as when it is looked over', () => {
      const vars = serializeHandler(handler).open(Buffer.from(bytes), {})
      vars.set('counter', 1)
      const written = vars.encode()
      const known = serializeHandler(handler).open(written, {})
      // The same bytes in a charset that no session was read in before: these are looked over.
      const scanned = serializeHandler(handler).open(written, { charset: 'windows-1252' })
      expect(known.keys()).toEqual(scanned.keys())
      for (const vars of [known, scanned]) vars.delete(vars.keys()[0]!)
      expect(known.encode().equals(scanned.encode())).toBe(true)
    })
  },
)
