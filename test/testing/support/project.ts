import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt, manifest, root } from '../../support/package.ts'

/** A project of somebody who uses this package, as built, with jest, vitest and so on. */
export interface Project {
  readonly folder: string
  /** Runs `node` there as from a user's shell, without colours; TMPDIR is `temporary`. */
  run(args: readonly string[], env?: Record<string, string>): Promise<Run>
  /** What is left of what was made in TMPDIR. */
  leftovers(): string[]
  close(): void
}

export interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Makes one with these folders of the repository in it: their names there and here. */
export function makeProject(folders: Readonly<Record<string, string>>): Project {
  ensureBuilt()
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'session-start-project-')))
  const modules = join(folder, 'node_modules')
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary)
  mkdirSync(modules)
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction')
  }
  for (const part of ['package.json', 'dist']) cpSync(join(root, part), join(modules, manifest.name, part), { recursive: true })
  for (const [name, source] of Object.entries(folders)) cpSync(join(root, source), join(folder, name), { recursive: true })
  return {
    folder,
    run: (args, env = {}) => run(folder, args, { TMPDIR: temporary, ...env }),
    leftovers: () => readdirSync(temporary).filter((name) => name.startsWith('session-start-')),
    close: () => rmSync(folder, { recursive: true }),
  }
}

function run(cwd: string, args: readonly string[], env: Record<string, string>): Promise<Run> {
  const { NODE_ENV, JEST_WORKER_ID, FORCE_COLOR, NODE_TEST_CONTEXT, ...inherited } = process.env
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...inherited, NO_COLOR: '1', CI: '1', ...env } }
    const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text
      })
    }
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, ...output }))
  })
}
