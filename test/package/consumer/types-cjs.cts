import sessionStart = require('session-start')

const { SessionError, SessionManager, serialize, unserialize } = sessionStart
const bytes: Buffer = serialize(unserialize(Buffer.from('a:1:{s:1:"x";d:1;}')))
const sessions: sessionStart.SessionManager<{ username?: string }> = new SessionManager({ save_path: '/tmp' })

async function username(): Promise<string | undefined> {
  const session = await sessions.start({ id: bytes.toString('hex') })
  // @ts-expect-error: types that are all `any` would let this pass
  const wrong: number = session.$_SESSION.username
  return session.$_SESSION.username ?? `${wrong}`
}

export const code = (error: unknown): unknown => (error instanceof SessionError ? error.code : username())
