import { count, put, type Scenario, show, variables } from './scenario.ts'
import type { AnySession } from './sides.ts'

const isVariable = (name: string) => name !== 'cookie'

export const variableScenarios: readonly Scenario[] = [
  {
    title: 'a counter',
    pages: { '/count': ({ session }) => count(session) },
    visits: ['/count', '/count', '/count', '/count 1'],
  },
  {
    title: 'values of all kinds, as they were set and as they come back',
    pages: {
      '/set': ({ session }) => {
        put(session, { text: 'Zoë ☕', empty: '', n: 0, negative: -1.5, big: 2 ** 53, yes: true, nothing: null, list: [1, [2]] })
        put(session, { deep: { a: { b: [{ c: 'd' }] } }, gone: undefined })
        const { deep } = session
        return [variables(session), 'gone' in session, deep === session['deep']]
      },
      '/show': show,
    },
    visits: ['/set', '/show'],
  },
  {
    title: 'changes inside of values',
    pages: {
      '/fill': ({ session }) => {
        session['cart'] = { items: [] }
        session['cart'].items.push({ sku: 'MUG' })
        const { cart } = session
        cart.items.push({ sku: 'CUP' })
        cart.total = 7.5
        return variables(session)
      },
      '/change': ({ session }) => {
        session['cart'].items[0].sku = 'JUG'
        session['cart'].items[1].tags = ['new']
        delete session['cart'].total
        return variables(session)
      },
      '/pop': ({ session }) => session['cart'].items.pop(),
      '/show': show,
    },
    visits: ['/fill', '/show', '/change', '/show', '/pop', '/show'],
  },
  {
    title: 'variables replaced and removed',
    pages: {
      '/set': ({ session }) => put(session, { a: 1, b: 2, c: 3 }),
      '/delete': ({ session }) => [delete session['b'], delete session['nothing'], 'b' in session, session['b'] === undefined],
      '/replace': ({ session }) => put(session, { a: { was: session['a'] } }),
      '/clear': ({ session }) => {
        for (const name of Object.keys(session).filter(isVariable)) delete session[name]
        return variables(session)
      },
      '/show': show,
    },
    visits: ['/set', '/delete', '/show', '/replace', '/show', '/clear', '/show'],
  },
  {
    title: 'all ways to look at a session',
    pages: {
      '/look': ({ session }) => {
        put(session, { user: 'Alice', cart: { n: 1 } })
        const forIn: string[] = []
        for (const name in session) forIn.push(name)
        const { user, ...rest } = session
        const attributes = (name: string) => Object.getOwnPropertyDescriptor(session, name)
        return {
          forIn: forIn.filter(isVariable),
          keys: Object.keys(session).filter(isVariable),
          entries: Object.entries(session).filter(([name]) => isVariable(name)),
          json: { ...JSON.parse(JSON.stringify(session)), cookie: null },
          rest: { ...rest, user, cookie: null },
          in: ['user', 'nobody', 'cookie', 'id', 'save', 'toString'].map((name) => name in session),
          own: ['user', 'nobody', 'cookie', 'id', 'touch'].map((name) => Object.hasOwn(session, name)),
          enumerable: ['user', 'id', 'touch', 'reload'].map((name) => attributes(name)?.enumerable ?? false),
          writable: ['user', 'id', 'cookie'].map((name) => attributes(name)?.writable),
          types: ['id', 'cookie', 'save', 'reload', 'regenerate', 'destroy', 'touch', 'resetMaxAge', 'on'].map(
            (name) => typeof session[name],
          ),
          names: ['id', 'cookie', 'user'].map((name) => Object.getOwnPropertyNames(session).includes(name)),
          isArray: Array.isArray(session),
          text: String(session),
        }
      },
    },
    visits: ['/look', '/look'],
  },
  {
    title: 'the id, which nobody can set or remove',
    pages: {
      '/id': ({ session, sessionID }) => [session.id === sessionID, typeof session.id],
      '/set': ({ session }) => put(session, { id: 'mine' }),
      '/delete': ({ session }) => delete (session as Record<string, unknown>)['id'],
      '/same': (req) => {
        const { session } = req
        return [session === req.session, session.id === req.sessionID]
      },
    },
    visits: ['/id', '/id', '/set', '/delete', '/same'],
  },
  {
    title: 'methods that are replaced for this request',
    pages: {
      '/assign': ({ session }) => wrap(session, (save) => Object.assign(session, { save })),
      '/define': ({ session }) => wrap(session, (value) => Object.defineProperty(session, 'save', { value, configurable: true })),
      '/show': ({ session }) => [session.save.name === 'wrapped', variables(session)],
    },
    visits: ['/assign', '/show', '/define', '/show'],
  },
]

function wrap(session: AnySession, install: (save: AnySession['save']) => void): Promise<unknown> {
  const { save } = session
  let times = 0
  install(function wrapped(this: AnySession, callback) {
    times++
    return save.call(this, callback) as AnySession
  } as AnySession['save'])
  session['user'] = 'Alice'
  return new Promise((resolve) => session.save(() => resolve([times, variables(session)])))
}
