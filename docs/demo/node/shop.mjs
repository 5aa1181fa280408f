/** The Node pages of the shop: plain node:http, and the same $_SESSION as in the PHP pages. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stringifySetCookie } from 'cookie'
import { page } from './page.mjs'

const products = JSON.parse(readFileSync(new URL('../php/products.json', import.meta.url), 'utf8'))

/** → a request handler for the addresses below /node/. It gets the package as its first argument; elsewhere it would import it. */
export function nodeShop({ SessionManager, PhpFloat, toDate }, directives) {
  const sessions = new SessionManager(directives)
  const routes = { 'GET /node/': show, 'POST /node/cart': changeCart, 'POST /node/logout': logOut }

  return async function handle(req, res) {
    const route = routes[`${req.method} ${req.url}`]
    if (route === undefined) return refuse(res, 404, 'There is no such page.')
    const form = req.method === 'POST' ? await readForm(req) : undefined

    const session = await sessions.start(req, res)
    const { $_SESSION } = session
    $_SESSION.csrf ??= randomBytes(8).toString('hex')
    $_SESSION.cart ??= {}
    if (form && !isSame(form.get('csrf'), $_SESSION.csrf)) {
      return refuse(res, 403, 'This form is not of your session. Go back and load the page again.')
    }
    await route({ session, $_SESSION, form, res })
    // The end of the response stores the session and gives its lock back, as the end of a script does in PHP.
  }

  function show({ $_SESSION, res }) {
    const { user, cart, csrf } = $_SESSION
    // Customer is a class of the PHP pages. Here it is a PhpObject, and it is stored again as the Customer it was.
    const visitor = user && { name: user.name, since: toDate(user.since) }
    res.setHeader('Content-Type', 'text/html; charset=utf-8')
    res.end(`${page({ products, visitor, cart, csrf })}`)
  }

  function changeCart({ $_SESSION, form, res }) {
    const sku = form.get('sku')
    if (Object.hasOwn(products, sku)) {
      // PHP keeps 3.0 and 3 apart, JavaScript does not: PhpFloat says that a price is a float.
      const item = $_SESSION.cart[sku] ?? { price: new PhpFloat(products[sku].price), quantity: 0 }
      item.quantity += form.get('change') === '-1' ? -1 : 1
      if (item.quantity > 0) $_SESSION.cart[sku] = item
      else delete $_SESSION.cart[sku]
    }
    backToTheShop(res)
  }

  /** As PHP's manual says of session_destroy(): the variables, the cookie, the session. */
  async function logOut({ session, res }) {
    const { name, cookie_path: path, cookie_httponly: httpOnly, cookie_samesite } = sessions.directives
    session.unset()
    const gone = { path, httpOnly, sameSite: cookie_samesite.toLowerCase(), expires: new Date(0), maxAge: 0 }
    res.appendHeader('Set-Cookie', stringifySetCookie(name, '', gone))
    await session.destroy()
    backToTheShop(res)
  }
}

/** A form of a few fields; a body that is longer is none. */
async function readForm(req) {
  let body = ''
  for await (const chunk of req.setEncoding('utf8')) {
    body += chunk
    if (body.length > 10_000) return new URLSearchParams()
  }
  return new URLSearchParams(body)
}

function isSame(given, token) {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(token)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function backToTheShop(res) {
  res.writeHead(303, { Location: '/node/' }).end()
}

function refuse(res, status, reason) {
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(reason)
}
