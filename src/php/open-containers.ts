import { UnserializeError } from '../errors.ts'
import type { ClassTable } from './classes.ts'
import { Frame, type Kind, LIST, OBJECT, RECORD } from './frame.ts'
import { formatPath } from './key-path.ts'
import { type Container, remember } from './memory.ts'
import type { References } from './references.ts'
import { PhpObject, setOwn } from './values.ts'

export interface Limits {
  /** 0 for no limit. */
  readonly maxDepth: number
  readonly maxElements: number
}

/** A value to read: where it goes, and where its bytes start. */
export interface Source {
  readonly container: Container
  readonly key: string
  readonly start: number
}

/** The arrays and objects that are being read and have not ended, outermost first. */
export class OpenContainers {
  /** The application's `__unserialize` hooks, to be called when all is read. */
  readonly hooks: (() => void)[] = []
  /** How many are open. */
  depth = 0
  readonly #classes: ClassTable
  readonly #limits: Limits
  readonly #references: References | undefined
  /** One for each depth; frame 0 stands for the place where the value goes. */
  readonly #frames: Frame[] = [new Frame()]
  #elements = 0

  constructor(classes: ClassTable, limits: Limits, references: References | undefined) {
    this.#classes = classes
    this.#limits = limits
    this.#references = references
  }

  /** Starts over with a place for one value. */
  start({ container, key }: Source): Frame {
    this.depth = 0
    const frame = this.#frames[0]!
    frame.open(RECORD, container, 1)
    frame.key = key
    return frame
  }

  get top(): Frame {
    return this.#frames[this.depth]!
  }

  /** @param outer how many of the innermost containers' keys do not lead to what is wrong */
  path(outer = 0): string {
    const keys = this.#frames.slice(0, this.depth + 1 - outer).map((frame) => frame.key)
    return formatPath(keys[0] === '' ? keys.slice(1) : keys)
  }

  /** Puts a new array at the next place of the innermost container and opens it. */
  openArray(count: number, startsAsList: boolean, at: number): Frame {
    const container: Container = startsAsList ? [] : {}
    put(this.top, container)
    return this.#open(startsAsList ? LIST : RECORD, container, count, at)
  }

  /** The same with an object. One whose class takes an array in `__unserialize` gets that array later. */
  openObject(className: string, count: number, startsAsList: boolean, at: number): Frame {
    const binding = this.#classes.named(className)
    const object = binding === undefined ? new PhpObject(className) : Object.create(binding.prototype)
    if (binding !== undefined) remember(object, { className })
    put(this.top, object)
    let frame: Frame
    if (binding?.unserialize === undefined) frame = this.#open(OBJECT, object, count, at)
    else {
      frame = this.#open(startsAsList ? LIST : RECORD, startsAsList ? [] : {}, count, at)
      frame.deferred = { binding, instance: object }
    }
    frame.className = className
    return frame
  }

  /** The innermost container has ended. Returns the one around it. */
  close(): Frame {
    const frame = this.top
    frame.close()
    if (frame.deferred !== undefined) {
      const { binding, instance } = frame.deferred
      const data = frame.container
      this.hooks.push(() => binding.unserialize?.(instance, data))
    }
    this.depth--
    return this.top
  }

  /** The innermost list turned out to be a keyed array: a new container takes its place. */
  becomeRecord(): Frame {
    const frame = this.top
    const list = frame.container
    const record = frame.becomeRecord()
    const parent = this.#frames[this.depth - 1]!
    if (frame.deferred === undefined) parent.container[parent.key] = record
    this.#references?.replace(list, record)
    return frame
  }

  #open(kind: Kind, container: Container, count: number, at: number): Frame {
    const { maxDepth, maxElements } = this.#limits
    if (this.depth === maxDepth && maxDepth > 0) {
      throw new UnserializeError(`more than ${maxDepth} arrays and objects inside each other`, at, this.path())
    }
    this.#elements += count
    if (this.#elements > maxElements) throw new UnserializeError(`more than ${maxElements} elements`, at, this.path())
    this.depth++
    this.#frames[this.depth] ??= new Frame()
    const frame = this.top
    frame.open(kind, container, count)
    return frame
  }
}

/** Puts a value at the next place of a container. */
export function put(frame: Frame, value: unknown): void {
  const { container, key } = frame
  frame.left--
  // Three sites, so that each sees one kind of store and stays fast.
  if (frame.kind === LIST) (container as unknown as unknown[])[key as number] = value
  else if (frame.kind === OBJECT || key === '__proto__') setOwn(container, key, value)
  else {
    try {
      container[key] = value
    } catch {
      // Object.prototype is frozen, as hardened applications have it: a key such as toString cannot be assigned.
      setOwn(container, key, value)
    }
  }
}
