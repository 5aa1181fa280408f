/** The server of the demo: PHP pages below /php/, Node pages below /node/, one save_path. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { nodeShop } from './node/shop.mjs'
import { openPhpSite } from './php-site.mjs'
import { sessionView } from './session-view.mjs'

const phpPages = new Set(['index.php', 'login.php', 'cart.php', 'logout.php'])
const doors = { '/': '/php/', '/php': '/php/', '/node': '/node/' }
const assets = {
  '/assets/style.css': ['assets/style.css', 'text/css'],
  '/assets/session.css': ['assets/session.css', 'text/css'],
  '/assets/panel.mjs': ['assets/panel.mjs', 'text/javascript'],
  '/assets/bytes.mjs': ['bytes.mjs', 'text/javascript'],
  '/assets/icons.svg': ['assets/icons.svg', 'image/svg+xml'],
  '/assets/favicon.svg': ['assets/favicon.svg', 'image/svg+xml'],
}

/**
 * @param {object} options
 * @param {object} options.sessionStart the package
 * @param {object} options.php a PHP of the oracle, for PHP's view of the session
 * @param {{ version: string, nativePhp?: string }} options.runtime which PHP runs the pages
 * @param {Record<string, unknown>} options.directives of session.*, the same for PHP and for Node
 * @param {number} options.port 0 is a free one
 * @returns → `{ url, close() }`
 */
export async function openSite({ sessionStart, php, runtime, directives, port }) {
  const phpSite = openPhpSite({ ...runtime, directives })
  const shop = nodeShop(sessionStart, directives)
  const sessions = new sessionStart.SessionManager(directives)
  const view = sessionView({ sessions, php, save_path: directives.save_path })

  const server = createServer(async (req, res) => {
    try {
      await route(req, res)
    } catch (error) {
      console.error(error)
      if (!res.headersSent) answer(res, 500, 'Something went wrong; the terminal says what.')
      else res.destroy()
    }
  })

  async function route(req, res) {
    const { pathname, search } = new URL(req.url, 'http://localhost')
    // A name that an attacker's page made point to this machine is refused here.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(req.headers.host)) return answer(res, 421, 'This is not my name.')
    res.setHeader('Content-Security-Policy', "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
    res.setHeader('X-Content-Type-Options', 'nosniff')
    if (doors[pathname]) return res.writeHead(302, { Location: doors[pathname] }).end()
    if (pathname.startsWith('/php/')) return phpPage(req, res, pathname.slice('/php/'.length) || 'index.php', search)
    if (pathname.startsWith('/node/')) return shop(req, res)
    if (pathname === '/session') return view(req, res)
    if (Object.hasOwn(assets, pathname)) return asset(res, ...assets[pathname])
    answer(res, 404, 'There is no such page.')
  }

  async function phpPage(req, res, script, query) {
    if (!phpPages.has(script)) return answer(res, 404, 'There is no such page.')
    const body = Buffer.concat(await req.toArray())
    const { host, cookie, 'content-type': type, referer } = req.headers
    const headers = { host, cookie, 'content-type': type, 'content-length': `${body.length}`, referer }
    for (const name of Object.keys(headers)) if (headers[name] === undefined) delete headers[name]

    const response = await phpSite.answer({ script, query, method: req.method, headers, body })
    for (const [name, values] of Object.entries(response.headers)) {
      if (!perConnection.has(name)) res.setHeader(name, values)
    }
    res.writeHead(response.status).end(response.body)
  }

  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await phpSite.close()
    },
  }
}

/** Headers between PHP and us, not for the browser. */
const perConnection = new Set(['connection', 'content-length', 'date', 'host', 'keep-alive', 'transfer-encoding'])

function asset(res, path, type) {
  res.writeHead(200, { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'max-age=60' })
  res.end(readFileSync(new URL(path, import.meta.url)))
}

function answer(res, status, text) {
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text)
}
