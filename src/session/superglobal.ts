import { inspect } from 'node:util'
import type { SessionVars } from '../serialize-handlers/serialize-handler.ts'

/** What `$_SESSION` shows. */
export interface Source {
  /** The variables to read. */
  read(): SessionVars
  /** The variables to change; throws when a change would be lost. */
  write(): SessionVars
}

/**
 * `$_SESSION`: the variables of a session as a plain object to work with; nothing is kept here. Whatever a plain object does,
 * this does: `in`, `delete`, spread, `Object.keys` (in PHP's order), JSON.stringify, console.log. It cannot be frozen or given
 * accessors, because a session could not keep that.
 */
export function superglobal(source: Source): Record<string, unknown> {
  const traps = new Traps(source)
  traps.proxy = new Proxy<Record<string, unknown>>(new Target(source) as never, traps)
  return traps.proxy
}

/** What is behind the proxy: console.log looks past it at its target, and calls what it finds there on the proxy. */
class Target {
  readonly [inspect.custom]: () => Record<string, unknown>

  constructor(source: Source) {
    this[inspect.custom] = () => {
      const vars = source.read()
      return Object.fromEntries(vars.keys().map((key) => [key, vars.get(key)]))
    }
  }
}

/** A class, so that one session costs one small object and no closures. */
class Traps implements ProxyHandler<Record<string, unknown>> {
  proxy: Record<string, unknown> = {}
  readonly #source: Source

  constructor(source: Source) {
    this.#source = source
  }

  get(_target: object, key: string | symbol, receiver: unknown): unknown {
    const vars = this.#source.read()
    return typeof key === 'string' && vars.has(key) ? vars.get(key) : Reflect.get(Object.prototype, key, receiver)
  }

  set(_target: object, key: string | symbol, value: unknown, receiver: unknown): boolean {
    // What inherits from $_SESSION gets a property of its own.
    if (receiver !== this.proxy) return Reflect.set({}, key, value, receiver)
    this.#source.write().set(text(key), value)
    return true
  }

  has(_target: object, key: string | symbol): boolean {
    return this.#hasOwn(key) || key in Object.prototype
  }

  deleteProperty(_target: object, key: string | symbol): boolean {
    if (this.#hasOwn(key)) this.#source.write().delete(key)
    return true
  }

  ownKeys(): string[] {
    return this.#source.read().keys()
  }

  getOwnPropertyDescriptor(_target: object, key: string | symbol): PropertyDescriptor | undefined {
    if (!this.#hasOwn(key)) return undefined
    return { value: this.#source.read().get(key), enumerable: true, configurable: true, writable: true }
  }

  defineProperty(_target: object, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    const isPlain = descriptor.enumerable !== false && descriptor.configurable !== false && descriptor.writable !== false
    if (!('value' in descriptor) || !isPlain) {
      throw new TypeError(`$_SESSION keeps values, not accessors or attributes of ${text(key)}`)
    }
    this.#source.write().set(text(key), descriptor.value)
    return true
  }

  getPrototypeOf(): object {
    return Object.prototype
  }

  setPrototypeOf(): boolean {
    return false
  }

  preventExtensions(): boolean {
    return false
  }

  #hasOwn(key: string | symbol): key is string {
    return typeof key === 'string' && this.#source.read().has(key)
  }
}

function text(key: string | symbol): string {
  if (typeof key === 'symbol') throw new TypeError(`$_SESSION cannot hold the key ${String(key)}: PHP has no symbols`)
  return key
}
