import { inspectSession } from '../../src/inspect/inspect-session.ts'
import { type ReportJson, toJson, type ValueJson } from '../../src/inspect/json.ts'
import { maskSecrets } from '../../src/inspect/secrets.ts'
import { fixtures } from '../oracle/fixtures.ts'
import { inspectText, s } from './support/inspect.ts'

const json = (bytes: string, handler?: string) => JSON.parse(JSON.stringify(toJson(inspectText(bytes, handler)))) as ReportJson

// biome-ignore format: a table
const values: [what: string, bytes: string, value: object][] = [
  ['null', 'N;', { type: 'null', value: null }],
  ['a bool', 'b:1;', { type: 'bool', value: true }],
  ['an int', 'i:-5;', { type: 'int', value: -5 }],
  ['an int that no number of JSON holds for certain', 'i:9007199254740993;', { type: 'int', value: '9007199254740993' }],
  ['a whole float', 'd:10;', { type: 'float', value: 10, text: '10' }],
  ['NAN', 'd:NAN;', { type: 'float', value: 'NAN', text: 'NAN' }],
  ['infinity', 'd:-INF;', { type: 'float', value: '-INF', text: '-INF' }],
  ['the other zero', 'd:-0;', { type: 'float', value: '-0', text: '-0' }],
  ['a string', s('x'), { type: 'string', value: 'x', size: 1 }],
  ['bytes that are no text', s('\xff\xfe'), { type: 'string', base64: '//4=', size: 2 }],
  ['an enum', 'E:11:"Suit:Hearts";', { type: 'enum', className: 'Suit', value: 'Hearts' }],
  ['a custom object', 'C:1:"A":1:{x}', { type: 'custom', className: 'A', value: 'x', size: 1 }],
  ['an array', 'a:1:{i:0;N;}', { type: 'array', members: [{ key: 0, type: 'null' }] }],
  ['an object', `O:1:"A":2:{${s('\0*\0x')}i:1;${s('\0B\0y')}N;}`, { type: 'object', className: 'A', members: [{ key: 'x', visibility: 'protected', value: 1 }, { key: 'y', visibility: 'private', declaredBy: 'B' }] }],
  ['serialize() output', s('a:1:{i:0;N;}'), { type: 'string', value: 'a:1:{i:0;N;}', nested: { type: 'array', members: [{ key: 0, type: 'null' }] } }],
  ['a key that is a large int', 'a:1:{i:9007199254740993;N;}', { members: [{ key: '9007199254740993' }] }],
]

describe('a report as JSON', () => {
  it.each(values)('has %s', (_what, bytes, value) => {
    const report = json(`a|${bytes}`, 'php')
    expect(report.variables).toMatchObject([{ key: 'a', offset: 2, length: bytes.length, slot: 1, ...value }])
  })

  it('has references, and what they lead to', () => {
    expect(json('a|i:1;b|R:1;').variables).toEqual([
      { key: 'a', type: 'int', offset: 2, length: 4, slot: 1, value: 1, shared: 'variable' },
      { key: 'b', type: 'reference', offset: 8, length: 4, target: { kind: 'variable', slot: 1, path: 'a' } },
    ])
  })

  it('says what is wrong', () => {
    expect(json('a|i:1;b|i:x;', 'php')).toMatchObject({
      serializeHandler: 'php',
      size: 12,
      problem: { offset: 10, path: 'b', message: 'expected an int and a semicolon' },
    })
    expect(json('')).toEqual({ serializeHandler: null, size: 0, variables: [], problem: null })
  })

  it('has no secret of a masked report', () => {
    const masked = maskSecrets(inspectText(`login|${s(`a:1:{${s('password')}${s('hunter2')}}`)}`))
    expect(JSON.stringify(toJson(masked))).not.toContain('hunter2')
    expect(toJson(masked).variables[0]).toMatchObject({
      nested: { members: [{ key: 'password', type: 'string', size: 7, isMasked: true }] },
    })
  })

  it('is cut where no parser would read on', () => {
    const deep = json(`a|${'a:1:{i:0;'.repeat(4096)}N;${'}'.repeat(4096)}`)
    let value: ValueJson = deep.variables[0]!
    let depth = 1
    for (; value.members !== undefined; depth++) value = value.members[0]!
    expect([depth, value.isCut]).toEqual([501, true])
  })

  it('survives JSON without a change', () => {
    for (const { bytes, handler } of fixtures()) {
      const plain = toJson(inspectSession(bytes, handler))
      expect(JSON.parse(JSON.stringify(plain))).toEqual(plain)
    }
  })
})
