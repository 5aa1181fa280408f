import { userCall } from '../save-handlers/user-object.ts'
import { runningRequest } from '../session/running.ts'
import { hasForbiddenCharacters } from '../session-id.ts'
import { asString, isIntegerKey, refuse } from './arguments.ts'
import { notice, warn } from './error-handler.ts'
import { type Globals, globals } from './globals.ts'
import { alterIni } from './ini.ts'
import { newSid } from './modules.ts'

/** Directives without `session.`, and `read_and_close`. */
export type SessionStartOptions = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * session_start(): starts the session of the running request. `options` are set as by ini_set(), and stay set; one that cannot be set
 * is a warning, and the session is started nevertheless. While a session is active, this is a notice and true.
 * @returns false, with a warning, when the headers are sent
 * @throws TypeError for an option that is no string, whole number or boolean, or that PHP would misread; SessionError as
 *   `SessionManager.start`, where PHP warns and returns false, and NO_SESSION
 */
export async function session_start(options: SessionStartOptions = {}): Promise<boolean> {
  if (typeof options !== 'object' || options === null) refuse('session_start', 'options', 'an object', options)
  const request = globals()
  // To wait here for the start that waits for the save handler would be for ever.
  if (request.active !== undefined || userCall.getStore() !== undefined) {
    notice('session_start', 'Ignoring session_start() because a session is already active')
    return true
  }
  if (request.directive('use_cookies') && request.headersSent) {
    warn('session_start', 'Session cannot be started after headers have already been sent')
    return false
  }
  const read_and_close = setOptions(request, options)
  if (request.directive('cache_limiter') !== '' && request.headersSent) {
    warn('session_start', 'Session cache limiter cannot be sent after headers have already been sent')
    return false
  }
  await start(request, read_and_close)
  return true
}

/** Sets what is a directive, and returns whether to read and close. */
function setOptions(request: Globals, options: SessionStartOptions): boolean {
  let isReadOnly = false
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || isIntegerKey(name)) continue
    const text = typeof value === 'number' && !Number.isInteger(value) ? undefined : asString(value)
    if (text === undefined) refuse('session_start', name, 'a string, a whole number or a boolean', value)
    if (name === 'read_and_close') isReadOnly = Number.parseInt(text, 10) !== 0 && /^\s*[+-]?\d/.test(text)
    else if (!alterIni(request, 'session_start', name, text)) warn('session_start', 'Setting option "%s" failed', name)
  }
  return isReadOnly
}

async function start(request: Globals, read_and_close: boolean): Promise<void> {
  const { manager, exchange, saveHandler, givenId, settings } = request
  const running = runningRequest()?.request
  const isLookedUp = request.id === '' && givenId === undefined
  const isNew = givenId !== undefined && (givenId === '' || hasForbiddenCharacters(givenId))
  const id = isNew ? await newSid(request) : givenId
  const session = await manager.startExchange(
    exchange,
    { ...settings, ...(id !== undefined && { id }), read_and_close },
    saveHandler,
  )
  request.started(session, isLookedUp)
  // The session manager told its caller; after an await, that is not ours.
  if (running !== undefined) running.session = session
}
