import { Scan, scanValue } from '../php/scan.ts'
import { serializeHandlerNames, serializeLayout } from '../serialize-handlers/serialize-handlers.ts'
import type { Case, Diagnosis, Finding, Repair } from './diagnosis.ts'
import { diffSessions } from './diff.ts'
import { findCutOff, findDamaged, findDanglingReference, findForbiddenKey, findTooDeep, findTruncated } from './find-cut.ts'
import { findForeign, findWrapped } from './find-foreign.ts'
import { findMixedHandlers, findTwoSessions } from './find-handlers.ts'
import { findMended } from './find-mended.ts'
import { inspectSession, readSession } from './inspect-session.ts'

/**
 * Why PHP would destroy a session, or drop a part of it: what is wrong, where, what probably happened, and, where it is safe, bytes that
 * PHP reads in its place. A repair holds every variable that PHP could have read, as it is, and says what it has not.
 * @param serialize_handler without it the bytes tell
 * @returns undefined where PHP reads all
 * @throws TypeError for an unknown serialize_handler
 */
export function explainSession(bytes: Buffer, serialize_handler?: string): Diagnosis | undefined {
  const report = inspectSession(bytes, serialize_handler)
  const { problem } = report
  if (problem === undefined) return undefined
  const layout = serializeLayout(report.serializeHandler)
  const accept = (repair: Repair): Repair | undefined => {
    const after = inspectSession(repair.bytes, serialize_handler ?? report.serializeHandler)
    if (after.problem !== undefined || after.variables.length === 0) return undefined
    const isLess = diffSessions(report, after).some(({ kind }) => kind === 'removed' || kind === 'changed')
    return isLess ? undefined : repair
  }
  const found: Case = {
    ...{ bytes, layout, report, problem, accept },
    isGiven: serialize_handler !== undefined,
    reading: readSession(bytes, layout),
  }
  for (const find of ways) {
    const finding = find(found)
    if (finding !== undefined) return diagnosis(found, finding)
  }
  const damaged = findDamaged(found)
  if (isReadable(found)) return diagnosis(found, damaged)
  // Where nothing of the first variable can be read, only those behind it tell that it is a session, and whose.
  if (report.serializeHandler !== undefined) return diagnosis(found, damaged.repair === undefined ? NO_SESSION : damaged)
  const guesses = serializeHandlerNames.map((name) => explainSession(bytes, name))
  return guesses.find((guess) => guess?.repair !== undefined) ?? diagnosis(found, NO_SESSION)
}

/** From what explains all of the bytes to what explains the least. */
const ways: readonly ((found: Case) => Finding | undefined)[] = [
  findMixedHandlers,
  findWrapped,
  (found) => (found.reading.variables.length > 0 ? undefined : findForeign(found)),
  findTwoSessions,
  findDanglingReference,
  findTooDeep,
  findCutOff,
  findMended,
  findForbiddenKey,
  findTruncated,
]

/** Whether there is anything of a session at the beginning of the bytes. */
function isReadable({ reading }: Case): boolean {
  return reading.variables.length > 0 || reading.valueBytes > 0
}

const NO_SESSION: Finding = { cause: 'not a session', message: 'Nothing in it is as PHP writes sessions', expected: 'a session' }

function diagnosis(found: Case, finding: Finding): Diagnosis {
  const { bytes, problem, report } = found
  const { cause, message, expected = problem.message.replace(/^expected /, ''), repair } = finding
  const offset = Math.min(finding.offset ?? problem.offset, bytes.length)
  const length = Math.min(finding.length ?? 1, bytes.length - offset)
  return {
    ...{ cause, message, expected, repair, problem, offset, length },
    isDestroyed: !isReadByPhp(found),
    serializeHandler: report.serializeHandler,
    path: finding.path ?? problem.path,
    before: bytes.subarray(Math.max(0, offset - CONTEXT), offset),
    at: bytes.subarray(offset, offset + length),
    after: bytes.subarray(offset + length, offset + length + CONTEXT),
  }
}

/** php_serialize stops behind the first value, whatever that is and whatever follows: the rest is gone when PHP writes. */
function isReadByPhp({ bytes, layout, problem }: Case): boolean {
  const end = layout.firstSlot === 1 ? scanValue(bytes, 0, new Scan()) : -1
  return end !== -1 && (problem.offset >= end || bytes[0] !== ARRAY)
}

const ARRAY = 0x61

/** How many bytes are shown in front of what is wrong, and behind it. */
const CONTEXT = 32
