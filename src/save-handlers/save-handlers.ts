import { filesSaveHandler } from './files.ts'
import { memorySaveHandler } from './memory.ts'
import type { SaveHandler } from './save-handler.ts'

/** The save handlers that need nothing but a name. Each call makes or finds the one to use. */
const table: Readonly<Record<string, () => SaveHandler>> = {
  files: () => filesSaveHandler,
  memory: () => memorySaveHandler(),
}

/** What to do for the names that php.ini may have and that are none here. */
const hints: Readonly<Record<string, string>> = {
  redis: 'this package has none for Redis; pass one of your own (docs/save-handlers.md)',
  rediscluster: 'this package has none for Redis; pass one of your own (docs/save-handlers.md)',
  memcached: 'this package has none for Memcached; pass one of your own (docs/save-handlers.md)',
  memcache: 'this package has none for Memcached; pass one of your own (docs/save-handlers.md)',
  user: 'pass userSaveHandler(object)',
}

/** The save handler of a name; an object is one already. @throws TypeError naming those there are */
export function saveHandler(handler: string | SaveHandler): SaveHandler {
  if (typeof handler === 'object' && handler !== null && typeof handler.open === 'function') return handler
  if (typeof handler !== 'string') throw new TypeError('save_handler must be a name or an object with an open method')
  const make = Object.hasOwn(table, handler) ? table[handler] : undefined
  if (make !== undefined) return make()
  const hint = Object.hasOwn(hints, handler)
    ? hints[handler]
    : `use ${Object.keys(table).join(', ')} or pass a SaveHandler object`
  throw new TypeError(`Unknown save_handler '${handler}': ${hint}`)
}
