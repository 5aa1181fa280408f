export { SessionError, type SessionErrorCode, UnserializeError } from './errors.ts'
export type { Charset } from './php/charset.ts'
export type { Classes, PhpClass } from './php/classes.ts'
export { toDate } from './php/date.ts'
export { type SerializeOptions, serialize } from './php/serialize.ts'
export { type UnserializeOptions, unserialize } from './php/unserialize.ts'
export {
  getClass,
  getVisibility,
  PhpEnum,
  PhpFloat,
  PhpObject,
  PhpSerialized,
  PhpSerializedPart,
  type Visibility,
} from './php/values.ts'
export { filesSaveHandler } from './save-handlers/files.ts'
export { type MemorySaveHandler, memorySaveHandler } from './save-handlers/memory.ts'
export type { Awaitable, OpenOptions, SaveHandle, SaveHandler, SessionEntry } from './save-handlers/save-handler.ts'
export { assertSid, freeSid } from './save-handlers/sid.ts'
export { userSaveHandler } from './save-handlers/user.ts'
export type { SaveHandlerObject } from './save-handlers/user-object.ts'
export { detectSerializeHandler } from './serialize-handlers/serialize-handlers.ts'
export { decodeSession, encodeSession, type SessionCodecOptions } from './serialize-handlers/session-codec.ts'
export type { DirectiveOptions, Directives } from './session/directives.ts'
export type { SessionManagerOptions, StartOptions } from './session/options.ts'
export type { Session } from './session/session.ts'
export type { SessionStatus } from './session/session-context.ts'
export type { CookieOptions, SessionCookie } from './session/session-cookie.ts'
export { SessionManager } from './session/session-manager.ts'
