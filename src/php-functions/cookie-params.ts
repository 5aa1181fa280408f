import { asBoolean, asString, boolOrNull, int, isIntegerKey, refuse, stringOrNull } from './arguments.ts'
import { warn } from './error-handler.ts'
import { globals } from './globals.ts'
import { alterIni, refusesChange } from './ini.ts'

/** What session_get_cookie_params() returns, PHP's array. */
export interface CookieParams {
  /** In seconds; 0 is until the browser is closed. */
  lifetime: number
  path: string
  domain: string
  secure: boolean
  httponly: boolean
  samesite: string
}

/** session_get_cookie_params(): the attributes of the session's cookie. @throws SessionError NO_SESSION */
export function session_get_cookie_params(): CookieParams {
  const request = globals()
  return {
    lifetime: request.directive('cookie_lifetime'),
    path: request.directive('cookie_path'),
    domain: request.directive('cookie_domain'),
    secure: request.directive('cookie_secure'),
    httponly: request.directive('cookie_httponly'),
    samesite: request.text('cookie_samesite'),
  }
}

type Options = { readonly [Key in keyof CookieParams]?: CookieParams[Key] | string | number | boolean | null }

/**
 * session_set_cookie_params(): the attributes of the cookie that the next start of this request sends, as an object or one by one. What is
 * not given stays. A key that is no attribute is a warning.
 * @returns false, with a warning, while a session is active, when the headers are sent, without `use_cookies`, and for a negative lifetime
 * @throws TypeError for an object without any attribute, for a sixth argument, and for a value that PHP would misread; SessionError NO_SESSION
 */
export function session_set_cookie_params(options: Options): boolean
export function session_set_cookie_params(
  lifetime: number,
  path?: string | null,
  domain?: string | null,
  secure?: boolean | null,
  httponly?: boolean | null,
): boolean
export function session_set_cookie_params(first: unknown, ...others: unknown[]): boolean {
  if (others.length > 4) throw new TypeError(`${CALLER}() takes at most 5 arguments: samesite is for the object`)
  const isObject = typeof first === 'object' && first !== null
  const given = isObject ? first : positional(first, others)
  const request = globals()
  if (!request.directive('use_cookies')) {
    warn(CALLER, 'Session cookies cannot be used when session.use_cookies is disabled')
    return false
  }
  if (refusesChange(request, CALLER, 'Session cookie parameters')) return false
  if (isObject && others.some((each) => each !== undefined && each !== null)) {
    throw new TypeError(`${CALLER}() takes all attributes in the object, or none`)
  }
  const texts = textsOf(given as Record<string, unknown>)
  return ORDER.every((key) => texts[key] === undefined || alterIni(request, CALLER, `cookie_${key}`, texts[key]))
}

const CALLER = 'session_set_cookie_params'
const ORDER = ['lifetime', 'path', 'domain', 'secure', 'httponly', 'samesite'] as const

type Texts = { [Key in (typeof ORDER)[number]]?: string }

function positional(lifetime: unknown, [path, domain, secure, httponly]: unknown[]): Record<string, unknown> {
  return {
    lifetime: int(CALLER, 'lifetime_or_options', lifetime, 'array|int'),
    path: stringOrNull(CALLER, 'path', path),
    domain: stringOrNull(CALLER, 'domain', domain),
    secure: boolOrNull(CALLER, 'secure', secure),
    httponly: boolOrNull(CALLER, 'httponly', httponly),
  }
}

/** The attributes as PHP's texts. */
function textsOf(given: Readonly<Record<string, unknown>>): Texts {
  const texts: Texts = {}
  for (const [key, value] of Object.entries(given)) {
    const name = ORDER.find((each) => each === key.toLowerCase())
    if (value === undefined) continue
    else if (isIntegerKey(key)) warn(CALLER, 'Argument #1 ($lifetime_or_options) cannot contain numeric keys')
    else if (name === undefined) warn(CALLER, 'Argument #1 ($lifetime_or_options) contains an unrecognized key "%s"', key)
    else if (name === 'secure' || name === 'httponly') texts[name] = asBoolean(value) ? '1' : '0'
    else texts[name] = value === null ? '' : (asString(value) ?? refuse(CALLER, key, 'a string or a number', value))
  }
  if (Object.keys(texts).length === 0) throw new TypeError(`${CALLER}() needs at least one of ${ORDER.join(', ')}`)
  return texts
}
