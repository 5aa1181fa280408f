import { explainSession } from '../inspect/explain.ts'
import { inspectSession } from '../inspect/inspect-session.ts'
import { parsePath } from '../inspect/paths.ts'
import type { Awaitable } from '../save-handlers/save-handler.ts'
import { unknownName } from '../session/directive-names.ts'
import { Comparison } from './compare.ts'
import { damageMessage, differencesMessage, type Paint, sameMessage } from './messages.ts'
import { askPhp, type PhpCommand } from './php.ts'
import { findSession, type SessionSource } from './session-source.ts'
import { StoredVars } from './stored-vars.ts'

/** What a matcher or an assertion finds. */
export interface Verdict {
  readonly pass: boolean
  /** Why it does not pass; if it does, why the opposite would not. */
  message(paint?: Paint): string
}

export interface SessionOptions {
  /** As session.serialize_handler; default: that of the test's sessions, or whichever can read the bytes. */
  readonly serialize_handler?: string
}

export interface PhpOptions extends SessionOptions {
  /** The PHP to ask; default: that of the test's sessions, or SESSION_START_PHP in the environment, or the one on PATH. */
  readonly php?: PhpCommand
}

/** Keys as a path, `cart[3].price`, or one by one. */
export type KeyPath = string | readonly (string | number)[]

/** Whether there is a session, and PHP would read it. */
export function checkPhpSession(source: SessionSource, options: SessionOptions = {}): Verdict {
  checkOptions(options, ['serialize_handler'])
  const { label, bytes, reading } = findSession(source, options)
  if (bytes === undefined) return { pass: false, message: () => `There is no ${label}` }
  const damage = explainSession(bytes, reading.serialize_handler)
  if (damage !== undefined) return { pass: false, message: (paint) => damageMessage(label, damage, bytes.length, paint) }
  return { pass: true, message: () => `PHP reads ${label}` }
}

/** Whether the session holds this value in this place; without a value, whether it holds anything there. */
export function checkSessionValue(source: SessionSource, path: KeyPath, ...values: [value?: unknown]): Verdict {
  const expected = values.length === 0 ? ANYTHING : values[0]
  if (expected === undefined)
    throw new TypeError('PHP has no undefined: to expect that there is nothing, give no value, and use .not')
  if (typeof path !== 'string' && !Array.isArray(path))
    throw new TypeError('Give a key path, such as cart[3].price, or an array of keys')
  const keys = (typeof path === 'string' ? parsePath(path) : path).map(String)
  return check(source, keys, expected, false)
}

/** Whether the session holds these variables, and maybe more. */
export function checkMatch(source: SessionSource, expected: object): Verdict {
  if (typeof expected !== 'object' || expected === null)
    throw new TypeError('Give an object with the variables that are expected')
  return check(source, [], expected, true)
}

/** Whether a real PHP reads the session. @throws Error when there is no PHP to ask */
export async function checkReadableByPhp(source: Awaitable<SessionSource>, options: PhpOptions = {}): Promise<Verdict> {
  checkOptions(options, ['serialize_handler', 'php'])
  const { label, bytes, reading } = findSession(await source, options)
  if (bytes === undefined) return { pass: false, message: () => `There is no ${label}` }
  const { serializeHandler = 'php' } = inspectSession(bytes, reading.serialize_handler)
  const { version, isReadable, warnings } = await askPhp(bytes, serializeHandler, reading.php)
  if (isReadable) return { pass: true, message: () => `PHP ${version} reads ${label}` }
  const said = [`PHP ${version} does not read ${label}:`, ...warnings].join('\n  ')
  const damage = explainSession(bytes, serializeHandler)
  if (damage === undefined) return { pass: false, message: () => said }
  return { pass: false, message: (paint) => `${said}\n\n${damageMessage(label, damage, bytes.length, paint)}` }
}

/** A PHP under another name would not be asked, and nobody would see it. */
function checkOptions(options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`The options are an object with ${known.join(', ')}`)
  for (const name of Object.keys(options)) if (!known.includes(name)) throw unknownName(name, known)
}

const ANYTHING = { asymmetricMatch: () => true, toAsymmetricMatcher: () => 'anything' }

/** @throws Error when there is no session, or one that PHP would destroy: of that nobody can say what it holds, nor what it does not */
function check(source: SessionSource, keys: readonly string[], expected: unknown, mayHoldMore: boolean): Verdict {
  const { label, bytes, reading } = findSession(source)
  if (bytes === undefined) throw new Error(`There is no ${label}`)
  const damage = explainSession(bytes, reading.serialize_handler)
  if (damage !== undefined) throw new Error(damageMessage(label, damage, bytes.length))
  const vars = new StoredVars(bytes, reading)
  const place = vars.at(keys)
  const comparison = new Comparison(vars, { ...reading, mayHoldMore })
  comparison.compare(expected, place, keys)
  const { differences } = comparison
  if (differences.length > 0) return { pass: false, message: (paint) => differencesMessage(label, differences, vars, paint) }
  return { pass: true, message: (paint) => sameMessage(label, keys, place!, paint) }
}
