/**
 * Loaded into a process by NODE_OPTIONS, with --expose-gc: at its end MEMORY_FILE has the most memory that it kept, in kB.
 * Garbage does not count, nor what the allocators hold back: that is other in every run.
 */
const { writeFileSync } = require('node:fs')

let most = 0
function look() {
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  most = Math.max(most, (heapUsed + external) / 1000)
}
setInterval(look, 1000).unref()

process.on('exit', () => {
  look()
  writeFileSync(process.env.MEMORY_FILE, String(most))
})
