import { promisify } from 'node:util'
import { called, put, type Scenario, show, variables } from './scenario.ts'

export const methodScenarios: readonly Scenario[] = [
  {
    title: 'save',
    pages: {
      '/save': ({ session }) => called(session, 'save', () => put(session, { n: 1 })),
      '/later': async ({ session }) => {
        put(session, { n: 2 })
        await promisify(session.save).call(session)
        put(session, { n: 3, after: [3] })
        session['after'].push(4)
        return variables(session)
      },
      '/silent': ({ session }) => {
        put(session, { n: 4 })
        session.save()
        return put(session, { n: 5 })
      },
      '/redirect': ({ session }, res, next) => {
        put(session, { message: 'saved' })
        session.save((error) => {
          if (error) next(error)
          else res.writeHead(302, { Location: '/show' }).end()
        })
      },
      '/order': ({ session }) =>
        new Promise((resolve) => {
          const order: number[] = []
          session.save(() => order.push(1))
          session.save(() => resolve([...order, 2]))
        }),
      '/show': show,
    },
    visits: ['/save', '/show', '/later', '/show', '/silent', '/show', '/redirect', '/show', '/order'],
  },
  {
    title: 'reload',
    pages: {
      '/set': ({ session }) => put(session, { n: 1, list: [1] }),
      '/reload': (req) => {
        const { session: before, sessionID } = req
        put(before, { n: 2, more: true })
        before['list'].push(2)
        return called(before, 'reload', () => ({
          vars: variables(req.session),
          before: variables(before),
          isAnother: req.session !== before,
          ids: [req.session.id, before.id, req.sessionID].map((id) => id === sessionID),
          goesOn: put(req.session, { n: 7 }),
        }))
      },
      '/twice': (req) =>
        called(req.session, 'reload', () => put(req.session, { n: 8 })).then(() =>
          called(req.session, 'reload', () => variables(req.session)),
        ),
      '/show': show,
    },
    visits: ['/set', '/reload', '/show', '/twice', '/show'],
  },
  {
    title: 'regenerate',
    pages: {
      '/set': ({ session }) => put(session, { n: 1, list: [1] }),
      '/login': (req) => {
        const { session: before, sessionID } = req
        return called(before, 'regenerate', () => {
          const { session } = req
          return {
            ...{ empty: variables(session), before: variables(before), isAnother: session !== before },
            ids: [before.id === sessionID, session.id === sessionID, session.id === req.sessionID],
            ...{ login: put(session, { user: 'Alice' }), left: put(before, { user: 'nobody' }) },
          }
        })
      },
      '/twice': (req) =>
        called(req.session, 'regenerate', () => put(req.session, { n: 1 })).then(() =>
          called(req.session, 'regenerate', () => [variables(req.session), put(req.session, { n: 2 })]),
        ),
      '/redirect': (req, res) => {
        req.session.regenerate(() => {
          put(req.session, { user: 'Bob' })
          req.session.save(() => res.writeHead(302, { Location: '/show' }).end())
        })
      },
      '/show': show,
    },
    visits: ['/set', '/login', '/show', '/show 1', '/login', '/twice', '/show', '/redirect', '/show', '/set', '/show 6'],
  },
  {
    title: 'destroy',
    pages: {
      '/set': ({ session }) => put(session, { n: 1 }),
      '/destroy': async (req) => {
        const { session, sessionID } = req
        const end = called(session, 'destroy', () => [typeof req.session, req.sessionID === sessionID, session.id === sessionID])
        return [typeof req.session, put(session, { n: 2 }), await end]
      },
      '/silent': (req) => {
        const { session } = req
        const isChained = session.destroy() === session
        Object.assign(req, { session: null })
        return [isChained, req.session]
      },
      '/show': show,
    },
    visits: ['/set', '/destroy', '/show', '/set', '/silent', '/show', '/show 1'],
  },
  {
    title: 'touch and resetMaxAge of a cookie without lifetime',
    pages: {
      '/set': ({ session }) => put(session, { n: 1 }),
      '/touch': ({ session }) => [session.touch() === session, session.resetMaxAge() === session, session.cookie.maxAge],
    },
    visits: ['/set', '/touch', '/touch'],
  },
]
