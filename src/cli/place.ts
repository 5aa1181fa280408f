import { readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Command } from 'commander'
import type { SaveHandle, SessionEntry } from '../save-handlers/save-handler.ts'
import { saveHandler } from '../save-handlers/save-handlers.ts'
import { withoutPath } from '../save-handlers/system-calls.ts'
import type { SessionManagerOptions } from '../session/options.ts'
import { SessionManager } from '../session/session-manager.ts'
import { isValidSid } from '../session-id.ts'
import { CommandError, status } from './exit-status.ts'
import type { Terminal } from './output.ts'

/** How a command line says where sessions are. */
export interface PlaceOptions {
  readonly savePath?: string
  readonly ini?: string
  readonly serializeHandler?: string
}

/** The options that every command about sessions has. */
export function placeOptions(command: Command): Command {
  return command
    .option('--save-path <path>', 'where the sessions are, as session.save_path')
    .option('--ini <file>', 'a php.ini, its folder, a php-fpm pool or what `php -i` printed')
    .option('--serialize-handler <name>', 'php, php_binary or php_serialize; else as php.ini says, or as the bytes look')
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
 */
export async function takePlace(args: readonly string[], options: PlaceOptions): Promise<{ place: Place; rest: string[] }> {
  const [first, ...rest] = args
  if (first !== undefined && options.savePath === undefined && options.ini === undefined && looksLikePlace(first)) {
    return { place: await placeAt(first, options), rest }
  }
  const given = options.savePath ?? options.ini ?? usualSavePath()
  const isIni = options.savePath === undefined && options.ini !== undefined
  return { place: await (isIni ? iniPlace(given, options) : savePathPlace(given, options)), rest: [...args] }
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
  const start = beginning.replace(/…$/, '').replace(/^sess_/, '')
  if (isValidSid(start) && (await place.bytes(start)) !== null) return start
  const found: string[] = []
  for await (const { id } of place.list()) {
    if (id.startsWith(start)) found.push(id)
    if (found.length > 1)
      throw new CommandError(`More than one session in ${place.label} begins like this: give more of the id`, status.usage)
  }
  if (found[0] === undefined) throw new CommandError(`No session in ${place.label} begins like this`)
  return found[0]
}

// --- Places ---

async function placeAt(given: string, options: PlaceOptions): Promise<Place> {
  return isFile(given) || isIniFolder(given) ? iniPlace(given, options) : savePathPlace(given, options)
}

async function savePathPlace(save_path: string, options: PlaceOptions): Promise<Place> {
  return placeOf({ save_path }, save_path, options)
}

async function iniPlace(path: string, options: PlaceOptions): Promise<Place> {
  const { directives } = SessionManager.fromPhpIni(path)
  const { save_path, name, serialize_handler, gc_maxlifetime } = directives
  return placeOf({ save_path, name, serialize_handler, gc_maxlifetime }, save_path || tmpdir(), {
    serializeHandler: serialize_handler,
    ...options,
  })
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
  const label = isSession ? folder : path
  return { place, id: isSession ? id : undefined, label, bytes: readFile(path), serializeHandler: options.serializeHandler }
}

/** The message of the error has no path, in which an id may be. */
function readFile(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const cause = withoutPath(error) as Error
    throw new CommandError(`The file cannot be read: ${cause.message}`, undefined, { cause })
  }
}

/** Debian's PHP has it built in; elsewhere the built-in save_path is empty. */
function usualSavePath(): string {
  const debian = '/var/lib/php/sessions'
  return statSync(debian, { throwIfNoEntry: false })?.isDirectory() ? debian : tmpdir()
}

function looksLikePlace(text: string): boolean {
  return /[/\\;]/.test(text) || text === '.' || text === '..' || statSync(text, { throwIfNoEntry: false }) !== undefined
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** Whether a file is none of a session's, by its name. */
export function isConfiguration(path: string): boolean {
  return /\.(ini|conf|html?|txt)$/.test(path)
}

function isIniFolder(path: string): boolean {
  return isFile(`${path}/php.ini`) || statSync(`${path}/conf.d`, { throwIfNoEntry: false }) !== undefined
}
