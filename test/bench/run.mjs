/** `npm run bench`: all benchmarks, or those named: `npm run bench -- codec`. */
import { arch, cpus } from 'node:os'
import { ensureBuilt, ensureInstalled } from '../support/prepare.mjs'

await ensureInstalled()
await ensureBuilt()

const { benchCodec } = await import('./codec.mjs')
const benchmarks = { codec: benchCodec }

const names = process.argv.slice(2)
const unknown = names.find((name) => !Object.hasOwn(benchmarks, name))
if (unknown !== undefined) {
  console.error(`There is no benchmark '${unknown}': ${Object.keys(benchmarks).join(', ')}`)
  process.exit(2)
}
console.log(`Node ${process.version}, ${arch()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`)
for (const [name, run] of Object.entries(benchmarks)) {
  if (names.length === 0 || names.includes(name)) await run()
}
