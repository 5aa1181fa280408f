import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from './package.ts'

/** The demo as a process of its own, with a folder of its own for temporary files. */
export interface Demo {
  /** Where the shop is, as soon as it is open. */
  url(): Promise<string>
  readonly ended: Promise<{ status: number | null; stdout: string; stderr: string }>
  /** Resolves when it has printed this. */
  says(text: string): Promise<void>
  /** Ctrl-C, for the demo and its children. */
  interrupt(): void
  /** To call when it has ended; → what it left behind: files, and processes where there is /proc. */
  remains(): Promise<{ files: string[]; processes: string[] }>
}

export function startDemo(args: readonly string[], env: Readonly<Record<string, string>> = {}): Demo {
  const folder = mkdtempSync(join(tmpdir(), 'demo-test-'))
  const child = spawn(process.execPath, [join(root, 'docs/demo/run.mjs'), ...args], {
    env: { ...withoutColours(process.env), ...env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    // As in a terminal: a group, all of which hears Ctrl-C.
    detached: true,
  })
  let stdout = ''
  let stderr = ''
  const ended = new Promise<Awaited<Demo['ended']>>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, stdout, stderr }))
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => stdout.includes(text) && resolve()
      look()
      child.stdout.on('data', look)
      ended.then(() => reject(new Error(`The demo ended without '${text}':\n${stdout}${stderr}`)), reject)
    })

  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-child.pid!, name)
    } catch {
      // It has ended.
    }
  }

  return {
    async url() {
      await says('/node/\n')
      return /PHP +(http:\/\/\S+)\/php\/\n/.exec(stdout)?.[1] ?? 'no address'
    },
    ended,
    says,
    interrupt: () => signal('SIGINT'),
    async remains() {
      await sleep(100) // children that were told to end
      const processes = processesWith(`TMPDIR=${folder}`)
      signal('SIGKILL')
      await ended
      const files = readdirSync(folder)
      rmSync(folder, { recursive: true })
      return { files, processes }
    },
  }
}

/** FORCE_COLOR, which jest gives its workers, would colour what the demo prints. */
function withoutColours({ FORCE_COLOR, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env
}

/** The command lines of the processes whose environment holds this setting. */
function processesWith(setting: string): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && contents(`/proc/${name}/environ`).split('\0').includes(setting))
    .map((pid) => contents(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
    .filter((command) => command !== '') // ended, and not yet waited for
}

function contents(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // of another user, or ended meanwhile
  }
}
