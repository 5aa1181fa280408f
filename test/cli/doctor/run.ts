import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { type Result, type RunOptions, runCli } from '../support/run-cli.ts'

/** Runs `session-start doctor` with an environment that is the same everywhere. */
export function doctor(args: readonly string[], env: RunOptions['env'] = {}): Promise<Result> {
  return runCli(['doctor', ...args], { env: { TMPDIR: undefined, ...env } })
}

export interface Report {
  readonly canShare: boolean
  readonly php: { readonly [name: string]: unknown }
  readonly node: { readonly [name: string]: unknown }
  readonly findings: readonly Finding[]
}

/** Its JSON. The exit status has to go with it. */
export async function report(args: readonly string[]): Promise<Report> {
  const { status, stdout, stderr } = await doctor([...args, '--json'])
  if (stderr !== '') throw new Error(stderr)
  const result = JSON.parse(stdout) as Report
  expect(status).toBe(result.canShare ? 0 : 1)
  return result
}

/** `id: severity` of what is not right. */
export function wrong({ findings }: Report): string[] {
  return findings.filter(({ severity }) => severity !== 'ok').map(({ id, severity }) => `${id}: ${severity}`)
}
