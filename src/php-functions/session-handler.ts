import { filesSaveHandler } from '../save-handlers/files.ts'
import type { SaveHandle, SaveHandler } from '../save-handlers/save-handler.ts'
import { USER } from '../save-handlers/user.ts'
import { type SessionHandlerInterface, type SessionIdInterface, userCall } from '../save-handlers/user-object.ts'
import { runningRequest } from '../session/running.ts'
import type { Session } from '../session/session.ts'
import type { SessionManager } from '../session/session-manager.ts'
import { createSid } from '../session-id.ts'
import { warn } from './error-handler.ts'
import { globals, isBound } from './globals.ts'

/**
 * PHP's class SessionHandler: the session manager's save handler (`files` where that is an object of the application's) as an object for
 * session_set_save_handler(), to be extended by a class that does something more (`super.read(id)` …). An instance serves one request.
 * Data are bytes, text that is given is UTF-8.
 * Failures of the files are thrown as SessionError, where PHP returns false. Where no session is active, every method throws PHP's Error.
 */
export class SessionHandler implements SessionHandlerInterface, SessionIdInterface {
  #place: readonly [path: string, name: string] | undefined
  #request: object | undefined
  /** Each session that was read has a lock of its own: to regenerate its id, a request holds two. */
  readonly #handles = new Map<string, SaveHandle>()

  async open(path: string, name: string): Promise<boolean> {
    assertActive()
    this.#place = [path, name]
    this.#request = callingRequest()
    return true
  }

  async close(): Promise<boolean> {
    if (!this.#isOpen('close')) return false
    this.#place = undefined
    const handles = [...this.#handles.values()]
    this.#handles.clear()
    for (const handle of handles) await handle.close()
    return true
  }

  async read(id: string): Promise<Buffer | false> {
    return this.#isOpen('read') && (await this.#handle(id)).read(id)
  }

  async write(id: string, data: string | Uint8Array): Promise<boolean> {
    if (!this.#isOpen('write')) return false
    await (await this.#handle(id)).write(id, Buffer.from(data as Uint8Array))
    return true
  }

  async destroy(id: string): Promise<boolean> {
    if (!this.#isOpen('destroy')) return false
    await (await this.#handle(id)).destroy(id)
    return true
  }

  async gc(max_lifetime: number): Promise<number | false> {
    return this.#isOpen('gc') && (await this.#handle('')).gc(max_lifetime)
  }

  async create_sid(): Promise<string> {
    assertActive()
    return (await this.#handle('')).createSid(userCall.getStore()?.newId ?? createSid)
  }

  #isOpen(method: string): boolean {
    assertActive()
    if (this.#place === undefined) {
      warn(`SessionHandler::${method}`, 'Parent session handler is not open')
      return false
    }
    if (this.#request !== callingRequest()) throw new TypeError('A SessionHandler serves one request: make a new one for each')
    return true
  }

  /** With `''`, one that no session is read with. */
  async #handle(id: string): Promise<SaveHandle> {
    const found = this.#handles.get(id)
    if (found !== undefined) return found
    const [path, name] = this.#place ?? ['', '']
    const options = userCall.getStore()?.options ?? { lock: true, lockTimeout: 30_000 }
    const handle = await defaultHandler().open(path, name, options)
    this.#handles.set(id, handle)
    return handle
  }
}

/** `PS(default_mod)`: what the session manager has, or files where that is the application's object itself. */
function defaultHandler(): SaveHandler {
  const own = (runningRequest()?.owner as SessionManager | undefined)?.saveHandler
  return own === undefined || own.name === USER ? filesSaveHandler : own
}

/** PHP's sanity check of these methods: they are for the save handler that is called, and for a page with an active session. */
function assertActive(): void {
  if (userCall.getStore() !== undefined) return
  const session = isBound() ? globals().active : (runningRequest()?.request.session as Session | undefined)
  if (session?.status !== 'active') throw new Error('Session is not active')
}

function callingRequest(): object | undefined {
  const request = runningRequest()?.request
  return request?.exchange?.key ?? request
}
