import { inspectSession } from '../../inspect/inspect-session.ts'
import { userOf } from '../../inspect/user.ts'
import { parseSavePath } from '../../save-handlers/save-path.ts'
import { detectSerializeHandler } from '../../serialize-handlers/serialize-handlers.ts'
import { type Place, readableBytes } from '../place.ts'
import { type Bucket, Distribution } from './distribution.ts'
import { type KeyCount, TopKeys } from './top-keys.ts'

/** What there is to say about all sessions of a place. Sizes in bytes, ages in seconds since a session was last used. */
export interface Stats {
  readonly place: string
  /** When it was looked at. */
  readonly time: string
  readonly sessions: number
  readonly empty: number
  /** Those that PHP would destroy. */
  readonly damaged: number
  /** Those that could not be opened. */
  readonly unreadable: number
  /** Which serialize handlers wrote how many of those that are not empty; of those that none reads, see `damaged`. */
  readonly serializeHandlers: Readonly<Record<string, number>>
  /** Sessions with a user that can be made out, and how many users that are; null: more than can be told apart. */
  readonly users: { readonly sessions: number; readonly distinct: number | null }
  readonly maxLifetime: number
  /** How many are older than that. */
  readonly expired: number
  /** In folders inside each other, from which no clean-up takes them. */
  readonly hasLevels?: true
  readonly sizes: Spread & { readonly sum: number }
  readonly ages: Spread
  /** How many different keys there are; null: more than were counted. */
  readonly distinctKeys: number | null
  /** The keys that most sessions hold. */
  readonly keys: readonly KeyCount[]
}

export interface Spread {
  readonly median: number
  /** What 95 % do not exceed. */
  readonly p95: number
  readonly largest: number
  readonly histogram: readonly Bucket[]
}

export interface CollectOptions {
  /** How many keys to tell. */
  readonly keys: number
  onProgress(looked: number): void
}

/** Looks at all sessions of a place, one after the other, and keeps none. */
export async function collect(place: Place, { keys, onProgress }: CollectOptions): Promise<Stats> {
  const now = Date.now()
  const { gc_maxlifetime: maxLifetime, save_path } = place.sessions.directives
  const sizes = new Distribution(SIZES)
  const ages = new Distribution(AGES)
  const counts = { sessions: 0, empty: 0, damaged: 0, unreadable: 0, expired: 0, withUser: 0 }
  const serializeHandlers: Record<string, number> = {}
  const users = new Set<string>()
  const topKeys = new TopKeys()

  for await (const { id, size, mtime } of place.list()) {
    const bytes = await readableBytes(place, id)
    if (bytes === null) continue
    counts.sessions++
    sizes.add(size)
    const age = ageAt(now, mtime)
    ages.add(age)
    if (age > maxLifetime) counts.expired++
    if (bytes === undefined) counts.unreadable++
    else if (bytes.length === 0) counts.empty++
    else {
      const report = inspectSession(bytes, place.serializeHandler)
      const isDamaged = report.problem !== undefined
      if (isDamaged) counts.damaged++
      const writer = isDamaged ? detectSerializeHandler(bytes) : report.serializeHandler
      if (writer !== undefined) serializeHandlers[writer] = (serializeHandlers[writer] ?? 0) + 1
      const user = userOf(report)
      if (user !== undefined) counts.withUser++
      if (user !== undefined && users.size < MANY_USERS) users.add(user)
      for (const [key, length] of lengthsOf(report.variables)) topKeys.add(key, length)
    }
    onProgress(counts.sessions)
  }
  const { withUser, ...rest } = counts
  return {
    place: place.label,
    time: new Date(now).toISOString(),
    ...rest,
    serializeHandlers,
    users: { sessions: withUser, distinct: users.size < MANY_USERS ? users.size : null },
    maxLifetime,
    ...(parseSavePath(save_path).dirdepth > 0 && { hasLevels: true as const }),
    sizes: { sum: sizes.sum, ...spreadOf(sizes) },
    ages: spreadOf(ages),
    distinctKeys: topKeys.distinct ?? null,
    keys: topKeys.top(keys),
  }
}

const MANY_USERS = 10_000

/** Three bars for a factor of ten. */
const SIZES = [0, 1, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000]

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400]
const AGES = [0, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY]

/** As gc counts it: in whole seconds. */
function ageAt(now: number, mtime: Date): number {
  return Math.max(0, Math.floor(now / 1000) - Math.floor(mtime.getTime() / 1000))
}

/** A key that is there twice is held once. */
function lengthsOf(variables: readonly { readonly key: string; readonly length: number }[]): Map<string, number> {
  const lengths = new Map<string, number>()
  for (const { key, length } of variables) lengths.set(key, (lengths.get(key) ?? 0) + length)
  return lengths
}

function spreadOf(distribution: Distribution): Spread {
  const { largest } = distribution
  return { median: distribution.quantile(0.5), p95: distribution.quantile(0.95), largest, histogram: distribution.buckets() }
}
