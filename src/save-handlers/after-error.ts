import type { Awaitable } from './save-handler.ts'

/** Does what is left to do after an error, such as to close. If that fails too, the error before it is still the one to tell of. */
export async function afterError(work: () => Awaitable<unknown>): Promise<void> {
  try {
    await work()
  } catch {
    // The first error is the cause of the trouble.
  }
}

/** Does the work, and closes what it was done with. */
export async function andClose<R>(handle: { close(): Awaitable<void> }, work: () => Awaitable<R>): Promise<R> {
  let result: R
  try {
    result = await work()
  } catch (error) {
    await afterError(() => handle.close())
    throw error
  }
  await handle.close()
  return result
}
