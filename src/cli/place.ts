import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type Command, Option } from 'commander'
import { SessionError } from '../errors.ts'
import { printable } from '../inspect/quote.ts'
import type { SaveHandle, SessionEntry } from '../save-handlers/save-handler.ts'
import { saveHandler } from '../save-handlers/save-handlers.ts'
import { parseSavePath, savePath, sessionFile } from '../save-handlers/save-path.ts'
import { serializeHandlerNames } from '../serialize-handlers/serialize-handlers.ts'
import type { SessionManagerOptions } from '../session/options.ts'
import { SessionManager } from '../session/session-manager.ts'
import { isValidSid } from '../session-id.ts'
import { CommandError, status } from './exit-status.ts'
import { assertConfiguration, isConfiguration, isFile, isSessionFile, mayList, readBytes, statusOf } from './files.ts'
import { pathText, shortId, type Terminal } from './output.ts'

/** How a command line says where sessions are. */
export interface PlaceOptions {
  readonly savePath?: string
  readonly ini?: string
  readonly serializeHandler?: string
  /** Files are named in full, with the ids in their names. */
  readonly fullIds?: boolean
}

/** The options that every command about sessions has. */
export function placeOptions(command: Command): Command {
  return command
    .option('--save-path <path>', 'where the sessions are, as session.save_path')
    .option('--ini <file>', 'a php.ini, its folder, a php-fpm pool or what `php -i` printed')
    .addOption(
      new Option('--serialize-handler <name>', 'the one they are in; else as php.ini says, or as the bytes look').choices(
        serializeHandlerNames,
      ),
    )
}

/** Sessions to look at, and to change. */
export interface Place {
  /** For people: where this is. */
  readonly label: string
  /** Changes sessions, under PHP's lock. */
  readonly sessions: SessionManager
  /** Undefined: each session's bytes tell. */
  readonly serializeHandler: string | undefined
  list(): AsyncIterable<SessionEntry>
  /** Null: there is none. */
  bytes(id: string): Promise<Buffer | null>
  gc(maxLifetime: number, progress: (looked: number, removed: number) => void): Promise<number>
}

/** One session: in a place, or bytes without one. */
export interface Subject {
  /** Undefined for standard input and for files that are no session's. */
  readonly place: Place | undefined
  readonly id: string | undefined
  /** For people; a session's id is not in it. */
  readonly label: string
  readonly bytes: Buffer
  readonly serializeHandler: string | undefined
}

/**
 * Takes the place from the front of the arguments, if it is there; else it is that of the options, or PHP's own.
 * @returns the place and the arguments behind it
 * @throws CommandError for a path that is not there
 */
export async function takePlace(args: readonly string[], options: PlaceOptions): Promise<{ place: Place; rest: string[] }> {
  const [first, ...rest] = args
  if (first === undefined || isPlaceGiven(options) || !looksLikePlace(first)) {
    return { place: await placeOfOptions(options), rest: [...args] }
  }
  return { place: await placeAt(first, options, 'folder or file'), rest }
}

/**
 * The place of a command that takes nothing else: what is given can only be it, however it looks.
 * @throws CommandError when it is not there: PHP's own is not taken for one that was mistyped
 */
export async function onlyPlace(given: string | undefined, options: PlaceOptions): Promise<Place> {
  if (given === undefined) return placeOfOptions(options)
  if (isPlaceGiven(options)) {
    throw new CommandError(`Give one place: ${pathText(given)}, or --save-path or --ini, not both`, status.usage)
  }
  return placeAt(given, options, 'folder')
}

/** Takes one session from the front of the arguments: a file, `-`, or a place and the beginning of an id. */
export async function takeSubject(
  args: readonly string[],
  options: PlaceOptions,
  { stdin }: Terminal,
): Promise<{ subject: Subject; rest: string[] }> {
  const [first, ...rest] = args
  if (first === '-') {
    const bytes = await buffer(stdin)
    return {
      subject: { place: undefined, id: undefined, label: 'standard input', bytes, serializeHandler: options.serializeHandler },
      rest,
    }
  }
  if (first !== undefined && isFile(first) && !isConfiguration(first)) return { subject: await fileSubject(first, options), rest }
  if (first !== undefined) assertNoTypo(first)
  const { place, rest: behind } = await takePlace(args, options)
  const [given, ...others] = behind
  if (given === undefined) throw new CommandError('Which session? Give its file, or the beginning of its id', status.usage)
  const id = await findId(place, given)
  const bytes = await place.bytes(id)
  if (bytes === null) throw new CommandError(`There is no such session in ${place.label}`)
  return { subject: { place, id, label: place.label, bytes, serializeHandler: place.serializeHandler }, rest: others }
}

/** The id that begins so. @throws CommandError when there is none, or more than one */
export async function findId(place: Place, beginning: string): Promise<string> {
  assertNoTypo(beginning)
  const start = beginning.replace(/…$/, '').replace(/^sess_/, '')
  if (start === '') throw new CommandError('The beginning of an id is empty', status.usage)
  // With levels, the beginning can be too short to be an id.
  const isId = isValidSid(start) && sessionFile(savePath(place.sessions.directives.save_path), start) !== null
  if (isId && (await place.bytes(start)) !== null) return start
  const shown = start.length > 8 ? shortId(start) : start
  const found: string[] = []
  for await (const { id } of place.list()) {
    if (id.startsWith(start)) found.push(id)
    if (found.length > 1) {
      throw new CommandError(
        `More than one session in ${place.label} begins like this: ${shown}. Give more of the id`,
        status.usage,
      )
    }
  }
  if (found[0] !== undefined) return found[0]
  const { basedir } = parseSavePath(place.sessions.directives.save_path)
  throw new CommandError(
    mayList(basedir)
      ? `No session in ${place.label} begins like this: ${shown}`
      : `There is no session ${shown} in ${place.label}; where this user may not list the folder, give the whole id`,
  )
}

/** A session's bytes; null: it is gone; undefined: this user may not read it, which keeps nobody from looking at the others. */
export async function readableBytes(place: Place, id: string): Promise<Buffer | null | undefined> {
  try {
    return await place.bytes(id)
  } catch (error) {
    if (error instanceof SessionError) return undefined
    throw error
  }
}

// --- Places ---

async function placeOfOptions(options: PlaceOptions): Promise<Place> {
  const { savePath: given, ini } = options
  if (ini === undefined) return savePathPlace(given ?? usualSavePath(), options)
  if (given !== undefined) throw new CommandError('Give one place: --save-path or --ini, not both', status.usage)
  return iniPlace(ini, options)
}

/** @param what for people: what may be given here */
async function placeAt(given: string, options: PlaceOptions, what: string): Promise<Place> {
  if (given === '') throw new CommandError('The place is empty', status.usage)
  const { basedir } = parseSavePath(given)
  const found = statusOf(basedir)
  const shown = pathText(basedir)
  if (found === undefined) {
    throw new CommandError(`There is no ${what} ${shown}`)
  }
  if (found.isFile() && isSessionFile(basedir)) throw new CommandError(`${shown} is a session’s file, not a place`, status.usage)
  return basedir === given && (found.isFile() || isIniFolder(given)) ? iniPlace(given, options) : savePathPlace(given, options)
}

async function savePathPlace(save_path: string, options: PlaceOptions): Promise<Place> {
  return placeOf({ save_path }, printable(save_path || tmpdir()), options)
}

async function iniPlace(path: string, options: PlaceOptions): Promise<Place> {
  // A pipe can be read only once.
  if (statusOf(path)?.isFile()) assertConfiguration(path, readBytes(path).toString('latin1'))
  const { directives } = readIni(path)
  const { save_path, name, serialize_handler, gc_maxlifetime } = directives
  return placeOf({ save_path, name, serialize_handler, gc_maxlifetime }, printable(save_path || tmpdir()), {
    serializeHandler: serialize_handler,
    ...options,
  })
}

/** The message of an error names the file, as it may be shown. */
function readIni(path: string): SessionManager {
  try {
    return SessionManager.fromPhpIni(path)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new CommandError(
      error.message.replaceAll(path, () => pathText(path)),
      status.usage,
      { cause: error },
    )
  }
}

async function placeOf(directives: SessionManagerOptions, label: string, { serializeHandler }: PlaceOptions): Promise<Place> {
  const handler = serializeHandler === undefined ? {} : { serialize_handler: serializeHandler }
  // A command changes what is there, and makes nothing: whatever id it is given, is looked up before.
  const sessions = new SessionManager({ ...directives, ...handler, use_strict_mode: false, gc_probability: 0 })
  const { save_path, name } = sessions.directives
  const handle: SaveHandle = await saveHandler('files').open(save_path, name, { lock: false, lockTimeout: 0 })
  return {
    label,
    sessions,
    serializeHandler,
    list: () => handle.list(),
    bytes: async (id) => handle.peek(id),
    gc: async (maxLifetime, progress) => handle.gc(maxLifetime, progress),
  }
}

async function fileSubject(path: string, options: PlaceOptions): Promise<Subject> {
  const id = basename(path).replace(/^sess_/, '')
  const isSession = basename(path).startsWith('sess_') && isValidSid(id)
  const folder = dirname(resolve(path))
  const place = isSession ? await savePathPlace(folder, options) : undefined
  const label = isSession ? printable(folder) : pathText(path, options.fullIds)
  return { place, id: isSession ? id : undefined, label, bytes: readBytes(path), serializeHandler: options.serializeHandler }
}

/** Debian's PHP has it built in; elsewhere the built-in save_path is empty. */
function usualSavePath(): string {
  const debian = '/var/lib/php/sessions'
  return statusOf(debian)?.isDirectory() ? debian : tmpdir()
}

function isPlaceGiven(options: PlaceOptions): boolean {
  return options.savePath !== undefined || options.ini !== undefined
}

function looksLikePlace(text: string): boolean {
  return text.includes(';') || isPath(text) || statusOf(text) !== undefined
}

/** Whether a text can be no id, by its characters. */
function isPath(text: string): boolean {
  return text !== '' && !text.includes(';') && !isValidSid(text.replace(/…$/, '').replace(/^sess_/, ''))
}

/** @throws CommandError for a path that leads nowhere: it would be taken for an id */
function assertNoTypo(text: string): void {
  if (!isPath(text) || statusOf(text) !== undefined) return
  throw new CommandError(`There is no such file or folder: ${pathText(text)}`)
}

/** A folder that is closed to us is none. */
function isIniFolder(path: string): boolean {
  return existsSync(`${path}/php.ini`) || existsSync(`${path}/conf.d`)
}
