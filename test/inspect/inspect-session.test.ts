import { inspectSession } from '../../src/inspect/inspect-session.ts'
import { fixtures } from '../oracle/fixtures.ts'
import { linesOf } from './support/lines.ts'

const s = (text: string) => `s:${Buffer.byteLength(text, 'latin1')}:"${text}";`
const inspect = (text: string, handler?: string) => inspectSession(Buffer.from(text, 'latin1'), handler)

// biome-ignore format: a table
const rows: [what: string, bytes: string, lines: string[]][] = [
  ['scalars', 'a|N;b|b:1;c|i:-5;d|d:0.10;e|s:1:"x";', ['a 1 null null', 'b 2 bool true', 'c 3 int -5', 'd 4 float 0.10', 'e 5 string "x"']],
]

describe('a report', () => {
  it.each(rows)('tells of %s', (_what, bytes, expected) => {
    expect(linesOf(inspect(bytes))).toEqual(expected)
  })

  it('opens strings that hold serialize() output, with slots of their own, and what custom objects wrote', () => {
    const token = `O:1:"A":2:{${s('\0A\0x')}${s('a:1:{i:0;R:1;}')}${s('\0*\0y')}R:2;}`
    expect(
      linesOf(inspect(`token|${s(token)}b|C:1:"X":${'a:2:{i:0;i:5;i:1;R:3;}'.length}:{a:2:{i:0;i:5;i:1;R:3;}}c|R:4;d|r:2;`)),
    ).toEqual([
      `token 1 string ${JSON.stringify(token)}`,
      '= 1 object A 2',
      'token.x 2 string "a:1:{i:0;R:1;}"',
      '= 1 array 1',
      'token.x[0] - reference variable 1 token.x',
      'token.y - reference variable 2 token.x',
      'b 2 custom X "a:2:{i:0;i:5;i:1;R:3;}"',
      '= 3 array 2',
      'b[0] 4 int 5',
      'b[1] - reference variable 3 b',
      'c - reference variable 4 b[0]',
      'd 5 reference object 2 b',
    ])
  })
})

describe('what PHP wrote', () => {
  it('is read without a problem', () => {
    const problems = fixtures().map(({ bytes, handler }) => inspectSession(bytes, handler).problem)
    expect(problems.filter((problem) => problem !== undefined)).toEqual([])
  })
})
