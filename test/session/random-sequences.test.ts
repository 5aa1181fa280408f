import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { describeNative, type PhpVersion } from '../oracle/php.ts'
import { check, seed } from '../support/random.ts'
import { here } from './compatibility/here.ts'
import { nativeSide, type PhpSide, wasmSide } from './compatibility/in-php.ts'
import type { RequestSpec, Scenario, Side } from './compatibility/scenario.ts'
import { makeFolder, trace } from './compatibility/trace.ts'

type Handler = 'php' | 'php_binary' | 'php_serialize'

/** What is stored before the first request, and what is decoded into a session: references, floats. */
const stored: Readonly<Record<Handler, string>> = {
  php: 'always|i:1;cart|a:2:{i:0;s:3:"mug";i:1;O:8:"stdClass":0:{}}price|d:10;a|i:5;b|R:6;',
  php_binary: '\x06alwaysi:1;\x04carta:2:{i:0;s:3:"mug";i:1;O:8:"stdClass":0:{}}\x05priced:10;\x01ai:5;\x01bR:6;',
  php_serialize:
    'a:5:{s:6:"always";i:1;s:4:"cart";a:2:{i:0;s:3:"mug";i:1;O:8:"stdClass":0:{}}s:5:"price";d:10;s:1:"a";i:5;s:1:"b";R:7;}',
}
const decoded: Readonly<Record<Handler, string>> = {
  php: 'm|i:2;d|d:10;r|a:1:{i:0;i:1;}s|R:3;',
  php_binary: '\x01mi:2;\x01dd:10;\x01ra:1:{i:0;i:1;}\x01sR:3;',
  php_serialize: 'a:4:{s:1:"m";i:2;s:1:"d";d:10;s:1:"r";a:1:{i:0;i:1;}s:1:"s";R:4;}',
}

const key = fc.constantFrom('a', 'b', 'cart', 'user')
const value = fc.constantFrom('1', '"text"', 'null', 'true', '[1,2,3]', '{"x":{"y":[]}}', '[]', '-7', '"é|;"', '1.5')
const step = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(key, value).map(([name, json]) => `set ${name} ${json}`) },
  { weight: 2, arbitrary: fc.oneof(key, fc.constantFrom('m', 'r', 's', 'price')).map((name) => `delete ${name}`) },
  fc.constantFrom('unset', 'assign {"a":[1],"user":"x"}', 'decode', 'encode', 'look', 'create_id user-'),
  fc.constantFrom('commit', 'abort', 'reset', 'regenerate', 'regenerate true', 'destroy'),
  { weight: 2, arbitrary: fc.constantFrom('start', 'start {"read_and_close":1}', 'id given2') },
)
const sequences = fc.record({
  requests: fc.array(fc.array(step, { maxLength: 12 }), { minLength: 1, maxLength: 3 }),
  isKnown: fc.boolean(),
  ini: fc.record({
    use_strict_mode: fc.constantFrom(0, 1),
    lazy_write: fc.constantFrom(1, 1, 0),
    serialize_handler: fc.constantFrom<Handler[]>('php', 'php', 'php_binary', 'php_serialize'),
    cookie_lifetime: fc.constantFrom(0, 60),
  }),
})

/**
 * Makes a sequence that means the same on both sides. Left out is what differs on purpose: a change while no session is active, or
 * what is undone after `regenerate true`; an integer where a float was (a place that held a float keeps holding one); to look at a
 * session after its end. A session is never left empty and unchanged, which PHP does not touch.
 */
function sensible(steps: readonly string[], floats: Set<string>, handler: Handler): RequestSpec {
  let isActive = false
  let oldIsGone = false
  const kept: string[] = []
  for (const each of steps) {
    const [name = '', first = '', second = ''] = each.split(' ')
    if (name === 'start' || name === 'id') {
      if (isActive) continue
      isActive = each === 'start'
      oldIsGone = false
      kept.push(...(isActive ? ['start', 'set always 1'] : [each]))
      continue
    }
    if (!isActive || (oldIsGone && (name === 'abort' || name === 'reset'))) continue
    if (name === 'set' && floats.has(first)) continue
    if (name === 'set' && second === '1.5') floats.add(first).add('a').add('b')
    if (each === 'regenerate true') oldIsGone = true
    if (name === 'commit' || name === 'abort' || name === 'destroy') isActive = false
    kept.push(each === 'decode' ? `decode ${decoded[handler]}` : each)
    if (name === 'unset' || name === 'reset') kept.push('set always 1')
    // New ids are called by the order in which they are seen.
    if (name === 'regenerate') kept.push('look')
  }
  return { steps: kept }
}

function scenarioOf({ requests, isKnown, ini }: typeof sequences extends fc.Arbitrary<infer T> ? T : never): Scenario {
  const floats = new Set<string>()
  const specs = requests.map((steps) => sensible(steps, floats, ini.serialize_handler))
  const [first, ...more] = specs as [RequestSpec, ...RequestSpec[]]
  return {
    ...{ area: '', title: '', age: 1000, since: '7.4', needsServer: false, differs: undefined, ini },
    files: { given: stored[ini.serialize_handler], given2: stored[ini.serialize_handler] },
    requests: isKnown ? [{ ...first, cookies: { PHPSESSID: 'given' } }, ...more] : specs,
  }
}

describe(`random sequences of operations (SESSION_START_SEED=${seed})`, () => {
  describe('on PHP 8.5 and here', () => suite('8.5', 120))
  describeNative('on the installed PHP and here', () => suite('native', 300))
})

function suite(version: PhpVersion | 'native', numRuns: number): void {
  let folder: string
  let php: PhpSide
  let ours: Side & { close(): Promise<void> }

  beforeAll(async () => {
    folder = makeFolder()
    php = version === 'native' ? await nativeSide() : await wasmSide(version, folder)
    ours = await here(php.version, () => new Date())
  })

  afterAll(async () => {
    await Promise.all([php.close(), ours.close()])
    rmSync(folder, { recursive: true })
  })

  it('leave the same files, ids, cookies and values', async () => {
    const agrees = fc.asyncProperty(sequences, async (sequence) => {
      const scenario = scenarioOf(sequence)
      expect(await trace(scenario, ours, folder)).toEqual(await trace(scenario, php, folder))
    })
    await check(agrees, numRuns)
  })
}
