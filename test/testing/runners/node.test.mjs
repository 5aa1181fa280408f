import { test } from 'node:test'
import { assertMatchSession, assertPhpSession, assertReadableByPhp, assertSessionValue } from 'session-start/testing'
import { damaged, shop } from './sessions.cjs'

test('match', () => assertMatchSession(shop, { user: 'Bob', cart: [{ price: 10 }] }))
test('value', () => assertSessionValue(shop, 'cart[0].nmae', 'Mug'))
test('damaged', () => assertPhpSession(damaged))
test('php', () => assertReadableByPhp(damaged))
test('good', () => assertMatchSession(shop, { user: 'Alice' }))
