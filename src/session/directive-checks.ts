import { stringifySetCookie } from 'cookie'
import { serializeHandlerNames } from '../serialize-handlers/serialize-handlers.ts'

/**
 * What a directive may be, and how it is read: the `OnUpdate…` functions of ext/session/session.c and Zend/zend_ini.c. Where PHP reads
 * something else than what stands there ("maybe" as off, "12 monkeys" as 12), or goes on without the directive, nothing is accepted.
 */
export interface Check<T> {
  /** What is accepted, for the error: "… must be `allowed`". */
  readonly allowed: string
  /** The value, or undefined for what is not accepted. */
  read(given: unknown): T | undefined
}

/** On or off (`zend_ini_parse_bool`). */
export const toggle: Check<boolean> = {
  allowed: "true or false, 1 or 0, 'On' or 'Off'",
  read(given) {
    if (typeof given === 'boolean') return given
    if (typeof given === 'number') return Number.isInteger(given) ? given !== 0 : undefined
    if (typeof given !== 'string') return undefined
    if (/^(true|yes|on|[+-]?0*[1-9]\d{0,8})$/i.test(given)) return true
    return /^(false|no|off|none|null||[+-]?0+)$/i.test(given) ? false : undefined
  },
}

/** A whole number (`zend_ini_parse_quantity`): '1440', '0x5A0', '02640', '1K', '1 K'. */
export function integer(min: number, max: number, allowed: string): Check<number> {
  return {
    allowed,
    read(given) {
      const number = typeof given === 'string' ? quantity(given) : typeof given === 'boolean' ? Number(given) : given
      return typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max ? number : undefined
    },
  }
}

/** A number of decimal digits, as C's strtol reads it (`OnUpdateSidLength`, `OnUpdateSidBits`): '0x20' and '1K' are none. */
export function digits(min: number, max: number): Check<number> {
  const { allowed, read } = integer(min, max, `a whole number from ${min} to ${max}`)
  const decimal = (given: string) => (/^[ \t\n\v\f\r]*\+?\d*$/.test(given) ? Number(given) : undefined)
  return { allowed, read: (given) => read(typeof given === 'string' ? decimal(given) : given) }
}

/** Seconds that may have a fraction (`OnUpdateReal`). */
export const seconds: Check<number> = {
  allowed: 'a number from 0',
  read(given) {
    const number = typeof given === 'string' && /^\d*\.?\d+$/.test(given) ? Number(given) : given
    return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined
  },
}

/** Any text. */
export const text = matching(/^[^\0]*$/, 'a string without NUL')

/** `OnUpdateName` and SESSION_FORBIDDEN_CHARS; and a cookie's name can hold neither control characters nor more than ASCII. */
export const sessionName: Check<string> = {
  allowed: 'a name of ASCII characters: not empty, not a number, without white space and =,;.[',
  read(given) {
    const name = asString(given)
    if (name === undefined || !/^[!-~]+$/.test(name) || /[=,;.[]/.test(name)) return undefined
    return /^[+-]?\d+([eE][+-]?\d+)?$/.test(name) ? undefined : name
  },
}

/** What cannot end the attribute and begin another: a `;` in PHP's cookie_path or cookie_domain can. */
export function cookieAttribute(attribute: 'path' | 'domain', allowed: string): Check<string> {
  return {
    allowed,
    read(given) {
      const value = asString(given)
      if (value === undefined) return undefined
      try {
        stringifySetCookie({ name: 'name', value: '', [attribute]: value })
        return value
      } catch {
        return undefined
      }
    },
  }
}

/** One of these words, in any case, as it is written here. */
export function oneOf<const T extends string>(words: readonly T[]): Check<T> {
  return {
    allowed: `one of ${words.map((word) => `'${word}'`).join(', ')}`,
    read(given) {
      const word = asString(given)?.toLowerCase()
      return words.find((each) => each.toLowerCase() === word)
    },
  }
}

export const serializeHandlerName: Check<string> = oneOf(serializeHandlerNames)

/** A name, or an object that has one: then it is the save handler itself (`OnUpdateSaveHandler`). */
export const saveHandlerName: Check<string> = {
  allowed: "the name of a save handler (not 'user') or a save handler",
  read(given) {
    const name = typeof given === 'object' && given !== null && 'name' in given ? given.name : given
    if (typeof name !== 'string' || name === '') return undefined
    if (name !== given) return name
    return name.toLowerCase() === 'user' ? undefined : name.toLowerCase()
  },
}

/** Bytes, or a percentage (`OnUpdateRfc1867Freq`). Since 8.1 PHP reads '1K' as 1. */
export const frequency: Check<number | `${number}%`> = {
  allowed: "a number of bytes from 0, or a percentage from '0%' to '100%'",
  read(given) {
    if (typeof given === 'string' && given.endsWith('%')) {
      const percent = /^\d+%$/.test(given) ? Number(given.slice(0, -1)) : Number.NaN
      return percent <= 100 ? `${percent}%` : undefined
    }
    return bytes.read(given)
  },
}

/** PHP's are of C's int. */
const bytes = digits(0, 2 ** 31 - 1)

function matching(pattern: RegExp, allowed: string): Check<string> {
  return {
    allowed,
    read(given) {
      const value = asString(given)
      return value !== undefined && pattern.test(value) ? value : undefined
    },
  }
}

/** As PHP turns an option of session_start into the text of an ini setting. */
function asString(given: unknown): string | undefined {
  if (typeof given === 'string') return given
  if (typeof given === 'number' && Number.isInteger(given)) return String(given)
  return typeof given === 'boolean' ? (given ? '1' : '') : undefined
}

const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }

/** White space may stand anywhere but behind the sign and, before a unit, behind a single 0. */
const QUANTITY = /^\s*([+-]?)(0[xX][\da-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[1-9]\d*|0(?!\s+[kKmMgG]))\s*([kKmMgG]?)\s*$/

function quantity(given: string): number | undefined {
  if (/[^\0-\x7f]/.test(given)) return undefined
  const [, sign, number, unit] = QUANTITY.exec(given) ?? []
  if (number === undefined) return /^\s*$/.test(given) ? 0 : undefined
  const magnitude = Number(number.replace(/^0(?=[0-7])/, '0o')) * FACTORS[unit!.toLowerCase()]!
  return sign === '-' ? 0 - magnitude : magnitude
}
