import { tmpdir } from 'node:os'
import { SessionError } from '../errors.ts'

/** `session.save_path` as the files save handler reads it (`PS_OPEN_FUNC(files)`). */
export interface SavePath {
  /** The folder, as given. */
  readonly basedir: string
  /** How many levels of folders, named by the first characters of the id, lie between `basedir` and the file. */
  readonly dirdepth: number
  /** What new session files may be used for, before the umask. */
  readonly filemode: number
}

/**
 * Reads `/dir`, `N;/dir`, `N;MODE;/dir`; MODE is octal. Numbers are read as C's strtol reads them: what is no digit ends them.
 * Empty is the folder for temporary files.
 * @throws SessionError SAVE_PATH for numbers out of range, and for a path with a NUL.
 */
export function parseSavePath(save_path: string): SavePath {
  if (save_path.includes('\0')) {
    throw new SessionError('SAVE_PATH', 'save_path holds a NUL character')
  }
  const given = save_path === '' ? temporaryDirectory() : save_path
  const [, depth, mode, basedir = given] = /^([^;]*);(?:([^;]*);)?(.*)$/s.exec(given) ?? []
  const dirdepth = number(depth ?? '0', 10)
  const filemode = number(mode ?? '600', 8)
  if (!(dirdepth >= 0 && dirdepth <= 256)) {
    throw new SessionError('SAVE_PATH', `The number of levels in save_path ${JSON.stringify(save_path)} is out of range`)
  }
  if (!(filemode >= 0 && filemode <= 0o7777)) {
    throw new SessionError('SAVE_PATH', `The mode in save_path ${JSON.stringify(save_path)} is not an octal mode`)
  }
  return { basedir, dirdepth, filemode }
}

/** The same, remembered: most processes use one save_path. The empty one is another folder when the environment changes. */
export function savePath(save_path: string): SavePath {
  if (save_path !== lastText || save_path === '') {
    last = parseSavePath(save_path)
    lastText = save_path
  }
  return last
}

let lastText = ''
let last: SavePath

/** No file's name is longer on the file systems there are. */
const LONGEST_NAME = 255

/**
 * The file of a session (`ps_files_path_create`), or null when the id is too short for that many levels, or too long for the name
 * of a file. `id` must be well-formed.
 */
export function sessionFile({ basedir, dirdepth }: SavePath, id: string): string | null {
  if (id.length <= dirdepth || id.length + 'sess_'.length > LONGEST_NAME) {
    return null
  }
  let path = `${basedir}/`
  for (let level = 0; level < dirdepth; level++) {
    path += `${id[level]}/`
  }
  return `${path}sess_${id}`
}

function number(text: string, base: number): number {
  const value = Number.parseInt(text, base)
  return Number.isNaN(value) ? 0 : value
}

/** `php_get_temporary_directory`: TMPDIR, else /tmp; on Windows what the system says. */
function temporaryDirectory(): string {
  const path = process.platform === 'win32' ? tmpdir() : process.env['TMPDIR'] || '/tmp'
  return path.length > 1 ? path.replace(/\/$/, '') : path
}
