import { readFileSync, statSync } from 'node:fs'

/**
 * Who holds the flock(2) on a file, for a person to read: "process 4711 (php-fpm8.2)", "this process",
 * or "another process" where nobody can tell. Looks into Linux's /proc/locks and /proc/<pid>/comm.
 */
export function lockHolder(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    const locks = readFileSync('/proc/locks', 'latin1').split('\n').map(parseLock)
    const onInode = locks.filter((lock) => lock.kind === 'FLOCK' && lock.inode === String(ino))
    // Some file systems report one device to stat and another to the locks: then the inode has to do.
    const { pid } = onInode.find((lock) => lock.device === deviceName(dev)) ?? onInode[0] ?? {}
    if (pid !== undefined) {
      return Number(pid) === process.pid ? 'this process' : `process ${pid} (${commandOf(pid)})`
    }
  } catch {
    // Not Linux, or nothing there any more: that the wait was in vain is the news, the holder is an extra.
  }
  return 'another process'
}

/** `7: FLOCK  ADVISORY  WRITE 4711 fe:00:1234567 0 EOF`. Those who wait have an arrow before FLOCK, and so another kind. */
function parseLock(line: string): { kind?: string; pid?: string; device: string; inode?: string } {
  const [, kind, , , pid, file = ''] = line.split(/\s+/)
  const [major, minor, inode] = file.split(':')
  return { ...(kind && { kind }), ...(pid && { pid }), ...(inode && { inode }), device: `${major}:${minor}` }
}

/** As /proc/locks writes a device number: major and minor in hexadecimal. */
function deviceName(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn)
  return `${major.toString(16).padStart(2, '0')}:${minor.toString(16).padStart(2, '0')}`
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return 'command unknown'
  }
}
