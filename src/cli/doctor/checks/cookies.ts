import type { DirectiveName, Directives } from '../../../session/directives.ts'
import type { Facts } from '../facts.ts'
import { type Check, ok, type Severity } from '../finding.ts'
import { change } from '../mend.ts'

interface Comparison {
  readonly name: DirectiveName
  readonly severity: Severity
  readonly means: string
  /** The value that protects users better, where one does. */
  readonly safer?: readonly (string | boolean)[]
}

/** What of Node's and PHP's cookies has to be the same. */
const comparisons: readonly Comparison[] = [
  { name: 'name', severity: 'problem', means: 'Each looks for a cookie that the other never sets: nobody is logged in on both.' },
  {
    name: 'cookie_path',
    severity: 'problem',
    means: 'Browsers keep one cookie for each path: there are two sessions, and pages of one path get both.',
  },
  {
    name: 'cookie_domain',
    severity: 'problem',
    means: 'Browsers keep one cookie for each domain: there are two sessions, and pages get both or one.',
  },
  {
    name: 'cookie_partitioned',
    severity: 'problem',
    means: 'Browsers keep partitioned cookies apart from others: there are two sessions.',
  },
  {
    name: 'cookie_samesite',
    severity: 'warning',
    means:
      'Whoever makes the session decides whether its cookie comes along from other sites, as from a payment page back to the shop.',
    safer: ['', 'None', 'Lax', 'Strict'],
  },
  {
    name: 'cookie_secure',
    severity: 'warning',
    means:
      'Whoever makes the session decides whether its cookie goes over plain HTTP: one side leaks it, or the other never gets it.',
    safer: [false, true],
  },
  {
    name: 'cookie_httponly',
    severity: 'warning',
    means: 'Whoever makes the session decides whether scripts in the page can read its cookie.',
    safer: [false, true],
  },
  {
    name: 'cookie_lifetime',
    severity: 'warning',
    means: 'Whoever makes the session decides how long users stay logged in.',
  },
  {
    name: 'use_strict_mode',
    severity: 'note',
    means: 'One side takes an id that nobody has made, as an attacker may plant it; the other makes a new one.',
    safer: [false, true],
  },
  {
    name: 'use_only_cookies',
    severity: 'warning',
    means: 'One side takes ids from URLs, the other does not: visitors without cookies lose their session on the way.',
    safer: [false, true],
  },
]

/** The cookie: of both sides against each other, and for itself. */
export const cookieChecks: readonly Check[] = [
  { id: 'cookies-used', look: used },
  { id: 'cookie-samesite-quotes', look: noneInQuotes },
  { id: 'cookie-samesite-none', look: (facts) => eachSide(facts, noneNeedsSecure) },
  { id: 'cookie-name-prefix', look: (facts) => eachSide(facts, prefixRules) },
  ...comparisons.map((row) => ({ id: `same-${row.name.replaceAll('_', '-')}`, look: (facts: Facts) => compare(facts, row) })),
]

function compare({ php, node }: Facts, { name, severity, means, safer }: Comparison): ReturnType<Check['look']> {
  if (node.directives === undefined) return undefined
  const [theirs, ours] = [php.directives[name], node.directives[name]]
  const title = name === 'name' ? 'the name of the cookie' : name
  const seen = `PHP: session.${name} = ${shown(theirs)}; Node: ${shown(ours)}`
  if (theirs === ours) return ok(`Node and PHP agree on ${title}`, seen)
  const isNodeSafer = safer !== undefined && safer.indexOf(ours as string) > safer.indexOf(theirs as string)
  return {
    severity,
    title: `Node and PHP differ in ${title}`,
    seen,
    means,
    ...(isNodeSafer
      ? change(php, name, typeof ours === 'boolean' ? String(Number(ours)) : String(ours))
      : { nodeOptions: { [name]: theirs } }),
  }
}

function shown(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return value === '' ? '(empty)' : String(value)
}

function used({ php, node }: Facts): ReturnType<Check['look']> {
  const sides = [...(php.directives.use_cookies ? [] : ['PHP']), ...(node.directives?.use_cookies === false ? ['Node'] : [])]
  if (sides.length === 0) return ok('The id travels in a cookie', `session.use_cookies = on`)
  return {
    severity: 'problem',
    title: `${sides.join(' and ')} set${sides.length === 1 ? 's' : ''} no cookie`,
    seen: `${sides.join(', ')}: use_cookies = off`,
    means: 'Browsers get no id from there, so the other side cannot know whose session it is.',
    ...(sides[0] === 'PHP' ? change(php, 'use_cookies', '1') : { nodeOptions: { use_cookies: true } }),
  }
}

/** `none` is a word for off in php.ini. */
function noneInQuotes({ php }: Facts): ReturnType<Check['look']> {
  const setting = php.settings.find(({ name }) => name === 'cookie_samesite')
  if (setting?.text === undefined || !/^none\b/i.test(setting.text)) return undefined
  return {
    severity: 'warning',
    title: 'PHP takes SameSite=None for nothing: it needs quotes',
    seen: `${setting.file}:${setting.line}: ${setting.text}`,
    means: 'In php.ini, None without quotes means off, so PHP sends no SameSite, and most browsers take that for Lax.',
    ...change(php, 'cookie_samesite', 'None'),
  }
}

interface Broken {
  readonly title: string
  readonly seen: string
  readonly means: string
  readonly right: readonly [DirectiveName, string]
}

/** Judges PHP's cookie, and if that is right, Node's. */
function eachSide({ php, node }: Facts, judge: (side: Directives) => Broken | string): ReturnType<Check['look']> {
  const theirs = judge(php.directives)
  if (typeof theirs !== 'string') {
    const { right, seen, ...rest } = theirs
    return { severity: 'problem', ...rest, seen: `PHP: ${seen}`, ...change(php, ...right) }
  }
  const ours = node.directives === undefined ? '' : judge(node.directives)
  if (typeof ours === 'string') return theirs === '' ? undefined : ok(theirs, `PHP${ours === '' ? '' : ', Node'}`)
  const { right, seen, ...rest } = ours
  return { severity: 'problem', ...rest, seen: `Node: ${seen}`, nodeOptions: { [right[0]]: right[1] } }
}

function noneNeedsSecure({ cookie_samesite, cookie_secure }: Directives): Broken | string {
  if (cookie_samesite !== 'None' || cookie_secure) return cookie_samesite === '' ? '' : 'SameSite and Secure fit together'
  return {
    title: 'Browsers refuse the cookie: SameSite=None needs Secure',
    seen: 'cookie_samesite = None, cookie_secure = off',
    means: 'No browser of today keeps it, so nobody stays logged in.',
    right: ['cookie_secure', '1'],
  }
}

/** RFC 6265bis, "Cookie Name Prefixes". */
function prefixRules({ name, cookie_secure, cookie_path, cookie_domain }: Directives): Broken | string {
  const prefix = /^__(?:Host|Secure)-/i.exec(name)?.[0]
  if (prefix === undefined) return ''
  const broken = (setting: string, right: Broken['right']): Broken => ({
    title: `Browsers refuse the cookie: its name begins with ${prefix}`,
    seen: `name = ${name}, ${setting}`,
    means: `Such a cookie has to be ${/host/i.test(prefix) ? 'Secure, with Path=/ and without Domain' : 'Secure'}.`,
    right,
  })
  if (!cookie_secure) return broken('cookie_secure = off', ['cookie_secure', '1'])
  if (/host/i.test(prefix) && cookie_path !== '/') return broken(`cookie_path = ${shown(cookie_path)}`, ['cookie_path', '/'])
  if (/host/i.test(prefix) && cookie_domain !== '') return broken(`cookie_domain = ${cookie_domain}`, ['cookie_domain', ''])
  return 'The cookie keeps what its name promises'
}
