import { type Charset, textCodec } from './charset.ts'
import { type Classes, ClassTable } from './classes.ts'
import { MAX_DEPTH } from './scan.ts'
import { Writer } from './writer.ts'

export interface SerializeOptions {
  /** How text becomes bytes; default 'utf-8'. */
  readonly charset?: Charset
  /** The classes whose instances may be written. */
  readonly classes?: Classes
  /** How deep arrays and objects may nest, so that PHP reads them back: default 4096, 0 for no limit. */
  readonly maxDepth?: number
}

/**
 * Writes a value in PHP's format: serialize(). What `unserialize` gave comes out as the bytes it came from, with what was
 * changed changed. See docs/serialize-format.md for what each JavaScript value becomes.
 * @throws TypeError for a value PHP cannot hold, with its key path
 */
export function serialize(value: unknown, options: SerializeOptions = {}): Buffer {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) throw new TypeError(`Unknown option '${name}': serialize() takes ${OPTIONS.join(', ')}`)
  }
  const writer = new Writer({
    codec: textCodec(options.charset),
    classes: ClassTable.of(options.classes),
    maxDepth: options.maxDepth ?? MAX_DEPTH,
  })
  writer.value({ '': value }, '')
  return writer.finish()
}

const OPTIONS: readonly string[] = ['charset', 'classes', 'maxDepth'] satisfies (keyof SerializeOptions)[]
