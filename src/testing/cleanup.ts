/**
 * Runs `remove` when the tests of this file have run, where the test runner has a global `afterAll`, or else when the process or vitest’s
 * worker ends.
 * The result runs it at once, and is to be called once or more.
 */
export function whenTestsEnd(remove: () => void): () => void {
  if (waiting.size === 0) actualProcess.once('exit', removeAll)
  const removeNow = () => {
    if (!waiting.delete(removeNow)) return
    if (waiting.size === 0) actualProcess.off('exit', removeAll)
    remove()
  }
  waiting.add(removeNow)
  return removeNow
}

const waiting = new Set<() => void>()

function removeAll(): void {
  for (const removeNow of [...waiting]) removeNow()
}

/** What jest knows of the tests of this file; undefined in other runners. */
const state = jestState()

/** Jest gives tests a copy of it, which tells of no end. */
const actualProcess = state?.parentProcess ?? process

// When this module is loaded is the only time to do this: within a hook or a test no hook can be added. Where tests have begun to run,
// jest would fail for a new one; it does not throw, so that it cannot be tried.
const runner = globalThis as { afterAll?: (hook: () => void) => void; __vitest_worker__?: { onCleanup?(hook: () => void): void } }
if (typeof runner.afterAll === 'function' && state?.hasStarted !== true) runner.afterAll(removeAll)
// Vitest ends its workers in ways that no 'exit' tells of. Vitest 2 has only its `afterAll`.
runner.__vitest_worker__?.onCleanup?.(removeAll)

function jestState(): { hasStarted?: boolean; parentProcess?: NodeJS.Process | null } | undefined {
  const symbol = Object.getOwnPropertySymbols(globalThis).find(({ description }) => description === 'JEST_STATE_SYMBOL')
  return symbol && (globalThis as unknown as Record<symbol, ReturnType<typeof jestState>>)[symbol]
}
