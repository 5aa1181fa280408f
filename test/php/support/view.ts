import { getClass, getVisibility, PhpEnum, PhpFloat, PhpObject, PhpSerialized } from '../../../src/php/values.ts'

/**
 * What PHP has to find in the bytes of a value, in the words of the function view() in view.php. Written from the
 * documentation alone: no line of the codec is asked, except for the class and the visibility of a PhpObject.
 */
export function view(value: unknown): string {
  return viewValue(value, 4, ([key], index) => key === String(index))
}

/** The same of a value that PHP wrote: only an Array is a list. In it nobody can see whether a whole number was an int. */
export function viewDecoded(value: unknown): string {
  return withoutNumberTypes(viewValue(value, 4, () => false))
}

export function withoutNumberTypes(text: string): string {
  return text.replace(/int (-?\d+)/g, (int, digits: string) =>
    Number.isSafeInteger(Number(digits)) ? float(Number(digits)) : int,
  )
}

/** Whether an entry stands where it would stand in a list. */
type IsInPlace = (entry: readonly [string, unknown], index: number) => boolean

function viewValue(value: unknown, depth: number, isInPlace: IsInPlace): string {
  switch (typeof value) {
    case 'boolean':
      return String(value)
    case 'bigint':
      return `int ${value}`
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? `int ${value}` : float(value)
    case 'string':
      return `string ${hex(value)}`
    default:
      return value === null || value === undefined ? 'null' : viewObject(value, depth, isInPlace)
  }
}

function viewObject(value: object, depth: number, isInPlace: IsInPlace): string {
  if (value instanceof PhpFloat) return float(value.value)
  if (value instanceof Uint8Array) return `string ${Buffer.from(value).toString('hex')}`
  if (depth === 0) return '...'
  const inner = (element: unknown) => viewValue(element, depth - 1, isInPlace)
  if (value instanceof PhpEnum) return `${value.className}::${value.caseName}`
  if (value instanceof PhpSerialized) return `${value.className} with bytes of its own`
  if (value instanceof Date) return viewDate(value, inner)
  if (value instanceof PhpObject) {
    const parts = defined(Object.entries(value)).map(
      ([key, element]) => `${hex(key)} ${getVisibility(value, key)}: ${inner(element)}`,
    )
    return `${getClass(value)}{${parts.sort().join(', ')}}`
  }
  const entries = entriesOf(value)
  const isList = Array.isArray(value) ? entries.every(([key], index) => key === String(index)) : entries.every(isInPlace)
  return isList ? `[${entries.map(([, element]) => inner(element)).join(', ')}]` : viewKeyed(entries, inner)
}

type Entries = readonly (readonly [string, unknown])[]

function entriesOf(value: object): Entries {
  if (value instanceof Set) return Object.entries([...value])
  if (value instanceof Map) return defined([...value].map(([key, element]) => [String(key), element]))
  return Array.isArray(value) ? Object.entries(value) : defined(Object.entries(value))
}

/** A property that is `undefined` is left out; an element of a list is null. */
function defined(entries: Entries): Entries {
  return entries.filter(([, element]) => element !== undefined)
}

function viewKeyed(entries: Entries, inner: (element: unknown) => string): string {
  const parts = entries.map(([key, element]) => `${isIntKey(key) ? `#${key}` : hex(key)}: ${inner(element)}`)
  return `{${parts.sort().join(', ')}}`
}

function viewDate(date: Date, inner: (element: unknown) => string): string {
  const [, year, rest] = /^(.*)(-\d\d-\d\dT.*)Z$/.exec(date.toISOString())!
  const properties = {
    date: `${year!.replace(/^-00/, '-')}${rest!.replace('T', ' ')}000`,
    timezone_type: 3,
    timezone: 'UTC',
  }
  const parts = Object.entries(properties).map(([key, element]) => `${hex(key)} public: ${inner(element)}`)
  return `DateTimeImmutable{${parts.sort().join(', ')}}`
}

/** PHP takes whole numbers within 64 bits, written without a plus sign or leading zeros, for ints. */
function isIntKey(key: string): boolean {
  return /^(0|-?[1-9]\d*)$/.test(key) && BigInt.asIntN(64, BigInt(key)) === BigInt(key)
}

function hex(text: string): string {
  return Buffer.concat([...text].map(bytesOf)).toString('hex')
}

/** In a key, U+DC80 … U+DCFF stand for bytes that are no UTF-8. */
function bytesOf(character: string): Buffer {
  const code = character.codePointAt(0)!
  return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(character)
}

function float(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return Number.isNaN(value) ? 'nan' : `float ${bytes.toString('hex')}`
}
