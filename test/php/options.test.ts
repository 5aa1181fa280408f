import { UnserializeError } from '../../src/errors.ts'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { PhpObject } from '../../src/php/values.ts'

const arrays = (depth: number) => `${'a:1:{i:0;'.repeat(depth)}N;${'}'.repeat(depth)}`
const objects = (depth: number) => `${'O:1:"A":1:{s:1:"x";'.repeat(depth)}N;${'}'.repeat(depth)}`
const failure = (call: () => unknown): UnserializeError => {
  try {
    call()
  } catch (error) {
    if (error instanceof UnserializeError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('maxDepth', () => {
  test.each([arrays, objects])('lets 4096 levels pass and refuses one more (%#)', (nested) => {
    expect(serialize(unserialize(nested(4096))).toString()).toBe(nested(4096))
    const error = failure(() => unserialize(nested(4097)))
    expect([error.code, error.message.slice(0, 50)]).toEqual([
      'DECODE_FAILED',
      'more than 4096 arrays and objects inside each othe',
    ])
  })

  test('counts objects without properties, and no empty arrays, as PHP does', () => {
    const inObjects = (depth: number, inner: string) => objects(depth).replace('N;', inner)
    expect(() => unserialize(inObjects(4096, 'a:0:{}'))).not.toThrow()
    expect(() => unserialize(inObjects(4096, 'O:1:"B":0:{}'))).toThrow('more than 4096')
  })

  test('may be another, or none', () => {
    expect(() => unserialize(arrays(3), { maxDepth: 3 })).not.toThrow()
    const error = failure(() => unserialize(arrays(4), { maxDepth: 3 }))
    expect([error.offset, error.path]).toEqual([4 * 'a:1:{'.length + 3 * 'i:0;'.length, '[0][0][0]'])
    expect(() => unserialize(arrays(20_000), { maxDepth: 0 })).not.toThrow()
  })

  test('holds for writing too, so that PHP reads it back', () => {
    let value: unknown = null
    for (let depth = 0; depth < 4096; depth++) value = depth % 2 ? [value] : { k: value }
    expect(() => serialize(value)).not.toThrow()
    expect(() => serialize([value])).toThrow(/PHP reads no more than 4096 arrays inside each other$/)
    expect(() => serialize([[1]], { maxDepth: 1 })).toThrow(
      new TypeError('[0]: PHP reads no more than 1 arrays inside each other'),
    )
    expect(() => serialize([[]], { maxDepth: 1 })).not.toThrow()
    expect(() => serialize([value], { maxDepth: 0 })).not.toThrow()
  })
})

describe('maxBytes', () => {
  test('refuses longer input before it is read', () => {
    expect(unserialize('s:1:"a";', { maxBytes: 8 })).toBe('a')
    const error = failure(() => unserialize('s:1:"a";x', { maxBytes: 8 }))
    expect([error.message, error.offset, error.path]).toEqual(['more than 8 bytes at byte 8', 8, ''])
  })
})

describe('maxElements', () => {
  test('counts the values in all arrays and objects', () => {
    const bytes = 'a:2:{i:0;a:2:{i:0;N;i:1;N;}i:1;O:1:"A":1:{s:1:"x";N;}}'
    expect(() => unserialize(bytes, { maxElements: 5 })).not.toThrow()
    const error = failure(() => unserialize(bytes, { maxElements: 4 }))
    expect([error.message, error.path]).toEqual([`more than 4 elements at byte ${bytes.indexOf('s:1')} in [1]`, '[1]'])
  })

  test('believes a count that is too high, and refuses it at once', () => {
    expect(() => unserialize('a:999999999:{i:0;N;', { maxElements: 100 })).toThrow('more than 100 elements')
  })

  test('counts anew when references are met', () => {
    expect(() => unserialize('a:3:{i:0;N;i:1;N;i:2;R:2;}', { maxElements: 3 })).not.toThrow()
  })
})

describe('allowTrailing', () => {
  test('ignores what follows the value, as PHP does; without it that is refused', () => {
    expect(unserialize('i:1;i:2;', { allowTrailing: true })).toBe(1)
    expect(unserialize('a:0:{}\n', { allowTrailing: true })).toEqual([])
    for (const allowTrailing of [undefined, false]) {
      const error = failure(() => unserialize('a:0:{}\n', allowTrailing === undefined ? {} : { allowTrailing }))
      expect([error.message, error.offset]).toEqual(['the value ends, but the input goes on at byte 6', 6])
    }
  })
})

test('an option that is not there is refused by its name', () => {
  const unknown = { max_depth: 5 } as never
  expect(() => unserialize('N;', unknown)).toThrow(
    new TypeError(
      "Unknown option 'max_depth': unserialize() takes charset, classes, maxDepth, maxBytes, maxElements, allowTrailing",
    ),
  )
  expect(() => serialize(null, unknown)).toThrow(
    new TypeError("Unknown option 'max_depth': serialize() takes charset, classes, maxDepth"),
  )
  expect(() => unserialize('N;', { toString: 5 } as never)).toThrow("Unknown option 'toString'")
})

test.each([
  [{ maxDepth: '5' }, 'The option maxDepth must be a number'],
  [{ maxBytes: 5n }, 'The option maxBytes must be a number'],
  [{ maxElements: null }, 'The option maxElements must be a number'],
  [{ allowTrailing: 1 }, 'The option allowTrailing must be a boolean'],
  [{ classes: 'User' }, 'The option classes must be a object'],
])('an option of another type is refused: %#', (options, message) => {
  expect(() => unserialize('N;', options as never)).toThrow(new TypeError(message))
})

test('an option that is undefined is one that is not given', () => {
  expect(unserialize('i:1;', { charset: undefined, maxDepth: undefined } as never)).toBe(1)
  expect(serialize(1, { charset: undefined, maxDepth: undefined } as never).toString()).toBe('i:1;')
})

test('the input is text, a Buffer or any Uint8Array, and nothing else', () => {
  const shared = new Uint8Array(Buffer.from('xxi:5;')).subarray(2)
  expect([unserialize('i:5;'), unserialize(Buffer.from('i:5;')), unserialize(shared)]).toEqual([5, 5, 5])
  for (const wrong of [undefined, null, 5, {}, ['i:5;'], new PhpObject('A'), new ArrayBuffer(4)]) {
    expect(() => unserialize(wrong as never)).toThrow(new TypeError('serialized data must be a Buffer, a Uint8Array or a string'))
  }
})
