import { E_DEPRECATED, raise } from './error-handler.ts'

/**
 * What PHP takes for an argument where a file does not say `strict_types`. Null for an argument that is not nullable is '', 0 or false, and
 * deprecated since PHP 8.1; it is always the first one of its function.
 */

/**
 * A string: numbers and booleans become one; `undefined` for null and for what is not given.
 * @throws TypeError for all else
 */
export function stringOrNull(caller: string, name: string, given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined
  return asString(given) ?? refuse(caller, name, 'a string', given)
}

/** The same for what must be given. */
export function string(caller: string, name: string, given: unknown): string {
  if (given === null) return nullFor(caller, name, 'string', '')
  return stringOrNull(caller, name, given) ?? refuse(caller, name, 'a string', given)
}

/** A whole number, or a string that holds one in any of PHP's ways, such as '1e3'. `type` is what PHP calls the argument's. */
export function int(caller: string, name: string, given: unknown, type = 'int'): number {
  if (given === null) return nullFor(caller, name, type, 0)
  const number = typeof given === 'string' && NUMERIC.test(given) ? Number(given) : given
  if (typeof number === 'boolean') return Number(number)
  return Number.isSafeInteger(number) ? (number as number) : refuse(caller, name, 'a whole number', given)
}

/** What PHP takes for true and for false; `undefined` for null and for what is not given. @throws TypeError for arrays and objects */
export function boolOrNull(caller: string, name: string, given: unknown): boolean | undefined {
  if (given === undefined || given === null) return undefined
  return asString(given) === undefined ? refuse(caller, name, 'a boolean', given) : asBoolean(given)
}

/** The same for what must be given. */
export function bool(caller: string, name: string, given: unknown): boolean {
  if (given === null) return nullFor(caller, name, 'bool', false)
  return boolOrNull(caller, name, given) ?? refuse(caller, name, 'a boolean', given)
}

/** PHP's text of a scalar, undefined for what is none. */
export function asString(given: unknown): string | undefined {
  if (typeof given === 'boolean') return given ? '1' : ''
  return typeof given === 'string' || typeof given === 'number' || typeof given === 'bigint' ? String(given) : undefined
}

/** What PHP takes for true: `'0'` is false, too. */
export function asBoolean(given: unknown): boolean {
  return given !== '0' && (!Array.isArray(given) || given.length > 0) && Boolean(given)
}

/** `is_numeric_string`. */
export const NUMERIC = /^[ \t\n\r\v\f]*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?[ \t\n\r\v\f]*$/

/** Whether PHP's array would have this as an integer key. */
export function isIntegerKey(key: string): boolean {
  return /^(0|-?[1-9]\d*)$/.test(key)
}

/** @throws TypeError */
export function refuse(caller: string, name: string, wanted: string, given: unknown): never {
  throw new TypeError(`${caller}(): $${name} must be ${wanted}, not ${kindOf(given)}`)
}

function nullFor<T>(caller: string, name: string, type: string, value: T): T {
  raise(E_DEPRECATED, `${caller}(): Passing null to parameter #1 ($${name}) of type ${type} is deprecated`)
  return value
}

function kindOf(given: unknown): string {
  if (given === null || given === undefined || typeof given === 'number') return String(given)
  if (Array.isArray(given)) return 'an array'
  if (typeof given === 'object') return 'an object'
  return typeof given === 'string' ? 'this string' : `a ${typeof given}`
}
