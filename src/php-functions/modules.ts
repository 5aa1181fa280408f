import { filesSaveHandler } from '../save-handlers/files.ts'
import type { Awaitable, SaveHandle, SaveHandler } from '../save-handlers/save-handler.ts'
import { USER } from '../save-handlers/user.ts'
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

/** What SessionHandler wraps must be what the session manager would use (`PS(default_mod)`). @throws TypeError when it is not files */
export function assertFiles(request: Globals): void {
  const { save_handler } = request.manager.directives
  if (save_handler === filesSaveHandler.name || save_handler === USER) return
  throw new TypeError(`SessionHandler wraps the save handler 'files', and this session manager has '${save_handler}'`)
}

/** A new id as the directives want it. */
export function randomSid(request: Globals): string {
  return createSid(request.directive('sid_length'), request.directive('sid_bits_per_character'))
}

/** A new id of the request's save handler, one that nobody has. */
export async function newSid(request: Globals): Promise<string> {
  const make = () => randomSid(request)
  const handler = request.saveHandler ?? ownHandler(request)
  return handler === undefined ? make() : look(request, handler, (handle) => handle.createSid(make))
}

/** Has the request's save handler remove what is older than `gc_maxlifetime`, and returns how many. */
export async function collectGarbage(request: Globals): Promise<number> {
  const handler = request.saveHandler ?? ownHandler(request)
  if (handler !== undefined) return look(request, handler, (handle) => handle.gc(request.directive('gc_maxlifetime')))
  const { directives } = request.manager
  if (
    request.directive('gc_maxlifetime') !== directives.gc_maxlifetime ||
    request.directive('save_path') !== directives.save_path
  ) {
    throw new TypeError(
      `session_gc() needs the session manager's gc_maxlifetime and save_path with its save handler '${directives.save_handler}'`,
    )
  }
  return request.manager.gc()
}

/** The session manager's save handler, as far as it can be known by its name. */
function ownHandler(request: Globals): SaveHandler | undefined {
  return request.manager.directives.save_handler === filesSaveHandler.name ? filesSaveHandler : undefined
}

/** Looks at the store, without lock. */
async function look<R>(request: Globals, handler: SaveHandler, use: (handle: SaveHandle) => Awaitable<R>): Promise<R> {
  const options = { lock: false, lockTimeout: 0 }
  const handle = await handler.open(request.directive('save_path'), request.directive('name'), options)
  try {
    return await use(handle)
  } finally {
    await handle.close()
  }
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
