import type { Edit } from './edits.ts'
import type { Ahead } from './mend-ahead.ts'
import { type LostMark, lostMarks, lostOpening, markEdit, unendedValue } from './mend-marks.ts'
import type { Choice } from './mend-search.ts'
import { behindToken, behindValue, edited, type Form, type Frame, type State } from './mend-state.ts'

/** Goes on where a mark should stand that was lost, as if it were there. */
export class LostMarks {
  readonly #bytes: Buffer
  readonly #form: Form
  readonly #ahead: Ahead

  constructor(bytes: Buffer, form: Form, ahead: Ahead) {
    this.#bytes = bytes
    this.#form = form
    this.#ahead = ahead
  }

  /** Behind a value that has not the semicolon, or a key that is an int. */
  *semicolon(state: State, what: 'key' | 'value'): Choice {
    const { at } = state
    const of = { at, where: `behind ${NAMES[this.#bytes[at]!] ?? 'a value'}` }
    for (const mark of unendedValue(this.#bytes, at)) {
      const next = behindToken(state, what, mark.next)
      if (this.#ahead.canGoOn(next)) yield edited(next, { ...this.edit(mark, of, next), isKey: what === 'key' })
    }
    return undefined
  }

  /** Behind a string that has not its opening quote. */
  opening(state: State, what: 'key' | 'value'): State | undefined {
    const mark = lostOpening(this.#bytes, state.at)
    if (mark === undefined) return undefined
    const next = behindToken(state, what, mark.next)
    const of = { at: state.at, where: 'in front of a text' }
    return edited(next, { ...this.edit(mark, of, next), isKey: what === 'key' })
  }

  /** Behind an array or object that holds as much as it says and has not its brace, unless more of it may have been cut off. */
  *brace(state: State, frame: Frame): Choice {
    if (state.at >= this.#ahead.trimmed) return undefined
    const of = { at: state.at, where: `at the end of ${frame.className === undefined ? 'an array' : 'an object'}` }
    for (const mark of lostMarks(this.#bytes, state.at, '}')) {
      const next = behindValue(state, mark.next, frame.outer)
      if (this.#ahead.canGoOn(next)) yield edited(next, this.edit(mark, of, next))
    }
    return undefined
  }

  /** @param of the value that the mark belongs to: where that begins, and where the mark stood in plain words */
  edit(mark: LostMark, of: { readonly at: number; readonly where: string }, next: State): Edit {
    return markEdit(this.#bytes, mark, of, this.#form === 'php' && next.expects === 'variable')
  }
}

/** Of values that are only ended by a semicolon. */
const NAMES: Readonly<Record<number, string>> = { 69: 'an enum', 100: 'a number', 105: 'a number' }
