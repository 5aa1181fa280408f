import { types } from 'node:util'
import { explainSession } from '../inspect/explain.ts'
import { inspectSession } from '../inspect/inspect-session.ts'
import { detectSerializeHandler } from '../serialize-handlers/serialize-handlers.ts'
import { damageMessage, formatNode } from './messages.ts'
import { findSession, isSession, type SessionSource } from './session-source.ts'

/**
 * Shows sessions in snapshots: every variable with its PHP type, no id, no times. A session is a `Session`, one that a test made, or bytes
 * that are one. For `expect.addSnapshotSerializer`.
 */
export const sessionSerializer = {
  test(value: unknown): boolean {
    return isSession(value) || (types.isUint8Array(value) && detectSerializeHandler(Buffer.from(value)) !== undefined)
  },

  serialize(value: unknown, _config: unknown, indentation: string): string {
    return describe(value as SessionSource).replaceAll('\n', `\n${indentation}`)
  },
}

function describe(source: SessionSource): string {
  const { bytes, reading } = findSession(source)
  if (bytes === undefined) return 'no PHP session'
  const damage = explainSession(bytes, reading.serialize_handler)
  if (damage !== undefined) return damageMessage('the session', damage, bytes.length)
  const report = inspectSession(bytes, reading.serialize_handler)
  const all = formatNode({ type: 'object', className: 'x', offset: 0, length: 0, slot: undefined, members: report.variables })
  return `PHP session ${all.replace(/^object\(x\) /, '')}`
}
