import { readFileSync, statSync } from 'node:fs'

/**
 * Who holds the flock(2) on a file, for a person to read: "process 4711 (php-fpm8.2)", "this process",
 * or "another process" where nobody can tell. Looks into Linux's /proc/locks and /proc/<pid>/comm.
 */
export function lockHolder(path: string): string {
  try {
    const pid = holderOf(statSync(path, { bigint: true }), flocks())
    if (pid !== undefined) {
      return pid === process.pid ? 'this process' : `process ${pid} (${commandOf(pid)})`
    }
  } catch {
    // Nothing there any more: that the wait was in vain is the news, the holder is an extra.
  }
  return 'another process'
}

/** A flock(2) that is held: by which process, on which file. */
export interface Flock {
  readonly pid: number
  /** As /proc/locks writes it. */
  readonly device: string
  readonly inode: string
}

/** All that are held now, as far as Linux shows them; none elsewhere. */
export function flocks(): Flock[] {
  try {
    return readFileSync('/proc/locks', 'latin1').split('\n').flatMap(parseLock)
  } catch {
    return []
  }
}

/** The process that holds the lock on a file. */
export function holderOf(
  { dev, ino }: { readonly dev: bigint; readonly ino: bigint },
  held: readonly Flock[],
): number | undefined {
  const onInode = held.filter((lock) => lock.inode === String(ino))
  // Some file systems report one device to stat and another to the locks: then the inode has to do.
  return (onInode.find((lock) => lock.device === deviceName(dev)) ?? onInode[0])?.pid
}

/** The name of what a process runs, such as `php-fpm8.2`. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return 'command unknown'
  }
}

/** `7: FLOCK  ADVISORY  WRITE 4711 fe:00:1234567 0 EOF`. Those who wait have an arrow before FLOCK. */
function parseLock(line: string): Flock[] {
  const [, kind, , , pid, file = ''] = line.split(/\s+/)
  const [major, minor, inode] = file.split(':')
  return kind === 'FLOCK' && inode !== undefined ? [{ pid: Number(pid), device: `${major}:${minor}`, inode }] : []
}

/** As /proc/locks writes a device number: major and minor in hexadecimal. */
function deviceName(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn)
  return `${major.toString(16).padStart(2, '0')}:${minor.toString(16).padStart(2, '0')}`
}
