import { formatDouble, parseDouble } from '../php/double.ts'

/** How others than PHP write numbers and booleans, and what PHP reads: the text without its semicolon. */
const spellings: readonly [pattern: RegExp, inPhp: (text: string, part: string) => string][] = [
  [/^d:\+?inf(?:inity)?$/i, () => 'd:INF'],
  [/^d:-inf(?:inity)?$/i, () => 'd:-INF'],
  [/^d:nan$/i, () => 'd:NAN'],
  [/^i:([+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?)$/i, (_, digits) => `d:${formatDouble(parseDouble(digits))}`],
  [/^i:([+-]?inf(?:inity)?|nan)$/i, (_, name) => `d:${name.replace(/inf.*/i, 'INF').replace(/nan/i, 'NAN').replace('+', '')}`],
  [/^b:(true|false)$/i, (_, name) => `b:${name.toLowerCase() === 'true' ? 1 : 0}`],
  [/^(?:null|n)$/, () => 'N'],
]

/** A scalar at `at` that a careless program wrote: where its semicolon stands, and what PHP would have written. */
export function foreignScalar(bytes: Buffer, at: number): { end: number; text: string } | undefined {
  const end = bytes.indexOf(';', at)
  if (end === -1 || end - at > LONGEST) return undefined
  const text = bytes.toString('latin1', at, end)
  for (const [pattern, inPhp] of spellings) {
    const match = pattern.exec(text)
    if (match !== null) return { end, text: inPhp(text, match[1] ?? '') }
  }
  return undefined
}

const LONGEST = 64
