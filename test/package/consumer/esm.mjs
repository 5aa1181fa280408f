import { PhpObject, SessionError, SessionManager, serialize, unserialize } from 'session-start'
import use from './use.cjs'

await use({ PhpObject, SessionError, SessionManager, serialize, unserialize })
