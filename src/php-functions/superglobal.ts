import { inspect } from 'node:util'
import { SessionError } from '../errors.ts'
import { E_WARNING, raise } from './error-handler.ts'
import { globals, isBound } from './globals.ts'

/**
 * `$_SESSION`: the variables of the running request's session, as `Session.$_SESSION` gives them. Before a session is started it is empty, and
 * reading it raises PHP's warning about an undefined variable; to write then throws NO_SESSION, because session_start() would forget it. After
 * the session is closed it stays readable; to write then throws SESSION_CLOSED, because nobody would store it. What session_destroy() left
 * may be changed as in PHP: that it is lost, is what was asked for.
 * PHP's `$_SESSION = []` is `session_unset()`.
 */
// biome-ignore lint/suspicious/noExplicitAny: as in PHP, a variable holds anything
export const $_SESSION: Record<string, any> = new Proxy(
  { [inspect.custom]: () => (isBound() ? { ...shown() } : {}) },
  {
    get: (_target, key) => Reflect.get(typeof key === 'string' ? readable() : shown(), key),
    set(_target, key, value, receiver) {
      // What inherits from $_SESSION gets a property of its own.
      return receiver === $_SESSION ? Reflect.set(writable(), key, value) : Reflect.set({}, key, value, receiver)
    },
    has: (_target, key) => Reflect.has(shown(), key),
    deleteProperty: (_target, key) => Reflect.deleteProperty(shown(), key),
    ownKeys: () => Reflect.ownKeys(readable()),
    getOwnPropertyDescriptor: (_target, key) => Reflect.getOwnPropertyDescriptor(shown(), key),
    defineProperty: (_target, key, descriptor) => Reflect.defineProperty(writable(), key, descriptor),
    getPrototypeOf: () => Object.prototype,
    setPrototypeOf: () => false,
    preventExtensions: () => false,
  },
)

/**
 * PHP's constant SID, as an object because it is another text in each request: `name=id` where `use_only_cookies` is off and the browser
 * did not send the cookie, else ''; '' also before a session is started.
 */
export const SID = Object.freeze({
  toString: () => globals().sid,
  toJSON: () => globals().sid,
  [Symbol.toPrimitive]: () => globals().sid,
  [inspect.custom]: () => inspect(isBound() ? globals().sid : ''),
})

const NONE = Object.freeze({})

/** The variables, none before a start: what PHP says nothing about, such as isset(). */
function shown(): object {
  return globals().vars ?? NONE
}

/** The same, and what PHP says about an undefined variable. */
function readable(): object {
  const { vars } = globals()
  if (vars === undefined) raise(E_WARNING, 'Undefined global variable $_SESSION')
  return vars ?? NONE
}

function writable(): object {
  const { vars } = globals()
  if (vars === undefined) {
    throw new SessionError('NO_SESSION', 'Cannot change $_SESSION before a session is started: await session_start() first')
  }
  return vars
}
