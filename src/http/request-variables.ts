/**
 * What PHP puts into `$_COOKIE[name]` and `$_GET[name]` (`php_default_treat_data` and `php_register_variable_ex` in
 * main/php_variables.c). Whose cookie this is, PHP and we must agree on, also where a Cookie header was made to divide us: names with dots,
 * names with brackets, several of one name. Other parsers answer otherwise: they trim values, take `name =x` for `name`, and know no arrays.
 *
 * Headers come with one character per byte, and so does the answer. PHP's limit of 1000 variables is not kept here.
 */

/**
 * `$_COOKIE[name]` for a Cookie header; undefined if it is not there or is an array. The first of several counts.
 * `name` is a session's name: not a number, without `.`, `[` and white space.
 */
export function cookieVariable(header: string, name: string): string | undefined {
  return text(lookUp(header, ';', name, cookieRules))
}

/** Whether there is a `$_COOKIE[name]` of any kind. */
export function hasCookieVariable(header: string, name: string): boolean {
  return lookUp(header, ';', name, cookieRules) !== undefined
}

/** `$_GET[name]` for a query string, likewise. The last of several counts. */
export function queryVariable(query: string, name: string): string | undefined {
  return text(lookUp(query, '&', name, queryRules))
}

interface Rules {
  readonly firstCounts: boolean
  nameOf(written: string): string
  valueOf(written: string): string
}

const cookieRules: Rules = {
  firstCounts: true,
  nameOf: (written) => written.replace(/^[ \t\n\v\f\r]+/, ''),
  valueOf: percentDecode,
}

const queryRules: Rules = {
  firstCounts: false,
  nameOf: (written) => percentDecode(written.replaceAll('+', ' ')).replace(/\0.*$/s, ''),
  valueOf: (written) => percentDecode(written.replaceAll('+', ' ')),
}

/** What PHP's variable of that name is, after all pairs that touch it. */
function lookUp(text: string, separator: ';' | '&', name: string, rules: Rules): string | typeof ARRAY | undefined {
  let found: string | typeof ARRAY | undefined
  for (const pair of text.split(separator)) {
    const equals = pair.indexOf('=')
    const written = rules.nameOf(equals === -1 ? pair : pair.slice(0, equals))
    const effect = written === name ? 'value' : effectOn(name, written)
    if (effect === 'array') found = ARRAY
    else if (effect === 'removal') found = undefined
    else if (effect === 'value' && !(rules.firstCounts && found !== undefined)) {
      found = equals === -1 ? '' : rules.valueOf(pair.slice(equals + 1))
    }
  }
  return found
}

function text(variable: string | typeof ARRAY | undefined): string | undefined {
  return variable === ARRAY ? undefined : variable
}

const ARRAY = Symbol('array')

/** PHP's max_input_nesting_level. */
const DEEPEST = 64

/**
 * What a pair with this name does to the variable `name`: `PHP SESS.ID` means PHP_SESS_ID, `name[x][]` is an array, nested
 * too deep removes the variable, and a bracket that is never closed is one more underscore.
 */
function effectOn(name: string, written: string): 'value' | 'array' | 'removal' | undefined {
  const unmangled = written.replace(/^ +/, '')
  const bracket = unmangled.indexOf('[')
  const isArray = bracket !== -1 && CLOSED.test(unmangled.slice(bracket))
  const mangled = (isArray ? unmangled.slice(0, bracket) : unmangled).replace(/[ .[]/g, '_')
  if (mangled !== name || PREFIXES.some((prefix) => mangled.startsWith(prefix) && !unmangled.startsWith(prefix))) return undefined
  if (!isArray) return 'value'
  const dimensions = DIMENSIONS.exec(unmangled.slice(bracket))![0]
  const depth = dimensions.split(']').length - (dimensions.endsWith('[') ? 0 : 1)
  return depth > DEEPEST ? 'removal' : 'array'
}

/** Browsers guard these prefixes, so no other name may turn into one (CVE-2020-7070). */
const PREFIXES = ['__Host-', '__Secure-']

/** `[]`, `[ ]` and `[x]`, one or many; a last bracket that is not closed counts as deep as one that is. */
const CLOSED = /^\[[^\]]*\]/
const DIMENSIONS = /^(?:\[[^\]]*\])+\[?/

/** `php_raw_url_decode`: what is no escape stays. */
function percentDecode(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
