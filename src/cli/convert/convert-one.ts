import { SessionError } from '../../errors.ts'
import { inspectSession } from '../../inspect/inspect-session.ts'
import { CommandError, status } from '../exit-status.ts'
import { convertSession, isSameSession, type Left } from './convert-session.ts'
import type { Store, Stored } from './store.ts'

/** What is to be done with all sessions. */
export interface Job {
  readonly source: Store
  /** Undefined: they are converted where they are. */
  readonly target: Store | undefined
  /** Undefined: as the bytes of each look. */
  readonly from: string | undefined
  readonly to: string
  /** Only find out. */
  readonly isDry: boolean
}

/** What became of a session. `gone`: somebody removed it meanwhile. */
export type Outcome = 'converted' | 'already' | 'gone' | Left

/**
 * Converts one session under its lock, which is given back afterwards, or says why not. In another place a session that is newer is left alone.
 * @throws SessionError WRITE_FAILED, CommandError where the other place cannot be written to: that will be so for all sessions
 */
export async function convertOne(job: Job, id: string): Promise<Outcome> {
  let outcome: Outcome = 'gone'
  const convert = async (present: Stored | null): Promise<Stored | undefined> => {
    if (present === null) return undefined
    const result = convertSession(present.bytes, job.from, job.to)
    if ('reason' in result) {
      outcome = result
      return undefined
    }
    const next = { ...present, bytes: result.bytes }
    if (job.target !== undefined) outcome = await putInto(job.target, id, next, job)
    else outcome = result.isAlready ? 'already' : 'converted'
    return job.target === undefined && outcome === 'converted' ? next : undefined
  }
  try {
    if (job.isDry) await convert(await job.source.look(id))
    else await job.source.change(id, convert)
    return outcome
  } catch (error) {
    if (!(error instanceof SessionError) || error.code === 'WRITE_FAILED') throw error
    return { reason: error.code === 'LOCK_TIMEOUT' ? 'in-use' : 'unreadable', message: error.message }
  }
}

async function putInto(target: Store, id: string, next: Stored, { to, isDry }: Job): Promise<Outcome> {
  let outcome: Outcome = 'converted'
  const replace = (present: Stored | null): Stored | undefined => {
    outcome = outcomeOf(present, next, to)
    return outcome === 'converted' ? next : undefined
  }
  try {
    if (isDry) replace(await target.look(id))
    else await target.change(id, replace)
    return outcome
  } catch (error) {
    if (!(error instanceof SessionError) || error.code === 'LOCK_TIMEOUT' || error.code === 'INVALID_ID') throw error
    throw new CommandError(`${target.label} takes no sessions: ${error.message} (${error.code})`, status.failed, { cause: error })
  }
}

function outcomeOf(present: Stored | null, next: Stored, to: string): Outcome {
  if (present === null) return 'converted'
  const isSame = present.bytes.equals(next.bytes) || isSameSession(inspectSession(next.bytes, to), present.bytes, to)
  if (isSame) return 'already'
  if (present.mtime < next.mtime) return 'converted'
  return { reason: 'newer', message: 'the other place has one that was used later' }
}
