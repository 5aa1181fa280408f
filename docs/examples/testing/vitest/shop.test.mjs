/** vitest: `npx vitest run docs/examples/testing/vitest` */
import { PhpFloat } from 'session-start'
import { createTestSessions } from 'session-start/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import 'session-start/vitest'
import { createShop, listen } from '../shop.cjs'

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
  const bob = await sessions.seed({ user: 'Bob' })
  await fetch(url, { method: 'POST', headers: bob.headers })

  expect(bob).toBePhpSession()
  await expect(bob).toBeReadableByPhp()
})
