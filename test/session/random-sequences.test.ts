import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { seed } from '../php/support/random.ts'
import { here } from './compatibility/here.ts'
import { type PhpSide, wasmSide } from './compatibility/in-php.ts'
import type { RequestSpec, Scenario, Side } from './compatibility/scenario.ts'
import { makeFolder, trace } from './compatibility/trace.ts'

jest.setTimeout(120_000)

const RUNS = 400

const key = fc.constantFrom('a', 'b', 'cart', 'user')
const value = fc.constantFrom('1', '"text"', 'null', 'true', '[1,2,3]', '{"x":{"y":[]}}', '[]', '-7', '"é|;"', '1.5')
const step = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(key, value).map(([name, json]) => `set ${name} ${json}`) },
  { weight: 2, arbitrary: key.map((name) => `delete ${name}`) },
  fc.constantFrom('unset', 'commit', 'abort', 'reset', 'regenerate', 'regenerate true', 'destroy', 'encode', 'look'),
  fc.constantFrom('start', 'start {"read_and_close":1}'),
)
const requests = fc.array(fc.array(step, { maxLength: 12 }), { minLength: 1, maxLength: 3 })

/**
 * Makes a sequence that means the same on both sides. Left out is what differs on purpose: a change while no session is active, or
 * what is undone after `regenerate true`; an integer where a float was (a place that held a float keeps holding one); to look at a
 * session after its end. A session is never left empty and unchanged, which PHP does not touch.
 */
function sensible(steps: readonly string[], floats: Set<string>): RequestSpec {
  let isActive = false
  let oldIsGone = false
  const kept: string[] = []
  for (const each of steps) {
    const [name = '', first = '', second = ''] = each.split(' ')
    if (name === 'start') {
      if (isActive) continue
      isActive = each === 'start'
      oldIsGone = false
      kept.push(...(isActive ? ['start', 'set always 1'] : [each]))
      continue
    }
    if (!isActive || (oldIsGone && (name === 'abort' || name === 'reset'))) continue
    if (name === 'set' && floats.has(first)) continue
    if (name === 'set' && second === '1.5') floats.add(first)
    if (each === 'regenerate true') oldIsGone = true
    if (name === 'commit' || name === 'abort' || name === 'destroy') isActive = false
    kept.push(each)
    if (name === 'unset' || name === 'reset') kept.push('set always 1')
    // New ids are called by the order in which they are seen.
    if (name === 'regenerate') kept.push('look')
  }
  return { steps: kept }
}

describe(`random sequences of operations, on PHP 8.5 and here (SESSION_START_SEED=${seed})`, () => {
  const folder = makeFolder()
  let php: PhpSide
  let ours: Side & { close(): Promise<void> }

  beforeAll(async () => {
    php = await wasmSide('8.5', folder)
    ours = await here('8.5', () => new Date())
  })

  afterAll(async () => {
    await Promise.all([php.close(), ours.close()])
    rmSync(folder, { recursive: true })
  })

  it('leave the same files, ids, cookies and values', async () => {
    const ini = fc.record({ 'session.use_strict_mode': fc.constantFrom(0, 1) })
    await fc.assert(
      fc.asyncProperty(requests, ini, async (sequences, { 'session.use_strict_mode': use_strict_mode }) => {
        const floats = new Set<string>()
        const scenario: Scenario = {
          ...{ area: '', title: '', files: {}, age: 1000, since: '7.4', needsServer: false, differs: undefined },
          ini: { use_strict_mode },
          requests: sequences.map((steps) => sensible(steps, floats)),
        }
        expect(await trace(scenario, ours, folder)).toEqual(await trace(scenario, php, folder))
      }),
      { seed, numRuns: RUNS },
    )
  })
})
