import { SessionError } from '../errors.ts'
import type { Exchange } from '../http/exchange.ts'
import { cookieVariable } from '../http/request-variables.ts'
import type { SaveHandler } from '../save-handlers/save-handler.ts'
import { type DirectiveName, type Directives, overrideDirectives } from '../session/directives.ts'
import type { StartOptions } from '../session/options.ts'
import { runningRequest } from '../session/running.ts'
import type { Session } from '../session/session.ts'
import type { SessionManager } from '../session/session-manager.ts'

/**
 * What PHP's session module keeps of the running request (`php_ps_globals`): its session, and what it set for the next start.
 * @throws SessionError NO_SESSION where no request is bound
 */
export function globals(): Globals {
  const running = runningRequest()
  const exchange = running?.request.exchange
  if (running === undefined || exchange === undefined) {
    const how = 'call sessions.bind(req, res) first, or use phpSession(sessions, { autoStart: false }) of an adapter'
    throw new SessionError('NO_SESSION', `No request is bound to a session manager here: ${how}`)
  }
  const manager = running.owner as SessionManager
  const ofManager = known.get(manager) ?? new WeakMap<object, Globals>()
  known.set(manager, ofManager)
  const found = ofManager.get(exchange.key) ?? new Globals(manager, exchange)
  ofManager.set(exchange.key, found)
  return found
}

/** Whether there is one. */
export function isBound(): boolean {
  return runningRequest()?.request.exchange !== undefined
}

/** Of each session manager, by the key of the exchange. */
const known = new WeakMap<SessionManager, WeakMap<object, Globals>>()

/** A directive as the request set it: the text as `ini_get` gives it, and what it means. */
interface Setting {
  readonly text: string
  readonly value: unknown
}

export class Globals {
  readonly manager: SessionManager
  readonly exchange: Exchange
  /** The save handler for the next start, where it is not the session manager's. */
  saveHandler: SaveHandler | undefined
  /** The id for the next start; '' is to be a new one. */
  givenId: string | undefined
  /** Whether the address has to carry the id (`define_sid`). */
  #definesSid = false
  readonly #settings = new Map<DirectiveName, Setting>()
  #session: Session | undefined
  /** What session_destroy() left of the variables. */
  #left: Record<string, unknown> | undefined

  constructor(manager: SessionManager, exchange: Exchange) {
    this.manager = manager
    this.exchange = exchange
  }

  /** The session that was started last, in whatever state it is. */
  get session(): Session | undefined {
    const session = this.manager.sessionOf(this.exchange)
    // One that an adapter or `sessions.start` started may have directives of its own.
    if (session !== undefined && session !== this.#session) this.#adopt(session)
    return session
  }

  /** The session while it is active. */
  get active(): Session | undefined {
    const { session } = this
    return session?.status === 'active' ? session : undefined
  }

  /** `$_SESSION`, undefined before a session is started. After session_destroy() it may be changed, and is forgotten, as in PHP. */
  get vars(): Record<string, unknown> | undefined {
    const { session } = this
    if (session?.status !== 'destroyed') return session?.$_SESSION
    this.#left ??= { ...session.$_SESSION }
    return this.#left
  }

  /** `PS(id)`: what session_id() gives. */
  get id(): string {
    const { session } = this
    return this.givenId ?? (session === undefined || session.status === 'destroyed' ? '' : session.id)
  }

  /** The constant SID. */
  get sid(): string {
    const { session } = this
    return session !== undefined && this.#definesSid ? `${session.name}=${session.id}` : ''
  }

  get headersSent(): boolean {
    return this.exchange.headersSent
  }

  /** A directive in force for this request. */
  directive<N extends DirectiveName>(name: N): Directives[N] {
    void this.session
    const setting = this.#settings.get(name)
    return setting === undefined ? this.manager.directives[name] : (setting.value as Directives[N])
  }

  /** The same as PHP's text. */
  text(name: DirectiveName): string {
    const value = this.directive(name)
    return this.#settings.get(name)?.text ?? textOf(value)
  }

  /** Sets a directive for this request. @throws TypeError for a value that PHP would misread, or that no cookie can carry */
  set(name: DirectiveName, text: string): void {
    // A pair of directives that depend on each other is checked by the start, when both are set.
    const others = { ...this.manager.directives, cookie_secure: true, cookie_partitioned: false }
    const value = name === 'save_handler' ? text : overrideDirectives(others, { [name]: text })[name]
    this.#settings.set(name, { text, value })
  }

  /** What was set, as options of a start. */
  get settings(): StartOptions {
    void this.session
    const { save_handler, ...options } = Object.fromEntries([...this.#settings].map(([name, { value }]) => [name, value]))
    return options
  }

  /** Tells of a session that was started with what was set, and whether its id was looked for in the request. */
  started(session: Session, isLookedUp: boolean): void {
    this.#session = session
    this.#left = undefined
    this.givenId = undefined
    const cookie = isLookedUp && this.directive('use_cookies') && cookieVariable(this.exchange.cookieHeader, session.name)
    this.#definesSid = !this.directive('use_only_cookies') && typeof cookie !== 'string'
  }

  #adopt(session: Session): void {
    this.#session = session
    for (const [name, value] of Object.entries(session.cookie.directives) as [DirectiveName, Directives[DirectiveName]][]) {
      if (value !== this.manager.directives[name]) this.#settings.set(name, { text: textOf(value), value })
    }
    this.started(session, true)
  }
}

function textOf(value: Directives[DirectiveName]): string {
  return typeof value === 'boolean' ? String(Number(value)) : String(value)
}
