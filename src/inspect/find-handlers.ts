import { SessionError } from '../errors.ts'
import { formatPath } from '../php/key-path.ts'
import { Scan, scanValue } from '../php/scan.ts'
import { moveVariables } from '../serialize-handlers/move-variables.ts'
import { serializeHandler } from '../serialize-handlers/serialize-handlers.ts'
import type { Case, Finding, Repair } from './diagnosis.ts'
import { likelyHandler } from './inspect-session.ts'
import { trimmedLength } from './plausible.ts'

/** Another handler reads it: two applications, or two versions of a php.ini, do not agree. */
export function findMixedHandlers(found: Case): Finding | undefined {
  const { bytes, layout, isGiven } = found
  const other = isGiven ? likelyHandler(bytes) : undefined
  if (other === undefined) return undefined
  const what = `written again as ${layout.name} does`
  return {
    cause: 'mixed handlers',
    message: `This was written by the serialize handler ${other} and is read by ${layout.name}`,
    expected: `a session as ${layout.name} writes it`,
    repair: recoded(found, what, () => serializeHandler(other).decode(bytes, LATIN1)),
  }
}

/** A whole session stands behind another. */
export function findTwoSessions(found: Case): Finding | undefined {
  const { bytes, layout, reading } = found
  const last = reading.variables.at(-1)
  const end = layout.firstSlot === 1 ? scanValue(bytes, 0, new Scan()) : last === undefined ? -1 : last.offset + last.length
  if (end <= 0) return undefined
  const rest = bytes.subarray(end, end + trimmedLength(bytes.subarray(end)))
  const other = likelyHandler(rest)
  if (other === undefined) return undefined
  const twice: string[] = []
  const merge = () => {
    const vars = serializeHandler(layout.name).decode(bytes.subarray(0, end), LATIN1)
    const second = serializeHandler(other).open(rest, LATIN1)
    for (const key of second.keys()) {
      if (Object.hasOwn(vars, key) && second.delete(key)) twice.push(key)
    }
    moveVariables(serializeHandler(other).decode(second.encode(), LATIN1), vars)
    return vars
  }
  const repair = recoded(found, 'the variables of both sessions put into one', merge)
  const loses = twice.length === 0 ? undefined : `${twice.map((key) => formatPath([key])).join(', ')} of the second session`
  return {
    cause: 'two sessions in one',
    message: `Behind the session stands another${other === layout.name ? '' : `, written by ${other}`}`,
    offset: end,
    length: rest.length,
    path: '',
    expected: layout.firstSlot === 1 ? 'the end' : 'a variable',
    repair: repair && { ...repair, loses },
  }
}

/** Every byte is a character of this charset, so that no string changes. */
const LATIN1 = { charset: 'latin1' } as const

/** Undefined where the handler cannot hold these variables. */
function recoded(found: Case, what: string, decode: () => Record<string | number, unknown>): Repair | undefined {
  try {
    const bytes = serializeHandler(found.layout.name).encode(decode(), LATIN1)
    return found.accept({ bytes, what, loses: undefined })
  } catch (error) {
    if (error instanceof SessionError) return undefined
    throw error
  }
}
