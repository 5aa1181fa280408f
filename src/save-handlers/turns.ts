/**
 * First come, first served inside one process: at most one at a time has the turn on a key, the others wait in the order they came.
 * A key is forgotten when nobody wants it any more.
 */
export class Turns {
  readonly #pauseAfter: number
  readonly #pause: number
  /** The keys somebody has the turn on; null while nobody waits. */
  readonly #taken = new Map<string, Queue | null>()

  /** After every `pauseAfter` turns in a row on one key the next begins only `pause` milliseconds later. */
  constructor(pauseAfter = Infinity, pause = 0) {
    this.#pauseAfter = pauseAfter
    this.#pause = pause
  }

  isTaken(key: string): boolean {
    return this.#taken.has(key)
  }

  /** Takes the turn if nobody has it. Whoever has it gives it on by {@link pass}. */
  take(key: string): boolean {
    if (this.#taken.has(key)) {
      return false
    }
    this.#taken.set(key, null)
    return true
  }

  /** Waits for the turn, which somebody has: true with it, false without it after `timeout` milliseconds. */
  wait(key: string, timeout: number): Promise<boolean> {
    const queue = this.#taken.get(key) ?? { waiting: [], turns: 0 }
    this.#taken.set(key, queue)
    return new Promise((settle) => {
      const giveUp = () => {
        queue.waiting.splice(queue.waiting.indexOf(turn), 1)
        settle(false)
      }
      const timer = timeout > LONGEST_TIMER ? undefined : setTimeout(giveUp, timeout)
      const turn = { start: () => settle(true), timer }
      queue.waiting.push(turn)
    })
  }

  /** Gives the turn to the next who waits. */
  pass(key: string): void {
    const queue = this.#taken.get(key)
    const turn = queue?.waiting.shift()
    if (!queue || turn === undefined) {
      this.#taken.delete(key)
      return
    }
    clearTimeout(turn.timer)
    if (++queue.turns % this.#pauseAfter === 0) {
      setTimeout(turn.start, this.#pause)
    } else {
      turn.start()
    }
  }
}

/** setTimeout takes no more milliseconds than this; a longer wait is without end. */
export const LONGEST_TIMER = 0x7fffffff

interface Queue {
  readonly waiting: Turn[]
  turns: number
}

interface Turn {
  readonly start: () => void
  readonly timer: NodeJS.Timeout | undefined
}
