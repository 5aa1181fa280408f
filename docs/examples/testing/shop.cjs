/** The Node half of a shop whose other half is PHP: what the examples test. */
const { createServer } = require('node:http')
const { PhpFloat } = require('session-start')

exports.createShop = (sessions) =>
  createServer((req, res) => {
    page(sessions, req, res).catch((error) => {
      console.error(error)
      res.destroy()
    })
  })

async function page(sessions, req, res) {
  const { $_SESSION } = await sessions.start(req, res)
  if (req.method === 'POST') {
    $_SESSION.cart ??= []
    $_SESSION.cart.push({ name: 'Mug', price: new PhpFloat(12), quantity: 1 })
  }
  res.end(`Hello ${$_SESSION.user ?? 'stranger'}, ${$_SESSION.cart?.length ?? 0} in your cart`)
}

/** Starts it on a free port; → its address. */
exports.listen = (server) =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`))
  })
