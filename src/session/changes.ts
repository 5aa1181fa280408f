/** The changes of a session that take time: one after the other, also for those who do not await them. */
export class Changes {
  #pending: Promise<void> | undefined

  /** What is on its way, for whoever has to wait for it. Never rejects. */
  get pending(): Promise<void> | undefined {
    return this.#pending
  }

  async add(work: () => Promise<void>): Promise<void> {
    const done = this.#pending === undefined ? work() : this.#pending.then(work)
    const settled = done.catch(() => {})
    this.#pending = settled
    await settled
    if (this.#pending === settled) this.#pending = undefined
    return done
  }
}
