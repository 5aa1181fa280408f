import { execFileSync } from 'node:child_process'
import type { Look } from './look.ts'

export interface Process {
  readonly pid: number
  readonly parent: number
  /** In effect. */
  readonly uid: number
  /** The program's name, and its arguments or what it calls itself. */
  readonly command: string
}

/** Those that can be seen: proc(5), on macOS ps(1). */
export function processesOf(look: Look): readonly Process[] {
  if (look.isHere && process.platform === 'darwin') return askPs()
  return look.names('/proc').flatMap((name) => (/^\d+$/.test(name) ? (processOf(look, Number(name)) ?? []) : []))
}

/** PHP-FPM's workers, which say the name of their pool. */
export function fpmPool({ command }: Process): string | undefined {
  return /^php-fpm: pool (\S+)/.exec(command)?.[1]
}

/** PHP-FPM's first process, which says the file it was started with. */
export function fpmFile({ command }: Process): string | undefined {
  return /^php-fpm: master process \((\/.*)\)/.exec(command)?.[1]
}

/** A worker of Apache; the one that starts them is root's. */
export function isApache({ command, uid }: Process): boolean {
  return uid !== 0 && /^(?:\S*\/)?(?:apache2|httpd)\b/.test(command)
}

/** Without this process and those that started it, as npx. */
export function nodes(all: readonly Process[]): readonly Process[] {
  const mine = new Set<number>()
  for (let pid = process.pid; pid > 0 && !mine.has(pid); ) {
    mine.add(pid)
    pid = all.find((each) => each.pid === pid)?.parent ?? 0
  }
  return all.filter(({ pid, command }) => !mine.has(pid) && /^(?:\S*\/)?node(?:js)?(?: |$)/.test(command))
}

function processOf(look: Look, pid: number): Process | undefined {
  const status = look.text(`/proc/${pid}/status`)
  const command = look.text(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim()
  const parent = /^PPid:\s+(\d+)/m.exec(status ?? '')?.[1]
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(status ?? '')?.[1]
  return command === undefined || uid === undefined ? undefined : { pid, parent: Number(parent), uid: Number(uid), command }
}

function askPs(): Process[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,uid=,args='], { encoding: 'utf8' }).split('\n')
  return lines.flatMap((line) => {
    const [, pid, parent, uid, command] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), uid: Number(uid), command }]
  })
}
