import fc from 'fast-check'
import { nodeAt, parsePath } from '../../src/inspect/paths.ts'
import { formatPath } from '../../src/php/key-path.ts'
import { check } from '../support/random.ts'
import { inspectText, s } from './support/inspect.ts'

// biome-ignore format: a table
const paths: [path: string, keys: (string | number)[]][] = [
  ['', []],
  ['user', ['user']],
  ['user.roles[0]', ['user', 'roles', 0]],
  ["['a b'].c", ['a b', 'c']],
  ['["a b"]["c"]', ['a b', 'c']],
  ['[0][1].x', [0, 1, 'x']],
  ['my-key.é', ['my-key', 'é']],
  ["['']['']", ['', '']],
  ["['it\\'s']['back\\\\slash']['\\x00']", ["it's", 'back\\slash', '\0']],
  ['a[-5]', ['a', '-5']],
  ['a[9007199254740993]', ['a', '9007199254740993']],
  ['a[05]', ['a', '05']],
]

describe('a key path', () => {
  it.each(paths)('%j leads over the keys %j', (path, keys) => {
    expect(parsePath(path)).toEqual(keys)
  })

  it.each(['.a', 'a.', 'a..b', 'a[', 'a[x]', "['a", 'a]', "a'b", "['a'b]", 'a[0]b', '[]'])('is refused when it is %j', (path) => {
    expect(() => parsePath(path)).toThrow(TypeError)
  })

  it('is read as formatPath wrote it', () => {
    const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('0', '-1', 'a.b', "'", '\\x00', '\udcff'), fc.nat())
    check(
      fc.property(fc.array(key, { maxLength: 32 }), (keys) => {
        expect(parsePath(formatPath(keys)).map(String)).toEqual(keys.map(String))
      }),
    )
  })
})

const token = `O:1:"T":2:{${s('\0T\0user')}O:1:"U":1:{${s('name')}${s('Bob')}}${s('same')}r:2;}`
const report = inspectText(
  `a|a:2:{${s('x')}i:7;i:-5;i:8;}b|R:1;o|O:1:"C":3:{${s('\0P\0p')}i:1;${s('\0C\0p')}i:2;${s('q')}R:1;}` +
    `token|${s(token)}twice|i:1;twice|i:2;`,
)

// biome-ignore format: a table
const places: [path: string, value: unknown][] = [
  ['a.x', 7],
  ["a['-5']", 8],
  ['b.x', 7],
  ['o.p', 2],
  ['o.q.x', 7],
  ['token.user.name', 'Bob'],
  ['token.same.name', 'Bob'],
  ['twice', 2],
  ['missing', undefined],
  ['a.missing', undefined],
  ['a.x.y', undefined],
]

describe('the value at a path', () => {
  it.each(places)('%s is found, through references and strings that hold values', (path, value) => {
    expect(nodeAt(report, parsePath(path))?.value).toBe(value)
  })

  it('is a reference when that is what stands there', () => {
    expect(nodeAt(report, ['b'])).toMatchObject({ type: 'reference', target: { path: 'a' } })
  })

  it('may be reached through $_SESSION itself, which php_serialize lets a reference mean', () => {
    const inside = inspectText(`a:2:{${s('n')}i:5;${s('all')}R:1;}`)
    expect(nodeAt(inside, ['all', 'all', 'n'])?.value).toBe(5)
  })

  it('is not there for no keys', () => {
    expect(nodeAt(report, [])).toBeUndefined()
  })
})
