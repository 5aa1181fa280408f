import { rmSync } from 'node:fs'
import { scriptTime } from '../http/php-server.ts'
import { describeNative, type PhpVersion } from '../oracle/php.ts'
import { here } from './compatibility/here.ts'
import { nativeSide, nativeVersion, type PhpSide, wasmSide } from './compatibility/in-php.ts'
import { type Difference, differenceFrom, type Side } from './compatibility/scenario.ts'
import { scenarios } from './compatibility/scenarios.ts'
import { makeFolder, trace } from './compatibility/trace.ts'

/** The table of compatibility/scenarios.ts, on real PHPs and here. */
describe.each(['7.4', '8.5'] as const)('the same as in PHP %s:', (version) => suite(version))
describeNative('the same as in the installed PHP behind its web server:', () => suite('native'))

function suite(version: PhpVersion | 'native'): void {
  const isNative = version === 'native'
  let folder: string
  let php: PhpSide
  let ours: Side & { close(): Promise<void> }

  beforeAll(async () => {
    folder = makeFolder()
    php = isNative ? await nativeSide() : await wasmSide(version, folder)
    ours = await here(php.version, () => (isNative ? scriptTime : new Date()))
  })

  afterAll(async () => {
    await Promise.all([php.close(), ours.close()])
    rmSync(folder, { recursive: true })
  })

  const branch = Number.parseFloat(isNative ? nativeVersion! : version)
  const rows = scenarios.filter(({ since, needsServer }) => Number(since) <= branch && (isNative || !needsServer))
  it.each(rows.map((each) => [each.area, each.title, each] as const))('%s: %s', async (_area, _title, scenario) => {
    const inPhp = await trace(scenario, php, folder)
    const here = await trace(scenario, ours, folder)
    const differs = differenceFrom(php.version, scenario)
    if (differs === undefined) expect(here).toEqual(inPhp)
    else expect(difference(inPhp, here)).toEqual({ php: differs.php, here: differs.here })
  })
}

function difference(inPhp: string[], here: string[]): Pick<Difference, 'php' | 'here'> {
  return { php: inPhp.filter((line) => !here.includes(line)), here: here.filter((line) => !inPhp.includes(line)) }
}
