import { textCodec } from '../php/charset.ts'

const windows1252 = textCodec('windows-1252')

/**
 * What a whole file went through, told by how many bytes each of its bytes was before: a string's length is that of before.
 */
export interface Conversion {
  readonly cause: 'charset conversion' | 'line endings'
  /** What happened, to follow "the file went through it": in plain words. */
  readonly what: string
  /** How to have the text back as it was. */
  readonly undo: string
  /** Whether it can have happened to these bytes. */
  fits(bytes: Buffer): boolean
  /** How many bytes the byte at `at` stands for. */
  weigh(bytes: Buffer, at: number): number
}

/** The likeliest first. */
export const conversions: readonly Conversion[] = [
  {
    cause: 'charset conversion',
    what: 'was converted from UTF-8 to ISO-8859-1 or Windows-1252',
    undo: 'iconv -f WINDOWS-1252 -t UTF-8',
    fits: hasHighBytes,
    weigh: (bytes, at) => UTF8_LENGTHS[bytes[at]!]!,
  },
  {
    cause: 'charset conversion',
    what: 'was converted from ISO-8859-1 or Windows-1252 to UTF-8, or was written by a program that counts characters',
    undo: 'iconv -f UTF-8 -t WINDOWS-1252',
    fits: hasHighBytes,
    weigh: (bytes, at) => ((bytes[at]! & 0xc0) === 0x80 ? 0 : 1),
  },
  {
    cause: 'charset conversion',
    what: 'was written by a program that counts characters as JavaScript does',
    undo: '',
    fits: hasHighBytes,
    weigh: (bytes, at) => ((bytes[at]! & 0xc0) === 0x80 ? 0 : bytes[at]! >= 0xf0 ? 2 : 1),
  },
  {
    cause: 'line endings',
    what: 'had its line ends changed from LF to CR LF',
    undo: 'dos2unix',
    fits: (bytes) => bytes.includes('\r\n'),
    weigh: (bytes, at) => (bytes[at] === CR && bytes[at + 1] === LF ? 0 : 1),
  },
  {
    cause: 'line endings',
    what: 'had its line ends changed from CR LF to LF',
    undo: 'unix2dos',
    fits: (bytes) => bytes.includes('\n'),
    weigh: (bytes, at) => (bytes[at] === LF && bytes[at - 1] !== CR ? 2 : 1),
  },
]

/** Where a string ends that had `length` bytes before: at its closing quote, which has to be there; or -1. */
export function weighedEnd(bytes: Buffer, start: number, length: number, { weigh }: Conversion): number {
  let at = start
  let weight = 0
  while (at < bytes.length && (weight < length || weigh(bytes, at) === 0)) weight += weigh(bytes, at++)
  return weight === length ? at : -1
}

function hasHighBytes(bytes: Buffer): boolean {
  return bytes.some((byte) => byte > 0x7f)
}

/** How many bytes UTF-8 has for each character of Windows-1252. */
const UTF8_LENGTHS = Array.from({ length: 256 }, (_, byte) => Buffer.byteLength(windows1252.decode(Buffer.of(byte), 0, 1)))
const LF = 0x0a
const CR = 0x0d
