import type { Awaitable } from './save-handler.ts'

/** Does what is left to do after an error, such as to close. If that fails too, the error before it is still the one to tell of. */
export async function afterError(work: () => Awaitable<unknown>): Promise<void> {
  try {
    await work()
  } catch {
    // The first error is the cause of the trouble.
  }
}
