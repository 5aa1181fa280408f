/**
 * Runs `remove` when the tests of this file have run, where the test runner has a global `afterAll`, or else when the process ends or
 * vitest's worker does.
 * The result runs it at once, and is to be called once or more.
 */
export function whenTestsEnd(remove: () => void): () => void {
  if (waiting.size === 0) process.once('exit', removeAll)
  const removeNow = () => {
    if (!waiting.delete(removeNow)) return
    if (waiting.size === 0) process.off('exit', removeAll)
    remove()
  }
  waiting.add(removeNow)
  return removeNow
}

const waiting = new Set<() => void>()

function removeAll(): void {
  for (const removeNow of [...waiting]) removeNow()
}

// When this module is loaded is the only time to do this: within a hook or a test no hook can be added.
const runner = globalThis as { afterAll?: (hook: () => void) => void; __vitest_worker__?: { onCleanup?(hook: () => void): void } }
if (typeof runner.afterAll === 'function' && !isJestRunning()) runner.afterAll(removeAll)
// Vitest ends its workers in ways that no 'exit' tells of. Vitest 2 has only its `afterAll`.
runner.__vitest_worker__?.onCleanup?.(removeAll)

/** Whether tests have begun to run, where jest would fail for a new hook; it does not throw, so that it cannot be tried. */
function isJestRunning(): boolean {
  const symbol = Object.getOwnPropertySymbols(globalThis).find(({ description }) => description === 'JEST_STATE_SYMBOL')
  const state = symbol && (globalThis as unknown as Record<symbol, { hasStarted?: boolean } | undefined>)[symbol]
  return state?.hasStarted === true
}
