import { accessSync, constants, lstatSync, opendirSync, type Stats, statSync } from 'node:fs'
import { flocks, holderOf } from '../save-handlers/lock-holder.ts'
import { failureOf } from './files.ts'
import { pathText } from './output.ts'
import type { Place } from './place.ts'

/** What a clean-up would find in a folder, in numbers. */
export interface Garbage {
  looked: number
  /** Older than the lifetime; the next two are among them. */
  old: number
  /** Locked by somebody, as far as Linux tells. */
  inUse: number
  /** This user may not remove them. */
  denied: number
  /** Of those that would be removed. */
  bytes: number
}

/**
 * What `gc` would do to the session files of a folder: it looks at all that begins with `sess_`, as PHP's clean-up. Takes no lock to see
 * whether a session is locked: to try for one is to have it for a moment, in which a request may want it.
 */
export async function garbageIn(folder: string, maxLifetime: number, progress: (looked: number) => void): Promise<Garbage> {
  const now = Math.floor(Date.now() / 1000)
  const found: Garbage = { looked: 0, old: 0, inUse: 0, denied: 0, bytes: 0 }
  const held = flocks()
  const mayRemove = remover(folder)
  for await (const name of namesIn(folder)) {
    const path = `${folder}/${name}`
    const file = name.startsWith('sess_') ? seen(() => lstatSync(path, { throwIfNoEntry: false })) : undefined
    if (file === undefined || file.isDirectory()) continue
    if (++found.looked % 1000 === 0) progress(found.looked)
    const target = file.isSymbolicLink() ? seen(() => statSync(path, { throwIfNoEntry: false })) : file
    if (target === undefined || !isOld(target.mtime, now, maxLifetime)) continue
    found.old++
    if (held.length > 0 && isHeld(path)) found.inUse++
    else if (!mayRemove(file)) found.denied++
    else found.bytes += file.size
  }
  return found

  function isHeld(path: string): boolean {
    const file = lstatSync(path, { bigint: true, throwIfNoEntry: false })
    return file !== undefined && holderOf(file, held) !== undefined
  }
}

/** The same of a save_path with levels, of which a clean-up takes none. */
export async function keptIn({ list }: Place, maxLifetime: number, progress: (looked: number) => void): Promise<Garbage> {
  const now = Math.floor(Date.now() / 1000)
  const found: Garbage = { looked: 0, old: 0, inUse: 0, denied: 0, bytes: 0 }
  for await (const { mtime } of list()) {
    if (++found.looked % 1000 === 0) progress(found.looked)
    if (isOld(mtime, now, maxLifetime)) found.old++
  }
  return found
}

function isOld(mtime: Date, now: number, maxLifetime: number): boolean {
  return now - Math.floor(mtime.getTime() / 1000) > maxLifetime
}

async function* namesIn(folder: string): AsyncGenerator<string> {
  try {
    for await (const { name } of opendirSync(folder, { bufferSize: 256 })) yield name
  } catch (error) {
    throw failureOf(error, `${pathText(folder)} cannot be listed`)
  }
}

/** Whether this user may remove a file of a folder. Of a sticky one, as /tmp, only its owner takes files of others away. */
function remover(folder: string): (file: Stats) => boolean {
  const { mode, uid: owner } = statSync(folder)
  const user = process.geteuid?.()
  if (seen(() => accessSync(folder, constants.W_OK) ?? true) === undefined) return () => false
  return ({ uid }) => user === undefined || user === 0 || (mode & STICKY) === 0 || owner === user || uid === user
}

const STICKY = 0o1000

/** Undefined where the system does not let us. */
function seen<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
