import { formatPath } from '../php/key-path.ts'
import { type Conversion, weighedEnd } from './conversions.ts'
import type { Edit } from './edits.ts'
import { isName, isValueStart } from './plausible.ts'
import { plural } from './print.ts'

/** The head of an object or an enum, its name as long as its quotes say. */
export interface Head {
  readonly edit: Edit
  readonly name: string
  /** Behind the brace of an object, or behind an enum. */
  readonly next: number
  /** Where the digits of an object's count stand; undefined for an enum. */
  readonly count: { readonly start: number; readonly end: number } | undefined
}

/** An `O:` or `E:` at `at` whose name has not the length it says. */
export function misnamedHead(bytes: Buffer, at: number, conversion: Conversion | undefined): Head | undefined {
  const text = bytes.toString('latin1', at, at + LONGEST_HEAD)
  const [head, digits = '', name = '', count] = OBJECT_HEAD.exec(text) ?? ENUM_HEAD.exec(text) ?? []
  if (head === undefined || Number(digits) === name.length) return undefined
  const expected = `a length of ${name.length}, not ${digits}`
  const [lengthEnd, start] = [at + 2 + digits.length, at + 4 + digits.length]
  const isConverted = conversion !== undefined && weighedEnd(bytes, start, Number(digits), conversion) === start + name.length
  const edit: Edit = { kind: 'length', start: at + 2, end: lengthEnd, text: String(name.length), expected, isConverted }
  const loses = `the ${head.startsWith('E') ? 'enum' : 'class'} of ${plural(Number(digits), 'byte')}, if that was what is now ${name}`
  const next = at + head.length
  return {
    edit: isConverted ? edit : { ...edit, loses },
    name,
    next,
    count: count === undefined ? undefined : { start: next - 2 - count.length, end: next - 2 },
  }
}

const OBJECT_HEAD = /^O:(\d+):"([^"]*)":(\d+):\{/
const ENUM_HEAD = /^E:(\d+):"([^"]*)";/

/** A key of php_binary at `at` whose length byte is wrong: the nearest length that makes a name of it, with a value behind. */
export function binaryKey(
  bytes: Buffer,
  at: number,
  conversion: Conversion | undefined,
): { edit: Edit; end: number } | undefined {
  // The length 10 is a line end, and became two bytes.
  const start = bytes[at] === CR && bytes[at + 1] === LF ? at + 1 : at
  const length = bytes[start]! & 0x7f
  for (let distance = start === at ? 1 : 0; distance < 128; distance++) {
    for (const other of [length - distance, length + distance]) {
      const end = start + 1 + other
      if (
        other < 1 ||
        other > 127 ||
        !isValueStart(bytes, end) ||
        !isName(bytes, start + 1, end) ||
        holdsKey(bytes, start + 2, end)
      )
        continue
      const isConverted = conversion !== undefined && weighedEnd(bytes, start + 1, length, conversion) === end
      const text = String.fromCharCode(other)
      const edit: Edit = { kind: 'length', start: at, end: start + 1, text, expected: `a key of ${other} bytes`, isConverted }
      return { edit: other === length ? { ...edit, isKey: true } : keyEdit(edit, length, bytes.subarray(start + 1, end)), end }
    }
  }
  return undefined
}

/** The edit of a key's length. Unless a conversion explains it, nobody knows whether the length is wrong or the key: then it has another name now. */
export function keyEdit(edit: Edit, said: number, key: Buffer): Edit {
  if (edit.kind !== 'length' || edit.isConverted === true) return { ...edit, isKey: true }
  const loses = `the key of ${plural(said, 'byte')}, if that was what is now ${formatPath([key.toString('utf8')])}`
  return { ...edit, isKey: true, loses }
}

/** Whether the end of these bytes is a key with its length in front. */
function holdsKey(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end - 1; at++) if (bytes[at] === end - 1 - at) return true
  return false
}

const LONGEST_HEAD = 512
const LF = 0x0a
const CR = 0x0d
