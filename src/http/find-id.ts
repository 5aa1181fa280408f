import { isValidSid } from '../session-id.ts'
import type { Exchange } from './exchange.ts'
import { cookieVariable, queryVariable } from './request-variables.ts'

/** The directives that say where an id is looked for. */
export interface FindIdDirectives {
  readonly name: string
  readonly use_cookies: boolean
  readonly use_only_cookies: boolean
  readonly referer_check: string
}

/** The part of a request where an id may be. */
export type IdSource = Pick<Exchange, 'cookieHeader' | 'queryString' | 'referer' | 'form'>

export interface FoundId {
  readonly id: string
  readonly source: 'cookie' | 'query' | 'form'
}

/**
 * The id a request brings (the middle of `php_session_start`): from the cookie, else, unless use_only_cookies is on, from the query, else
 * from the form. Undefined is to be answered with a new id: nothing was there, or the Referer is a stranger (one that is missing is
 * none), or the id is not well-formed. The last is where PHP's files save handler fails; nothing else that came is tried in its place.
 */
export function findId(exchange: IdSource, directives: FindIdDirectives): FoundId | undefined {
  const found = search(exchange, directives)
  return found !== undefined && isValidSid(found.id) ? found : undefined
}

function search(
  exchange: IdSource,
  { name, use_cookies, use_only_cookies, referer_check }: FindIdDirectives,
): FoundId | undefined {
  const cookie = use_cookies ? cookieVariable(exchange.cookieHeader, name) : undefined
  if (use_only_cookies) return found(cookie, 'cookie')
  return isStranger(exchange.referer, referer_check)
    ? undefined
    : (found(cookie, 'cookie') ?? found(queryVariable(exchange.queryString, name), 'query') ?? found(exchange.form(name), 'form'))
}

function found(id: string | undefined, source: FoundId['source']): FoundId | undefined {
  return id === undefined ? undefined : { id, source }
}

/** A Referer comes with one character per byte, the directive as text. */
function isStranger(referer: string | undefined, check: string): boolean {
  if (check === '' || referer === undefined || referer === '') return false
  return !referer.includes(Buffer.from(check).toString('latin1'))
}
