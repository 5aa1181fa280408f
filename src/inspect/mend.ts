import { keyEnd, objectHeader, Scan, scanValue } from '../php/scan.ts'
import { digitsEnd } from '../php/tokens.ts'
import { type Conversion, weighedEnd } from './conversions.ts'
import { type Edit, editsInOrder } from './edits.ts'
import { foreignScalar } from './foreign-values.ts'
import { Ahead } from './mend-ahead.ts'
import { LostMarks } from './mend-lost.ts'
import { anySlot } from './mend-marks.ts'
import { binaryKey, keyEdit, misnamedHead } from './mend-names.ts'
import { type Budget, type Choice, search } from './mend-search.ts'
import { behindToken, behindValue, edited, type Form, type Frame, openFrame, type State } from './mend-state.ts'
import { certainEnd, type StringEnd, stringEnds } from './mend-strings.ts'
import { isValueStart, mayBeKey } from './plausible.ts'
import { type StringToken, stringToken } from './string-token.ts'
import { Swallowed } from './swallowed.ts'

/**
 * Reads bytes that PHP refuses, taking strings as long and arrays as full as they are in place of what their lengths and counts say, and
 * notes what has to be changed for PHP to read the same. Where the end of a string is in doubt, the likeliest is tried first.
 * @param from where to begin: behind variables that are as they should be
 * @returns undefined where the bytes make no sense even so
 */
export function mend(bytes: Buffer, form: Form, belief: Belief = {}, from = 0): Mended | undefined {
  return new Mender(bytes, form, belief, 0, { steps: bytes.length + 2000, tries: 1000 }).run(from)
}

/** What is taken to be so. */
export interface Belief {
  /** What the whole file went through, which tells where strings end. */
  readonly conversion?: Conversion
  /** All counts are right, so that they tell where the brace of an array or object was lost. */
  readonly areCountsRight?: boolean
}

export interface Mended {
  /** In the order of the bytes. */
  readonly edits: readonly Edit[]
  /** How many strings are as long as they say, and would not be after the conversion. */
  readonly against: number
}

/** Strings that hold serialize() output are mended too, and those in them. */
const MAX_NESTING = 4

class Mender {
  readonly #bytes: Buffer
  readonly #form: Form
  readonly #belief: Belief
  readonly #conversion: Conversion | undefined
  readonly #nesting: number
  readonly #budget: Budget
  readonly #ahead: Ahead
  readonly #lost: LostMarks
  readonly #swallowed: Swallowed

  constructor(bytes: Buffer, form: Form, belief: Belief, nesting: number, budget: Budget) {
    this.#bytes = bytes
    this.#form = form
    this.#belief = belief
    this.#conversion = belief.conversion
    this.#nesting = nesting
    this.#budget = budget
    this.#ahead = new Ahead(bytes, form, belief.conversion)
    this.#lost = new LostMarks(bytes, form, this.#ahead)
    this.#swallowed = new Swallowed(bytes, form)
  }

  run(from = 0): Mended | undefined {
    const expects = this.#form === 'value' ? 'value' : 'variable'
    const end = search(
      { at: from, expects, frame: undefined, edits: undefined, against: 0 },
      (state) => this.#step(state),
      ({ at, expects }) => expects === 'variable' && at === this.#bytes.length,
      this.#budget,
    )
    return end && { edits: editsInOrder(end.edits), against: end.against }
  }

  #step(state: State): State | Choice | undefined {
    if (state.expects === 'variable') return this.#variable(state)
    return state.expects === 'key' ? this.#key(state, state.frame!) : this.#value(state)
  }

  // --- Keys ------------------------------------------------------------------------------------------------------------

  #variable(state: State): State | Choice | undefined {
    const bytes = this.#bytes
    const { at } = state
    if (this.#ahead.trimmed <= at) {
      return edited(
        { ...state, at: bytes.length },
        { kind: 'trailing', start: at, end: bytes.length, text: '', expected: 'the end' },
      )
    }
    if (this.#form === 'php') {
      const delimiter = bytes.indexOf(DELIMITER, at)
      const isKey = delimiter !== -1 && mayBeKey(bytes, at, delimiter)
      return isKey ? { ...state, at: delimiter + 1, expects: 'value' } : undefined
    }
    if (this.#form === 'value') return undefined
    const next = at + 1 + (bytes[at]! & 0x7f)
    if (isValueStart(bytes, next)) {
      // In a key may be anything, but values that have lost their own are none.
      return this.#swallowed.has(at + 1, next, 'key') ? undefined : { ...state, at: next, expects: 'value' }
    }
    const key = binaryKey(bytes, at, this.#conversion)
    return key && edited({ ...state, at: key.end, expects: 'value' }, key.edit)
  }

  #key(state: State, frame: Frame): State | Choice | undefined {
    if (this.#bytes[state.at] === BRACE_CLOSE) return this.#close(state, frame)
    return this.#belief.areCountsRight && frame.seen === frame.count ? this.#lost.brace(state, frame) : this.#member(state)
  }

  #member(state: State): State | Choice | undefined {
    const bytes = this.#bytes
    const { at } = state
    if (bytes[at] === STRING) return this.#string(state, 'key')
    const end = keyEnd(bytes, at)
    if (end !== -1) return { ...state, at: end, expects: 'value' }
    return bytes[at] === INT ? this.#lost.semicolon(state, 'key') : undefined
  }

  #close(state: State, { countAt, countEnd, count, seen, outer }: Frame): State | undefined {
    const closed = behindValue(state, state.at + 1, outer)
    if (count === seen) return closed
    if (this.#belief.areCountsRight) return undefined
    const expected = `a count of ${seen}, not ${count}`
    const edit: Edit = { kind: 'count', start: countAt, end: countEnd, text: String(seen), expected }
    return edited(closed, count > seen ? { ...edit, missing: count - seen } : edit)
  }

  // --- Values ----------------------------------------------------------------------------------------------------------

  #value(state: State): State | Choice | undefined {
    const bytes = this.#bytes
    const { at, frame } = state
    switch (bytes[at]) {
      case STRING:
        return this.#string(state, 'value')
      case ARRAY: {
        const countEnd = bytes[at + 1] === COLON ? digitsEnd(bytes, at + 2) : -1
        if (countEnd === -1 || bytes[countEnd] !== COLON || bytes[countEnd + 1] !== BRACE_OPEN) return undefined
        return { ...state, at: countEnd + 2, expects: 'key', frame: openFrame(bytes, frame, at + 2, countEnd) }
      }
      case OBJECT: {
        const header = objectHeader(bytes, at)
        if (header === undefined) return this.#misnamed(state)
        const { name, next } = header
        const className = bytes.toString('latin1', name.start, name.end)
        const inner = openFrame(bytes, frame, name.end + 2, next - 2, className)
        return { ...state, at: next, expects: 'key', frame: inner }
      }
      default: {
        const end = scanValue(bytes, at, anySlot())
        if (end !== -1) return behindValue(state, end, frame)
        if (bytes[at] === CUSTOM) return this.#custom(state)
        if (bytes[at] === ENUM) return this.#misnamed(state) ?? this.#lost.semicolon(state, 'value')
        const foreign = foreignScalar(bytes, at)
        if (foreign === undefined) return this.#lost.semicolon(state, 'value')
        const expected = `${foreign.text}; as PHP writes it`
        return edited(behindValue(state, foreign.end + 1, frame), { kind: 'value', start: at, ...foreign, expected })
      }
    }
  }

  #misnamed(state: State): State | undefined {
    const head = misnamedHead(this.#bytes, state.at, this.#conversion)
    if (head === undefined) return undefined
    const { edit, name, next, count } = head
    if (count === undefined) return edited(behindValue(state, next, state.frame), edit)
    const frame = openFrame(this.#bytes, state.frame, count.start, count.end, name)
    return edited({ ...state, at: next, expects: 'key', frame }, edit)
  }

  /** The bytes of an object's own went through the conversion with all others. */
  #custom(state: State): State | undefined {
    const header = objectHeader(this.#bytes, state.at)
    if (header === undefined || this.#conversion === undefined) return undefined
    const { next: start, count } = header
    const end = weighedEnd(this.#bytes, start, count, this.#conversion)
    if (end === -1 || this.#bytes[end] !== BRACE_CLOSE) return undefined
    const token = { lengthAt: header.name.end + 2, lengthEnd: start - 2, length: count, start }
    const result = behindValue(state, end + 1, state.frame)
    return this.#stringEdits(token, { quote: end, why: 'converted' }, result).reduce(edited, result)
  }

  #string(state: State, what: 'key' | 'value'): State | Choice | undefined {
    const token = stringToken(this.#bytes, state.at)
    if (token === undefined) return this.#lost.opening(state, what)
    const end = certainEnd(this.#bytes, token, this.#conversion)
    return end === -1 ? this.#strings(state, what, token) : behindToken(state, what, end + 2)
  }

  *#strings(state: State, what: 'key' | 'value', token: StringToken): Choice {
    const className = what === 'key' ? state.frame?.className : undefined
    const said = token.start + token.length
    let isWhole = false
    for (const found of stringEnds(this.#bytes, token, this.#conversion, className)) {
      const { quote, why, closing } = found
      const isAgainst = why === 'said' && this.#conversion !== undefined
      const before = isAgainst ? { ...state, against: state.against + 1 } : state
      const next = behindToken(before, what, closing?.next ?? quote + 2)
      const goesOn = this.#ahead.canGoOn(next, why === 'near')
      if (why === 'said') isWhole = goesOn
      // A string that ends where it says has not grown, and one that has, not over what followed.
      const isGuess = why === 'near' || why === 'lost'
      if (isGuess && (!goesOn || (isWhole && quote > said) || this.#swallows(state, what, token.start, quote))) continue
      const edits = this.#stringEdits(token, found, next)
      const key = what === 'key' ? this.#bytes.subarray(token.start, quote) : undefined
      yield edits.map((edit) => (key === undefined ? edit : keyEdit(edit, token.length, key))).reduce(edited, next)
    }
    return undefined
  }

  /** Whether a string would hold what looks like further variables or elements, and is not serialize() output. */
  #swallows({ frame }: State, what: 'key' | 'value', start: number, end: number): boolean {
    return this.#swallowed.has(start, end, frame === undefined ? 'variable' : what) && this.#nestedEdits(start, end) === undefined
  }

  #stringEdits(
    { lengthAt, lengthEnd, length, start }: StringToken,
    { quote, why, text, closing }: StringEnd,
    next: State,
  ): Edit[] {
    if (text !== undefined)
      return [{ kind: 'nul bytes', start, end: quote, text, expected: 'a name with NUL bytes around its class' }]
    if (closing !== undefined) return [this.#lost.edit(closing, { at: lengthAt - 2, where: 'behind a text' }, next)]
    if (quote === start + length) return []
    const inside = this.#nestedEdits(start, quote) ?? []
    const size = inside.reduce((sum, edit) => sum + edit.text.length - (edit.end - edit.start), quote - start)
    const said = start + length + 2
    const edit: Edit = {
      ...{ kind: 'length', start: lengthAt, end: lengthEnd, text: String(size), expected: `a length of ${size}, not ${length}` },
      isConverted: why === 'converted',
      ...(said > this.#bytes.length && { missing: length - size, isHalf: this.#isHalfValue(start, quote) }),
    }
    return size === length ? inside : [edit, ...inside]
  }

  /** What has to be changed in serialize() output that a string holds; undefined where it holds none. */
  #nestedEdits(start: number, end: number): Edit[] | undefined {
    const inside = this.#bytes.subarray(start, end)
    if (this.#nesting === MAX_NESTING || inside[1] !== COLON || inside.at(-1) !== BRACE_CLOSE) return undefined
    const mended = new Mender(inside, 'value', this.#belief, this.#nesting + 1, this.#budget).run()
    return mended?.edits.map((edit) => ({ ...edit, start: edit.start + start, end: edit.end + start }))
  }

  /** Whether serialize() output begins here that does not end. */
  #isHalfValue(start: number, end: number): boolean {
    const inside = this.#bytes.subarray(start, end)
    return /^([aC]:\d+:|O:\d+:")/.test(inside.toString('latin1', 0, 16)) && scanValue(inside, 0, new Scan()) !== inside.length
  }
}

const ARRAY = 0x61
const CUSTOM = 0x43
const ENUM = 0x45
const INT = 0x69
const OBJECT = 0x4f
const STRING = 0x73
const COLON = 0x3a
const DELIMITER = 0x7c
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d
