/**
 * PHP's sessions in a Next.js route handler (app/visits/route.js): visits are counted, and who logs in here or in PHP is logged
 * in there too. SAVE_PATH comes from the environment.
 */
import { SessionManager } from 'session-start'
import { withSession } from 'session-start/fetch'

const { SAVE_PATH = '/var/lib/php/sessions' } = process.env

const sessions = new SessionManager({ save_path: SAVE_PATH })

export const GET = withSession(sessions, (_request, { $_SESSION }) => {
  $_SESSION.visits = ($_SESSION.visits ?? 0) + 1
  return new Response(`Hello ${$_SESSION.user ?? 'stranger'}, visit ${$_SESSION.visits}`)
})

/** Logs in. */
export const POST = withSession(sessions, async (_request, session) => {
  await session.regenerate(true) // the id from before the login is worth nothing now
  session.$_SESSION.user = 'Alice' // whoever the name and the password belong to
  return new Response(null, { status: 204 })
})

/** Logs out. */
export const DELETE = withSession(sessions, async (_request, session) => {
  session.cookie.expire()
  await session.destroy()
  return new Response(null, { status: 204 })
})
