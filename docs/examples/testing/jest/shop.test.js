/** jest: `npx jest --config={} docs/examples/testing/jest` */
const { PhpFloat } = require('session-start')
require('session-start/jest')
const { createTestSessions } = require('session-start/testing')
const { createShop, listen } = require('../shop.cjs')

const sessions = createTestSessions()
const shop = createShop(sessions.sessions)
let url

beforeAll(async () => {
  url = await listen(shop)
})

afterAll(() => shop.close())

test('a customer puts a mug into the cart', async () => {
  const alice = await sessions.as('alice')
  const response = await fetch(url, { method: 'POST', headers: alice.headers })

  expect(await response.text()).toBe('Hello alice, 1 in your cart')
  expect(alice).toMatchSession({ user: 'alice', cart: [{ name: 'Mug', quantity: expect.any(Number) }] })
  expect(alice).toHaveSessionValue('cart[0].price', new PhpFloat(12))
  expect(alice).toMatchInlineSnapshot(`
PHP session {
  user: string(5) "alice"
  cart: array(1) {
    [0]: array(3) {
      name: string(3) "Mug"
      price: float(12)
      quantity: int(1)
    }
  }
}
`)
})

test('PHP reads what Node stored', async () => {
  const bob = await sessions.seed({ user: 'Bob', since: new Date(0), cart: [] })
  await fetch(url, { method: 'POST', headers: bob.headers })

  expect(bob).toBePhpSession()
  await expect(bob).toBeReadableByPhp()
})

test('a stranger gets a session', async () => {
  const response = await fetch(url, { method: 'POST' })
  const [, id] = /^PHPSESSID=(\w+)/.exec(response.headers.get('set-cookie'))

  expect(await sessions.read(id)).toEqual({ cart: [{ name: 'Mug', price: 12, quantity: 1 }] })
})
