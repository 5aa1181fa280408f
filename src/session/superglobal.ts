import { inspect } from 'node:util'
import type { SessionVars } from '../serialize-handlers/serialize-handler.ts'

/** What `$_SESSION` shows. `write` is asked before each change, and throws when changes would be lost. */
export interface Source {
  readonly vars: SessionVars
  write(): SessionVars
}

/**
 * `$_SESSION`: the variables of a session as a plain object to work with; nothing is kept here. Whatever a plain object does,
 * this does: `in`, `delete`, spread, `Object.keys` (in PHP's order), JSON.stringify, console.log. It cannot be frozen or given
 * accessors, because a session could not keep that.
 */
export function superglobal(source: Source): Record<string, unknown> {
  const target = {}
  // console.log looks past a proxy at its target, and asks that.
  Object.defineProperty(target, inspect.custom, { value: () => snapshot(source.vars), configurable: true })
  const proxy: Record<string, unknown> = new Proxy(
    target,
    traps(source, (object) => object === proxy),
  )
  return proxy
}

function traps(source: Source, isSuperglobal: (object: unknown) => boolean): ProxyHandler<Record<string, unknown>> {
  return {
    get(_target, key, receiver) {
      if (typeof key === 'string' && source.vars.has(key)) return source.vars.get(key)
      return Reflect.get(Object.prototype, key, receiver)
    },
    set(_target, key, value, receiver) {
      // What inherits from $_SESSION gets a property of its own.
      if (!isSuperglobal(receiver)) return Reflect.set({}, key, value, receiver)
      source.write().set(text(key), value)
      return true
    },
    has: (_target, key) => (typeof key === 'string' && source.vars.has(key)) || key in Object.prototype,
    deleteProperty(_target, key) {
      if (typeof key === 'string' && source.vars.has(key)) source.write().delete(key)
      return true
    },
    ownKeys: () => source.vars.keys(),
    getOwnPropertyDescriptor(_target, key) {
      if (typeof key !== 'string' || !source.vars.has(key)) return undefined
      return { value: source.vars.get(key), enumerable: true, configurable: true, writable: true }
    },
    defineProperty(_target, key, descriptor) {
      const isPlain = descriptor.enumerable !== false && descriptor.configurable !== false && descriptor.writable !== false
      if (!('value' in descriptor) || !isPlain)
        throw new TypeError(`$_SESSION keeps values, not accessors or attributes of ${text(key)}`)
      source.write().set(text(key), descriptor.value)
      return true
    },
    preventExtensions: () => false,
    setPrototypeOf: () => false,
  }
}

function text(key: string | symbol): string {
  if (typeof key === 'symbol') throw new TypeError(`$_SESSION cannot hold the key ${String(key)}: PHP has no symbols`)
  return key
}

function snapshot(vars: SessionVars): Record<string, unknown> {
  return Object.fromEntries(vars.keys().map((key) => [key, vars.get(key)]))
}
