import { type Conversion, conversions } from './conversions.ts'
import type { Case, Finding, Repair } from './diagnosis.ts'
import { applyEdits, type Edit } from './edits.ts'
import { inspectSession } from './inspect-session.ts'
import { type Belief, mend } from './mend.ts'
import type { Form } from './mend-state.ts'
import { pathAtOffset, pathBehindOffset } from './paths.ts'
import { plural } from './print.ts'

/** Lengths and counts that are wrong, for all strings that went through a conversion or for one that was changed; white space behind. */
export function findMended(found: Case): Finding | undefined {
  const attempt = bestAttempt(found)
  if (attempt === undefined) return undefined
  const { edits, repair } = attempt
  const [first] = edits as [Edit]
  const repaired = inspectSession(repair.bytes, found.layout.name)
  return {
    ...causeOf(found.bytes, attempt),
    offset: first.start,
    length: first.end - first.start,
    path: first.isKey ? pathBehindOffset(repaired, first.start) : pathAtOffset(repaired, first.start),
    expected: first.expected,
    repair,
  }
}

interface Attempt {
  readonly edits: readonly Edit[]
  /** What all strings went through, where that explains more than it leaves open. */
  readonly conversion: Conversion | undefined
  readonly repair: Repair
  /** How many edits no conversion explains. */
  readonly open: number
}

/** A conversion of the whole file is likelier than that many strings were changed. */
function bestAttempt(found: Case): Attempt | undefined {
  const { bytes, layout, reading } = found
  const last = layout.firstSlot === 1 ? undefined : reading.variables.at(-1)
  // What PHP reads stays as it is, unless all of the file went through something.
  const readEnd = last === undefined ? 0 : last.offset + last.length
  const form: Form = layout.firstSlot === 1 ? 'value' : layout.name === 'php' ? 'php' : 'php_binary'
  let best: Attempt | undefined
  const fitting = conversions.filter(({ fits }) => fits(bytes))
  for (const belief of [...fitting.map((conversion): Belief => ({ conversion })), {}, { areCountsRight: true }]) {
    const { conversion, areCountsRight } = belief
    // A brace is only looked for where nothing else explains what there is.
    if (areCountsRight && best !== undefined) break
    const { edits, against } = mend(bytes, form, belief, conversion === undefined ? readEnd : 0) ?? { edits: [], against: 0 }
    if (edits.length === 0 || isDoubtful(edits)) continue
    const converted = edits.filter(({ isConverted }) => isConverted).length
    if (converted > 0 && against >= converted) continue
    const open = edits.filter(
      ({ kind, isConverted }) => kind === 'count' || kind === 'mark' || (kind === 'length' && isConverted !== true),
    ).length
    if (best !== undefined && open >= best.open) continue
    const repair = found.accept({ bytes: applyEdits(bytes, edits), what: whatOf(edits), loses: losesOf(edits) })
    if (repair !== undefined) best = { edits, conversion: converted > open ? conversion : undefined, repair, open }
    if (best?.open === 0) break
  }
  return best
}

/** Where a string ends long before its length says, behind the end of the bytes, the session was cut off, unless that is all there is. */
function isDoubtful(edits: readonly Edit[]): boolean {
  const others = edits.filter(({ kind }) => kind !== 'trailing')
  return others.some(({ isHalf, kind, missing = 0, text }) => {
    return isHalf === true || (kind === 'length' && others.length > 1 && missing > Math.max(16, Number(text) / 8))
  })
}

function whatOf(edits: readonly Edit[]): string {
  const count = (kind: Edit['kind']) => edits.filter((edit) => edit.kind === kind).length
  const marks = (mark: string) => edits.filter(({ kind, text }) => kind === 'mark' && text.includes(mark)).length
  const parts: [number, string][] = [
    [marks('"'), `${plural(marks('"'), 'quote')} put back`],
    [marks(';'), `${plural(marks(';'), 'semicolon')} put back`],
    [marks('}'), `${plural(marks('}'), 'brace')} put back`],
    [count('length'), `${plural(count('length'), 'length')} recomputed`],
    [count('count'), `${plural(count('count'), 'count')} recomputed`],
    [count('nul bytes'), `NUL bytes put back into the names of ${plural(count('nul bytes'), 'property', 'properties')}`],
    [count('value'), `${plural(count('value'), 'value')} written as PHP does`],
    [count('trailing'), 'what stood behind the end removed'],
  ]
  return parts.flatMap(([number, text]) => (number > 0 ? [text] : [])).join(', ')
}

function losesOf(edits: readonly Edit[]): string | undefined {
  const cut = edits.find(({ kind, missing = 0 }) => kind === 'length' && missing > 0)
  const losses = edits.flatMap(({ loses }) => loses ?? [])
  if (cut !== undefined) losses.push(`${plural(cut.missing!, 'byte')} of a string, if it was cut off and not shortened`)
  if (losses.length === 0) return undefined
  const [shown, more] = [losses.slice(0, MOST_LOSSES), losses.length - MOST_LOSSES]
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', and ')
}

/** Told one by one. */
const MOST_LOSSES = 5

function causeOf(bytes: Buffer, { edits, conversion }: Attempt): Pick<Finding, 'cause' | 'message'> {
  if (conversion !== undefined) {
    const { cause, what, undo } = conversion
    const back = undo === '' ? '' : `; to have the texts as they were instead, convert the file back: ${undo}`
    return { cause, message: `The session ${what}, and the lengths of its strings are those of before${back}` }
  }
  const kinds = new Set(edits.map(({ kind }) => kind))
  if (kinds.has('nul bytes'))
    return { cause: 'lost NUL bytes', message: 'The NUL bytes in the names of properties were lost, as when text is copied' }
  const mark = edits.find(({ kind }) => kind === 'mark')
  if (mark !== undefined) {
    const name = mark.text === ';' ? 'semicolon' : mark.text === '}' ? 'brace' : 'quote'
    return { cause: `lost ${name}`, message: `The ${name} ${mark.where} was lost, or became another byte` }
  }
  const length = edits.find(({ kind }) => kind === 'length')
  if (length?.isKey) return { cause: 'wrong length', message: 'A key was changed and its length was not, or the other way round' }
  if (length !== undefined) return { cause: 'wrong length', message: 'A text was changed, and its length was not' }
  if (kinds.has('count')) return { cause: 'wrong count', message: 'An array or object holds more or fewer elements than it says' }
  if (kinds.has('value'))
    return { cause: 'wrong value', message: 'A value is not written as PHP does: another program wrote the session' }
  return trailing(bytes.subarray(edits[0]!.start))
}

function trailing(rest: Buffer): Pick<Finding, 'cause' | 'message'> {
  if (rest.includes(0))
    return {
      cause: 'trailing bytes',
      message: `${plural(rest.length, 'byte')} too many behind the last value, NUL bytes among them`,
    }
  const isLineEnd = rest.includes('\n') || rest.includes('\r')
  return isLineEnd
    ? { cause: 'trailing newline', message: 'A line end stands behind the last value, as editors put it there' }
    : { cause: 'trailing bytes', message: 'White space stands behind the last value' }
}
