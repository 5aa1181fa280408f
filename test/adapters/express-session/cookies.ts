import { called, put, type Scenario, show } from './scenario.ts'
import type { AnySession } from './sides.ts'

type Cookie = AnySession['cookie']

const soon = () => new Date(Date.now() + 600_000)

/** What is set before a new session is sent. */
const attributes: readonly (readonly [what: string, attributes: () => Partial<Record<keyof Cookie, unknown>>])[] = [
  ['a longer maxAge', () => ({ maxAge: 7_200_000 })],
  ['a Date as maxAge', () => ({ maxAge: soon() })],
  ['expires', () => ({ expires: soon() })],
  ['no expires', () => ({ expires: false })],
  ['no maxAge', () => ({ maxAge: null })],
  ['a path', () => ({ path: '/shop' })],
  ['a domain', () => ({ domain: 'example.com' })],
  ['no HttpOnly', () => ({ httpOnly: false })],
  ['SameSite strict', () => ({ sameSite: 'strict' })],
  ['SameSite true', () => ({ sameSite: true })],
  ['SameSite none', () => ({ sameSite: 'none' })],
  ['no SameSite', () => ({ sameSite: false })],
  ['several at once', () => ({ path: '/shop', maxAge: 600_000, sameSite: 'strict' })],
]

const about = (milliseconds: unknown) =>
  typeof milliseconds === 'number' ? Math.round(milliseconds / 10_000) * 10_000 : String(milliseconds)

/** What the times of the cookie are, to ten seconds. */
function ages({ cookie }: AnySession): unknown[] {
  const { expires } = cookie
  return [about(cookie.maxAge), about(cookie.originalMaxAge), expires instanceof Date ? 'a date' : String(expires)]
}

/** The same when attributes were set. */
function agesWith(session: AnySession, attributes: object): unknown[] {
  Object.assign(session.cookie, attributes)
  return ages(session)
}

export const cookieScenarios: readonly Scenario[] = [
  {
    title: 'the cookie of a session that ends with the browser',
    pages: {
      '/look': ({ session }) => {
        const { cookie } = session
        const { path, httpOnly, originalMaxAge } = { ...cookie }
        return [cookie === session.cookie, ages(session), JSON.parse(JSON.stringify(cookie)), { path, httpOnly, originalMaxAge }]
      },
      '/keys': ({ session }) => Object.keys(session.cookie).includes('maxAge'),
    },
    visits: ['/look', '/keys'],
  },
  {
    title: 'the cookie of a session with a lifetime',
    lifetime: 3600,
    pages: { '/look': ({ session }) => ages(session) },
    visits: ['/look', '/look'],
  },
  ...attributes.flatMap(([what, attributes]) =>
    [0, 3600].map((lifetime) => ({
      title: `${what} for a cookie of ${lifetime} seconds`,
      ...(lifetime > 0 && { lifetime }),
      pages: { '/set': ({ session }: { session: AnySession }) => [agesWith(session, attributes()), session.cookie.path] },
      visits: ['/set'],
    })),
  ),
  {
    title: 'what is read after maxAge or expires was set',
    pages: {
      '/maxAge': ({ session }) => agesWith(session, { maxAge: 60_000 }),
      '/expires': ({ session }) => agesWith(session, { expires: soon() }),
      '/false': ({ session }) => agesWith(session, { expires: false }),
      '/null': ({ session }) => agesWith(session, { maxAge: null }),
      '/undefined': ({ session }) => agesWith(session, { maxAge: undefined }),
      '/reset': ({ session }) => [
        agesWith(session, { maxAge: 600_000, originalMaxAge: 300_000 }),
        ages(session.touch()),
        agesWith(session, { originalMaxAge: 60_000 }),
        ages(session.resetMaxAge()),
      ],
    },
    // Each in a session of its own, for theirs remembers.
    visits: ['/maxAge', '/expires x=y', '/false x=y', '/null x=y', '/undefined x=y', '/reset x=y'],
  },
  {
    title: 'a maxAge that is no time',
    pages: { '/set': ({ session }) => agesWith(session, { maxAge: '60000' }) },
    visits: ['/set'],
  },
  {
    title: 'a cookie that is over',
    pages: {
      '/login': ({ session }) => put(session, { n: 1 }),
      '/logout': ({ session }) => [put(session, { n: 2 }), agesWith(session, { maxAge: 0 })],
    },
    visits: ['/login', '/logout', '/login'],
  },
  {
    title: 'a longer maxAge at the login',
    pages: {
      '/login': (req) =>
        called(req.session, 'regenerate', () => [
          put(req.session, { user: 'Alice' }),
          agesWith(req.session, { maxAge: 3_600_000 }),
        ]),
      '/show': show,
    },
    visits: ['/login', '/show', '/login'],
  },
  {
    title: 'a login that is not to be remembered, after one that was',
    pages: {
      '/remember': ({ session }) => [put(session, { user: 'Alice' }), agesWith(session, { maxAge: 3_600_000 })],
      '/forget': ({ session }) => [put(session, { user: 'Bob' }), agesWith(session, { expires: false })],
    },
    visits: ['/remember', '/forget'],
  },
  {
    title: 'attributes set before regenerate, which begins with a new cookie',
    pages: {
      '/login': (req) => {
        agesWith(req.session, { maxAge: 3_600_000, path: '/shop', sameSite: 'strict' })
        return called(req.session, 'regenerate', () => [put(req.session, { n: 1 }), ages(req.session), req.session.cookie.path])
      },
    },
    visits: ['/login', '/login'],
  },
  {
    title: 'attributes set before reload, in a session that was just saved',
    pages: {
      '/reload': async (req) => {
        const before = agesWith(put(req.session, { n: 1 }) && req.session, { maxAge: 3_600_000 })
        await called(req.session, 'save')
        return [before, await called(req.session, 'reload', () => ages(req.session))]
      },
    },
    visits: ['/reload'],
  },
]
