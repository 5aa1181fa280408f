import { PhpFloat } from '../php/values.ts'
import { CommandError, status } from './exit-status.ts'

/**
 * The value that a JSON text stands for, as PHP's json_decode() reads it: `1` is an int and `1.0` a float, and an int is kept to its last digit. Objects are
 * Maps.
 * @throws CommandError for what is no JSON, and for a number that neither can hold
 */
export function parseJson(text: string): unknown {
  try {
    JSON.parse(text)
  } catch (error) {
    throw new CommandError(`This is no JSON: ${(error as Error).message}`, status.usage)
  }
  // JSON.parse makes 1 of 1.0 and rounds long integers, so it gets numbers as strings, each string with a letter that tells which it is.
  const marked = text.replace(LITERAL, (literal, string?: string) => (string === undefined ? `"n${literal}"` : `"s${string}"`))
  try {
    return unmarked(JSON.parse(marked))
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError('This JSON is too deep', status.usage)
    throw error
  }
}

/** The strings and the numbers of a text that is JSON. */
const LITERAL = /"((?:[^"\\]|\\.)*)"|-?\d[\d.eE+-]*/g

/** An int of PHP, which is also what `--int` takes. Undefined: it has more digits. */
export function phpInt(digits: string): number | bigint | undefined {
  const int = BigInt(digits.replace(/^\+/, ''))
  if (BigInt.asIntN(64, int) !== int) return undefined
  const number = Number(int)
  return Number.isSafeInteger(number) ? number : int
}

function unmarked(value: unknown): unknown {
  if (typeof value === 'string') return value[0] === 's' ? value.slice(1) : numberOf(value.slice(1))
  if (Array.isArray(value)) return value.map(unmarked)
  if (typeof value !== 'object' || value === null) return value
  // A Map keeps the order of keys that are numbers, too; with their mark, they are none yet.
  return new Map(Object.entries(value).map(([key, each]) => [key.slice(1), unmarked(each)]))
}

function numberOf(literal: string): number | bigint | PhpFloat {
  if (/^-?\d+$/.test(literal)) return phpInt(literal) ?? refuse(`${literal} is no int of PHP, it is too large`)
  const number = Number(literal)
  return Number.isFinite(number) ? new PhpFloat(number) : refuse(`${literal} is too large for a float`)
}

function refuse(message: string): never {
  throw new CommandError(message, status.usage)
}
