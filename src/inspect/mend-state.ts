import { readInt } from '../php/tokens.ts'
import type { Edit, EditList } from './edits.ts'

/** How the values stand in the bytes: as a serialize handler has them, or one value and nothing behind it. */
export type Form = 'php' | 'php_binary' | 'value'

/** An array or object that is being read. Never changed, so that reading can go back. */
export interface Frame {
  readonly outer: Frame | undefined
  readonly countAt: number
  readonly countEnd: number
  readonly count: number
  readonly seen: number
  /** Of an object. */
  readonly className?: string
}

/** How far reading came. */
export interface State {
  readonly at: number
  readonly expects: 'variable' | 'key' | 'value'
  readonly frame: Frame | undefined
  readonly edits: EditList | undefined
  readonly against: number
}

/** An array or object begins, whose count stands there. */
export function openFrame(bytes: Buffer, outer: Frame | undefined, countAt: number, countEnd: number, className?: string): Frame {
  const count = Number(readInt(bytes, countAt, countEnd)) || 0
  return { outer, countAt, countEnd, count, seen: 0, ...(className !== undefined && { className }) }
}

/** Reading goes on behind a value, which may be the last of its array or object. */
export function behindValue(state: State, at: number, frame: Frame | undefined): State {
  if (frame === undefined) return { ...state, at, frame, expects: 'variable' }
  return { ...state, at, frame: { ...frame, seen: frame.seen + 1 }, expects: 'key' }
}

/** The same behind a string or number, which may be a key. */
export function behindToken(state: State, what: 'key' | 'value', at: number): State {
  return what === 'key' ? { ...state, at, expects: 'value' } : behindValue(state, at, state.frame)
}

export function edited(state: State, edit: Edit): State {
  return { ...state, edits: { edit, before: state.edits } }
}
