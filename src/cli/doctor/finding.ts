import type { SessionManagerOptions } from '../../session/options.ts'
import type { Facts } from './facts.ts'

/** `problem`: Node and PHP cannot share sessions. `warning`: they can, and something will go wrong. `note`: worth knowing. */
export type Severity = 'ok' | 'note' | 'warning' | 'problem'

/** What a check says. Published as JSON by `doctor --json`. */
export interface Finding {
  /** Stable; docs/doctor.md has a row for each. */
  readonly id: string
  readonly severity: Severity
  /** Without a full stop. */
  readonly title: string
  readonly seen: string
  /** What follows from it, and what to do where no command does. */
  readonly means: string
  /** A line of sh, for whoever may change what it changes: mostly root. */
  readonly mend?: string | undefined
  /** What to set in php.ini, by full names; where there is a `mend`, it does that. */
  readonly phpSettings?: Readonly<Record<string, string>> | undefined
  /** Options of the SessionManager. */
  readonly nodeOptions?: SessionManagerOptions | undefined
}

/** A row of the table in checks.ts. Undefined: there is nothing to judge here. */
export interface Check {
  readonly id: string
  look(facts: Facts): Omit<Finding, 'id'> | undefined
}

export function ok(title: string, seen: string): Omit<Finding, 'id'> {
  return { severity: 'ok', title, seen, means: '' }
}

/** `3 of 40 sessions`, `1 session` */
export function count(part: number, all: number, what = 'session'): string {
  const many = `${all} ${what}${all === 1 ? '' : 's'}`
  return part === all ? many : `${part} of ${many}`
}

/** `/var/lib/php/sessions (root:root 1733)` */
export function placeText({ path, owner, mode }: { path: string; owner: string; mode: number }): string {
  return `${path} (${owner} ${mode.toString(8).padStart(4, '0')})`
}
