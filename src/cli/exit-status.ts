/** What the process ends with; scripts rely on it. */
export const status = {
  /** All is well. */
  ok: 0,
  /** What was asked for is not so: sessions differ, a session is damaged, a check found a problem, there is no such key. */
  found: 1,
  /** The command was not understood. */
  usage: 2,
  /** It could not be done: no such session, no permission, no lock. */
  failed: 3,
} as const

export type Status = (typeof status)[keyof typeof status]

/** Ends the command with a message and a status. */
export class CommandError extends Error {
  readonly status: Status

  constructor(message: string, exitStatus: Status = status.failed, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CommandError'
    this.status = exitStatus
  }
}
