import { called, count, put, type Scenario, show, type Visited, visitAll } from './express-session/scenario.ts'
import { frameworks } from './express-session/sides.ts'

/** Where `req.session` is not as express-session's, and docs/migrating-from-express-session.md says why. */

interface Difference extends Scenario {
  /** What to compare; the body of the last answer, unless it is said. */
  readonly of?: (visited: Visited) => unknown
  readonly theirs: unknown
  readonly ours: unknown
}

const cookies = ({ seen }: Visited) => seen.map(({ cookie }) => cookie)

const differences: readonly Difference[] = [
  {
    title: 'the cookie is not among the variables',
    pages: {
      '/': ({ session }) => [Object.keys(put(session, { n: 1 }) && session), 'cookie' in JSON.parse(JSON.stringify(session))],
    },
    visits: ['/'],
    theirs: [['cookie', 'n'], true],
    ours: [['n'], false],
  },
  {
    title: 'an empty object comes back as PHP’s empty array, and takes names as an object does',
    pages: {
      '/set': ({ session }) => put(session, { cart: {} }),
      '/add': ({ session }) => Object.assign(session['cart'], { sku: 'MUG' }) && null,
      '/show': show,
    },
    visits: ['/set', '/show', '/add', '/show'],
    of: ({ seen }) => [seen[1]!.body, seen[3]!.body],
    theirs: [{ cart: {} }, { cart: { sku: 'MUG' } }],
    ours: [{ cart: [] }, { cart: { sku: 'MUG' } }],
  },
  {
    title: 'NaN, Infinity, a Map and a Set are kept',
    pages: {
      '/set': ({ session }) => put(session, { nan: Number.NaN, inf: Infinity, map: new Map([['a', 1]]), set: new Set(['b']) }),
      '/show': ({ session }) => [String(session['nan']), String(session['inf']), session['map'], session['set']],
    },
    visits: ['/set', '/show'],
    theirs: ['null', 'null', {}, {}],
    ours: ['NaN', 'Infinity', { a: 1 }, ['b']],
  },
  {
    title: 'a Date comes back as PHP’s object, not as a text',
    pages: { '/set': ({ session }) => put(session, { date: new Date(0) }), '/show': show },
    visits: ['/set', '/show'],
    theirs: { date: '1970-01-01T00:00:00.000Z' },
    ours: { date: { date: '1970-01-01 00:00:00.000000', timezone_type: 3, timezone: 'UTC' } },
  },
  {
    title: 'an object with the keys 0, 1 and so on comes back as an array',
    pages: { '/set': ({ session }) => put(session, { names: { 0: 'a', 1: 'b' } }), '/show': show },
    visits: ['/set', '/show'],
    theirs: { names: { 0: 'a', 1: 'b' } },
    ours: { names: ['a', 'b'] },
  },
  {
    title: 'an instance of a class that is not in `classes` is an error where it is stored',
    pages: { '/set': ({ session }) => put(session, { cart: new (class Cart {})() }), '/show': show },
    visits: ['/set', '/show'],
    of: ({ seen }) => seen.map(({ status }) => status),
    theirs: [200, 200],
    ours: [500, 200],
  },
  {
    title: 'what no session can keep is an error where it is set',
    pages: { '/': ({ session }) => Object.keys(put(session, { callback: () => {} })) },
    visits: ['/'],
    theirs: ['callback'],
    ours: { error: 'TypeError' },
  },
  {
    title: 'what no session can keep inside of a value is an error where it is stored, not a success',
    pages: { '/set': ({ session }) => put(session, { n: 1, of: { callback: () => {} } }) && 'stored', '/show': show },
    visits: ['/set', '/show'],
    of: ({ seen }) => seen.map(({ status, body }) => [status, body]),
    theirs: [
      [200, 'stored'],
      [200, { n: 1, of: {} }],
    ],
    ours: [
      [500, { error: 'TypeError' }],
      [200, {}],
    ],
  },
  {
    title: 'names that PHP cannot keep are an error',
    pages: { '/pipe': ({ session }) => put(session, { 'a|b': 1 }), '/number': ({ session }) => put(session, { 5: 1 }) },
    visits: ['/pipe', '/number'],
    of: ({ seen }) => seen.map(({ status }) => status),
    theirs: [200, 200],
    ours: [500, 500],
  },
  {
    title: 'attributes of the cookie are those of the answer: nothing of them is stored',
    pages: {
      '/login': ({ session }) => Object.assign(session.cookie, { maxAge: 3_600_000 }) && put(session, { n: 1 }),
      '/next': ({ session }) => typeof session.cookie.maxAge === 'number',
    },
    visits: ['/login', '/next'],
    theirs: true,
    ours: false,
  },
  {
    title: 'a cookie with a lifetime is sent once, as by PHP',
    lifetime: 3600,
    pages: { '/count': ({ session }) => count(session) },
    visits: ['/count', '/count'],
    of: cookies,
    theirs: ['new id', 'same id'],
    ours: ['new id', 'not sent'],
  },
  {
    title: 'touch and resetMaxAge send a cookie that has a lifetime: what rolling does',
    lifetime: 3600,
    pages: { '/touch': ({ session }) => session.touch() === session },
    visits: ['/touch', '/touch'],
    of: cookies,
    theirs: ['new id', 'not sent'],
    ours: ['new id', 'same id'],
  },
  {
    title: 'an attribute that is set is sent, also when no variable was changed',
    pages: {
      '/set': ({ session }) => put(session, { n: 1 }),
      '/longer': ({ session }) => Object.assign(session.cookie, { maxAge: 60_000 }) && 1,
    },
    visits: ['/set', '/longer'],
    of: cookies,
    theirs: ['new id', 'not sent'],
    ours: ['new id', 'same id'],
  },
  {
    title: 'a cookie for HTTPS is sent over HTTP too, since there may be a proxy',
    pages: { '/': ({ session }) => Object.assign(session.cookie, { secure: true }) && put(session, { n: 1 }) },
    visits: ['/'],
    of: cookies,
    theirs: ['not sent'],
    ours: ['new id'],
  },
  {
    title: 'a session is there from its start: reload in a new one finds no variables, and no error',
    pages: {
      '/': ({ session }) =>
        called(Object.assign(session, { n: 1 }), 'reload').then((result) => (result as { errors: [] }).errors.length),
    },
    visits: ['/'],
    theirs: 1,
    ours: 0,
  },
  {
    title: 'the cookie of a session that is destroyed in its first request was set at its start',
    pages: { '/': ({ session }) => called(session, 'destroy') },
    visits: ['/'],
    of: cookies,
    theirs: ['not sent'],
    ours: ['new id'],
  },
  {
    title: 'without saveUninitialized, a new id for a session without variables stores nothing',
    saveUninitialized: false,
    pages: { '/': (req) => called(req.session, 'regenerate') },
    visits: ['/'],
    of: (visited) => [cookies(visited), visited.stored],
    theirs: [['new id'], 1],
    ours: [['not sent'], 0],
  },
  {
    title: 'without saveUninitialized, a session without variables that is saved gets a cookie',
    saveUninitialized: false,
    pages: { '/': ({ session }) => called(session, 'save') },
    visits: ['/'],
    of: (visited) => [cookies(visited), visited.stored],
    theirs: [['not sent'], 1],
    ours: [['new id'], 1],
  },
  {
    title: 'a new session whose first variable comes after the headers cannot have a cookie, which is an error',
    saveUninitialized: false,
    pages: {
      '/': ({ session }, res) => {
        res.write(' ')
        try {
          put(session, { n: 1 })
          res.end('"set"')
        } catch (error) {
          res.end(JSON.stringify((error as { code: string }).code))
        }
      },
    },
    visits: ['/'],
    theirs: 'set',
    ours: 'HEADERS_SENT',
  },
  {
    title: 'a regenerate that nobody waited for is not lost',
    pages: {
      '/set': ({ session }) => put(session, { n: 1 }),
      '/login': (req) => req.session.regenerate(() => put(req.session, { user: 'Alice' })) && 'welcome',
      '/show': show,
    },
    visits: ['/set', '/login', '/show'],
    of: ({ seen }) => [seen[1]!.cookie, seen[2]!.body],
    theirs: ['not sent', {}],
    ours: ['new id', { user: 'Alice' }],
  },
]

describe.each(Object.entries(frameworks))('%s: other than with express-session:', (_name, newApp) => {
  it.each(differences.map((each) => [each.title, each] as const))('%s', async (_title, { theirs, ours, of, ...scenario }) => {
    const what = of ?? (({ seen }) => seen.at(-1)!.body)
    expect({
      theirs: what(await visitAll(newApp(), 'theirs', scenario)),
      ours: what(await visitAll(newApp(), 'ours', scenario)),
    }).toEqual({ theirs, ours })
  })
})
