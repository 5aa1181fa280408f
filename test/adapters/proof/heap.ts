import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// As `node --expose-gc` does, which jest is not started with.
setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

/** How many bytes are in use when all garbage is gone: the least of some looks, as what is about to end may still hold some. */
export async function heapInUse(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let look = 0; look < 5; look++) {
    await sleep(5)
    collectGarbage()
    least = Math.min(least, process.memoryUsage().heapUsed)
  }
  return least
}
