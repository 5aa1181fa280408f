import { int, stringOrNull } from './arguments.ts'
import { warn } from './error-handler.ts'
import { globals } from './globals.ts'
import { alterIni, refusesChange } from './ini.ts'
import { isModule, useModule } from './modules.ts'

/**
 * What a request sets before it starts its session. Each of these functions returns the value in force; one that is given, it sets for the
 * next start of this request. While a session is active, and when the headers are sent, that is refused with a warning and false.
 * All throw SessionError NO_SESSION where no request is bound, and TypeError for a value that PHP would misread.
 */

/** session_name(): the name of the session, which is its cookie's. One that is empty or a number is refused with a warning. */
export function session_name(name: string | null = null): string | false {
  return setting('session_name', 'Session name', 'name', 'name', name)
}

/** session_save_path(): where the save handler keeps the sessions. */
export function session_save_path(path: string | null = null): string | false {
  return setting('session_save_path', 'Session save path', 'save_path', 'path', path)
}

/** session_cache_limiter(): which cache headers a start sends. */
export function session_cache_limiter(value: string | null = null): string | false {
  return setting('session_cache_limiter', 'Session cache limiter', 'cache_limiter', 'value', value)
}

/** session_cache_expire(): after how many minutes the page expires. While a session is active, it returns the value even if one is given. */
export function session_cache_expire(value: number | null = null): number | false {
  const caller = 'session_cache_expire'
  const given = value === null ? undefined : String(int(caller, 'value', value))
  const request = globals()
  const before = request.directive('cache_expire')
  if (given === undefined) return before
  if (refusesChange(request, caller, 'Session cache expiration')) return request.active === undefined ? false : before
  alterIni(request, caller, 'cache_expire', given)
  return before
}

/**
 * session_id(): the id of the session, '' as long as there is none and after session_destroy(). One that is given is used by the next
 * session_start(), which makes a new one for '', as PHP does.
 */
export function session_id(id: string | null = null): string | false {
  const given = stringOrNull('session_id', 'id', id)
  const request = globals()
  const before = request.id
  if (given === undefined) return before
  if (request.active !== undefined) {
    warn('session_id', 'Session ID cannot be changed when a session is active')
    return false
  }
  if (request.directive('use_cookies') && request.headersSent) {
    warn('session_id', 'Session ID cannot be changed after headers have already been sent')
    return false
  }
  request.givenId = given
  return before
}

/**
 * session_module_name(): the name of the save handler: `files`, that of the session manager's own, or `user` after
 * session_set_save_handler(). Another name than those of the first two is refused with a warning.
 * @throws TypeError for 'user'
 */
export function session_module_name(module: string | null = null): string | false {
  const caller = 'session_module_name'
  const given = stringOrNull(caller, 'module', module)
  const request = globals()
  if (given !== undefined && refusesChange(request, caller, 'Session save handler module')) return false
  const before = request.text('save_handler').toLowerCase()
  if (given === undefined) return before
  if (given.toLowerCase() === 'user') throw new TypeError(`${caller}(): 'user' comes with session_set_save_handler()`)
  if (!isModule(request, given)) {
    warn(caller, 'Session handler module "%s" cannot be found', given)
    return false
  }
  useModule(request, given)
  return before
}

type Name = 'name' | 'save_path' | 'cache_limiter'

function setting(caller: string, what: string, name: Name, argument: string, value: unknown): string | false {
  const given = stringOrNull(caller, argument, value)
  const request = globals()
  if (given !== undefined && refusesChange(request, caller, what)) return false
  const before = request.text(name)
  if (given !== undefined) alterIni(request, caller, name, given)
  return before
}
