import { Option } from 'commander'
import { inspectSession } from '../../inspect/inspect-session.ts'
import { printable } from '../../inspect/quote.ts'
import type { SessionReport } from '../../inspect/report.ts'
import { maskSecrets } from '../../inspect/secrets.ts'
import { mayTellUser, userOf } from '../../inspect/user.ts'
import type { SessionEntry } from '../../save-handlers/save-handler.ts'
import { parseSavePath } from '../../save-handlers/save-path.ts'
import type { AddCommand } from '../command.ts'
import { CommandError, status } from '../exit-status.ts'
import { failureOf } from '../files.ts'
import { assertListable } from '../listable.ts'
import { amount, wholeNumber } from '../numbers.ts'
import { bytes, column, duration, type Output, widthOf } from '../output.ts'
import { onlyPlace, type Place, placeOptions, readableBytes } from '../place.ts'

interface Row {
  readonly id: string
  /** In bytes. */
  readonly size: number
  readonly modified: Date
  readonly keys: readonly string[]
  readonly user: string | undefined
  /** PHP would destroy it. */
  readonly isDamaged: boolean
  /** This user may not read it: nothing is known of what it holds. */
  readonly isUnreadable: boolean
}

interface Filter {
  readonly user?: string
  readonly key?: string
  readonly olderThan?: number
  readonly newerThan?: number
  readonly damaged?: boolean
}

const orders: Readonly<Record<string, (a: Row, b: Row) => number>> = {
  age: (a, b) => b.modified.getTime() - a.modified.getTime(),
  size: (a, b) => b.size - a.size,
  id: (a, b) => (a.id < b.id ? -1 : 1),
  keys: (a, b) => b.keys.length - a.keys.length,
  user: (a, b) => (a.user ?? '\uffff').localeCompare(b.user ?? '\uffff'),
}

/** `session-start ls`: all sessions of a place, a line each. */
export const ls: AddCommand = (program, makeOutput) => {
  const command = program
    .command('ls')
    .summary('list sessions')
    .description(
      'Lists sessions: id, age, size, user if it can be recognised, and keys of $_SESSION. Unsorted, they come as they are found.',
    )
    .argument('[place]', 'a save_path or a php.ini')
    .addOption(new Option('--sort <order>', 'in this order').choices(Object.keys(orders)))
    .option('--reverse', 'with --sort: the other way round')
    .option('--limit <count>', 'no more than these', wholeNumber)
    .option('--user <text>', 'only those whose user holds this text')
    .option('--key <name>', 'only those with this key')
    .option('--older-than <seconds>', 'only those last used longer ago', amount)
    .option('--newer-than <seconds>', 'only those used since', amount)
    .option('--damaged', 'only those that PHP would destroy')
    .option('--watch', 'go on, and show the list again when something changes')
    .option('--full-ids', 'show ids in full')
    .option('--json', 'print JSON, a line for each session')
    .addHelpText(
      'after',
      `
Examples:
  session-start ls /var/lib/php/sessions
  session-start ls --ini /etc/php/8.2/fpm/php.ini --sort age --limit 20
  session-start ls /tmp --key cart --older-than 3600 --json`,
    )
  placeOptions(command).action(async (given: string | undefined, options) => {
    const output = makeOutput(options)
    if (options.reverse && options.sort === undefined) throw new CommandError('--reverse goes with --sort', status.usage)
    const order = options.sort === undefined ? undefined : orders[options.sort]
    const place = await onlyPlace(given, options)
    assertListable(place)
    const show = () => list(place, output, { ...options, order })
    await show()
    if (options.watch) await showAgain(place, output, show)
  })
}

interface Listing extends Filter {
  readonly order: ((a: Row, b: Row) => number) | undefined
  readonly reverse?: boolean
  readonly limit?: number
}

async function list(place: Place, output: Output, listing: Listing): Promise<void> {
  const { order, reverse = false, limit = Number.POSITIVE_INFINITY } = listing
  let [looked, shown] = [0, 0]
  const show = async (row: Row) => {
    if (!output.isJson && shown === 0) await output.line(output.colors.dim(headLine))
    shown++
    await (output.isJson ? output.jsonLine(asJson(row, output)) : output.line(asLine(row, output)))
  }
  const sorted: Row[] = []
  for await (const entry of place.list()) {
    if (shown >= limit) break
    looked++
    const row = await lookInto(place, entry)
    if (row === undefined || !isWanted(row, listing)) continue
    if (order === undefined) await show(row)
    else sorted.push(row)
    if (sorted.length > 0 && sorted.length % 1000 === 0) output.progress(`${sorted.length} sessions`)
  }
  if (order !== undefined) {
    sorted.sort(order)
    if (reverse) sorted.reverse()
    for (const row of sorted.slice(0, limit)) await show(row)
  }
  if (shown > 0 || limit === 0 || output.isJson) return
  output.note(nothingFound(looked, place.label))
}

function nothingFound(looked: number, label: string): string {
  if (looked === 0) return `No sessions in ${label}`
  return looked === 1 ? `The one session in ${label} does not match` : `None of the ${looked} sessions in ${label} matches`
}

/** Undefined when it went away meanwhile. */
async function lookInto(place: Place, { id, size, mtime }: SessionEntry): Promise<Row | undefined> {
  const stored = await readableBytes(place, id)
  if (stored === null) return undefined
  const entry = { id, size, modified: mtime, isUnreadable: stored === undefined }
  if (stored === undefined) return { ...entry, keys: [], user: undefined, isDamaged: false }
  const report = inspectSession(stored, place.serializeHandler)
  const keys = report.variables.map(({ key }) => key)
  return { ...entry, keys, user: shownUser(report), isDamaged: report.problem !== undefined }
}

/** As `show` shows it: a token is no name. */
function shownUser(report: SessionReport): string | undefined {
  return userOf(report) === undefined ? undefined : userOf(maskSecrets(report, ({ key }) => mayTellUser(key)))
}

function isWanted(row: Row, { user, key, olderThan, newerThan, damaged }: Filter): boolean {
  const age = (Date.now() - row.modified.getTime()) / 1000
  if (user !== undefined && !row.user?.toLowerCase().includes(user.toLowerCase())) return false
  if (key !== undefined && !row.keys.includes(key)) return false
  if (damaged === true && !row.isDamaged) return false
  return !(age < (olderThan ?? 0)) && !(age > (newerThan ?? Number.POSITIVE_INFINITY))
}

const headLine = `${column('ID', 10)}${column('AGE', 8, 'right')}${column('SIZE', 10, 'right')}  ${column('USER', 16)}KEYS`

function asLine({ id, size, modified, keys, user, isDamaged, isUnreadable }: Row, output: Output): string {
  const { colors } = output
  const shownId = output.id(id)
  const start = `${column(shownId, Math.max(10, shownId.length + 1))}${column(duration((Date.now() - modified.getTime()) / 1000), 8, 'right')}`
  const middle = `${column(bytes(size), 10, 'right')}  ${column(user ?? '', 15)} `
  const shownKeys = keys.map((key) => printable(JSON.stringify(key).slice(1, -1))).join(' ')
  const mark = isUnreadable ? ' (unreadable)' : isDamaged ? ' (damaged)' : ''
  const room = Math.max(0, output.width - start.length - widthOf(middle) - mark.length)
  const fitting = widthOf(shownKeys) <= room ? shownKeys : room === 0 ? '' : column(shownKeys, room)
  return `${colors.cyan(start.slice(0, shownId.length))}${start.slice(shownId.length)}${middle}${colors.dim(fitting)}${mark && colors.red(mark)}`
}

function asJson({ id, size, modified, keys, user, isDamaged, isUnreadable }: Row, output: Output): object {
  return {
    id: output.id(id),
    size,
    modified: modified.toISOString(),
    user: user ?? null,
    keys,
    damaged: isDamaged,
    ...(isUnreadable && { unreadable: true }),
  }
}

/** Until it is interrupted. */
async function showAgain(place: Place, output: Output, show: () => Promise<void>): Promise<void> {
  const { watch } = await import('chokidar')
  let isDue = false
  let isShowing = false
  const again = async () => {
    if (isShowing) return
    isShowing = true
    while (isDue) {
      isDue = false
      if (output.terminal.stdout.isTTY === true) output.terminal.stdout.write('\x1b[2J\x1b[H')
      await show()
    }
    isShowing = false
  }
  const { basedir, dirdepth: depth } = parseSavePath(place.sessions.directives.save_path)
  const watcher = watch(basedir, { ignoreInitial: true, depth, followSymlinks: false })
  try {
    await new Promise<void>((resolve, reject) => {
      watcher.on('error', (error) => reject(failureOf(error, `${place.label} cannot be watched`)))
      watcher.on('all', () => {
        isDue = true
        setTimeout(() => again().catch(reject), 100)
      })
      process.once('SIGINT', () => resolve())
    })
  } finally {
    await watcher.close()
  }
}
