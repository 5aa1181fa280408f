import { types } from 'node:util'
import type { ClassTable } from './classes.ts'
import { dateProperties } from './date.ts'
import { type Container, recall, remember } from './memory.ts'
import { NoPhpForm } from './no-php-form.ts'
import { setOwn } from './values.ts'

/** What PHP makes of a JavaScript object that is no plain data: an array, an object, or the value it stands for. */
export type Form =
  | { readonly kind: 'array'; readonly container: Container }
  | { readonly kind: 'properties' | 'data'; readonly className: string; readonly container: Container }
  | { readonly kind: 'value'; readonly value: unknown }

/** The form of an object. @throws RangeError saying why PHP has none */
export function formOf(value: object, classes: ClassTable): Form {
  const binding = classes.of(value)
  if (binding !== undefined) {
    const className = recall(value)?.className ?? binding.className
    if (binding.serialize === undefined) return { kind: 'properties', className, container: value }
    const data: unknown = binding.serialize(value)
    if (typeof data !== 'object' || data === null)
      throw new NoPhpForm(`${className}.__serialize() must return an object or array`)
    return { kind: 'data', className, container: types.isMap(data) ? mapEntries(data) : data }
  }
  if (types.isDate(value)) return { kind: 'properties', className: 'DateTimeImmutable', container: dateProperties(value) }
  if (types.isMap(value)) return { kind: 'array', container: mapEntries(value) }
  if (types.isSet(value)) return { kind: 'array', container: [...value] as unknown as Container }
  if (types.isBoxedPrimitive(value)) return { kind: 'value', value: value.valueOf() }
  const name = (value.constructor as { name?: string } | undefined)?.name ?? 'an unknown class'
  throw new NoPhpForm(`an instance of ${name} can only be written when its class is named in \`classes\` or has a toJSON method`)
}

/** Whether an object is data and no instance of a class, in whichever realm it was made. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A loop, because to ask the object, or to search the array, costs as much as writing two keys. */
export function hasToJSON(keys: readonly string[]): boolean {
  for (let i = 0; i < keys.length; i++) if (keys[i] === 'toJSON') return true
  return false
}

/** An array whose own keys are exactly its indexes: indexes come first, so the last tells. */
export function endsAtLastIndex(keys: readonly string[]): boolean {
  return keys.length === 0 || keys[keys.length - 1] === String(keys.length - 1)
}

/** The entries of a Map in its order, under the keys that PHP makes of the Map's. */
function mapEntries(map: Map<unknown, unknown>): Container {
  const entries = new Map<string, unknown>()
  for (const [key, value] of map) {
    if (typeof key !== 'string' && typeof key !== 'bigint' && !Number.isSafeInteger(key)) {
      throw new NoPhpForm(`a Map key must be a string or an int, not ${typeof key === 'number' ? key : typeof key}`)
    }
    const name = Object.is(key, -0) ? '0' : String(key)
    if (entries.has(name)) throw new NoPhpForm(`two keys of the Map are the same key in PHP: ${name}`)
    entries.set(name, value)
  }
  const record: Container = {}
  for (const [name, value] of entries) setOwn(record, name, value)
  remember(record, { order: [...entries.keys()] })
  return record
}
