import type { Directives } from '../session/directives.ts'
import { readingOf } from '../session/reading.ts'
import type { SessionManager } from '../session/session-manager.ts'
import { seedSession, type TestSession } from './test-session.ts'
import type { TestSessions } from './test-sessions.ts'

export type { TestSession } from './test-session.ts'

/** What is used of Playwright's BrowserContext. */
export interface CookieJar {
  addCookies(cookies: readonly BrowserCookie[]): Promise<void>
}

/** A cookie as Playwright takes it. */
export interface BrowserCookie {
  readonly name: string
  readonly value: string
  /** With a dot before it, also of its subdomains. */
  readonly domain: string
  readonly path: string
  /** In seconds since 1970; absent for a cookie that goes with the browser. */
  readonly expires?: number
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly sameSite?: 'Lax' | 'Strict' | 'None'
}

export interface LogInOptions<T extends object> {
  /** A page of the PHP site. */
  readonly url: string | URL
  /** Where the site keeps its sessions: what `createTestSessions` made, or a SessionManager with the site's directives. */
  readonly sessions: TestSessions<T> | SessionManager<T>
}

/**
 * Makes a browser one that is logged in to the PHP site already: stores a session with these variables, and gives the browser
 * context its cookie, as the site itself would. Instead of variables it may be a session that `seed` or `as` made.
 * → the session, for the matchers and to look at later.
 * @throws TypeError for a `url` that is none or where the cookie would not be sent; as `seed`
 */
export async function logIn<T extends object>(
  context: CookieJar,
  vars: Partial<T> | TestSession,
  options: LogInOptions<T>,
): Promise<TestSession> {
  const { url, sessions } = checked(options)
  const manager = 'sessions' in sessions ? sessions.sessions : sessions
  const cookie = attributes(manager.directives, new URL(url))
  const session = isTestSession(vars) ? vars : await store(sessions, vars)
  const [name, value] = session.cookie.split('=') as [string, string]
  await context.addCookies([{ name, value, ...cookie }])
  return session
}

/** @throws TypeError for an open session, which is neither that nor variables */
function isTestSession(given: object): given is TestSession {
  const isSession = readingOf(Object(given)) !== undefined
  if (isSession && !('headers' in given))
    throw new TypeError('logIn takes variables or what `seed` and `as` return: give it session.$_SESSION')
  return isSession
}

function checked<T extends object>(options: LogInOptions<T>): LogInOptions<T> {
  const { url, sessions }: Partial<LogInOptions<T>> = options ?? {}
  if (!URL.canParse(String(url)))
    throw new TypeError('logIn needs the `url` of a page of the PHP site, such as http://localhost:8080/')
  if (typeof sessions !== 'object' || sessions === null) {
    throw new TypeError(
      'logIn needs `sessions`: what createTestSessions made, or a SessionManager with the directives of the site',
    )
  }
  return options
}

async function store<T extends object>(sessions: LogInOptions<T>['sessions'], vars: Partial<T>): Promise<TestSession> {
  if ('sessions' in sessions) return sessions.seed(vars)
  return seedSession(sessions, await sessions.createId(), vars)
}

/** What a browser makes of the cookie that PHP sends from this address. */
function attributes(directives: Directives, { hostname, protocol, pathname }: URL): Omit<BrowserCookie, 'name' | 'value'> {
  const { cookie_domain, cookie_path, cookie_lifetime, cookie_samesite } = directives
  const domain = cookie_domain.replace(/^\./, '')
  if (domain !== '' && hostname !== domain && !hostname.endsWith(`.${domain}`)) {
    throw new TypeError(`cookie_domain is ${domain}: no browser takes its cookie from ${hostname}`)
  }
  if (directives.cookie_secure && protocol !== 'https:' && !isLocal(hostname)) {
    throw new TypeError(`cookie_secure is on: no browser takes its cookie from ${protocol}//${hostname}`)
  }
  if (cookie_samesite === 'None' && !directives.cookie_secure) {
    throw new TypeError('cookie_samesite is None and cookie_secure is off: Chromium and Firefox take no such cookie')
  }
  return {
    domain: domain === '' ? hostname : `.${domain}`,
    path: cookie_path.startsWith('/') ? cookie_path : defaultPath(pathname),
    ...(cookie_lifetime > 0 && { expires: Math.floor(Date.now() / 1000) + cookie_lifetime }),
    httpOnly: directives.cookie_httponly,
    secure: directives.cookie_secure,
    ...(cookie_samesite !== '' && { sameSite: cookie_samesite }),
  }
}

/** Browsers trust their own machine without HTTPS. */
function isLocal(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.|\[::1\]$)/.test(hostname)
}

/** RFC 6265, 5.1.4 */
function defaultPath(pathname: string): string {
  return pathname.slice(0, pathname.lastIndexOf('/')) || '/'
}
