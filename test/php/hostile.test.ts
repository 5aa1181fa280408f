import { performance } from 'node:perf_hooks'
import { UnserializeError } from '../../src/errors.ts'
import { Scan, scanValue } from '../../src/php/scan.ts'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { shapes } from './support/hostile-shapes.ts'

describe.each(shapes)('$what', ({ make, isRefused }) => {
  test(isRefused ? 'is refused, in time' : 'is read, scanned and written, in time', () => {
    const bytes = Buffer.from(make(20_000), 'latin1')
    if (isRefused) {
      expect(() => unserialize(bytes)).toThrow(UnserializeError)
      const end = scanValue(bytes, 0, new Scan())
      expect(end).toBeLessThan(bytes.length)
    } else {
      const again = serialize(unserialize(bytes))
      // Written as it was read, unless later keys overwrite earlier ones.
      expect(again.length).toBeLessThanOrEqual(bytes.length)
      expect(serialize(unserialize(again)).equals(again)).toBe(true)
      expect(scanValue(bytes, 0, new Scan())).toBe(bytes.length)
    }
  })
})

describe('deep nesting', () => {
  const nestings: readonly [what: string, open: string, close: string][] = [
    ['arrays', 'a:1:{i:0;', '}'],
    ['keyed arrays', 'a:1:{s:1:"k";', '}'],
    ['objects', 'O:1:"A":1:{s:1:"x";', '}'],
    ['arrays and references', 'a:2:{i:0;i:1;i:1;', '}'],
  ]
  const nested = ([, open, close]: (typeof nestings)[number], depth: number) => `${open.repeat(depth)}N;${close.repeat(depth)}`

  test.each(nestings)('of 4096 %s works, of 5000 is refused, near the end of the stack as well', (...nesting) => {
    const atEnd = nearEndOfStack(() => {
      const bytes = Buffer.from(nested(nesting, 4096))
      const isSame = serialize(unserialize(bytes)).equals(bytes)
      let error: unknown
      try {
        unserialize(nested(nesting, 5000))
      } catch (thrown) {
        error = thrown
      }
      return {
        isSame,
        error,
        end: scanValue(bytes, 0, new Scan()),
        tooDeep: scanValue(Buffer.from(nested(nesting, 5000)), 0, new Scan()),
      }
    })
    expect(atEnd).toMatchObject({ isSame: true, tooDeep: -1 })
    expect(atEnd.error).toBeInstanceOf(UnserializeError)
    expect(atEnd.end).toBeGreaterThan(0)
  })

  test('without a limit takes memory, not stack', () => {
    const bytes = Buffer.from(nested(nestings[0]!, 100_000))
    expect(serialize(unserialize(bytes, { maxDepth: 0 }), { maxDepth: 0 }).equals(bytes)).toBe(true)
  })
})

/** Calls a function when nine tenths of the stack are taken. */
function nearEndOfStack<T>(call: () => T): T {
  let deepest = 0
  const fall = (depth: number): void => {
    deepest = depth
    fall(depth + 1)
  }
  try {
    fall(0)
  } catch {
    // The end of the stack.
  }
  const descend = (left: number): T => (left === 0 ? call() : descend(left - 1))
  return descend(Math.floor(deepest * 0.9))
}

test.each([
  's:999999999:"x',
  'S:999999999:"x',
  'a:999999999:{i:0;N;',
  'O:1:"A":999999999:{',
  'C:1:"A":999999999:{x}',
  'a:1:{s:999999999:"',
])('nothing is allocated on the word of %s', (text) => {
  const used = () => process.memoryUsage().rss
  const before = used()
  expect(() => unserialize(text)).toThrow(UnserializeError)
  expect(used() - before).toBeLessThan(200_000_000)
})

/** Clocks lie on busy machines, so this has to be asked for: SESSION_START_TIMING=1. */
if (process.env['SESSION_START_TIMING'] === '1') {
  describe('time', () => {
    test.each(shapes)('of $what grows with the size, up to ten megabytes', ({ make }) => {
      const best = (n: number) => {
        const bytes = Buffer.from(make(n), 'latin1')
        const runs = Array.from({ length: 3 }, () => {
          const start = performance.now()
          try {
            serialize(unserialize(bytes))
          } catch {
            // Refused.
          }
          scanValue(bytes, 0, new Scan())
          return performance.now() - start
        })
        return Math.min(...runs)
      }
      const [small, large] = [best(250_000), best(1_000_000)]
      // Four times the size: linear is 4, with sorting and garbage collection 8, quadratic 16.
      expect(large / Math.max(small, 5)).toBeLessThan(11)
    })
  })
}
