import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { saveHandler } from '../save-handlers/save-handlers.ts'
import { parseSavePath } from '../save-handlers/save-path.ts'
import { retiredDirectives, unknownName } from './directive-names.ts'
import { type DirectiveName, directiveNames, resolveDirectives } from './directives.ts'
import { assertOptions, type SessionManagerOptions } from './options.ts'
import { iniSettings, type PhpSetting, type PhpSettings, settingsElsewhere, type TextFile } from './php-settings.ts'

/**
 * The options that a PHP application has by its php.ini, with `options` over them; what `options` sets, is not checked there.
 * `phpVersion` comes along where it is known. See `readPhpSettings` for what a path may be.
 * @throws TypeError that begins with `file:line:`, for a value that PHP would refuse or misread, a name that is none, and a save
 *   handler that needs a client; and as `readPhpSettings`
 */
export function phpIniOptions(path: string | readonly string[], options: SessionManagerOptions = {}): SessionManagerOptions {
  assertOptions(options)
  const { phpVersion, settings } = readPhpSettings(path, options.phpVersion)
  const given: SessionManagerOptions = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const used = settings.filter(({ name }) => !Object.hasOwn(given, name) && !retiredDirectives.has(name))
  for (const setting of used) at(setting, () => check(setting))
  const read: SessionManagerOptions = Object.fromEntries(used.map(({ name, value }) => [name, value]))

  // What it means, knows the save handler: that of the files, or the one that is given.
  const isOfFiles = given.save_handler === undefined && String(read.save_handler ?? 'files').toLowerCase() === 'files'
  const savePath = used.find(({ name }) => name === 'save_path')
  if (savePath && isOfFiles) at(savePath, () => parseSavePath(savePath.value))

  const partitioned = used.find(({ name }) => name === 'cookie_partitioned')
  const { cookie_secure = '', cookie_partitioned = '' } = read
  if (partitioned && given.cookie_secure === undefined)
    at(partitioned, () => resolveDirectives({ cookie_secure, cookie_partitioned }))
  return { ...(phpVersion !== undefined && { phpVersion }), ...read, ...given }
}

/**
 * The `session.*` settings of a php.ini and its scan folder (`conf.d` or `php.d` beside it), of a folder that holds them, of the
 * saved output of `php -i`, `phpinfo()` or `php-fpm -tt`, or of a PHP-FPM pool's file: what it is, its content says. Of several
 * paths, what the later ones set holds. Neither names nor values are checked. `phpVersion` is that of the PHP that reads them; without it,
 * what its path says.
 * @throws TypeError for a path that cannot be read, for a syntax error, and for pools that differ
 */
export function readPhpSettings(path: string | readonly string[], phpVersion?: string): PhpSettings {
  const paths = [path].flat()
  if (paths.length === 0 || !paths.every((each) => typeof each === 'string' && each !== '')) throw new TypeError(WANTED)
  const all = paths.map((each) => readPath(each, phpVersion))
  const settings = new Map(all.flatMap((each) => each.settings).map((setting) => [setting.name, setting]))
  const debian = paths.find((each) => DEBIAN.test(resolve(each)))
  if (debian !== undefined && !settings.has('save_path')) settings.set('save_path', debianSavePath(debian))
  return { phpVersion: all.find((each) => each.phpVersion !== undefined)?.phpVersion, settings: [...settings.values()] }
}

const WANTED = "the path of a php.ini is a string such as '/etc/php/8.2/fpm/php.ini', or an array of them"

// --- Checks ---

function at(setting: PhpSetting, action: () => unknown): void {
  try {
    action()
  } catch (error) {
    throw new TypeError(`${setting.file}:${setting.line}: ${(error as Error).message}`)
  }
}

function check({ name, value, problem }: PhpSetting): void {
  if (!directiveNames.includes(name as DirectiveName)) throw unknownName(name, directiveNames)
  if (problem !== undefined) throw new TypeError(`session.${name}: ${problem}`)
  if (name === 'save_handler') checkSaveHandler(value)
  if (name === 'save_path' && /^-?\d+$/.test(value)) {
    throw new TypeError(
      `session.save_path is the folder ${value}: a ; outside of quotes begins a comment, write "5;/path" in quotes`,
    )
  }
  // Both together are looked at when all are known.
  resolveDirectives({ cookie_secure: true, [name]: value })
}

function checkSaveHandler(value: string): void {
  try {
    saveHandler(value.toLowerCase())
  } catch (error) {
    throw new TypeError(`${(error as Error).message}: fromPhpIni(path, { save_handler: … })`)
  }
}

// --- Files ---

function readPath(path: string, version: string | undefined): PhpSettings {
  const phpVersion = VERSION.exec(resolve(path))?.[1]
  const reader = version ?? phpVersion
  const isFolder = reading(path, () => statSync(path).isDirectory())
  const file = isFolder ? join(path, 'php.ini') : path
  const scanned = scanFolder(isFolder ? path : dirname(path))
  if (isFolder && scanned === undefined && !isFile(file)) throw new TypeError(`${path} has neither a php.ini nor a conf.d`)
  const own = isFolder && !isFile(file) ? undefined : readText(file)
  const elsewhere = own && settingsElsewhere(own, reader)
  if (elsewhere !== undefined) return { ...elsewhere, phpVersion: elsewhere.phpVersion ?? phpVersion }
  const more = scanned === undefined ? [] : scannedFiles(scanned).map(readText)
  return { phpVersion, settings: iniSettings(own === undefined ? more : [own, ...more], reader) }
}

function scanFolder(folder: string): string | undefined {
  return ['conf.d', 'php.d']
    .map((name) => join(folder, name))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory())
}

/** As `php_init_config`: by their bytes in order, and what is gone or no file is passed over. */
function scannedFiles(folder: string): string[] {
  const names = reading(folder, () => readdirSync(folder)).filter((name) => name.endsWith('.ini'))
  return names
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => join(folder, name))
    .filter(isFile)
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function readText(file: string): TextFile {
  const text = reading(file, () => readFileSync(file, 'utf8'))
  if (text.includes('\0')) throw new TypeError(`${file} holds NUL bytes: it is no text, or not UTF-8`)
  return [file, text]
}

function reading<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    throw new TypeError(`Cannot read ${path}: ${(cause as NodeJS.ErrnoException).code}`, { cause })
  }
}

// --- What the path says ---

const VERSION = /\/etc\/php\/(\d+\.\d+)(?=\/|$)/

/** The settings of one server API, in the packages of Debian and Ubuntu. */
const DEBIAN = /\/etc\/php\/\d+\.\d+\/(?:apache2|cgi|cli|embed|fpm|litespeed|phpdbg)(?=\/|$)/

/** Debian builds this folder in; its php.ini does not name it. */
function debianSavePath(file: string): PhpSetting {
  return { name: 'save_path', value: '/var/lib/php/sessions', file, line: 0, problem: undefined }
}
