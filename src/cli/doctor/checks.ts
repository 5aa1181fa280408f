import { cleaningChecks } from './checks/cleaning.ts'
import { cookieChecks } from './checks/cookies.ts'
import { folderChecks } from './checks/folder.ts'
import { machineChecks } from './checks/machine.ts'
import { sessionChecks } from './checks/sessions.ts'
import { settingChecks } from './checks/settings.ts'
import { userChecks } from './checks/users.ts'
import type { Facts } from './facts.ts'
import type { Check, Finding } from './finding.ts'

/** All checks, in the order in which their findings are told. */
export const checks: readonly Check[] = [
  ...settingChecks,
  ...folderChecks,
  ...userChecks,
  ...sessionChecks,
  ...machineChecks,
  ...cleaningChecks,
  ...cookieChecks,
]

export function findingsIn(facts: Facts): Finding[] {
  return checks.flatMap(({ id, look }) => {
    const finding = look(facts)
    return finding === undefined ? [] : [{ id, ...finding }]
  })
}
