import { accessSync, closeSync, constants, openSync, readFileSync, readSync, type Stats, statSync } from 'node:fs'
import { basename } from 'node:path'
import { withoutPath } from '../save-handlers/system-calls.ts'
import { CommandError, status } from './exit-status.ts'
import { pathText } from './output.ts'

/** What command lines say of files, and what these are. Errors name a file without the id that its name may hold. */

/** Undefined: there is nothing of this name. @throws CommandError where that cannot be seen */
export function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw failureOf(error, `${pathText(path)} cannot be looked at`)
  }
}

/** Whether there is something to read at once: a file, what a shell makes of `<(ssh shop cat sess_…)`, or /dev/null. */
export function isFile(path: string): boolean {
  const found = statusOf(path)
  return found !== undefined && (found.isFile() || found.isFIFO() || found.isCharacterDevice())
}

/** Whether the folder says what is in it. Debian's folder of sessions does not, except to root. */
export function mayList(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** The whole file. @throws CommandError */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw failureOf(error, 'The file cannot be read')
  }
}

/** Whether a file is a php.ini, a pool or a page of phpinfo(), and no session: by its name, unless its first bytes are a session's. */
export function isConfiguration(path: string): boolean {
  return CONFIGURATION.test(path) && !holdsSession(path)
}

/**
 * Any text can be a php.ini, and most say nothing.
 * @throws CommandError for what is none by its name and holds no setting of sessions
 */
export function assertConfiguration(path: string, text: string): void {
  if (text.trim() === '' || CONFIGURATION.test(path) || /session[._]/.test(text)) return
  throw new CommandError(`${pathText(path)} holds no setting of sessions: is it a php.ini?`, status.usage)
}

/** Whether a file is a session's, by its name or its first bytes. */
export function isSessionFile(path: string): boolean {
  return basename(path).startsWith('sess_') || holdsSession(path)
}

/** An error with what the system said about it, but without the path that it names. */
export function failureOf(error: unknown, what: string): CommandError {
  const cause = withoutPath(error) as Error
  return new CommandError(`${what}: ${cause.message}`, undefined, { cause })
}

function holdsSession(path: string): boolean {
  const bytes = firstBytes(path)
  const text = bytes.toString('latin1')
  // In php_binary the first byte is the length of the first key; one that ends a line begins no key.
  const length = bytes[0] ?? 0
  const isBinary = length > 0 && length < 0x20 && !/^\s/.test(text) && VALUE.test(text.slice(1 + length))
  return isBinary || /^a:\d+:\{/.test(text) || VALUE.test(/^[^|=\r\n]+\|(.*)/s.exec(text)?.[1] ?? '')
}

const CONFIGURATION = /\.(ini|conf|html?|txt)$/

const VALUE = /^(N;|[abdirsROCE]:[-\d"])/

function firstBytes(path: string): Buffer {
  try {
    const fd = openSync(path, 'r')
    try {
      const bytes = Buffer.alloc(1024)
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0))
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw failureOf(error, `${pathText(path)} cannot be read`)
  }
}
