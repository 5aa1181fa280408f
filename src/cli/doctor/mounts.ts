import { posix } from 'node:path'
import type { Mount } from './facts.ts'
import type { Look } from './look.ts'

/** The file system that a process sees at a path: proc_pid_mountinfo(5). Undefined where that cannot be seen. */
export function mountOf(look: Look, pid: number | 'self', folder: string | undefined): Mount | undefined {
  if (!folder?.startsWith('/')) return undefined
  const path = look.real(folder)
  const text = look.text(`/proc/${pid}/mountinfo`)
  let found: Mount | undefined
  let longest = 0
  for (const line of text?.split('\n') ?? []) {
    const [left = '', right = ''] = line.split(' - ')
    const [, , device, inside, at, options = ''] = left.split(' ').map(plain)
    const [type, , more = ''] = right.split(' ')
    if (device === undefined || inside === undefined || at === undefined || type === undefined || !isBelow(path, at)) continue
    // Of two at one point, the later one covers the earlier.
    if (at.length < longest) continue
    longest = at.length
    const key = `${device}:${posix.join(inside, posix.relative(at, path))}`
    found = { key, type, options: [...options.split(','), ...more.split(',')] }
  }
  return found
}

/** Whether a path is this folder or in it. */
export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

/** Blanks and the like are octal. */
function plain(field: string): string {
  return field.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
