/** What to say about an option that does not exist. */

/**
 * Directives of old PHPs, and what stands in their place. They are no options here; php.ini files of today may still hold them,
 * and PHP ignores them there.
 */
export const retiredDirectives: ReadonlyMap<string, string> = new Map([
  ['bug_compat_42', 'PHP 5.4 removed it'],
  ['bug_compat_warn', 'PHP 5.4 removed it'],
  ['entropy_file', 'PHP 7.1 removed it; ids always come from the system’s random numbers'],
  ['entropy_length', 'PHP 7.1 removed it; ids always come from the system’s random numbers'],
  ['hash_function', 'PHP 7.1 removed it; use sid_length'],
  ['hash_bits_per_character', 'PHP 7.1 removed it; use sid_bits_per_character'],
])

/** Options that there are elsewhere. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ['autoStart', 'it is an option of phpSession and withSession'],
  ['id', 'it is an option of start'],
  ...each(['read_and_close', 'saveUninitialized'], 'it is an option of start, phpSession and withSession'),
  ...each(['lockTimeout', 'lock', 'classes', 'charset', 'onDecodeError'], 'give it to the SessionManager'),
  ...each(
    ['secret', 'resave', 'cookie', 'maxAge', 'rolling', 'store', 'genid', 'unset', 'proxy'],
    'express-session has it; docs/migrating-from-express-session.md tells what takes its place',
  ),
])

/** The error for a name that is none, with the right one if it is near. */
export function unknownName(name: string, known: readonly string[]): TypeError {
  return new TypeError(`Unknown option '${name.slice(0, 60)}'${hint(name, known)}`)
}

function hint(name: string, known: readonly string[]): string {
  const retired = retiredDirectives.get(name)
  if (retired !== undefined) return `: ${retired}`
  if (name.startsWith('session.') && known.includes(name.slice(8))) {
    return `: directives are written without 'session.' here, use '${name.slice(8)}'`
  }
  const place = elsewhere.get(name)
  if (place !== undefined) return `: ${place}`
  const near = nearest(plain(name), known)
  return near === undefined ? '' : `: did you mean '${near}'?`
}

function each(names: readonly string[], place: string): [string, string][] {
  return names.map((name) => [name, place])
}

/** Letters only: what cookieLifetime, cookie-lifetime and SESSION.COOKIE_LIFETIME have in common with cookie_lifetime. */
function plain(name: string): string {
  return name
    .slice(0, 60)
    .toLowerCase()
    .replace(/^session\./, '')
    .replace(/[^a-z0-9]/g, '')
}

function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Math.min(3, Math.ceil(name.length / 3))
  for (const candidate of known) {
    const distance = editDistance(name, plain(candidate))
    if (distance < least) {
      best = candidate
      least = distance
    }
  }
  return best
}

/** How many letters must be changed, added, left out or swapped with their neighbour (Damerau and Levenshtein's distance). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1]
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current[column] = Math.min(
        above[column]! + 1,
        current[column - 1]! + 1,
        above[column - 1]! + (isSame ? 0 : 1),
        isSwap ? before[column - 2]! + 1 : Number.POSITIVE_INFINITY,
      )
    }
    before = above
    above = current
  }
  return above[b.length]!
}
