import { fstatSync, readFileSync } from 'node:fs'

/**
 * Who holds the lock on the file that `fd` has open, for a person to read: "process 4711 (php-fpm8.2)" on Linux, from
 * /proc/locks and /proc/<pid>/comm; "this process" without a descriptor; "another process" where nobody can tell.
 */
export function lockHolder(fd: number | undefined): string {
  if (fd === undefined) {
    return 'this process'
  }
  try {
    const inode = String(fstatSync(fd, { bigint: true }).ino)
    for (const line of readFileSync('/proc/locks', 'latin1').split('\n')) {
      // 7: FLOCK  ADVISORY  WRITE 4711 fe:00:1234567 0 EOF; those who wait have an arrow after the number.
      const [, kind, , , pid, file] = line.split(/\s+/)
      if (kind === 'FLOCK' && pid !== undefined && file?.endsWith(`:${inode}`)) {
        return Number(pid) === process.pid ? 'this process' : `process ${pid} (${commandOf(pid)})`
      }
    }
  } catch {
    // Not Linux, or not allowed to look: the timeout is the news, the holder an extra.
  }
  return 'another process'
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return 'ended'
  }
}
