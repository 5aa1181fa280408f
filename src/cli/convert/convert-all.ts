import { convertOne, type Job } from './convert-one.ts'
import type { Left } from './convert-session.ts'

/** How many sessions became what. */
export interface Counts {
  readonly looked: number
  readonly converted: number
  readonly already: number
  readonly left: number
}

/** Who looks on. */
export interface Watcher {
  /** A session that stays as it was. */
  onLeft(id: string, left: Left): Promise<void>
  /** After each session. */
  onProgress(counts: Counts): void
  /** Whether to stop before the next one. */
  isStopped(): boolean
}

/** Converts one session after the other. @throws as `convertOne` */
export async function convertAll(job: Job, watcher: Watcher): Promise<Counts> {
  const counts = { looked: 0, converted: 0, already: 0, left: 0 }
  for await (const { id } of job.source.list()) {
    if (watcher.isStopped()) break
    const outcome = await convertOne(job, id)
    if (outcome === 'gone') continue
    counts.looked++
    counts[typeof outcome === 'string' ? outcome : 'left']++
    if (typeof outcome === 'object') await watcher.onLeft(id, outcome)
    watcher.onProgress(counts)
  }
  return counts
}
