/** PHP's sessions in SvelteKit (src/hooks.server.js): every page and action has `locals.session`. SAVE_PATH comes from the environment. */
import { SessionManager } from 'session-start'
import { withSession } from 'session-start/fetch'

const { SAVE_PATH = '/var/lib/php/sessions' } = process.env

const sessions = new SessionManager({ save_path: SAVE_PATH })

const resolveWithSession = withSession(sessions, (_request, session, { event, resolve }) => {
  event.locals.session = session
  return resolve(event)
})

export const handle = (input) => {
  const { event, resolve } = input
  if (!event.isSubRequest) return resolveWithSession(event.request, input)
  event.locals.session = sessions.current // fetch('/api') in a load comes by here too, and would wait for the page it is part of
  return resolve(event)
}
