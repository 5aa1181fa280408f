import { idPrefix } from '../errors.ts'
import type { SaveHandle } from '../save-handlers/save-handler.ts'

/** Sessions that were dropped while they held their lock: everybody else would wait for it until the process ends. */
export const abandoned = new FinalizationRegistry<{ handle: SaveHandle; id: string }>(({ handle, id }) => {
  new Promise((resolve) => resolve(handle.close())).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    process.emitWarning(`Session ${idPrefix(id)} was dropped, and its save handler could not be closed: ${why}`, {
      type: 'SessionWarning',
      code: 'SESSION_ABANDONED',
    })
  })
  process.emitWarning(
    `Session ${idPrefix(id)} was dropped without commit() or abort(); its changes are lost, its lock is free now`,
    {
      type: 'SessionWarning',
      code: 'SESSION_ABANDONED',
    },
  )
})
