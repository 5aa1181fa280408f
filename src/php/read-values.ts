import type { TextCodec } from './charset.ts'
import type { ClassTable } from './classes.ts'
import { Input } from './input.ts'
import { type Limits, OpenContainers, type Source } from './open-containers.ts'
import { NEEDS_REFERENCES, Reader } from './reader.ts'
import { forgetReference, References } from './references.ts'

export interface ReadOptions extends Limits {
  readonly codec: TextCodec
  readonly classes: ClassTable
}

export interface ReadResult {
  /** Where the last value ends. */
  readonly end: number
  /** Whether the bytes of the objects that wrote their own (`C:`) turned out to hold no values of PHP's. */
  readonly isCustomOpaque: boolean
}

/**
 * Reads values that number their slots together, in order; all from the start of the numbering where one has references.
 * @param firstSlot the slots taken before the first value
 * @throws UnserializeError
 */
export function readValues(bytes: Buffer, sources: readonly Source[], options: ReadOptions, firstSlot = 0): ReadResult {
  const input = new Input(bytes, options.codec)
  const open = new OpenContainers(options.classes, options, undefined)
  const end = new Reader(input, open, undefined).readAll(sources)
  if (end === NEEDS_REFERENCES) return readReferences(input, sources, options, firstSlot)
  for (const hook of open.hooks) hook()
  return { end, isCustomOpaque: false }
}

/**
 * Reads with references. When objects wrote their own bytes (`C:`), it is a guess whether the values in these take slots;
 * PHP's references mean the first place of a value, so where they do not, the other guess is tried.
 */
function readReferences(input: Input, sources: readonly Source[], options: ReadOptions, firstSlot: number): ReadResult {
  const attempt = (isCustomOpaque: boolean): Attempt => {
    const references = new References(firstSlot, isCustomOpaque)
    const open = new OpenContainers(options.classes, options, references)
    for (const source of sources) forgetReference(source.container, source.key)
    const result = { isCustomOpaque, references, hooks: open.hooks }
    try {
      return { ...result, end: new Reader(input, open, references).readAll(sources), error: undefined }
    } catch (error) {
      return { ...result, end: 0, error }
    }
  }
  let result = attempt(false)
  const isDoubtful = result.references.hasInside && (result.error !== undefined || result.references.isOdd)
  if (isDoubtful) {
    const other = attempt(true)
    const isBetter = other.error === undefined && (result.error !== undefined || !other.references.isOdd)
    if (isBetter) result = other
    // Both wrote to the same containers: the one that counts has to be the last.
    else if (result.error === undefined) result = attempt(false)
  }
  if (result.error !== undefined) throw result.error
  for (const hook of result.hooks) hook()
  return result
}

interface Attempt extends ReadResult {
  readonly error: unknown
  readonly references: References
  readonly hooks: readonly (() => void)[]
}
