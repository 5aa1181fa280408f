/** PHP's notices, warnings and deprecations. What PHP says of one of its functions is said here too, in the same words. */

/** Something is wrong, and the function did less than it was asked for. */
export const E_WARNING = 2

/** Something is odd, and the function did what it was asked for. */
export const E_NOTICE = 8

/** What was done is to be an error in a later PHP. */
export const E_DEPRECATED = 8192

/** Takes a warning or notice. Returning `false` has it reported as if there were no handler, as in PHP. */
export type ErrorHandler = (errno: number, errstr: string) => unknown

let current: ErrorHandler | null = null

/**
 * PHP's set_error_handler(): `callback` gets all notices and warnings of the functions of this module, of all requests. It may
 * throw. Without one, or with `null`, they become process warnings of the type SessionWarning, each kind once.
 * @returns the handler before, or null
 */
export function set_error_handler(callback: ErrorHandler | null): ErrorHandler | null {
  if (callback !== null && typeof callback !== 'function') throw new TypeError('set_error_handler() takes a function or null')
  const before = current
  current = callback
  return before
}

/** Reports a warning of PHP's function `caller`. In `message`, each `%s` stands for one of `values`. */
export function warn(caller: string, message: string, ...values: string[]): void {
  raise(E_WARNING, `${caller}(): ${message}`, values)
}

/** The same for a notice. */
export function notice(caller: string, message: string, ...values: string[]): void {
  raise(E_NOTICE, `${caller}(): ${message}`, values)
}

/** The same for what PHP itself says, in the name of no function. */
export function raise(errno: number, message: string, values: readonly string[] = []): void {
  const given = [...values]
  const errstr = message.replaceAll('%s', () => given.shift() ?? '')
  if (current !== null && current(errno, errstr) !== false) return
  if (told.has(message)) return
  told.add(message)
  process.emitWarning(errstr, { type: 'SessionWarning' })
}

/** The messages that became process warnings. */
const told = new Set<string>()
