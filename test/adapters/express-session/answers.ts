import { called, count, put, type Scenario, show, variables } from './scenario.ts'

export const answerScenarios: readonly Scenario[] = [
  {
    title: 'errors: what was changed before is stored',
    pages: {
      '/throw': ({ session }) => {
        count(session)
        throw new RangeError('thrown')
      },
      '/reject': async ({ session }) => {
        count(session)
        throw new RangeError('rejected')
      },
      '/next': ({ session }, _res, next) => {
        count(session)
        next(new RangeError('given on'))
      },
      '/callback': ({ session }, _res, next) => {
        count(session)
        session.save(() => next(new RangeError('given on')))
      },
      '/show': show,
    },
    visits: ['/throw', '/show', '/reject', '/show', '/next', '/show', '/callback', '/show'],
  },
  {
    title: 'answers in pieces, of a length, without body',
    pages: {
      '/pieces': ({ session }, res) => {
        count(session)
        res.write('[')
        setTimeout(() => res.end(`${count(session)}]`), 5)
      },
      '/length': ({ session }, res) => {
        count(session)
        res.setHeader('Content-Length', 3)
        res.end('[2]')
      },
      '/empty': ({ session }, res) => {
        count(session)
        res.writeHead(204).end()
      },
      '/show': show,
    },
    visits: ['/pieces', '/show', '/length', '/show', '/empty', '/show'],
  },
  {
    title: 'no session where nothing was put into it',
    saveUninitialized: false,
    pages: {
      '/look': ({ session }) => [variables(session), session['user'] ?? 'nobody', typeof session.id],
      '/login': ({ session }) => put(session, { user: 'Alice' }),
      '/destroy': ({ session }) => called(session, 'destroy'),
      '/show': show,
    },
    visits: ['/look', '/look', '/destroy', '/login', '/look', '/show', '/destroy', '/look'],
  },
  {
    title: 'a session that comes into being in a callback',
    saveUninitialized: false,
    pages: {
      '/login': (req) => called(req.session, 'regenerate', () => put(req.session, { user: 'Alice' })),
      '/save': ({ session }) => called(Object.assign(session, { n: 1 }), 'save'),
      '/show': show,
    },
    visits: ['/login', '/show', '/save', '/show', '/save x=y', '/show'],
  },
  {
    title: 'req.session set to null, or deleted: what is stored stays',
    pages: {
      '/set': ({ session }) => put(session, { n: 1, list: [1] }),
      '/null': (req) => {
        count(req.session)
        req.session['list'].push(2)
        Object.assign(req, { session: null })
        return [req.session]
      },
      '/undefined': (req) => {
        count(req.session)
        Object.assign(req, { session: undefined })
        return [typeof req.session]
      },
      '/delete': (req) => {
        count(req.session)
        return [delete (req as { session?: unknown }).session, typeof req.session]
      },
      '/same': (req) => {
        count(req.session)
        Object.assign(req, { session: req.session })
        return variables(req.session)
      },
      '/show': show,
    },
    visits: ['/set', '/null', '/show', '/undefined', '/show', '/delete', '/show', '/same', '/show'],
  },
  {
    title: 'cookies that nobody knows',
    pages: { '/count': ({ session }) => count(session) },
    visits: ['/count connect.sid=s%3Anobody.x', '/count PHPSESSID=nobody', '/count connect.sid=; PHPSESSID=', '/count'],
  },
]
