import type { Exchange } from '../http/exchange.ts'
import type { TransSidRules } from '../http/trans-sid.ts'
import type { SaveHandle, SaveHandler } from '../save-handlers/save-handler.ts'
import type { CodecOptions, SerializeHandler, SessionVars } from '../serialize-handlers/serialize-handler.ts'
import type { Directives } from './directives.ts'
import type { SessionCookie } from './session-cookie.ts'

export type SessionStatus = 'active' | 'closed' | 'destroyed'

/** `$_SESSION` of an application that does not say what it keeps there. */
// biome-ignore lint/suspicious/noExplicitAny: as in PHP, a variable holds anything
export type DefaultVars = Record<string, any>

/** All that a session works with; the session manager puts it together for each start. */
export interface SessionContext {
  readonly directives: Directives
  readonly saveHandler: SaveHandler
  readonly serializeHandler: SerializeHandler
  readonly codec: CodecOptions
  readonly lock: boolean
  /** In milliseconds. */
  readonly lockTimeout: number
  /** The request and its response; undefined for a session without HTTP. */
  readonly exchange: Exchange | undefined
  readonly cookie: SessionCookie
  /** How links get the id; undefined where they get none. */
  readonly transSid: TransSidRules | undefined
}

/** What was opened: a session that is locked and read. */
export interface OpenedSession {
  readonly id: string
  readonly handle: SaveHandle
  readonly bytes: Buffer
  readonly vars: SessionVars
  /** Nothing is stored and no cookie is sent until something is put into `$_SESSION`. */
  readonly isNew: boolean
}
