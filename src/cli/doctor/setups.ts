import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { basename, dirname, join, resolve } from 'node:path'
import { CommandError } from '../exit-status.ts'
import type { Sapi } from './facts.ts'
import { expand, type Look, lookInto } from './look.ts'
import { type PhpInfo, phpInfo } from './php-info.ts'
import { type Pool, poolFilesFor, poolsIn } from './pools.ts'
import { fpmPool, isApache, type Process } from './processes.ts'

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
}

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
  return found.sort((a, b) => rank(b, running) - rank(a, running) || compareVersions(b.version, a.version))
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
  return setups.sort((a, b) => rank(b, running) - rank(a, running))
}

/** Undefined for a folder. */
function givenText(look: Look, file: string): string | undefined {
  if (look.stat(file)?.isDirectory()) return undefined
  const text = look.text(file)
  if (text === undefined) throw new CommandError(`Cannot read ${file}`)
  return text
}

// --- In folders ---

function setupsIn(look: Look, folder: string, info: PhpInfo | undefined): Setup[] {
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

function askedSetup(info: PhpInfo): Setup {
  const addTo = info.scanFolder === undefined ? info.files[0] : join(info.scanFolder, '99-session-start.ini')
  return { version: info.version, sapi: 'cli', files: info.files, pool: undefined, info, addTo }
}

// --- Which one ---

/** What runs, then what serves sites, then the pool that comes with PHP. */
function rank({ sapi, version, pool }: Setup, running: readonly Process[]): number {
  const isRunning = running.some((each) => {
    const name = fpmPool(each)
    return sapi === 'apache2' ? isApache(each) : sapi === 'fpm' && name !== undefined && name === pool?.name
  })
  const isSite = sapi === 'fpm' ? 4 : sapi === 'apache2' ? 3 : sapi === 'cgi' ? 2 : 0
  return (isRunning ? 100 : 0) + 10 * isSite + (pool?.name === 'www' ? 1 : 0) + (version === undefined ? 0 : 0.5)
}

function compareVersions(a = '0', b = '0'): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
