import { globals } from './php-functions/globals.ts'

/**
 * PHP's own session functions, under PHP's names, for code that is moved over line by line: add `await` to those that return promises.
 * They work on the running request: one that `sessions.bind(req, res)` or an adapter has bound. See docs/php-functions.md.
 */

export { type CookieParams, session_get_cookie_params, session_set_cookie_params } from './php-functions/cookie-params.ts'
export { E_DEPRECATED, E_NOTICE, E_WARNING, type ErrorHandler, set_error_handler } from './php-functions/error-handler.ts'
export { ini_get, ini_set } from './php-functions/ini.ts'
export {
  session_abort,
  session_create_id,
  session_decode,
  session_destroy,
  session_encode,
  session_gc,
  session_regenerate_id,
  session_register_shutdown,
  session_reset,
  session_unset,
  session_write_close,
  session_write_close as session_commit,
} from './php-functions/lifecycle.ts'
export { session_set_save_handler } from './php-functions/save-handler.ts'
export { SessionHandler } from './php-functions/session-handler.ts'
export {
  session_cache_expire,
  session_cache_limiter,
  session_id,
  session_module_name,
  session_name,
  session_save_path,
} from './php-functions/settings.ts'
export { type SessionStartOptions, session_start } from './php-functions/start.ts'
export { $_SESSION, SID } from './php-functions/superglobal.ts'
export type {
  SaveHandlerObject,
  SessionHandlerInterface,
  SessionIdInterface,
  SessionUpdateTimestampHandlerInterface,
} from './save-handlers/user-object.ts'

/** What session_status() returns where there are no sessions: never, here. */
export const PHP_SESSION_DISABLED = 0

/** No session is active. */
export const PHP_SESSION_NONE = 1

/** A session is active: it was started, and neither closed nor destroyed. */
export const PHP_SESSION_ACTIVE = 2

/** session_status(): one of the three. @throws SessionError NO_SESSION where no request is bound */
export function session_status(): number {
  return globals().active === undefined ? PHP_SESSION_NONE : PHP_SESSION_ACTIVE
}
