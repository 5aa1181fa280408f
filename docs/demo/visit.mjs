/** A visit to the shop without a browser: what one would click, and what the pages and the session file must show then. */
import { readdirSync } from 'node:fs'
import { showBytes } from './terminal.mjs'

/**
 * @param {string} url of the shop
 * @param {{ save_path: string, report: object }} options
 */
export async function visitShop(url, { save_path, report }) {
  const browser = openBrowser(url)
  const files = () => readdirSync(save_path).map((name) => name.replace('sess_', ''))
  const cart = { Espresso: 1, 'Café crème': 1 }

  report.step('PHP', 'shows the shop to somebody new')
  await browser.open('/php/')
  report.check('the page is made by PHP and asks for a name', browser.sees(), { by: 'PHP', name: null, cart: {} })
  const firstId = browser.id()
  report.check('the session is there', files(), [firstId])

  report.step('PHP', 'logs Alice in')
  await browser.send('/php/login.php', { name: 'Alice' })
  report.check('the page greets her', browser.sees(), { by: 'PHP', name: 'Alice', cart: {} })
  report.check('under a new id, the old one is gone', [browser.id() === firstId, files()], [false, [browser.id()]])
  await browser.send('/php/cart.php', { sku: 'espresso' })
  report.check('her espresso is in the cart', browser.sees().cart, { Espresso: 1 })

  report.step('Node', 'goes on with her login and her cart')
  await browser.open('/node/')
  report.check('the page is made by Node and knows both', browser.sees(), { by: 'Node', name: 'Alice', cart: { Espresso: 1 } })
  await browser.send('/node/cart', { sku: 'creme' })
  report.check('she adds a café crème', browser.sees().cart, cart)

  report.step('PHP', 'sees what Node added')
  await browser.open('/php/')
  report.check('login and cart', browser.sees(), { by: 'PHP', name: 'Alice', cart })
  const seen = await browser.json('/session')
  report.row('file', showBytes([{ text: seen.bytes, isNew: false }]))
  report.row('PHP', seen.php)
  report.row('Node', seen.node)
  report.check(
    'the price is a float still, the customer an object',
    [/d:3;/.test(seen.bytes), /O:8:"Customer"/.test(seen.bytes)],
    [true, true],
  )

  report.step('Both', 'at the same time')
  const clicks = Array.from({ length: 20 }, (_, i) => browser.post(i % 2 ? '/php/cart.php' : '/node/cart', { sku: 'croissant' }))
  await Promise.all(clicks)
  await browser.open('/node/')
  report.check('20 croissants in 20 clicks at once: nothing is lost', browser.sees().cart, { ...cart, Croissant: 20 })

  report.step('Both', 'refuse a form of somebody else')
  const stolen = (path) => browser.post(path, { sku: 'cake', csrf: 'guessed' }).then(({ status }) => status)
  report.check('403 from PHP and from Node', [await stolen('/php/cart.php'), await stolen('/node/cart')], [403, 403])

  report.step('Node', 'logs her out')
  const loggedInId = browser.id()
  await browser.send('/node/logout')
  report.check('nobody is logged in, the cart is empty', browser.sees(), { by: 'Node', name: null, cart: {} })
  report.check(
    'the session is gone, the next one has a new id',
    [files().includes(loggedInId), browser.id()],
    [false, files()[0]],
  )
  await browser.open('/php/')
  report.check('nor is she in PHP', browser.sees(), { by: 'PHP', name: null, cart: {} })

  report.step('PHP', 'logs somebody with a strange name in, and out')
  await browser.send('/php/login.php', { name: `<b>"O'Neil" & Søn` })
  await browser.open('/node/')
  report.check('the name is text on the Node page', browser.sees().name, `<b>"O'Neil" & Søn`)
  await browser.open('/php/')
  report.check('and on the PHP page', browser.sees().name, `<b>"O'Neil" & Søn`)
  const strangeId = browser.id()
  await browser.send('/php/logout.php')
  report.check('nobody is logged in, the session is gone', [browser.sees().name, files().includes(strangeId)], [null, false])
  await browser.open('/node/')
  report.check('nor is he on the Node page', browser.sees(), { by: 'Node', name: null, cart: {} })
}

/** As much of a browser as a visit needs: cookies, the token of the forms, redirects, and what stands on the page. */
function openBrowser(url) {
  const cookies = new Map()
  let page = ''

  async function request(path, options = {}) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
    const response = await fetch(`${url}${path}`, { ...options, headers: { cookie }, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      if (/max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }

  const browser = {
    async open(path) {
      const response = await request(path)
      page = await response.text()
      if (response.status !== 200) throw new Error(`${path} answers ${response.status}: ${page}`)
    },

    /** Sends a form, with the token of the page that is open. */
    post(path, fields = {}) {
      const csrf = /name="csrf" value="(\w+)"/.exec(page)?.[1] ?? ''
      return request(path, { method: 'POST', body: new URLSearchParams({ csrf, ...fields }) })
    },

    /** Sends a form and goes where the answer points. */
    async send(path, fields) {
      const response = await browser.post(path, fields)
      if (response.status !== 303) throw new Error(`${path} answers ${response.status}: ${await response.text()}`)
      await browser.open(response.headers.get('location'))
    },

    json: async (path) => (await request(path)).json(),
    id: () => cookies.get('shop'),

    /** What a person sees on the page: who made it, who is logged in, what is in the cart. */
    sees() {
      const [, by] = /made by <strong>(\w+)/.exec(page) ?? []
      const [, name] = /Hello, <strong>(.*?)<\/strong>/.exec(page) ?? []
      const items = [...page.matchAll(/<span>(\d+) × (.*?)<\/span>/g)]
      const cart = Object.fromEntries(items.map(([, quantity, item]) => [unescaped(item), Number(quantity)]))
      return { by, name: name === undefined ? null : unescaped(name), cart }
    },
  }
  return browser
}

function unescaped(html) {
  const names = { lt: '<', gt: '>', amp: '&', quot: '"' }
  return html.replace(/&(?:#0?(\d+)|(\w+));/g, (_, code, name) => (code ? String.fromCharCode(code) : names[name]))
}
