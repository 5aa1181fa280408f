/** `npm run bench`: all benchmarks, or those named: `npm run bench -- codec`. */
import { arch, cpus, loadavg } from 'node:os'
import { ensureBuilt, ensureInstalled } from '../support/prepare.mjs'

await ensureInstalled()
await ensureBuilt()

const { benchAdapters } = await import('./adapters.mjs')
const { benchCli } = await import('./cli.mjs')
const { benchCodec } = await import('./codec.mjs')
const { benchCycle } = await import('./cycle.mjs')
const { benchHandover } = await import('./handover.mjs')
const { benchHttp } = await import('./http.mjs')
const { benchGc } = await import('./gc.mjs')
const benchmarks = {
  codec: benchCodec,
  cycle: benchCycle,
  handover: benchHandover,
  http: benchHttp,
  adapters: benchAdapters,
  gc: benchGc,
  cli: benchCli,
}

const names = process.argv.slice(2)
const unknown = names.find((name) => !Object.hasOwn(benchmarks, name))
if (unknown !== undefined) {
  console.error(`There is no benchmark '${unknown}': ${Object.keys(benchmarks).join(', ')}`)
  process.exit(2)
}
console.log(
  `Node ${process.version}, ${arch()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}; load ${loadavg()[0].toFixed(1)}`,
)
for (const [name, run] of Object.entries(benchmarks)) {
  if (names.length > 0 && !names.includes(name)) continue
  try {
    await run()
  } catch (error) {
    console.error(`\nThe benchmark '${name}' failed: ${error.stack}`)
    process.exitCode = 1
  }
}
