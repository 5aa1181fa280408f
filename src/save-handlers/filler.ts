/**
 * Bytes that may stand behind a session, for the moment in which its file is longer than the session is: PHP reads the session
 * all the same. All of PHP's serialize handlers stop at the session's end but two, php and php_binary, which read on for more variables.
 * For php a variable of the session is said once more, with zeros before its number, if one near the beginning lends itself to that.
 * Else it is a variable of its own: `\1|s:0000000003:"\1\1\1";` is named \1 for php and | for php_binary.
 */

/** The shortest filler there is. Any length above is possible. */
export const SHORTEST_FILLER = 19

/** The length from which on PHP reads a filler behind this session as nothing new, if it can. */
export function goodFillerLength(session: Buffer): number {
  const variable = repeatable(session)
  return variable === null ? SHORTEST_FILLER : Math.max(SHORTEST_FILLER, lengthOf(variable))
}

/** A filler for this session. */
export function filler(session: Buffer, length: number): Buffer {
  const variable = repeatable(session)
  if (variable === null || lengthOf(variable) > length) {
    return ownVariable(length)
  }
  const { before, number, after } = variable
  return Buffer.from(before + number.padStart(length - before.length - after.length, '0') + after, 'latin1')
}

/** The session without the variables of our own that a killed process left behind it: `bytes` itself when there are none. */
export function withoutFiller(bytes: Buffer): Buffer {
  let session = bytes
  while (session.length >= SHORTEST_FILLER && session[session.length - 1] === SEMICOLON && session[session.length - 3] === 1) {
    let start = session.length - 3
    while (session[start - 1] === 1) {
      start--
    }
    const length = session.length - start + FRAME - 2
    const variable = session.subarray(-length)
    if (variable.length < length || !variable.equals(ownVariable(length))) {
      break
    }
    session = session.subarray(0, -length)
  }
  return session
}

const SEMICOLON = 0x3b
/** What an own variable is made of besides the text. */
const FRAME = SHORTEST_FILLER - 1

function ownVariable(length: number): Buffer {
  const size = length - FRAME
  return Buffer.from(`\x01|s:${String(size).padStart(10, '0')}:"${'\x01'.repeat(size)}";`, 'latin1')
}

interface Repeatable {
  readonly before: string
  /** Digits that may have zeros before them. */
  readonly number: string
  readonly after: string
}

function lengthOf({ before, number, after }: Repeatable): number {
  return before.length + number.length + after.length
}

/**
 * A variable of a session in the format of php: an integer, or a short string, with an ordinary name, and with no array or object before it,
 * since to find its end would take a parser. No session in another format begins like that.
 */
function repeatable(session: Buffer): Repeatable | null {
  const text = session.toString('latin1', 0, LOOK_AT)
  VARIABLE.lastIndex = 0
  for (;;) {
    const [, name, sign, integer, size] = VARIABLE.exec(text) ?? []
    if (name === undefined) {
      return null
    }
    if (integer !== undefined) {
      return { before: `${name}|i:${sign}`, number: integer, after: ';' }
    }
    if (size !== undefined) {
      const end = VARIABLE.lastIndex + Number(size)
      if (text.slice(end, end + 2) !== '";') {
        return null
      }
      if (Number(size) <= SHORT_STRING) {
        return { before: `${name}|s:`, number: size, after: `:"${text.slice(VARIABLE.lastIndex, end)}";` }
      }
      VARIABLE.lastIndex = end + 2
    }
  }
}

const LOOK_AT = 1024
const SHORT_STRING = 64
const VARIABLE = /([\w.-]{1,64})\|(?:i:(-?)(\d{1,19});|s:(\d{1,9}):"|b:[01];|N;|d:[-+.\dE]{1,40};)/y
