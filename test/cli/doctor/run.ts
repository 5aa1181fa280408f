import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { root } from '../../support/package.ts'

export interface Answer {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `session-start doctor` as a process, with an environment that is the same everywhere. */
export function doctor(args: readonly string[], env: NodeJS.ProcessEnv = {}): Answer {
  const { TMPDIR, FORCE_COLOR, NO_COLOR, ...rest } = process.env
  const options = { encoding: 'utf8', env: { ...rest, ...env } } as const
  return spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), 'doctor', ...args], options)
}

export interface Report {
  readonly canShare: boolean
  readonly php: { readonly [name: string]: unknown }
  readonly node: { readonly [name: string]: unknown }
  readonly findings: readonly Finding[]
}

/** Its JSON. The exit status has to go with it. */
export function report(args: readonly string[]): Report {
  const { status, stdout, stderr } = doctor([...args, '--json'])
  if (stderr !== '') throw new Error(stderr)
  const result = JSON.parse(stdout) as Report
  expect(status).toBe(result.canShare ? 0 : 1)
  return result
}

/** `id: severity` of what is not right. */
export function wrong({ findings }: Report): string[] {
  return findings.filter(({ severity }) => severity !== 'ok').map(({ id, severity }) => `${id}: ${severity}`)
}
