import { bytes, duration } from '../output.ts'
import type { Stats } from './collect.ts'
import type { Bucket } from './distribution.ts'

/** What both the text and the page say. */

/** A bar of a chart. */
export interface Bar {
  readonly label: string
  readonly count: number
  /** Behind the count. */
  readonly note?: string
}

/** `100 000` */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ')
}

/** `1 session`, `12 sessions` */
export function counted(count: number, thing: string): string {
  return `${grouped(count)} ${thing}${count === 1 ? '' : 's'}`
}

/** `12 %`, `< 1 %` */
export function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (part / whole) * 100
  return share > 0 && share < 1 ? '< 1 %' : `${Math.floor(share)} %`
}

export function sizeBars({ sizes }: Stats): Bar[] {
  return sizes.histogram.map((bucket) => ({ label: bucket.below === 1 ? 'empty' : rangeOf(bucket, bytes), count: bucket.count }))
}

export function ageBars({ ages }: Stats): Bar[] {
  return ages.histogram.map((bucket) => ({ label: rangeOf(bucket, age), count: bucket.count }))
}

/** What the sessions are. */
export function kindBars({ serializeHandlers, empty, unreadable, sessions }: Stats): Bar[] {
  const written = Object.entries(serializeHandlers).sort(([, a], [, b]) => b - a)
  const rest = sessions - empty - unreadable - written.reduce((sum, [, count]) => sum + count, 0)
  const bars = [...written, ['empty', empty], ['damaged', rest], ['not readable', unreadable]] as [string, number][]
  return bars.filter(([, count]) => count > 0).map(([label, count]) => ({ label, count }))
}

export function keyBars({ keys }: Stats): Bar[] {
  return keys.map(({ key, sessions, bytes: size, missed }) => ({
    label: key,
    count: sessions,
    note: `${missed > 0 ? 'or more, ' : ''}${bytes(size)}`,
  }))
}

/** The sentences at the top. */
export function sentences(stats: Stats): string[] {
  const { sessions, expired, damaged, users, sizes, maxLifetime, hasLevels } = stats
  const said = [`${counted(sessions, 'session')}, ${bytes(sizes.sum)}`]
  const fate = hasLevels ? 'gc leaves them, as it does in a save_path with levels' : 'gc removes them'
  if (expired > 0) said.push(`${grouped(expired)} older than gc_maxlifetime, ${duration(maxLifetime)}: ${fate}`)
  if (damaged > 0) said.push(`${grouped(damaged)} damaged: PHP would destroy them`)
  if (users.sessions > 0) {
    const distinct = users.distinct === null ? 'more than 10 000 users' : counted(users.distinct, 'user')
    said.push(`${grouped(users.sessions)} with a user, of ${distinct}`)
  }
  return said
}

export function sizeSentence({ sizes }: Stats): string {
  return `half up to ${bytes(sizes.median)}, 95 % up to ${bytes(sizes.p95)}, the largest ${bytes(sizes.largest)}`
}

export function ageSentence({ ages }: Stats): string {
  return `half within ${age(ages.median)}, 95 % within ${age(ages.p95)}, the oldest ${age(ages.largest)} ago`
}

export function keySentence({ keys, distinctKeys }: Stats): string {
  if (distinctKeys === null) return `the ${keys.length} that most sessions hold, of very many`
  return distinctKeys > keys.length
    ? `the ${keys.length} of ${grouped(distinctKeys)} that most sessions hold`
    : 'in how many sessions, and their bytes'
}

/** In days and years, where `duration` has many hours and days. */
function age(seconds: number): string {
  if (seconds < 86_400) return duration(seconds)
  return seconds < 2 * YEAR ? `${Math.floor(seconds / 86_400)} d` : `${Math.floor(seconds / YEAR)} years`
}

const YEAR = 31_536_000

/** `30 – 100 B`, `300 B – 1 kB`, `≥ 10 MB`, `< 1 min` */
function rangeOf({ from, below }: Bucket, say: (value: number) => string): string {
  const [start, end] = [from, below ?? from].map((value) => say(value).replace('.0 ', ' ')) as [string, string]
  if (below === null) return `≥ ${start}`
  if (from <= 1) return `< ${end}`
  const [number, unit] = start.split(' ')
  return `${unit === end.split(' ')[1] ? number : start} – ${end}`
}
