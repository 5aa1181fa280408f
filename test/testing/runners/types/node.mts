import { type BrowserContext, chromium } from 'playwright-core'
import { PhpObject, SessionManager } from 'session-start'
import { logIn } from 'session-start/playwright'
import {
  assertMatchSession,
  assertPhpSession,
  assertReadableByPhp,
  assertSessionValue,
  createTestSessions,
} from 'session-start/testing'

await using sessions = createTestSessions({ cookie_lifetime: 60, phpVersion: '8.2' })
const bob = await sessions.seed({ user: new PhpObject('User') }, { id: 'bob' })
assertPhpSession(bob)
assertSessionValue(bob.file ?? '', 'user')
assertMatchSession(await sessions.sessions.start({ id: bob.id }), { user: 1 })
await assertReadableByPhp(sessions.seed({}))

const context: BrowserContext = await (await chromium.launch()).newContext()
await logIn(context, bob, { url: 'http://localhost', sessions })
await logIn(context, { user: 'Bob' }, { url: new URL('http://localhost'), sessions: new SessionManager<{ user?: string }>() })
// @ts-expect-error: no such variable
await logIn(context, { name: 'Bob' }, { url: 'http://localhost', sessions: new SessionManager<{ user?: string }>() })
// @ts-expect-error: the folder is its own
createTestSessions({ save_path: '/tmp' })
