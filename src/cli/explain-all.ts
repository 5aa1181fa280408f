import type { Diagnosis } from '../inspect/diagnosis.ts'
import { explainSession } from '../inspect/explain.ts'
import { inspectSession } from '../inspect/inspect-session.ts'
import { plural } from '../inspect/print.ts'
import { printable } from '../inspect/quote.ts'
import { CommandError, type Status, status } from './exit-status.ts'
import { diagnosisJson } from './explanation.ts'
import { assertListable } from './listable.ts'
import { bytes, column, type Output } from './output.ts'
import { type Place, readableBytes } from './place.ts'
import { type FixOptions, fix } from './repair.ts'

/** Explains all damaged sessions of a place, a line each, and repairs them where that is asked for. → whether any is left */
export async function explainAll(place: Place, options: FixOptions, output: Output): Promise<Status> {
  if (options.stdout) throw new CommandError('--stdout prints one session: say which', status.usage)
  assertListable(place, ': give the id of a session, in full')
  const handlers = new Map<string, number>()
  const json: object[] = []
  let [looked, unreadable, damaged, left] = [0, 0, 0, 0]
  for await (const { id } of place.list()) {
    const stored = await readableBytes(place, id)
    if (stored === null) continue
    if (stored === undefined) {
      unreadable++
      continue
    }
    if (++looked % 500 === 0) output.progress(`${looked} sessions looked at, ${damaged} damaged`)
    const { problem, serializeHandler } = inspectSession(stored, place.serializeHandler)
    const diagnosis = problem && explainSession(stored, place.serializeHandler)
    if (diagnosis === undefined) {
      if (serializeHandler !== undefined) handlers.set(serializeHandler, (handlers.get(serializeHandler) ?? 0) + 1)
      continue
    }
    const outcome = await repaired(place, id, stored, diagnosis, options)
    if (!outcome.isFixed) left++
    damaged++
    if (output.isJson) {
      const explained = { session: output.id(id), size: stored.length, diagnosis: diagnosisJson(diagnosis, stored, output) }
      json.push({ ...explained, isFixed: outcome.isFixed, failure: outcome.failure ?? null })
    } else {
      if (damaged === 1) await output.line(output.colors.dim(row('ID', 'SIZE', 'WHAT HAPPENED', 'REPAIR', 'WHERE')))
      await output.line(describe(output.id(id), stored.length, diagnosis, outcome))
    }
  }
  const isMixed = handlers.size > 1
  if (output.isJson)
    await output.json({ place: place.label, looked, unreadable, serializeHandlers: Object.fromEntries(handlers), damaged: json })
  else {
    await output.line(summary({ looked, damaged, left }, place.label))
    if (unreadable > 0) await output.line(`${plural(unreadable, 'session')} could not be read`)
    if (isMixed) await output.line(mixture(handlers))
  }
  if (left > 0 || isMixed) return status.found
  return unreadable > 0 ? status.failed : status.ok
}

interface Outcome {
  readonly isFixed: boolean
  /** Why not. */
  readonly failure?: string
}

/** One that cannot be written does not keep the others from it. */
async function repaired(place: Place, id: string, stored: Buffer, { repair }: Diagnosis, options: FixOptions): Promise<Outcome> {
  if (options.fix !== true || repair === undefined) return { isFixed: false }
  try {
    const { label, serializeHandler } = place
    await fix({ place, id, label, bytes: stored, serializeHandler }, repair, options)
    return { isFixed: true }
  } catch (error) {
    return { isFixed: false, failure: (error as Error).message }
  }
}

function describe(id: string, size: number, diagnosis: Diagnosis, { isFixed, failure }: Outcome): string {
  const { cause, offset, path, repair } = diagnosis
  const state = isFixed ? 'done' : repair === undefined ? 'none' : repair.loses === undefined ? 'yes' : 'lossy'
  const where = `byte ${offset}${path === '' ? '' : ` in ${path}`}${failure === undefined ? '' : `: ${failure}`}`
  return row(id, bytes(size), cause, state, printable(where))
}

function row(id: string, size: string, cause: string, repair: string, where: string): string {
  return [id.padEnd(9), column(size, 8, 'right'), cause.padEnd(19), repair.padEnd(6), where].join('  ')
}

function summary({ looked, damaged, left }: Record<'looked' | 'damaged' | 'left', number>, label: string): string {
  if (damaged === 0) return `PHP reads ${looked === 1 ? 'the one session' : `all ${looked} sessions`} in ${label}`
  const repaired = left < damaged ? `, ${damaged - left} repaired` : ''
  return `\n${damaged} of ${plural(looked, 'session')} in ${label} ${damaged === 1 ? 'is' : 'are'} damaged${repaired}`
}

/** Nobody said which serialize handler PHP has. */
function mixture(handlers: ReadonlyMap<string, number>): string {
  const counts = [...handlers].map(([name, count]) => `${count} by ${name}`).join(', ')
  return `Not all were written by one serialize handler: ${counts}. PHP destroys those of another than its own: --serialize-handler tells which that is`
}
