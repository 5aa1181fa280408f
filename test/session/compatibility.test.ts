import { rmSync } from 'node:fs'
import { scriptTime } from '../http/php-server.ts'
import { describeNative, type PhpVersion } from '../oracle/php.ts'
import { here } from './compatibility/here.ts'
import { nativeSide, nativeVersion, type PhpSide, wasmSide } from './compatibility/in-php.ts'
import type { Scenario, Side } from './compatibility/scenario.ts'
import { scenarios } from './compatibility/scenarios.ts'
import { makeFolder, trace } from './compatibility/trace.ts'

/** The table of compatibility/scenarios.ts, on real PHPs and here. */
describe.each(['7.4', '8.5'] as const)('the same as in PHP %s:', (version) => suite(version))
describeNative('the same as in the installed PHP behind its web server:', () => suite('native'))

function suite(version: PhpVersion | 'native'): void {
  const isNative = version === 'native'
  const phpVersion = isNative ? nativeVersion! : version
  let folder: string
  let php: PhpSide
  let ours: Side & { close(): Promise<void> }

  beforeAll(async () => {
    folder = makeFolder()
    php = isNative ? await nativeSide() : await wasmSide(version, folder)
    ours = await here(phpVersion, () => (isNative ? scriptTime : new Date()))
  })

  afterAll(async () => {
    await Promise.all([php.close(), ours.close()])
    rmSync(folder, { recursive: true })
  })

  const rows = scenarios.filter(({ since, needsServer }) => Number(since) <= Number(phpVersion) && (isNative || !needsServer))
  it.each(rows.map((each) => [each.area, each.title, each] as const))('%s: %s', async (_area, _title, scenario) => {
    const inPhp = await trace(scenario, php, folder)
    const here = await trace(scenario, ours, folder)
    if (scenario.differs === undefined) expect(here).toEqual(inPhp)
    else expect(difference(inPhp, here)).toEqual({ php: scenario.differs.php, here: scenario.differs.here })
  })
}

function difference(inPhp: string[], here: string[]): Omit<NonNullable<Scenario['differs']>, 'why'> {
  return { php: inPhp.filter((line) => !here.includes(line)), here: here.filter((line) => !inPhp.includes(line)) }
}
