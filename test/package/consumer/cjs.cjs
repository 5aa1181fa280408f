const { PhpObject, SessionError, SessionManager, serialize, unserialize } = require('session-start')
const use = require('./use.cjs')

use({ PhpObject, SessionError, SessionManager, serialize, unserialize })
