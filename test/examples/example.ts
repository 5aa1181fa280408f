import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../support/package.ts'

/** An example as a process of its own. */
export interface Example {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  /** Asks it to end, and says how it did. */
  stop(): Promise<Ended>
}

export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

/** Starts `node` with these arguments on a free port; resolves when it has printed its address. */
export async function startExample(args: readonly string[], save_path: string): Promise<Example> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, SAVE_PATH: save_path, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => resolve({ status, signal, stderr }))
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      const [, found] = /^(http:\/\/\S+:\d+)\n/.exec(stdout) ?? []
      if (found !== undefined) resolve(found)
    })
    ended.then(() => reject(new Error(`${args.at(-1)} ended before it listened:\n${stdout}${stderr}`)), reject)
  })
  return {
    url,
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** A file of docs/examples. */
export function exampleFile(name: string): string {
  return join(root, 'docs/examples', name)
}
