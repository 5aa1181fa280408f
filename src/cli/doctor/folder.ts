import { closeSync, constants, lstatSync, openSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { SessionError } from '../../errors.ts'
import type { SaveHandle } from '../../save-handlers/save-handler.ts'
import { saveHandler } from '../../save-handlers/save-handlers.ts'
import { parseSavePath, type SavePath, sessionFile } from '../../save-handlers/save-path.ts'
import { serializeHandler, serializeHandlerNames } from '../../serialize-handlers/serialize-handlers.ts'
import type { Folder, Place, SessionFile, Space } from './facts.ts'
import type { Look } from './look.ts'
import { mountOf } from './mounts.ts'
import type { Users } from './users.ts'

/** So many sessions tell enough: of these their owners, and of the first of them also the bytes. */
const MANY = 1000
const MANY_BYTES = 200
const BIG = 1_000_000

/** The folder in a save_path of files; undefined where it has none. */
export function folderIn(savePath: string | undefined): string | undefined {
  return parsed(savePath)?.basedir.replace(/(.)\/+$/, '$1')
}

/** Undefined where there is no save_path, and where it names no folder, or one that depends on who asks. */
export function folderOf(look: Look, users: Users, savePath: string | undefined, bitsPerCharacter: number): Folder | undefined {
  const at = parsed(savePath)
  const path = folderIn(savePath)
  if (at === undefined || !path?.startsWith('/')) return undefined
  return {
    path: look.at(path),
    place: placeAt(look, users, path),
    parents: parents(path).flatMap((parent) => placeAt(look, users, parent) ?? []),
    levels: at.dirdepth,
    missing: missingFolders(look, path, at.dirdepth, bitsPerCharacter),
    fileMode: at.filemode,
    space: spaceAt(look, path),
    mount: mountOf(look, 'self', path),
  }
}

/** Undefined where they cannot be listed. */
export async function sampleOf(look: Look, users: Users, savePath: string | undefined): Promise<SessionFile[] | undefined> {
  const at = parsed(savePath)
  if (at === undefined || !at.basedir.startsWith('/') || !canList(look, at.basedir)) return undefined
  const here = { ...at, basedir: look.at(at.basedir) }
  const handle = await saveHandler('files').open(`${here.dirdepth};600;${here.basedir}`, '', { lock: false, lockTimeout: 0 })
  const found: SessionFile[] = []
  for await (const { id, size } of handle.list()) {
    const stat = lstatSync(sessionFile(here, id) ?? '', { throwIfNoEntry: false })
    if (stat === undefined) continue
    const { uid, gid, mode, mtimeMs } = stat
    const isRead = found.length < MANY_BYTES && size > 0 && size < BIG
    const readBy = isRead ? await readersOf(handle, id) : undefined
    found.push({ uid, gid, owner: users.nameOf(uid), mode: mode & 0o7777, mtime: mtimeMs, readBy })
    if (found.length === MANY) break
  }
  return found
}

function parsed(savePath: string | undefined): SavePath | undefined {
  try {
    return savePath === undefined ? undefined : parseSavePath(savePath)
  } catch {
    return undefined
  }
}

function placeAt(look: Look, users: Users, path: string): Place | undefined {
  const stat = look.stat(path)
  if (stat === undefined) return undefined
  const { uid, gid, mode, mtimeMs } = stat
  const owner = `${users.nameOf(uid)}:${users.groupNameOf(gid)}`
  return { path: look.at(path), isFolder: stat.isDirectory(), uid, gid, owner, mode: mode & 0o7777, mtime: mtimeMs }
}

function parents(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [] : [...parents(parent), parent]
}

/** Looks at two levels; deeper ones are rare, and would be millions. */
function missingFolders(look: Look, path: string, levels: number, bitsPerCharacter: number): string[] {
  if (levels === 0 || look.stat(path) === undefined) return []
  const names = idCharacters(bitsPerCharacter)
  const first = names.map((name) => `${path}/${name}`)
  const all = levels === 1 ? first : first.flatMap((folder) => names.map((name) => `${folder}/${name}`))
  return all
    .filter((folder) => look.stat(folder)?.isDirectory() !== true)
    .slice(0, 3)
    .map(look.at)
}

/** What an id can begin with. */
export function idCharacters(bitsPerCharacter: number): string[] {
  return [...'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-'].slice(0, 2 ** bitsPerCharacter)
}

function spaceAt(look: Look, path: string): Space | undefined {
  if (look.stat(path) === undefined) return undefined
  const { bsize, bavail, blocks, ffree, files } = statfsSync(look.at(path))
  return { free: bavail * bsize, size: blocks * bsize, freeFiles: ffree, files }
}

function canList(look: Look, path: string): boolean {
  try {
    closeSync(openSync(look.at(path), constants.O_RDONLY))
    return look.stat(path)?.isDirectory() === true
  } catch {
    return false
  }
}

/** Undefined for what may not be read, or is empty by now. */
async function readersOf(handle: SaveHandle, id: string): Promise<readonly string[] | undefined> {
  try {
    const bytes = await handle.peek(id)
    return bytes === null || bytes.length === 0 ? undefined : serializeHandlerNames.filter((name) => canRead(name, bytes))
  } catch (error) {
    if (!(error instanceof SessionError)) throw error
    return undefined
  }
}

function canRead(name: string, bytes: Buffer): boolean {
  try {
    serializeHandler(name).open(bytes, { charset: 'latin1' })
    return true
  } catch {
    return false
  }
}
