import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { basename, dirname, join, resolve } from 'node:path'
import { CommandError } from '../exit-status.ts'
import { assertConfiguration } from '../files.ts'
import type { Sapi } from './facts.ts'
import { expand, type Look, lookInto } from './look.ts'
import { type PhpInfo, phpInfo } from './php-info.ts'
import { includedFiles, type Pool, poolFilesFor, poolsIn } from './pools.ts'
import { fpmFile, fpmPool, isApache, type Process } from './processes.ts'

/** One way in which PHP runs, and what says so. */
export interface Setup {
  readonly version: string | undefined
  readonly sapi: Sapi | undefined
  /** As `SessionManager.fromPhpIni` takes them. */
  readonly files: readonly string[]
  readonly pool: Pool | undefined
  /** What PHP prints about itself, where that was asked or given. */
  readonly info: PhpInfo | undefined
  /** The file to which a setting that stands nowhere can be added. */
  readonly addTo: string | undefined
  /** One that runs so. */
  readonly process: Process | undefined
}

/** What is known of a set-up before it is looked for among the processes. */
type Stopped = Omit<Setup, 'process'>

/** Folders with a php.ini or its scan folder. */
const layouts = [
  '/etc/php/*/fpm', // Debian and Ubuntu, one for each server API
  '/etc/php/*/apache2',
  '/etc/php/*/cgi',
  '/etc/php/*/cli',
  '/etc/php*/fpm', // SUSE
  '/etc/php*/apache2',
  '/etc/php*/cli',
  '/etc', // RHEL and Fedora
  '/etc/opt/remi/*',
  '/etc/php*', // Alpine and Arch
  '/usr/local/etc', // FreeBSD
  '/usr/local/etc/php', // Docker's official image
  '/usr/local/etc/php/*', // Homebrew
  '/opt/homebrew/etc/php/*',
]

/** The PHPs of this machine, the one that most likely serves the site first. */
export function findSetups(look: Look, running: readonly Process[]): Setup[] {
  const asked = look.isHere ? askPhp() : undefined
  const folders = new Set(layouts.flatMap((layout) => expand(look, layout)).filter((folder) => isIniFolder(look, folder)))
  const found = [...folders].flatMap((folder) => setupsIn(look, folder, asked?.folder === folder ? asked : undefined))
  if (asked !== undefined && !folders.has(asked.folder)) found.push(askedSetup(asked))
  const masters = mastersOf(look, running)
  const runs = ({ parent }: Process, pool: Pool) => {
    const master = masters.find(({ pid }) => pid === parent)
    return master === undefined || pool.files.every((file) => master.files.includes(file))
  }
  return [...found, ...elsewhere(look, masters, found)]
    .map((setup): Setup => ({ ...setup, process: processOf(setup, running, runs) }))
    .sort((a, b) => rank(b) - rank(a) || compareVersions(b.version, a.version))
}

/**
 * The PHP of the files that were given; of their pools, those that are beside a php.ini too.
 * @throws CommandError for a file that cannot be read
 */
export function givenSetups(files: readonly string[], running: readonly Process[]): Setup[] {
  const look = lookInto('/')
  const texts = new Map(files.map((file) => [file, givenText(look, file)]))
  const [first = ''] = files
  const firstText = texts.get(first)
  const folder = resolve(firstText === undefined ? first : dirname(first))
  const info = [...texts.values()].map((text) => phpInfo(text ?? '')).find((each) => each !== undefined)
  const isIni = info === undefined && !isPool(firstText)
  const near = isIni && files.length === 1 ? poolFilesFor(look, folder) : []
  const own = files.filter((file) => isPool(texts.get(file)))
  const setups = poolsOrNone(look, [...near, ...own]).map((pool) => ({
    version: info?.version ?? versionIn(folder),
    sapi: info?.sapi ?? (pool === undefined ? sapiOf(folder) : 'fpm'),
    files: near.length > 0 ? [...files, ...(pool?.files ?? [])] : files,
    ...{ pool, info, addTo: isIni ? additions(look, folder, firstText === undefined ? `${folder}/php.ini` : first) : undefined },
  }))
  // The files may be copies of those that the running one was started with.
  return setups.map((setup): Setup => ({ ...setup, process: processOf(setup, running) })).sort((a, b) => rank(b) - rank(a))
}

/** Undefined for a folder. */
function givenText(look: Look, file: string): string | undefined {
  if (look.stat(file)?.isDirectory()) return undefined
  const text = look.text(file)
  if (text === undefined) throw new CommandError(`Cannot read ${file}`)
  assertConfiguration(file, text)
  return text
}

// --- In folders ---

function setupsIn(look: Look, folder: string, info: PhpInfo | undefined): Stopped[] {
  return poolsOrNone(look, poolFilesFor(look, folder)).map((pool) => ({
    version: versionIn(folder) ?? info?.version,
    sapi: pool === undefined ? sapiOf(folder) : 'fpm',
    files: [folder, ...(pool?.files ?? [])].map(look.at),
    ...{ pool, info, addTo: additions(look, folder, `${folder}/php.ini`) },
  }))
}

function poolsOrNone(look: Look, files: readonly string[]): readonly (Pool | undefined)[] {
  const pools = poolsIn(look, files)
  return pools.length === 0 ? [undefined] : pools
}

function isIniFolder(look: Look, folder: string): boolean {
  return look.stat(`${folder}/php.ini`) !== undefined || scanFolder(look, folder) !== undefined
}

function scanFolder(look: Look, folder: string): string | undefined {
  return ['conf.d', 'php.d'].map((name) => `${folder}/${name}`).find((path) => look.stat(path)?.isDirectory())
}

function additions(look: Look, folder: string, ini: string): string {
  const scanned = scanFolder(look, folder)
  return look.at(scanned === undefined ? ini : `${scanned}/99-session-start.ini`)
}

function sapiOf(folder: string): Sapi | undefined {
  return (['fpm', 'apache2', 'cgi', 'cli'] as const).find((sapi) => sapi === basename(folder))
}

function versionIn(path: string): string | undefined {
  const [, dotted, major, minor] = /\/(?:php\/(\d+\.\d+)|php-?(\d)(\d*))(?=\/|$)/.exec(path) ?? []
  return dotted ?? (major !== undefined && minor !== '' ? `${major}.${minor}` : undefined)
}

function isPool(text = ''): boolean {
  return /^[ \t]*(?:php_(?:admin_)?(?:value|flag)[ \t]*\[|(?:pm|listen|user)[ \t]*=)/m.test(text)
}

// --- Among the processes ---

/** A PHP-FPM that runs, and the files that it was started with. */
interface Master {
  readonly pid: number
  readonly files: readonly string[]
}

/** Those whose files can be read. */
function mastersOf(look: Look, running: readonly Process[]): Master[] {
  return running.flatMap((each) => {
    const file = fpmFile(each)
    return file === undefined || look.text(file) === undefined ? [] : [{ pid: each.pid, files: includedFiles(look, file) }]
  })
}

/** The pools of files that lie in none of the usual places: `php-fpm -y`. Their php.ini is that of a PHP-FPM found there, the newest. */
function elsewhere(look: Look, masters: readonly Master[], found: readonly Stopped[]): Stopped[] {
  const known = new Set(found.flatMap(({ files }) => files))
  const newest = found.toSorted((a, b) => compareVersions(b.version, a.version))
  const site = newest.find(({ sapi }) => sapi === 'fpm') ?? newest.find(({ sapi }) => sapi === undefined)
  const own = { version: site?.version, sapi: 'fpm', info: site?.info, addTo: site?.addTo } as const
  const folder = site?.files.slice(0, 1) ?? []
  return masters.flatMap(({ files }) =>
    poolsIn(look, files)
      .filter((pool) => !pool.files.every((file) => known.has(look.at(file))))
      .map((pool) => ({ ...own, pool, files: [...folder, ...pool.files.map(look.at)] })),
  )
}

/** `runs`: whether a worker of a pool of this name is one of this pool. */
function processOf(
  { sapi, pool }: Stopped,
  running: readonly Process[],
  runs: (worker: Process, pool: Pool) => boolean = () => true,
): Process | undefined {
  if (sapi === 'apache2') return running.find(isApache)
  if (sapi !== 'fpm' || pool === undefined) return undefined
  return running.find((each) => fpmPool(each) === pool.name && runs(each, pool))
}

// --- The php command ---

function askPhp(): PhpInfo | undefined {
  try {
    const options: ExecFileSyncOptionsWithStringEncoding = {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }
    return phpInfo(execFileSync('php', ['-i'], options))
  } catch {
    return undefined
  }
}

function askedSetup(info: PhpInfo): Stopped {
  const addTo = info.scanFolder === undefined ? info.files[0] : join(info.scanFolder, '99-session-start.ini')
  return { version: info.version, sapi: 'cli', files: info.files, pool: undefined, info, addTo }
}

// --- Which one ---

/** What runs, then what serves sites, then the pool that comes with PHP. */
function rank({ sapi, version, pool, process }: Setup): number {
  const isSite = sapi === 'fpm' ? 4 : sapi === 'apache2' ? 3 : sapi === 'cgi' ? 2 : 0
  return (process === undefined ? 0 : 100) + 10 * isSite + (pool?.name === 'www' ? 1 : 0) + (version === undefined ? 0 : 0.5)
}

function compareVersions(a = '0', b = '0'): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
