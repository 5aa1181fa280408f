import type { CacheLimiter } from '../http/cache-limiter.ts'
import type { SaveHandler } from '../save-handlers/save-handler.ts'
import {
  type Check,
  cookieAttribute,
  digits,
  frequency,
  integer,
  oneOf,
  saveHandlerName,
  seconds,
  serializeHandlerName,
  sessionName,
  text,
  toggle,
} from './directive-checks.ts'
import { unknownName } from './directive-names.ts'

/** On or off, as PHP code and php.ini say it: `true`, `1`, 'On', 'yes', 'off', ''. */
export type Toggle = boolean | number | string

/** A whole number, as PHP code and php.ini say it: `1440`, '1440', '1K'. */
export type Whole = number | string

/**
 * The `session.*` directives, by their names in php.ini without `session.`, as a user gives them. What each does:
 * docs/directives.md, and https://www.php.net/manual/session.configuration.php.
 */
export interface DirectiveOptions {
  /** Where the save handler keeps sessions; for files `/dir`, `N;/dir` or `N;MODE;/dir`, '' is the folder for temporary files. */
  save_path?: string
  /** The name of the cookie: not empty, no number, none of `=,;.[` and no white space. */
  name?: string
  /** Who keeps the sessions: a name, or the save handler itself. */
  save_handler?: string | SaveHandler
  /** How `$_SESSION` is written: 'php', 'php_binary', 'php_serialize'. */
  serialize_handler?: string
  /** Taken, but starts nothing: call `start`. */
  auto_start?: Toggle
  /** How probable it is that a start cleans up: this many times in `gc_divisor`. 0 is never. */
  gc_probability?: Whole
  /** See `gc_probability`. */
  gc_divisor?: Whole
  /** Seconds after which an untouched session is garbage. */
  gc_maxlifetime?: Whole
  /** Seconds the browser keeps the cookie; 0 is until it is closed. */
  cookie_lifetime?: Whole
  /** The cookie's Path; '' sends none. */
  cookie_path?: string
  /** The cookie's Domain; '' sends none. */
  cookie_domain?: string
  /** Whether browsers send the cookie over HTTPS only. */
  cookie_secure?: Toggle
  /** Whether browsers keep the cookie for each top-level site apart; needs `cookie_secure`. */
  cookie_partitioned?: Toggle
  /** Whether browsers hide the cookie from scripts. */
  cookie_httponly?: Toggle
  /** 'Lax', 'Strict', 'None', or '' for none sent. */
  cookie_samesite?: string
  /** Whether the id travels in a cookie. */
  use_cookies?: Toggle
  /** Whether an id is taken from a cookie only; off, also from the query and the form. */
  use_only_cookies?: Toggle
  /** Whether ids that the save handler does not know are replaced by new ones. */
  use_strict_mode?: Toggle
  /** A text the Referer must hold, if there is one, for an id to count while `use_only_cookies` is off. */
  referer_check?: string
  /** Which cache headers a start sends: 'nocache', 'public', 'private', 'private_no_expire', or '' or 'none' for none. */
  cache_limiter?: string | false
  /** Minutes until a page expires, for all cache limiters but nocache. */
  cache_expire?: Whole
  /** Whether `session.url` puts the id into links, for browsers that take no cookie; needs `use_only_cookies` off. */
  use_trans_sid?: Toggle
  /** Which attributes of which tags get it: `a=href,form=`. */
  trans_sid_tags?: string
  /** The hosts whose absolute links get it too. */
  trans_sid_hosts?: string
  /** How many characters a new id has, 22 to 256. */
  sid_length?: Whole
  /** How many bits each of them holds: 4, 5 or 6. */
  sid_bits_per_character?: Whole
  /** Whether a session that did not change is only touched, not written. */
  lazy_write?: Toggle
  /** Whether `sessions.trackUpload` keeps the progress of uploads in `$_SESSION`. */
  'upload_progress.enabled'?: Toggle
  /** Whether the progress is removed when the upload is complete. */
  'upload_progress.cleanup'?: Toggle
  /** What the key in `$_SESSION` begins with. */
  'upload_progress.prefix'?: string
  /** The form field that asks for progress. */
  'upload_progress.name'?: string
  /** How often progress is written: bytes, or a percentage such as '1%'. */
  'upload_progress.freq'?: Whole
  /** The least time between two writings, in seconds. */
  'upload_progress.min_freq'?: number | string
}

/** All directives, checked. A save handler that was given itself is here by its name. */
export interface Directives {
  readonly save_path: string
  readonly name: string
  readonly save_handler: string
  readonly serialize_handler: string
  readonly auto_start: boolean
  readonly gc_probability: number
  readonly gc_divisor: number
  readonly gc_maxlifetime: number
  readonly cookie_lifetime: number
  readonly cookie_path: string
  readonly cookie_domain: string
  readonly cookie_secure: boolean
  readonly cookie_partitioned: boolean
  readonly cookie_httponly: boolean
  readonly cookie_samesite: '' | 'Lax' | 'Strict' | 'None'
  readonly use_cookies: boolean
  readonly use_only_cookies: boolean
  readonly use_strict_mode: boolean
  readonly referer_check: string
  readonly cache_limiter: CacheLimiter
  readonly cache_expire: number
  readonly use_trans_sid: boolean
  readonly trans_sid_tags: string
  readonly trans_sid_hosts: string
  readonly sid_length: number
  readonly sid_bits_per_character: number
  readonly lazy_write: boolean
  readonly 'upload_progress.enabled': boolean
  readonly 'upload_progress.cleanup': boolean
  readonly 'upload_progress.prefix': string
  readonly 'upload_progress.name': string
  /** Bytes as a number, or a percentage as text. */
  readonly 'upload_progress.freq': number | `${number}%`
  readonly 'upload_progress.min_freq': number
}

export type DirectiveName = keyof Directives

interface Row<T> {
  readonly check: Check<T>
  /** PHP 5.2's default, and from which version on it was another, in the order of versions. */
  readonly defaults: readonly [T, ...(readonly [since: string, value: T])[]]
}

function row<T>(check: Check<T>, ...defaults: Row<T>['defaults']): Row<T> {
  return { check, defaults }
}

const MANY = Number.MAX_SAFE_INTEGER
const fromZero = integer(0, MANY, 'a whole number from 0')
/** No date can be further away. */
const lifetime = integer(0, 8_000_000_000_000, 'a whole number of seconds from 0')

/** Each branch of PHP turned it off on that day, for CVE-2026-115560; the branches behind 8.5 have never had it on. */
const SINCE_NOVEMBER_2026 = [
  ['8.2.36', false],
  ['8.3', true],
  ['8.3.36', false],
  ['8.4', true],
  ['8.4.28', false],
  ['8.5', true],
  ['8.5.13', false],
] as const

/** One row per directive: how it is checked, and what it is where it is not given. */
const table: { readonly [Name in DirectiveName]: Row<Directives[Name]> } = {
  save_path: row(text, ''),
  name: row(sessionName, 'PHPSESSID'),
  save_handler: row(saveHandlerName, 'files'),
  serialize_handler: row(serializeHandlerName, 'php'),
  auto_start: row(toggle, false),
  gc_probability: row(fromZero, 1),
  gc_divisor: row(integer(1, MANY, 'a whole number from 1'), 100),
  gc_maxlifetime: row(lifetime, 1440),
  cookie_lifetime: row(lifetime, 0),
  cookie_path: row(cookieAttribute('path', 'a path of ASCII characters without ;'), '/'),
  cookie_domain: row(cookieAttribute('domain', 'a domain name'), ''),
  cookie_secure: row(toggle, false),
  cookie_partitioned: row(toggle, false),
  cookie_httponly: row(toggle, false, ['8.6', true]),
  cookie_samesite: row(oneOf(['', 'Lax', 'Strict', 'None']), '', ['8.6', 'Lax']),
  use_cookies: row(toggle, true),
  use_only_cookies: row(toggle, false, ['5.3', true]),
  use_strict_mode: row(toggle, false, ['8.6', true]),
  referer_check: row(text, ''),
  cache_limiter: row(oneOf(['', 'none', 'nocache', 'public', 'private', 'private_no_expire']), 'nocache'),
  cache_expire: row(integer(-1e9, 1e9, 'a whole number of minutes'), 180),
  use_trans_sid: row(toggle, false),
  trans_sid_tags: row(text, 'a=href,area=href,frame=src,form='),
  trans_sid_hosts: row(text, ''),
  sid_length: row(digits(22, 256), 32),
  sid_bits_per_character: row(digits(4, 6), 4),
  lazy_write: row(toggle, false, ['7.0', true]),
  'upload_progress.enabled': row(toggle, false, ['5.4', true], ...SINCE_NOVEMBER_2026),
  'upload_progress.cleanup': row(toggle, true),
  'upload_progress.prefix': row(text, 'upload_progress_'),
  'upload_progress.name': row(text, 'PHP_SESSION_UPLOAD_PROGRESS'),
  'upload_progress.freq': row(frequency, '1%'),
  'upload_progress.min_freq': row(seconds, 1),
}

/** The name of every directive, in the order of docs/directives.md. */
export const directiveNames = Object.keys(table) as readonly DirectiveName[]

/** Those that a single start may set. */
const freeNames = directiveNames.filter((name) => !isFixed(name))

/** The PHP whose defaults apply where `phpVersion` is not given: the newest, which is the safest. */
const newestPhpVersion = '8.6'

/**
 * All directives: those in `options`, checked, and PHP's defaults for the rest; of which PHP, says `options.phpVersion`, '5.2' and up.
 * `others` are the names of further options, which are left alone. An option that is undefined is not there.
 * @throws TypeError for an unknown name and for a value PHP would refuse or misread.
 */
export function resolveDirectives(options: Readonly<Record<string, unknown>>, others: readonly string[] = []): Directives {
  const { phpVersion = newestPhpVersion } = options
  const version = readVersion(phpVersion)
  const defaults = Object.fromEntries(directiveNames.map((name) => [name, defaultOf<unknown>(table[name], version)]))
  return merge(defaults as unknown as Directives, options, ['phpVersion', ...others])
}

/**
 * The directives of one start, `session_start($options)`: `base` with `options` over it; `base` itself when there are none.
 * As in PHP, auto_start and upload_progress.* cannot be set here, nor here the save handler, which is open already.
 * @throws TypeError as `resolveDirectives`, and for a directive that cannot be set here.
 */
export function overrideDirectives(
  base: Directives,
  options: Readonly<Record<string, unknown>>,
  others: readonly string[] = [],
): Directives {
  for (const name of Object.keys(options)) {
    if (isFixed(name) && options[name] !== undefined) {
      throw new TypeError(`${name} cannot be set for a single start: give it to the SessionManager`)
    }
  }
  return merge(base, options, others, freeNames)
}

function isFixed(name: string): boolean {
  return name === 'auto_start' || name === 'save_handler' || name === 'phpVersion' || name.startsWith('upload_progress.')
}

function merge(
  base: Directives,
  options: Readonly<Record<string, unknown>>,
  others: readonly string[],
  names: readonly DirectiveName[] = directiveNames,
): Directives {
  let given: Record<string, unknown> | undefined
  for (const [name, value] of Object.entries(options)) {
    if (Object.hasOwn(table, name)) {
      if (value !== undefined) given = { ...given, [name]: checked(name as DirectiveName, value) }
    } else if (!others.includes(name)) {
      throw unknownName(name, [...others, ...names])
    }
  }
  if (given === undefined && Object.isFrozen(base)) return base
  const directives: Directives = { ...base, ...given }
  if (directives.cookie_partitioned && !directives.cookie_secure) {
    throw new TypeError('cookie_partitioned needs cookie_secure: browsers refuse the cookie without')
  }
  return Object.freeze(directives)
}

function checked(name: DirectiveName, given: unknown): unknown {
  const { check } = table[name]
  const value = check.read(given)
  if (value === undefined) throw new TypeError(`${name} must be ${check.allowed}, not ${shown(name, given)}`)
  return value
}

/** A value as an error may show it. A save_path may hold a password: `tcp://redis?auth=…`. */
function shown(name: DirectiveName, given: unknown): string {
  if (typeof given === 'string')
    return name === 'save_path' ? 'this string' : JSON.stringify(given.length > 40 ? `${given.slice(0, 40)}…` : given)
  if (typeof given === 'object' && given !== null) return Array.isArray(given) ? 'an array' : 'an object'
  return typeof given === 'function' ? 'a function' : String(given)
}

function defaultOf<T>({ defaults: [first, ...changes] }: Row<T>, version: number): T {
  return changes.reduce((value, [since, next]) => (version >= readVersion(since, 0) ? next : value), first)
}

/**
 * '8.2.36' as 80236, so that versions compare as numbers; '8.2' is the newest of its branch, or has the `patch` that is given.
 * @throws TypeError for what is no version from 5.2 on
 */
function readVersion(given: unknown, patch = 99): number {
  const [, major, minor, own = patch] =
    /^(\d{1,2})\.(\d{1,2})(?:\.(\d{1,2})?|$)/.exec(typeof given === 'string' ? given : '') ?? []
  const version = Number(major) * 10_000 + Number(minor) * 100 + Number(own)
  if (!(version >= 50_200))
    throw new TypeError(`phpVersion must be a version such as '8.2', from '5.2' on, not ${JSON.stringify(given)}`)
  return version
}
