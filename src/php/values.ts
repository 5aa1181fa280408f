import { type InspectOptions, inspect } from 'node:util'
import { isClassName } from './classes.ts'
import { recall, remember } from './memory.ts'

/** A number that is written as a PHP float even when it is whole: `new PhpFloat(10)` is `d:10;`. Reading gives plain numbers. */
export class PhpFloat {
  readonly value: number

  constructor(value: number) {
    this.value = Number(value)
  }

  valueOf(): number {
    return this.value
  }

  toJSON(): number {
    return this.value
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    return `PhpFloat(${inspect(this.value, options)})`
  }
}

export type Visibility = 'public' | 'protected' | 'private'

/**
 * An object of a PHP class that is not in `classes`. Its properties are plain properties under their plain names; the class
 * and the visibility of each are remembered. Where a parent class has a private property of the same name as one of the
 * object's own, the parent's stands under its mangled name, `\0Parent\0name`.
 */
export class PhpObject {
  readonly #className: string;
  /** The properties, by name. */
  // biome-ignore lint/suspicious/noExplicitAny: a property holds any PHP value
  [property: string]: any

  /**
   * @param visibility the properties that are not public
   * @throws TypeError when `className` is no PHP class name
   */
  constructor(className: string, properties: object = {}, visibility: Record<string, Visibility> = {}) {
    if (!isClassName(className)) throw new TypeError(`'${className}' is not a PHP class name`)
    this.#className = className
    for (const [name, value] of Object.entries(properties)) setOwn(this, name, value)
    const hidden = Object.entries(visibility).filter(([, how]) => how !== 'public')
    if (hidden.length > 0) {
      const prefixes = hidden.map(([name, how]) => [name, how === 'protected' ? '\0*\0' : `\0${className}\0`] as const)
      remember(this, { prefixes: new Map(prefixes) })
    }
  }

  /** The class of a PhpObject; `undefined` for anything else. */
  static classOf(value: object): string | undefined {
    return #className in value ? value.#className : undefined
  }

  [inspect.custom](depth: number, options: InspectOptions, print: typeof inspect): string {
    if (printing.has(this)) return '[Circular]'
    if (depth < 0) return `[${this.#className}]`
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 }
    printing.add(this)
    let lines: string[]
    try {
      lines = Object.entries(this).map(([name, value]) => `${label(this, name)}: ${print(value, inner as InspectOptions)}`)
    } finally {
      printing.delete(this)
    }
    if (lines.length === 0) return `${this.#className} {}`
    const width = lines.reduce((sum, line) => sum + line.length + 2, this.#className.length)
    if (width <= 72 && !lines.some((line) => line.includes('\n'))) return `${this.#className} { ${lines.join(', ')} }`
    return `${this.#className} {\n${lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`).join(',\n')}\n}`
  }
}

/** The objects that are being inspected, so that a cycle ends. */
const printing = new Set<PhpObject>()

/** One case of a PHP enum: `new PhpEnum('App\\Suit', 'Hearts')` is `App\Suit::Hearts`. The backing value is not serialized. */
export class PhpEnum {
  readonly className: string
  readonly caseName: string

  constructor(className: string, caseName: string) {
    if (!isClassName(className)) throw new TypeError(`'${className}' is not a PHP class name`)
    if (typeof caseName !== 'string' || caseName === '') throw new TypeError(`${className}: the case of an enum has a name`)
    this.className = className
    this.caseName = caseName
  }

  toString(): string {
    return `${this.className}::${this.caseName}`
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

/** An object of a class that implements PHP's `Serializable`: what its `serialize()` returned, which only the class understands. */
export class PhpSerialized {
  readonly className: string
  readonly data: Buffer

  constructor(className: string, data: Uint8Array | string) {
    if (!isClassName(className)) throw new TypeError(`'${className}' is not a PHP class name`)
    this.className = className
    this.data = Buffer.from(data as Uint8Array)
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    return `${this.className} { serialized: ${inspect(this.data.toString('latin1'), options)} }`
  }
}

/**
 * A place that is, or shares, a value inside a PhpSerialized: PHP numbers what `Serializable` classes write with serialize()
 * along with everything around it. It can be kept, moved or removed; it is written behind its owner only.
 */
export class PhpSerializedPart {
  readonly owner: PhpSerialized
  /** Which of the values inside, counted from 0. */
  readonly index: number
  /** Whether the place is the same variable (`R:`) or holds the same object (`r:`). */
  readonly isReference: boolean

  constructor(owner: PhpSerialized, index: number, isReference: boolean) {
    this.owner = owner
    this.index = index
    this.isReference = isReference
  }

  [inspect.custom](): string {
    return `[value ${this.index} inside ${this.owner.className}]`
  }
}

/** The class of a decoded PHP object, as get_class() says; `undefined` for values that are not objects of a PHP class. */
export function getClass(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (value instanceof PhpEnum || value instanceof PhpSerialized) return value.className
  return PhpObject.classOf(value) ?? recall(value)?.className
}

/** The visibility of a property of a decoded PHP object, or of one made with `new PhpObject`. */
export function getVisibility(object: object, property: string): Visibility {
  const prefix = recall(object)?.prefixes?.get(property) ?? /^\0[^\0]+\0/.exec(property)?.[0]
  return prefix === undefined ? 'public' : prefix === '\0*\0' ? 'protected' : 'private'
}

/** Whether a decoded value is a PHP object, which has an identity, and no array. */
export function isPhpObject(value: unknown): boolean {
  return getClass(value) !== undefined
}

/** Sets an own property, whatever its name is and whatever the prototype has under it. */
export function setOwn(object: object, key: string | number, value: unknown): void {
  if (key in object && !Object.hasOwn(object, key)) {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else (object as Record<string | number, unknown>)[key] = value
}

/** A property as print_r() labels it, in the notation Node has for keys that are not plain: `[email:protected]`. */
function label(object: PhpObject, property: string): string {
  const visibility = getVisibility(object, property)
  const mangled = /^\0([^\0]+)\0(.*)$/s.exec((recall(object)?.prefixes?.get(property) ?? '') + property)
  if (visibility === 'protected') return `[${mangled?.[2]}:protected]`
  if (visibility === 'private') return `[${mangled?.[2]}:${mangled?.[1]}:private]`
  return /^[A-Za-z_$][\w$]*$/.test(property) ? property : inspect(property)
}
