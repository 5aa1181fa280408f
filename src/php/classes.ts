/**
 * The application's classes, by PHP name: `{ 'App\\User': User }`. It maps both ways. An instance is made without running its
 * constructor and its properties are set directly, as unserialize() does; nothing outside this map is ever instantiated.
 */
export type Classes = Readonly<Record<string, PhpClass>>

/** A class of the application; the static hooks stand for PHP's magic methods of the same names. */
export interface PhpClass {
  readonly prototype: object
  readonly name: string
  /** What to write instead of the properties: the array that `__serialize()` returns. */
  __serialize?(instance: never): object
  /** Takes the array that `__serialize()` made. Called when all values are read, inner objects first. */
  __unserialize?(instance: never, data: never): void
}

export interface ClassBinding {
  /** As the application spelled it. */
  readonly className: string
  readonly prototype: object
  readonly serialize: ((instance: object) => object) | undefined
  readonly unserialize: ((instance: object, data: object) => void) | undefined
}

/** `classes` made ready for look-ups. PHP's class names ignore the case of ASCII letters. */
export class ClassTable {
  readonly #byName = new Map<string, ClassBinding>()
  readonly #byPrototype = new Map<object, ClassBinding>()

  /** @throws TypeError naming the entry that is not a class or not a class name. */
  constructor(classes: Classes = {}) {
    for (const [name, phpClass] of Object.entries(classes)) {
      const className = name.replace(/^\\/, '')
      if (!isClassName(className)) throw new TypeError(`classes: '${name}' is not a PHP class name`)
      if (typeof phpClass !== 'function') throw new TypeError(`classes['${name}'] must be a class`)
      const { prototype, __serialize: serialize, __unserialize: unserialize } = phpClass as HookedClass
      const binding: ClassBinding = {
        className,
        prototype,
        serialize: serialize?.bind(phpClass),
        unserialize: unserialize?.bind(phpClass),
      }
      this.#byName.set(lowerAscii(className), binding)
      if (!this.#byPrototype.has(prototype)) this.#byPrototype.set(prototype, binding)
    }
  }

  /** The table of a `classes` option; one is made per option object. */
  static of(classes: Classes | undefined): ClassTable {
    if (classes === undefined) return none
    const table = tables.get(classes) ?? new ClassTable(classes)
    tables.set(classes, table)
    return table
  }

  named(className: string): ClassBinding | undefined {
    return this.#byName.size === 0 ? undefined : this.#byName.get(lowerAscii(className))
  }

  /** The class that an object is a direct instance of; a subclass has to be listed itself. */
  of(instance: object): ClassBinding | undefined {
    return this.#byPrototype.size === 0 ? undefined : this.#byPrototype.get(Object.getPrototypeOf(instance))
  }
}

interface HookedClass {
  readonly prototype: object
  __serialize?(instance: object): object
  __unserialize?(instance: object, data: object): void
}

const none = new ClassTable()
const tables = new WeakMap<Classes, ClassTable>()

/** Whether PHP takes the name of a class from serialized data (zend_is_valid_class_name, and no leading backslash). */
export function isClassName(name: string): boolean {
  return /^[\w\x80-\uffff][\w\\\x80-\uffff]*$/.test(name)
}

function lowerAscii(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
