import { serializeHandlerNames } from '../serialize-handlers/serialize-handlers.ts'
import { type DirectiveName, directiveNames } from '../session/directives.ts'
import { asString, NUMERIC, refuse, string } from './arguments.ts'
import { warn } from './error-handler.ts'
import { type Globals, globals } from './globals.ts'
import { isModule, useModule } from './modules.ts'

/**
 * ini_get(): the text of a directive, such as `session.cookie_httponly`, as it is in force for the running request; false for what is
 * no directive of the session module.
 * @throws SessionError NO_SESSION
 */
export function ini_get(option: string): string | false {
  const name = directiveOf(string('ini_get', 'option', option))
  return name === undefined ? false : globals().text(name)
}

/**
 * ini_set(): sets a directive of the session module for the running request, from its next start on.
 * @returns the text before; false when it stays what it is: while a session is active, when the headers are sent (both with a warning), for
 *   `session.auto_start` and `session.upload_progress.*`, and for what is no directive of the session module
 * @throws TypeError for a value that PHP would misread; SessionError NO_SESSION
 */
export function ini_set(option: string, value: string | number | boolean | null): string | false {
  const name = directiveOf(string('ini_set', 'option', option))
  const text =
    value === null ? '' : (asString(value) ?? refuse('ini_set', 'value', 'a string, a number, a boolean or null', value))
  if (name === undefined) return false
  const request = globals()
  const before = request.text(name)
  return alterIni(request, 'ini_set', name, text) ? before : false
}

/**
 * What all functions set directives with (`zend_alter_ini_entry`, and the `OnUpdate…` functions of session.c): false, mostly with a
 * warning in the name of `caller`, when PHP refuses. @throws TypeError for a value that PHP would misread
 */
export function alterIni(request: Globals, caller: string, name: string, text: string): boolean {
  if (!isDirective(name) || name === 'auto_start' || name.startsWith('upload_progress.')) return false
  if (!name.startsWith('trans_sid_') && refusesChange(request, caller, 'Session ini settings')) return false
  const refusal = refusals[name]?.(text, request)
  if (refusal !== undefined) {
    warn(caller, ...refusal)
    return false
  }
  if (name === 'save_handler') useModule(request, text)
  else request.set(name, text)
  return true
}

/** What may not be changed while a session is active, or when it is too late: true, and a warning. */
export function refusesChange(request: Globals, caller: string, what: string): boolean {
  if (request.active !== undefined) warn(caller, `${what} cannot be changed when a session is active`)
  else if (request.headersSent) warn(caller, `${what} cannot be changed after headers have already been sent`)
  else return false
  return true
}

type Refusal = [message: string, ...values: string[]]

/** What PHP says to values that it refuses. */
const refusals: { readonly [Name in DirectiveName]?: (text: string, request: Globals) => Refusal | undefined } = {
  name: (text) => (text === '' || NUMERIC.test(text) ? ['session.name "%s" cannot be numeric or empty', text] : undefined),
  cookie_lifetime: (text) => (Number.parseInt(text, 10) < 0 ? ['CookieLifetime cannot be negative'] : undefined),
  sid_length: digits('session.configuration "session.sid_length" must be between 22 and 256', 22, 256),
  sid_bits_per_character: digits('session.configuration "session.sid_bits_per_character" must be between 4 and 6', 4, 6),
  serialize_handler: (text) =>
    serializeHandlerNames.includes(text.toLowerCase()) ? undefined : ['Serialization handler "%s" cannot be found', text],
  save_handler(text, request) {
    if (text.toLowerCase() === 'user') return ['Session save handler "user" cannot be set by ini_set()']
    return isModule(request, text) ? undefined : ['Session save handler "%s" cannot be found', text]
  },
}

function digits(message: string, min: number, max: number): (text: string) => Refusal | undefined {
  return (text) => (/^[ +]*\d+$/.test(text) && Number(text) >= min && Number(text) <= max ? undefined : [message])
}

function directiveOf(option: string): DirectiveName | undefined {
  const name = option.replace(/^session\./, '')
  return name !== option && isDirective(name) ? name : undefined
}

function isDirective(name: string): name is DirectiveName {
  return (directiveNames as readonly string[]).includes(name)
}
