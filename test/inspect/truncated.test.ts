import { isDeepStrictEqual } from 'node:util'
import { explainSession } from '../../src/inspect/explain.ts'
import { inspectSession } from '../../src/inspect/inspect-session.ts'
import type { Variable } from '../../src/inspect/report.ts'
import { fixtures } from '../oracle/fixtures.ts'
import { describePhps } from '../php/support/phps.ts'
import { show } from '../support/random.ts'
import { inSession } from './support/in-session.ts'
import { bytesOf, s } from './support/inspect.ts'

/** Of each kind of session the newest that PHP wrote, and of those that are not all scalars. */
const names = [
  'login',
  'symfony',
  'visibility',
  'references-across-keys',
  'nested-serializable',
  'enums',
  'serializable',
  'strings',
]
const sessions = fixtures().filter(({ php, name, bytes }) => php === '8.5' && names.includes(name) && bytes.length < 1500)

describePhps('a session that was cut off at any of its bytes', ['8.5'], (php) => {
  it.each(sessions)('is explained, and what is whole in it is kept ($handler, $name)', async ({ handler, bytes }) => {
    const cuts = Array.from({ length: bytes.length - 1 }, (_, index) => bytes.subarray(0, index + 1))
    const found = cuts.map((cut) => explainSession(cut, handler))
    const repairs = found.map((diagnosis) => diagnosis?.repair?.bytes ?? Buffer.alloc(0))
    // Classes that the bytes name are not there: PHP would refuse an enum, and take a custom object for another.
    const loaded = /[CE]:\d+:"/.test(bytes.toString('latin1'))
    const ask = (inputs: Buffer[]) => php().map(inSession(handler, `return session_decode($in) ? 'read' : 'refused';`), inputs)
    const [cutsInPhp, repairsInPhp] = loaded ? [[], []] : await Promise.all([ask(cuts), ask(repairs)])

    const complaints = found.map((diagnosis, index) => {
      if (!loaded && String(cutsInPhp[index]) !== (diagnosis?.isDestroyed ? 'refused' : 'read')) return 'PHP says otherwise'
      if (diagnosis === undefined) return undefined
      const { cause, repair } = diagnosis
      if (!CAUSES.includes(cause)) return cause
      const { variables } = inspectSession(cuts[index]!, handler)
      if (repair === undefined) return variables.length > 0 ? 'no repair' : undefined
      if (!loaded && String(repairsInPhp[index]) !== 'read') return 'PHP refuses the repair'
      const kept = inspectSession(repair.bytes, handler).variables.slice(0, variables.length)
      if (!isDeepStrictEqual(kept.map(outline), variables.map(outline))) return 'not kept'
      return cause === 'truncated' && repair.loses === undefined ? 'said to lose nothing' : undefined
    })
    const shown = complaints.map((complaint, index) => complaint && [complaint, show(cuts[index]!)])
    expect(shown.filter((each) => each !== undefined)).toEqual([])
  })
})

const CAUSES = ['truncated', 'trailing bytes', 'trailing newline', 'wrong length']
const outline = ({ key, value }: Variable) => [key, value.type, value.length]

// biome-ignore format: a table
const rows: [what: string, bytes: string, repaired: string | undefined, loses: string | undefined][] = [
  ['in the second variable', `a|i:1;cart|a:2:{i:0;i:5;i:1;i:`, 'a|i:1;', 'cart, and what may have followed'],
  ['in a key', 'a|i:1;ca', 'a|i:1;', 'what followed'],
  ['in the only array', `cart|a:3:{i:0;${s('x')}i:1;a:2:{${s('id')}i:5;${s('na').slice(0, -3)}`, `cart|a:2:{i:0;${s('x')}i:1;a:1:{${s('id')}i:5;}}`, 'what followed in cart[1]'],
  ['in an object in the only array', `cart|a:3:{i:0;i:5;i:1;O:1:"A":2:{${s('id')}i:5;`, 'cart|a:1:{i:0;i:5;}', 'what followed in cart'],
  ['in the only object', `user|O:1:"A":2:{${s('id')}i:5;`, undefined, undefined],
  ['in the only string', 'user|s:10:"Alic', undefined, undefined],
  ['before anything of the only array is whole', 'cart|a:3:{i:0;', undefined, undefined],
  ['in the second variable of php_serialize', `a:3:{${s('a')}i:1;${s('b')}a:1:{i:0;i:1;`, `a:1:{${s('a')}i:1;}`, 'b, and what may have followed'],
  ['before the last brace of php_serialize', `a:1:{${s('a')}i:1;`, `a:1:{${s('a')}i:1;}`, 'what followed'],
  ['in the second variable of php_binary', '\x01ai:1;\x01bi', '\x01ai:1;', 'b, and what may have followed'],
]

describe('a session that ends too early', () => {
  it.each(rows)('%s is cut back to what is whole', (_what, bytes, repaired, loses) => {
    const diagnosis = explainSession(bytesOf(bytes))
    expect(diagnosis?.cause).toBe('truncated')
    expect(diagnosis?.repair?.bytes.toString('latin1')).toBe(repaired)
    expect(diagnosis?.repair?.loses).toBe(loses)
  })
})
