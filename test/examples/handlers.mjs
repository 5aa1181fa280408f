/**
 * Serves an example that is only a handler, as its framework would call it: `node handlers.mjs next`. The pages are those of the other
 * examples: GET /, POST /login, POST /logout.
 */
import { serve } from '@hono/node-server'

/** For each framework, what makes its answer to a Request; `action` is undefined, 'login' or 'logout'. */
const frameworks = {
  async next() {
    const { GET, POST, DELETE } = await import('../../docs/examples/next/route.mjs')
    const context = { params: Promise.resolve({}) }
    return (request, action) => ({ login: POST, logout: DELETE })[action]?.(request, context) ?? GET(request, context)
  },

  async remix() {
    const route = await import('../../docs/examples/remix/visits.mjs')
    return (request, action) => {
      if (action === undefined) return route.loader({ request, params: {} })
      const method = action === 'login' ? 'POST' : 'DELETE'
      return route.action({ request: new Request(request.url, { method, headers: request.headers }), params: {} })
    }
  },

  async sveltekit() {
    const { handle } = await import('../../docs/examples/sveltekit/hooks.server.mjs')
    const page = await import('../../docs/examples/sveltekit/+page.server.mjs')
    return (request, action) => {
      const event = { request, locals: {}, isSubRequest: false }
      return handle({ event, resolve: (event) => resolve(event, action) })
    }

    async function resolve(event, action) {
      await fetchWithin(event)
      if (action !== undefined) await page.actions[action](event)
      const { user, visits } = action === undefined ? page.load(event) : {}
      return new Response(`Hello ${user}, visit ${visits}`)
    }

    /** As `fetch('/api')` in a page's load: the hook is called for an event of its own, with the cookie of the page's. */
    async function fetchWithin({ request, locals }) {
      const event = { request: new Request(`${request.url}api`, { headers: request.headers }), locals: {}, isSubRequest: true }
      const answer = await handle({ event, resolve: () => new Response() })
      const isSame = event.locals.session === locals.session && answer.headers.getSetCookie().length === 0
      if (!isSame) throw new Error('a request within that of a page has another session')
    }
  },
}

const { PORT = '0' } = process.env
const answer = await frameworks[process.argv[2]]()
const fetch = (request) => answer(request, { '/login': 'login', '/logout': 'logout' }[new URL(request.url).pathname])

const server = serve({ fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) => console.log(`http://127.0.0.1:${port}`))
process.once('SIGTERM', () => server.close())
