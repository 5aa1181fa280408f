import { SessionError, SessionManager, serialize, unserialize } from 'session-start'

const bytes: Buffer = serialize(unserialize(Buffer.from('a:1:{s:1:"x";d:1;}')))
const sessions = new SessionManager<{ username?: string }>({ save_path: '/tmp' })
const session = await sessions.start({ id: bytes.toString('hex') })
const username: string | undefined = session.$_SESSION.username
// @ts-expect-error: types that are all `any` would let this pass
const wrong: number = session.$_SESSION.username

export const code = (error: unknown): string => (error instanceof SessionError ? error.code : `${username}${wrong}`)
