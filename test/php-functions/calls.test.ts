import { rmSync } from 'node:fs'
import fc from 'fast-check'
import * as functions from '../../src/php-functions.ts'
import { scriptTime } from '../http/php-server.ts'
import { describeNative } from '../oracle/php.ts'
import { nativeVersion } from '../session/compatibility/in-php.ts'
import type { Scenario, Side } from '../session/compatibility/scenario.ts'
import { makeFolder, trace } from '../session/compatibility/trace.ts'
import { check, seed } from '../support/random.ts'
import { here } from './calls/here.ts'
import { nativeSide, type PhpSide, wasmSide } from './calls/in-php.ts'
import { everyCall, row, scenarios } from './calls/rows.ts'

/** The calls of calls/rows.ts, on PHP 8.2 and here. */
describe('the same as in PHP 8.2:', () =>
  suite(
    (folder) => wasmSide('8.2', folder),
    () => new Date(),
  ))
if (nativeVersion === undefined || nativeVersion.startsWith('8.2.')) {
  describeNative('the same as in the installed PHP behind its web server:', () => suite(nativeSide, () => scriptTime))
}

function suite(open: (folder: string) => Promise<PhpSide>, lastModified: () => Date): void {
  let folder: string
  let php: PhpSide
  let ours: Side & { close(): Promise<void> }

  beforeAll(async () => {
    folder = makeFolder()
    php = await open(folder)
    ours = await here(lastModified)
  })

  afterAll(async () => {
    await Promise.all([php.close(), ours.close()])
    rmSync(folder, { recursive: true })
  })

  it.each(scenarios.map((each) => [each.area, each.title, each] as const))('%s: %s', async (_area, _title, scenario) => {
    const inPhp = await trace(scenario, php, folder)
    const here = await trace(scenario, ours, folder)
    if (scenario.differs === undefined) expect(here).toEqual(inPhp)
    else expect(difference(inPhp, here)).toEqual({ php: scenario.differs.php, here: scenario.differs.here })
  })

  it(`any calls in any order (SESSION_START_SEED=${seed})`, async () => {
    const same = fc.asyncProperty(sequences, async (steps) => {
      const scenario = row('', '', steps)
      expect(await trace(scenario, ours, folder)).toEqual(await trace(scenario, php, folder))
    })
    await check(same, 150)
  })
}

/** Without what differs on purpose when it is undone: see the scenarios of the engine. */
const sequences = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...everyCall.filter((call) => call !== 'session_regenerate_id(true)')) },
    fc.constantFrom('session_start()', 'session_start()', 'keep("m", 2)', 'keep("n", "x")', 'session_write_close()'),
  ),
  { maxLength: 14 },
)

test('every session function is called', () => {
  const steps = scenarios.flatMap(({ requests }) => requests.flatMap(({ steps }) => steps))
  const names = Object.keys(functions).filter((name) => /^(session|ini)_/.test(name))
  expect(names).toHaveLength(25)
  expect(names.filter((name) => !steps.some((step) => step.startsWith(`${name}(`)))).toEqual([])
})

function difference(inPhp: string[], here: string[]): Omit<NonNullable<Scenario['differs']>, 'why'> {
  return { php: inPhp.filter((line) => !here.includes(line)), here: here.filter((line) => !inPhp.includes(line)) }
}
