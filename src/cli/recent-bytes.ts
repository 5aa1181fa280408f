/** Bytes by id; when they are too many, those that were set first are forgotten. */
export class RecentBytes {
  readonly #most: number
  readonly #all = new Map<string, Buffer>()
  #size = 0

  /** @param most how many bytes are kept, of all ids together */
  constructor(most: number) {
    this.#most = most
  }

  get(id: string): Buffer | undefined {
    return this.#all.get(id)
  }

  set(id: string, bytes: Buffer | undefined): void {
    this.delete(id)
    if (bytes === undefined) return
    this.#all.set(id, bytes)
    this.#size += bytes.length
    for (const first of this.#all.keys()) {
      if (this.#size <= this.#most) return
      this.delete(first)
    }
  }

  delete(id: string): void {
    this.#size -= this.#all.get(id)?.length ?? 0
    this.#all.delete(id)
  }
}
