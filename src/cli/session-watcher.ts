import { type BigIntStats, existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import { SessionError } from '../errors.ts'
import { inspectSession } from '../inspect/inspect-session.ts'
import { commandOf, flocks, holderOf } from '../save-handlers/lock-holder.ts'
import { type SavePath, savePath, sessionFile } from '../save-handlers/save-path.ts'
import { isValidSid } from '../session-id.ts'
import { CommandError } from './exit-status.ts'
import { failureOf, mayList } from './files.ts'
import { assertListable } from './listable.ts'
import { pathText } from './output.ts'
import type { Place } from './place.ts'
import { RecentBytes } from './recent-bytes.ts'

/** Something that happened to a session. */
export interface SessionEvent {
  readonly id: string
  readonly time: Date
  /** `touched`: a request had it and changed nothing. */
  readonly kind: 'created' | 'changed' | 'touched' | 'destroyed'
  /** Null: it was not there. Undefined: not known any more, or never readable. */
  readonly before: Stored
  /** Null: it is gone. Undefined: it may not be read. */
  readonly after: Stored
  /** Who held its lock; undefined where that could not be seen. */
  readonly holder: Holder | undefined
}

export type Stored = Buffer | null | undefined

export interface Holder {
  readonly pid: number
  readonly command: string
}

/** PHP makes a session empty and then writes it: what is not whole is looked at again after so many milliseconds. */
const SETTLING = 20
/** Between two looks at the locks. */
const SAMPLING = 10
/** Between two looks at a file, where the system cannot tell of changes. */
const POLLING = 100

/**
 * Looks on while requests use the sessions of a place: takes no lock, touches nothing. Requests that follow each other within a
 * millisecond are seen as one.
 */
export class SessionWatcher {
  readonly #place: Place
  readonly #at: SavePath
  readonly #wanted: ReadonlySet<string> | undefined
  readonly #files = new Map<string, File>()
  readonly #byInode = new Map<string, File>()
  readonly #memory: RecentBytes
  readonly #unsettled = new Map<string, NodeJS.Timeout>()
  /** What was found locked lately. */
  readonly #locked = new Set<File>()
  readonly #isListed: boolean
  /** An event comes at most so many samples after its lock went. */
  readonly #mostMissed: number
  readonly #timers: NodeJS.Timeout[] = []
  #watcher: FSWatcher | undefined
  #isClosed = false
  /** One look after the other. */
  #looking: Promise<void> = Promise.resolve()

  /** Called for every event from `start` on. */
  onEvent: (event: SessionEvent) => void = () => {}
  /** Called when something may happen that nobody sees. */
  onError: (error: unknown) => void = () => {}

  /**
   * @param ids only these; undefined: all that are there or come
   * @param mostBytes so many bytes of sessions are remembered, to compare with: of those that changed last
   */
  constructor(place: Place, ids: readonly string[] | undefined, mostBytes = 64_000_000) {
    this.#memory = new RecentBytes(mostBytes)
    this.#place = place
    this.#at = savePath(place.sessions.directives.save_path)
    this.#wanted = ids && new Set(ids)
    this.#isListed = mayList(this.#at.basedir)
    this.#mostMissed = this.#isListed ? 4 : 4 + (2 * POLLING) / SAMPLING
  }

  /** How many sessions are there. */
  get count(): number {
    return this.#files.size
  }

  /**
   * Looks at what is there, and at all that happens from then on.
   * @returns false when it was closed before it could begin
   * @throws CommandError when the system does not let it
   */
  async start(): Promise<boolean> {
    const early = new Set<string>()
    let see = (id: string): unknown => early.add(id)
    // Before the first look, so that nothing is missed in between.
    await this.#watch((path) => {
      const id = idOf(path)
      if (id !== undefined && this.#wanted?.has(id) !== false) see(id)
    })
    for await (const id of this.#wanted ?? idsIn(this.#place)) {
      if (this.#isClosed) return false
      this.#remember(id, await this.#look(id))
    }
    if (this.#isClosed) return false
    see = (id) => this.#see(id)
    for (const id of early) this.#see(id)
    this.#timers.push(setInterval(() => this.#sampleLocks(), SAMPLING))
    if (this.#isListed) return true
    // Polling misses a change that comes while it begins, and a session that comes back.
    const seeAll = () => {
      for (const id of this.#wanted ?? []) this.#see(id)
    }
    this.#timers.push(setInterval(seeAll, 10 * POLLING))
    return true
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers) clearInterval(timer)
    for (const timer of this.#unsettled.values()) clearTimeout(timer)
    await this.#watcher?.close()
  }

  /** Calls back with the path or name of each file that something happens to. */
  async #watch(notice: (path: string) => void): Promise<void> {
    const { basedir, dirdepth: depth } = this.#at
    if (!existsSync(basedir)) throw new CommandError(`There is no folder ${pathText(basedir)}`)
    if (this.#wanted === undefined) assertListable(this.#place, ': give the ids of the sessions to watch, in full')
    // Of a folder only folders are watched: they tell of their files, which may be more than the system has watches for.
    const watcher = this.#isListed
      ? watch(basedir, { depth, ignored: (_path, stats) => stats?.isFile() === true, followSymlinks: false })
      : watch(
          [...this.#wanted!].map((id) => sessionFile(this.#at, id)!),
          { usePolling: true, interval: POLLING },
        )
    this.#watcher = watcher
    if (this.#isListed) watcher.on('raw', (_event, path) => notice(path ?? ''))
    else watcher.on('all', (_event, path) => notice(path))
    await new Promise<void>((resolve, reject) => {
      watcher.on('ready', resolve)
      watcher.on('error', (cause) => {
        const failure = failureOf(cause, `${pathText(basedir)} cannot be watched`)
        reject(failure)
        this.onError(failure)
      })
    })
  }

  #see(id: string, isLate = false): void {
    clearTimeout(this.#unsettled.get(id))
    this.#unsettled.delete(id)
    // At once: a request lets its lock go right after it has written.
    this.#sampleLocks(0)
    this.#looking = this.#looking.then(() => this.#compare(id, isLate)).catch((error) => this.onError(error))
  }

  async #compare(id: string, isLate: boolean): Promise<void> {
    const now = await this.#look(id)
    if (!isLate && !isWhole(now.bytes, this.#place.serializeHandler)) {
      this.#unsettled.set(
        id,
        setTimeout(() => this.#see(id, true), SETTLING),
      )
      return
    }
    const known = this.#files.get(id)
    const before = known === undefined ? null : this.#memory.get(id)
    const kind = kindOf(before, known?.mtime, now)
    this.#remember(id, now)
    const file = known ?? this.#files.get(id)
    if (known === undefined) this.#sampleLocks(0)
    const holder = file?.holder
    if (file !== undefined) file.holder = undefined
    if (kind !== undefined) this.onEvent({ id, time: new Date(), kind, before, after: now.bytes, holder })
  }

  async #look(id: string): Promise<Look> {
    const path = sessionFile(this.#at, id)
    const stat = path === null ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false })
    if (stat === undefined) return { bytes: null, stat }
    try {
      return { bytes: await this.#place.bytes(id), stat }
    } catch (error) {
      if (error instanceof SessionError) return { bytes: undefined, stat }
      throw error
    }
  }

  #remember(id: string, { bytes, stat }: Look): void {
    const file = this.#files.get(id)
    if (file !== undefined) this.#byInode.delete(file.inode)
    if (bytes === null || stat === undefined) {
      this.#files.delete(id)
      this.#memory.delete(id)
      return
    }
    const next = Object.assign(file ?? { holder: undefined, missed: 0 }, {
      dev: stat.dev,
      ino: stat.ino,
      inode: String(stat.ino),
      mtime: stat.mtimeNs,
    })
    this.#files.set(id, next)
    this.#byInode.set(next.inode, next)
    this.#memory.set(id, bytes)
  }

  /** @param missed how many samples this counts for */
  #sampleLocks(missed = 1): void {
    for (const file of this.#locked) {
      file.missed += missed
      if (file.missed < this.#mostMissed) continue
      file.holder = undefined
      this.#locked.delete(file)
    }
    const held = flocks()
    for (const { inode } of held) {
      const file = this.#byInode.get(inode)
      const pid = file && holderOf(file, held)
      if (file === undefined || pid === undefined) continue
      if (file.holder?.pid !== pid) file.holder = { pid, command: commandOf(pid) }
      file.missed = 0
      this.#locked.add(file)
    }
  }
}

/** What is known of a session's file. */
interface File {
  dev: bigint
  ino: bigint
  inode: string
  mtime: bigint
  holder: Holder | undefined
  /** How often its lock was looked for and was not there. */
  missed: number
}

interface Look {
  readonly bytes: Stored
  readonly stat: BigIntStats | undefined
}

function kindOf(before: Stored, mtime: bigint | undefined, { bytes, stat }: Look): SessionEvent['kind'] | undefined {
  if (bytes === null) return before === null ? undefined : 'destroyed'
  if (before === null) return 'created'
  if (before !== undefined && bytes !== undefined && !before.equals(bytes)) return 'changed'
  if (mtime === stat?.mtimeNs) return undefined
  return before !== undefined && bytes !== undefined ? 'touched' : 'changed'
}

/** Whether these may be all bytes of a session. */
function isWhole(bytes: Stored, serializeHandler: string | undefined): boolean {
  if (bytes === null || bytes === undefined) return true
  return bytes.length > 0 && inspectSession(bytes, serializeHandler).problem === undefined
}

function idOf(path: string): string | undefined {
  const name = basename(path)
  const id = name.slice('sess_'.length)
  return name.startsWith('sess_') && isValidSid(id) ? id : undefined
}

async function* idsIn(place: Place): AsyncGenerator<string> {
  for await (const { id } of place.list()) yield id
}
