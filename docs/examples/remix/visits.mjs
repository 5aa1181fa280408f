/**
 * PHP's sessions in a resource route of Remix and React Router (app/routes/visits.js): visits are counted, and who logs in here or in
 * PHP is logged in there too. SAVE_PATH comes from the environment.
 */
import { SessionManager } from 'session-start'
import { withSession } from 'session-start/fetch'

const { SAVE_PATH = '/var/lib/php/sessions' } = process.env

const sessions = new SessionManager({ save_path: SAVE_PATH })

const visit = withSession(sessions, (_request, { $_SESSION }) => {
  $_SESSION.visits = ($_SESSION.visits ?? 0) + 1
  return new Response(`Hello ${$_SESSION.user ?? 'stranger'}, visit ${$_SESSION.visits}`)
})

const logInOrOut = withSession(sessions, async (request, session) => {
  if (request.method === 'DELETE') {
    session.cookie.expire()
    await session.destroy()
  } else {
    await session.regenerate(true) // the id from before the login is worth nothing now
    session.$_SESSION.user = 'Alice' // whoever the name and the password belong to
  }
  return new Response(null, { status: 204 })
})

export const loader = ({ request }) => visit(request)
export const action = ({ request }) => logInOrOut(request)
