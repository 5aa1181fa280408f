import { PhpObject, SessionError, SessionManager, serialize, unserialize } from 'session-start'
import use from './use.cjs'

test('the package works inside vitest', () => use({ PhpObject, SessionError, SessionManager, serialize, unserialize }))
