import type { State } from './mend-state.ts'

/** Where there is more than one way to go on: the ways that were not tried yet, the likeliest first. */
export type Choice = Generator<State, undefined>

/** To go back again and again has an end. A value takes two bytes at least, so that all are read in half as many steps. */
export interface Budget {
  steps: number
  tries: number
}

/** Reading goes back to the last ones only: a string that was ended in the wrong place is found out soon. */
const MAX_CHOICES = 100

/**
 * Reads on from `start` to an end, and goes back to the last choice where that does not lead to one.
 * @param step where reading goes on; undefined: nowhere
 */
export function search(
  start: State,
  step: (state: State) => State | Choice | undefined,
  isEnd: (state: State) => boolean,
  budget: Budget,
): State | undefined {
  const choices: Choice[] = []
  let state: State | undefined = start
  while (budget.steps-- > 0) {
    if (state === undefined) {
      const choice = choices.at(-1)
      if (choice === undefined || budget.tries-- === 0) return undefined
      state = choice.next().value
      if (state === undefined) choices.pop()
    } else if (isEnd(state)) return state
    else {
      const next: State | Choice | undefined = step(state)
      if (next === undefined || 'at' in next) state = next
      else {
        state = next.next().value
        if (choices.push(next) > MAX_CHOICES) choices.shift()
      }
    }
  }
  return undefined
}
