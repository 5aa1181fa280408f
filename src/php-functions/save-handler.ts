import { USER, userSaveHandler } from '../save-handlers/user.ts'
import type { SaveHandlerObject } from '../save-handlers/user-object.ts'
import { globals } from './globals.ts'
import { refusesChange } from './ini.ts'

type Callback<M extends keyof SaveHandlerObject> = NonNullable<SaveHandlerObject[M]>

/**
 * session_set_save_handler(): has the running request keep its sessions in an object of the application's, or in its functions: see
 * `userSaveHandler`. `register_shutdown` changes nothing: every response stores its session before its last byte leaves.
 * @returns false, with a warning, while a session is active and when the headers are sent
 * @throws TypeError for an object that lacks a method, and for another number of functions than 6 to 9; SessionError NO_SESSION
 */
export function session_set_save_handler(sessionhandler: SaveHandlerObject, register_shutdown?: boolean): boolean
export function session_set_save_handler(
  open: Callback<'open'>,
  close: Callback<'close'>,
  read: Callback<'read'>,
  write: Callback<'write'>,
  destroy: Callback<'destroy'>,
  gc: Callback<'gc'>,
  create_sid?: Callback<'create_sid'>,
  validate_sid?: Callback<'validateId'>,
  update_timestamp?: Callback<'updateTimestamp'>,
): boolean
export function session_set_save_handler(...given: unknown[]): boolean {
  const object = given.length <= 2 ? objectOf(given[0]) : fromFunctions(given)
  const handler = userSaveHandler(object)
  const request = globals()
  if (refusesChange(request, CALLER, 'Session save handler')) return false
  request.saveHandler = handler
  request.set('save_handler', USER)
  return true
}

const CALLER = 'session_set_save_handler'

const METHODS = ['open', 'close', 'read', 'write', 'destroy', 'gc', 'create_sid', 'validateId', 'updateTimestamp'] as const

function objectOf(given: unknown): SaveHandlerObject {
  if (typeof given === 'object' && given !== null) return given as SaveHandlerObject
  throw new TypeError(`${CALLER}() takes an object with the methods of SessionHandlerInterface, or 6 to 9 functions`)
}

function fromFunctions(given: readonly unknown[]): SaveHandlerObject {
  if (given.length < 6 || given.length > METHODS.length) throw new TypeError(`${CALLER}() takes 6 to 9 functions`)
  for (const [at, each] of given.entries()) {
    if (typeof each !== 'function') throw new TypeError(`${CALLER}(): ${METHODS[at]} must be a function`)
  }
  return Object.fromEntries(given.map((each, at) => [METHODS[at], each])) as unknown as SaveHandlerObject
}
