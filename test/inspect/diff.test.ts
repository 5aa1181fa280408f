import { type Change, diffSessions } from '../../src/inspect/diff.ts'
import { inspectText, s } from './support/inspect.ts'

const list = (...values: string[]) => `a:${values.length}:{${values.map((value, index) => `i:${index};${value}`).join('')}}`
const object = (name: string, ...members: string[]) => `O:${name.length}:"${name}":${members.length}:{${members.join('')}}`

// biome-ignore format: a table
const rows: [what: string, before: string, after: string, changes: string[]][] = [
  ['nothing', 'a|i:1;b|a:1:{i:0;N;}', 'a|i:1;b|a:1:{i:0;N;}', []],
  ['a variable more', 'a|i:1;', 'a|i:1;b|N;', ['added b']],
  ['a variable less', 'a|i:1;b|N;', 'b|N;', ['removed a']],
  ['another value', 'a|i:1;', 'a|i:2;', ['changed a']],
  ['an int that is a float now', 'a|i:1;', 'a|d:1;', ['changed a']],
  ['another text of the same float', 'a|d:0.1;', 'a|d:0.10;', []],
  ['zero with another sign', 'a|d:0;', 'a|d:-0;', ['changed a']],
  ['NAN that stays', 'a|d:NAN;', 'a|d:NAN;', []],
  ['bytes that are no text', 'a|s:1:"\xe9";b|s:1:"\xe9";', 'a|s:1:"\xe8";b|s:1:"\xe9";', ['changed a']],
  ['a place deep inside', `c|${list(list('i:1;', 'i:2;'), 'i:3;')}`, `c|${list(list('i:1;', 'i:9;'), 'i:3;')}`, ['changed c[0][1]']],
  ['an element in front of a list', `c|${list('i:1;', 'i:2;')}`, `c|${list('i:0;', 'i:1;', 'i:2;')}`, ['changed c[0]', 'changed c[1]', 'added c[2]']],
  ['an element that left a list', `c|${list('i:1;', 'i:2;')}`, `c|${list('i:1;')}`, ['removed c[1]']],
  ['an array in the place of a string', `c|${s('a')}`, `c|${list('i:1;')}`, ['changed c']],
  ['an object of another class', `o|${object('A', 's:1:"x";i:1;')}`, `o|${object('B', 's:1:"x";i:1;')}`, ['changed o']],
  ['a property that is public now', `o|${object('A', `${s('\0A\0x')}i:1;`)}`, `o|${object('A', `${s('x')}i:1;`)}`, ['changed o.x private in A → public']],
  ['a property that is public now and has another value', `o|${object('A', `${s('\0*\0x')}i:1;`)}`, `o|${object('A', `${s('x')}i:2;`)}`, ['changed o.x protected → public', 'changed o.x']],
  ['two private properties of one name that went', `o|${object('A', `${s('\0A\0x')}i:1;`, `${s('\0B\0x')}i:1;`)}`, `o|${object('A')}`, ['removed o.x', 'removed o.x']],
  ['another case of an enum', 'e|E:6:"Suit:A";', 'e|E:6:"Suit:B";', ['changed e']],
  ['a key that went to the end', 'a|N;b|N;c|N;', 'b|N;c|N;a|N;', ['moved a']],
  ['a key that went to the end with another value', 'a|i:1;b|N;c|N;', 'b|N;c|N;a|i:2;', ['moved a', 'changed a']],
  ['keys in front of others', 'a|N;b|N;', 'x|N;a|N;b|N;', ['added x']],
  ['slot numbers that moved with what they mean', `a|i:1;o|${object('A')}p|r:2;`, `a|${list('i:1;', 'i:2;')}o|${object('A')}p|r:4;`, ['changed a']],
  ['a slot number that means another value', 'a|a:0:{}b|a:0:{}c|R:1;', 'a|a:0:{}b|a:0:{}c|R:2;', ['changed c']],
  ['a reference that is a copy now', 'a|i:1;b|R:1;', 'a|i:1;b|i:1;', ['changed b']],
  ['a value inside serialize() output', `t|${s(list('i:1;', s('x')))}`, `t|${s(list('i:1;', s('yy')))}`, ['changed t[1]']],
  ['a string that holds serialize() output no more', `t|${s(list('i:1;'))}`, `t|${s('a:1:{i:0;}')}`, ['changed t']],
  ['a key that is there twice', 'a|i:1;a|i:2;', 'a|i:2;', []],
]

const line = ({ kind, path, note }: Change) => [kind, path, note].filter((part) => part !== undefined).join(' ')

describe('the difference between two sessions', () => {
  it.each(rows)('tells of %s', (_what, before, after, changes) => {
    expect(diffSessions(inspectText(before, 'php'), inspectText(after, 'php')).map(line)).toEqual(changes)
  })

  it.each(rows)('the other way round has as many of each: %s', (_what, before, after) => {
    const kinds = (changes: Change[]) => changes.map(({ kind }) => kind).sort()
    const mirrored = { added: 'removed', removed: 'added', changed: 'changed', moved: 'moved' } as const
    const back = diffSessions(inspectText(after, 'php'), inspectText(before, 'php'))
    const there = diffSessions(inspectText(before, 'php'), inspectText(after, 'php'))
    expect(kinds(back.map((change): Change => ({ ...change, kind: mirrored[change.kind] })))).toEqual(kinds(there))
  })

  it('has both values and the keys', () => {
    const [change] = diffSessions(inspectText('a|a:1:{s:3:"b.c";i:1;}'), inspectText('a|a:1:{s:3:"b.c";i:2;}'))
    expect(change).toMatchObject({ keys: ['a', 'b.c'], before: { value: 1 }, after: { value: 2 } })
  })

  it('does not ask which serialize handler wrote them', () => {
    const [one, other] = [
      inspectText('a|i:1;o|O:1:"A":0:{}p|r:2;'),
      inspectText(`a:3:{${s('a')}i:1;${s('o')}O:1:"A":0:{}${s('p')}r:3;}`),
    ]
    expect(diffSessions(one, other)).toEqual([])
  })

  it('is found at any depth', () => {
    const deep = (value: string) => `a|${'a:1:{i:0;'.repeat(4000)}${value}${'}'.repeat(4000)}`
    expect(diffSessions(inspectText(deep('i:1;')), inspectText(deep('i:2;')))[0]?.keys).toHaveLength(4001)
  })
})
