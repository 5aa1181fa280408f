import { expect, test } from 'vitest'
import 'session-start/vitest'
import { damaged, shop } from './sessions.cjs'

test('match', () => expect(shop).toMatchSession({ user: 'Bob', cart: [{ price: 10 }] }))
test('value', () => expect(shop).toHaveSessionValue('cart[0].nmae', 'Mug'))
test('not', () => expect(shop).not.toHaveSessionValue('user', expect.any(String)))
test('damaged', () => expect(damaged).toBePhpSession())
test('php', () => expect(damaged).toBeReadableByPhp())
test('good', () => expect(shop).toMatchSession({ user: expect.any(String) }))
