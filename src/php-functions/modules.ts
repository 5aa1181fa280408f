import { andClose } from '../save-handlers/after-error.ts'
import { filesSaveHandler } from '../save-handlers/files.ts'
import type { Awaitable, SaveHandle } from '../save-handlers/save-handler.ts'
import { createSid } from '../session-id.ts'
import type { Globals } from './globals.ts'

/** The save handlers of the running request: PHP's `ps_modules`, of which there are files and the session manager's own. */

/** Whether there is one of this name (`_php_find_ps_module`). */
export function isModule(request: Globals, name: string): boolean {
  return isSame(name, filesSaveHandler.name) || isSame(name, request.manager.directives.save_handler)
}

/** Takes the one of this name for the next start. */
export function useModule(request: Globals, name: string): void {
  request.saveHandler = isSame(name, request.manager.directives.save_handler) ? undefined : filesSaveHandler
  request.set('save_handler', name)
}

/** A new id as the directives want it. */
export function randomSid(request: Globals): string {
  return createSid(request.directive('sid_length'), request.directive('sid_bits_per_character'))
}

/** A new id of the request's save handler. */
export async function newSid(request: Globals): Promise<string> {
  return look(request, (handle) => handle.createSid(() => randomSid(request)))
}

/** One that the save handler does not know, also where it makes ids without looking; undefined when three in a row were known. */
export async function unknownSid(request: Globals): Promise<string | undefined> {
  return look(request, async (handle) => {
    for (let tries = 0; tries < 3; tries++) {
      const id = await handle.createSid(() => randomSid(request))
      if (!(await handle.validateSid(id))) return id
    }
    return undefined
  })
}

/** Has the request's save handler remove what is older than `gc_maxlifetime`, and returns how many. */
export async function collectGarbage(request: Globals): Promise<number> {
  return look(request, (handle) => handle.gc(request.directive('gc_maxlifetime')))
}

/** Looks at the store, without lock. */
async function look<R>(request: Globals, use: (handle: SaveHandle) => Awaitable<R>): Promise<R> {
  const options = { lock: false, lockTimeout: 0 }
  const handler = request.saveHandler ?? request.manager.saveHandler
  const handle = await handler.open(request.directive('save_path'), request.directive('name'), options)
  return andClose(handle, () => use(handle))
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
