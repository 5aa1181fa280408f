import { type AnySession, type App, openBrowser, type Page, type Seen, type Settings, sides } from './sides.ts'

/** What applications do with `req.session`: pages, and the order in which a browser visits them. */
export interface Scenario extends Settings {
  readonly title: string
  readonly pages: Readonly<Record<string, Page>>
  /** Paths. `/path 2` goes there with the cookie that it had after visit 2, `/path a=b` with that one. */
  readonly visits: readonly string[]
}

/** What a browser sees of each visit. */
export async function visitAll(app: App, which: keyof typeof sides, { pages, visits, ...settings }: Scenario): Promise<Visited> {
  const side = sides[which](settings)
  app.use(side.middleware)
  const browser = await openBrowser(app, side.name, pages)
  try {
    const seen: Visited['seen'] = []
    const cookies = ['']
    for (const visit of visits) {
      const [path = '', cookie] = visit.split(/ (.*)/)
      const given = cookie === undefined || cookie.includes('=') ? cookie : cookies[Number(cookie)]
      seen.push({ visit, ...(await browser.visit(path, given)) })
      cookies.push(browser.cookie)
    }
    return { seen, stored: side.count() }
  } finally {
    await browser.close()
    side.close()
  }
}

export interface Visited {
  readonly seen: (Seen & { readonly visit: string })[]
  /** How many sessions there are afterwards. */
  readonly stored: number
}

/** The variables without the cookie, which is among them with express-session. */
export function variables({ ...session }: AnySession): object {
  const { cookie, ...vars } = session
  return vars
}

/** A page that shows them. */
export const show: Page = ({ session }) => variables(session)

/** Sets variables. */
export function put(session: AnySession, vars: object): object {
  Object.assign(session, vars)
  return variables(session)
}

/** Counts a visit. */
export function count(session: AnySession): number {
  session['n'] = (session['n'] ?? 0) + 1
  return session['n']
}

/**
 * What the callback of a method is called with, whether that was later, and whether the method gave the session. (Of `save` and `reload`
 * express-session says that they do, but they do not.)
 */
export function called(
  session: AnySession,
  method: 'save' | 'reload' | 'regenerate' | 'destroy',
  then: () => unknown = () => null,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let isLater = false
    const result = session[method]((...args: unknown[]) => {
      try {
        resolve({ errors: args.filter((each) => each !== undefined && each !== null), isLater, isChained, thus: then() })
      } catch (error) {
        reject(error)
      }
    })
    const isChained = method === 'save' || method === 'reload' || result === session
    isLater = true
  })
}
