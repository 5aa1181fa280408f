import { once } from 'node:events'
import { withoutPath } from '../save-handlers/system-calls.ts'
import { type Status, status } from './exit-status.ts'

/** What a command prints to: results, and messages. */
interface Streams {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
}

/**
 * Standard output, whose other end may be gone before the command is: `head` has read enough, the disk is full. A command that looks ends
 * there. One that changes something goes on without a word, for else it would have done half of its work, and says at its end what was lost.
 */
export class Results {
  readonly #streams: Streams
  #isKeptOn = false
  #hasEnded = false
  #failure: NodeJS.ErrnoException | undefined

  constructor(streams: Streams) {
    this.#streams = streams
    streams.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#failure !== undefined) return
      this.#failure = error
      const isOver = this.#hasEnded && error.code === 'EPIPE'
      if (!isOver && (this.#hasEnded || !this.#isKeptOn)) process.exit(this.ended(status.ok))
    })
    // Nobody is left to be told.
    streams.stderr.on('error', () => {})
  }

  /** See `Output`. */
  keepOn(): void {
    this.#isKeptOn = true
  }

  /** Waits while the reader is slow. */
  async write(text: string): Promise<void> {
    const { stdout } = this.#streams
    if (this.#failure === undefined && !stdout.write(text)) await once(stdout, 'drain').catch(() => {})
  }

  /** To be called when the command has done its work. → the exit status, which would have been this one */
  ended(wouldBe: Status): Status {
    this.#hasEnded = true
    if (this.#failure === undefined || this.#failure.code === 'EPIPE') return wouldBe
    const { message } = withoutPath(this.#failure) as Error
    this.#streams.stderr.write(`session-start: What was to be printed is lost: ${message}\n`)
    return status.failed
  }
}
