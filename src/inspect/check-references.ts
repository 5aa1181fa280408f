import { UnserializeError } from '../errors.ts'
import { textCodec } from '../php/charset.ts'
import { ClassTable } from '../php/classes.ts'
import type { Source } from '../php/open-containers.ts'
import { type ReadResult, readValues } from '../php/read-values.ts'
import { MAX_DEPTH } from '../php/scan.ts'

/** Reads the values as the application would get them, which is what tells whether references mean what they may. */
export function checkReferences(bytes: Buffer, sources: readonly Source[], firstSlot = 0): ReadResult | UnserializeError {
  try {
    return readValues(
      bytes,
      sources,
      { codec: latin1, classes: NO_CLASSES, maxDepth: MAX_DEPTH - firstSlot, maxElements: Infinity },
      firstSlot,
    )
  } catch (error) {
    if (error instanceof UnserializeError) return error
    throw error
  }
}

const latin1 = textCodec('latin1')
const NO_CLASSES = ClassTable.of(undefined)
