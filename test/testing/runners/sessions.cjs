/** The sessions that the tests of every runner fail on. */
const { PhpFloat, encodeSession } = require('session-start')

exports.shop = encodeSession({ user: 'Alice', cart: [{ name: 'Mug', price: new PhpFloat(10) }] })
exports.damaged = exports.shop.subarray(0, -3)
