import type { SessionReport } from '../inspect/report.ts'
import { isSecret, isSecretText } from '../inspect/secrets.ts'
import { walk } from '../inspect/walk.ts'

/**
 * A session's bytes with a `*` for each byte of what looks like a secret: for people to look at. What cannot be read is searched for keys
 * of secrets, and for texts that are secrets under any key.
 * @param masked what was read of the session, its secrets masked
 */
export function coverSecrets(bytes: Buffer, { variables }: Pick<SessionReport, 'variables'>): Buffer {
  const covered = Buffer.from(bytes)
  walk(variables, {
    enter({ isMasked, offset, length }) {
      if (isMasked === true) covered.fill('*', offset, offset + length)
      return true
    },
  })
  const last = variables.at(-1)
  const unread = last === undefined ? 0 : last.offset + last.length
  const text = covered.toString('latin1')
  WORD.lastIndex = unread
  for (let word = WORD.exec(text); word !== null; word = WORD.exec(text)) {
    // In php_binary the letter of the value's type stands right behind the key.
    const end = text[WORD.lastIndex] === ':' ? WORD.lastIndex - 1 : WORD.lastIndex
    if (isSecret([word[0]])) covered.fill('*', ...valueBehind(text, end))
  }
  for (const { index, 0: piece } of text.slice(unread).matchAll(PIECE)) {
    const start = HEADER.exec(piece)?.[0].length ?? 0
    if (isSecretText(piece.slice(start))) covered.fill('*', unread + index + start, unread + index + piece.length)
  }
  return covered
}

/** What ends as a string does, or with the session; and what is in front of the text in it, as far as it is there. */
const PIECE = /.+?(?=";|$)/gs
const HEADER = /^.*?[sS]:\d+:?"?/s

const WORD = /[\w.-]+/g

/** Where the value behind a key begins and ends; of arrays and objects, all that follows. */
function valueBehind(text: string, at: number): [start: number, end: number] {
  STRING.lastIndex = at
  SCALAR.lastIndex = at
  const isString = STRING.test(text)
  if (!isString && !SCALAR.test(text)) return [at, text.length]
  const start = isString ? STRING.lastIndex : SCALAR.lastIndex
  const end = text.indexOf(isString ? '";' : ';', start)
  return [start, end === -1 ? text.length : end]
}

/** What stands between a key and the text of a string, or the digits of a number. */
const STRING = /[|";]{0,2}[sS]:\d*:?"?/y
const SCALAR = /[|";]{0,2}(?:[idb]:|N)/y
