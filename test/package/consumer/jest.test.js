const { PhpObject, SessionError, SessionManager, serialize, unserialize } = require('session-start')
const use = require('./use.cjs')

test('the package works inside jest', () => use({ PhpObject, SessionError, SessionManager, serialize, unserialize }))
