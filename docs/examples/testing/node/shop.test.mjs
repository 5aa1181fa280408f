/** node:test: `node --test docs/examples/testing/node/shop.test.mjs` */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PhpFloat } from 'session-start'
import {
  assertMatchSession,
  assertPhpSession,
  assertReadableByPhp,
  assertSessionValue,
  createTestSessions,
} from 'session-start/testing'
import { createShop, listen } from '../shop.cjs'

const sessions = createTestSessions()
const shop = createShop(sessions.sessions)
let url

before(async () => {
  url = await listen(shop)
})

after(() => shop.close())

test('a customer puts a mug into the cart', async () => {
  const alice = await sessions.as('alice')
  const response = await fetch(url, { method: 'POST', headers: alice.headers })

  assert.equal(await response.text(), 'Hello alice, 1 in your cart')
  assertMatchSession(alice, { user: 'alice', cart: [{ name: 'Mug' }] })
  assertSessionValue(alice, 'cart[0].price', new PhpFloat(12))
})

test('PHP reads what Node stored', async () => {
  const bob = await sessions.seed({ user: 'Bob' })
  await fetch(url, { method: 'POST', headers: bob.headers })

  assertPhpSession(bob)
  await assertReadableByPhp(bob)
})
