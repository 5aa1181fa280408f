import { type IniEntry, type Lookup, parseIni } from './ini-syntax.ts'

/** One `session.*` setting, and where it stands. */
export interface PhpSetting {
  /** Without `session.`. */
  readonly name: string
  readonly value: string
  readonly file: string
  /** From 1; 0 is what is built into PHP. */
  readonly line: number
  /** Why `value` may be another in PHP, or is not what was meant. */
  readonly problem: string | undefined
}

export interface PhpSettings {
  /** Such as '8.2' or '8.2.31'. */
  readonly phpVersion: string | undefined
  /** Those that hold, one for each name. */
  readonly settings: readonly PhpSetting[]
}

/** The name and the text of a file. */
export type TextFile = readonly [file: string, text: string]

/**
 * php.ini and the files of its scan folder, in the order in which PHP reads them (`php_init_config`): what a later one sets, holds.
 * Where a section `[PATH=…]` or `[HOST=…]` begins, nothing more of the file holds for all: other sections do not end it. `phpVersion`
 * is that of the PHP that reads them, where it is known.
 * @throws TypeError for a syntax error, as `parseIni`
 */
export function iniSettings(files: readonly TextFile[], phpVersion?: string): PhpSetting[] {
  const above = new Map<string, IniEntry>()
  const settings: PhpSetting[] = []
  for (const [file, text] of files) {
    for (const entry of parseIni(file, text, (name) => above.get(name) ?? environment(name), hasDefaults(phpVersion))) {
      if (isForSome(entry)) continue
      if (entry.value !== undefined && entry.key === undefined) above.set(entry.name, entry)
      const name = directiveOf(entry)
      if (name !== undefined) settings.push(settingOf(file, entry, name))
    }
  }
  return lastOfEach(settings)
}

function isForSome({ sections }: IniEntry): boolean {
  for (const section of sections) if (/^(PATH|HOST)./i.test(section)) return true
  return false
}

/**
 * What holds in a text that is no php.ini: the output of `php -i`, a page of `phpinfo()`, whole or in parts, a file of a PHP-FPM pool, the output of
 * `php-fpm -tt`. Undefined for any other text.
 * @throws TypeError when several pools differ, and where PHP-FPM includes files but sets nothing
 */
export function settingsElsewhere([file, text]: TextFile, phpVersion?: string): PhpSettings | undefined {
  if (DUMP.test(text)) return { phpVersion: undefined, settings: dumpSettings(file, text) }
  if (/<td class="[ev]">/.test(text)) return infoSettings(file, text, /<h1[^>]*>PHP Version ([\d.]+)/, htmlRows)
  if (TEXT_INFO.test(text)) return infoSettings(file, text, /^PHP Version => ([\d.]+)/m, textRow)
  if (TAB_ROW.test(text)) return infoSettings(file, text, /^PHP Version ([\d.]+)/m, tabRow)
  const isPool = POOL.test(text) && !/^[ \t]*session\./m.test(text)
  return isPool ? { phpVersion: undefined, settings: poolSettings(file, text, phpVersion) } : undefined
}

/** `${name:-default}` came with PHP 8.3. A version that is not known is a new one. */
function hasDefaults(phpVersion = ''): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(phpVersion) ?? []
  return major === undefined || Number(major) * 100 + Number(minor) >= 803
}

// --- php.ini ---

/** The directive's name where the line is one for PHP's sessions, also where PHP itself does not see that. */
function directiveOf({ name, value }: IniEntry): string | undefined {
  // session.name SID, and Apache's php_value session.name SID
  if (value === undefined) return /^(?:php_(?:admin_)?(?:value|flag) +)?session\.([^ ]+)/i.exec(name)?.[1]
  if (name.startsWith('session.')) return name.slice('session.'.length)
  return /^session\./i.test(name) ? name : undefined
}

function settingOf(file: string, { line, key, value, problem }: IniEntry, name: string): PhpSetting {
  let own = problem ?? notUtf8(value)
  if (value === undefined) own = 'PHP ignores a line without ='
  if (key !== undefined) own = 'PHP takes no array for it'
  return { name, value: value ?? '', file, line, problem: own }
}

/** Files are read as UTF-8, which leaves this mark where they are not. */
function notUtf8(value = ''): string | undefined {
  return value.includes('\ufffd') ? 'it is not UTF-8' : undefined
}

function environment(name: string): ReturnType<Lookup> {
  return Object.hasOwn(process.env, name) ? { value: process.env[name], problem: undefined } : undefined
}

// --- phpinfo() ---

/** Also where grep left only the lines of the session. No php.ini has such: PHP takes no second `=` outside of quotes. */
const TEXT_INFO = /^(?:(?:PHP Version|Directive) => |session\.[\w.]+ => .* => )/m

/** `session.name<TAB>local value<TAB>master value`, as browsers copy the page. In a php.ini a tab may stand beside a `=`. */
const TAB_ROW = /^session\.([\w.]+) *\t(?!\s*=)([^\t\r\n]*)\t(?!\s*=)[^\t\r\n]*$/m

type Row = readonly [name: string, local: string, problem?: string | undefined]

/** The first of a name counts: the environment, which may hold anything, comes after the settings. */
function infoSettings(file: string, text: string, version: RegExp, rowsOf: (line: string) => readonly Row[]): PhpSettings {
  const settings = text
    .split(/\r\n|\n/)
    .flatMap((line, at) =>
      rowsOf(line).map(([name, value, problem = notUtf8(value)]) => ({ name, value, file, line: at + 1, problem })),
    )
  return { phpVersion: version.exec(text)?.[1], settings: lastOfEach(settings.reverse()).reverse() }
}

/** `session.name => local value => master value` */
function textRow(line: string): Row[] {
  const [, name, rest] = /^session\.([\w.]+) => (.*)$/.exec(line) ?? []
  if (name === undefined || rest === undefined) return []
  const parts = rest.split(' => ')
  const local = parts.slice(0, parts.length / 2).join(' => ')
  return [[name, local === 'no value' ? '' : local, parts.length % 2 === 0 ? undefined : 'its value holds =>']]
}

function tabRow(line: string): Row[] {
  const [, name, local] = TAB_ROW.exec(line) ?? []
  return name === undefined || local === undefined ? [] : [[name, local === 'no value' ? '' : local]]
}

/** `<td class="e">session.name</td><td class="v">local value</td><td class="v">master value</td>`, many in a line where blanks were taken out. */
function htmlRows(line: string): Row[] {
  return [...line.matchAll(HTML_ROW)].map(([, name, local]) => [
    name!,
    local === '<i>no value</i>' ? '' : local!.replace(/&(amp|lt|gt|quot|#0?39|nbsp);/g, (_, entity) => ENTITIES[entity]!),
  ])
}

const HTML_ROW = /<td class="e">session\.([\w.]+)\s*<\/td>\s*<td class="v">(.*?)<\/td>/g
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#039': "'", '#39': "'", nbsp: ' ' }

// --- PHP-FPM ---

const POOL = /^[ \t]*(?:php_(?:admin_)?(?:value|flag)[ \t]*\[|(?:pm|listen|include)[ \t]*=)/m
const DUMP = /^\[[^\]]+\] NOTICE: [ \t]*(.*)$/m

/** Of equal names in a pool, php_admin_ beats php_, and then the first one holds: PHP-FPM applies them from the last to the first. */
function poolSettings(file: string, text: string, phpVersion: string | undefined): PhpSetting[] {
  const pools = new Map<string, { plain: PhpSetting[]; admin: PhpSetting[] }>()
  for (const entry of parseIni(file, text, environment, hasDefaults(phpVersion))) {
    const [, admin, kind] = /^php_(admin_)?(value|flag)$/.exec(entry.name) ?? []
    if (kind === undefined || !entry.key?.startsWith('session.')) continue
    const pool = pools.get(entry.section) ?? { plain: [], admin: [] }
    pools.set(entry.section, pool)
    pool[admin === undefined ? 'plain' : 'admin'].unshift(poolSetting(file, entry, entry.key, kind === 'flag'))
  }
  if (pools.size === 0 && /^[ \t]*include[ \t]*=/m.test(text)) {
    throw new TypeError(`${file}: the pools are in the files it includes: give one of them, or the output of php-fpm -tt`)
  }
  return ofOnePool(file, new Map([...pools].map(([name, { plain, admin }]) => [name, [...plain, ...admin]])))
}

/** `fpm_conf_set_array`, and what fpm_conf.c does with a relative path. */
function poolSetting(file: string, entry: IniEntry, key: string, isFlag: boolean): PhpSetting {
  const name = key.slice('session.'.length)
  const text = entry.value ?? ''
  const value = isFlag ? (FLAGS.get(text) ?? text) : text.replaceAll('$pool', entry.section)
  let problem = entry.problem ?? notUtf8(value)
  if (isFlag && !FLAGS.has(text)) problem = 'a flag is on or off'
  if (/[\r\n]/.test(text)) problem = 'PHP-FPM reads each line for itself, and here is a quote that is not closed'
  if (name === 'cookie_path' && !value.startsWith('/'))
    problem = 'PHP-FPM puts its own prefix before a path without / at its start'
  if (text.includes('$pool') && entry.section === '') problem = '$pool stands outside of a pool'
  return { name, value, file, line: entry.line, problem }
}

const FLAGS: ReadonlyMap<string, string> = new Map([
  ...['1', 'yes', 'true', 'on'].map((word) => [word, '1'] as const),
  ...['', '0', 'no', 'none', 'false', 'off'].map((word) => [word, '0'] as const),
])

/** Values stand here as they are, without quotes, and in the order in which they are applied. */
function dumpSettings(file: string, text: string): PhpSetting[] {
  const pools = new Map<string, PhpSetting[]>()
  let pool = ''
  for (const [at, line] of text.split(/\r\n|\n/).entries()) {
    const logged = DUMP.exec(line)?.[1] ?? ''
    pool = /^\[(.+)\]$/.exec(logged)?.[1] ?? pool
    const [, name, value] = /^php_(?:admin_)?(?:value|flag)\[session\.(.+?)\] = (.*)$/.exec(logged) ?? []
    if (name === undefined || value === undefined) continue
    pools.set(pool, [...(pools.get(pool) ?? []), { name, value, file, line: at + 1, problem: notUtf8(value) }])
  }
  return ofOnePool(file, pools)
}

/** Pools that set nothing, or the same, do not matter. */
function ofOnePool(file: string, pools: ReadonlyMap<string, PhpSetting[]>): PhpSetting[] {
  const held = [...pools].map(([name, settings]) => ({ name, settings: lastOfEach(settings) }))
  const values = new Set(held.map(({ settings }) => JSON.stringify(settings.map(({ name, value }) => [name, value]).sort())))
  if (values.size > 1) {
    const names = held.map(({ name }) => name).join(', ')
    throw new TypeError(`${file}: the pools ${names} have different session settings: give a file with one of them`)
  }
  return held[0]?.settings ?? []
}

function lastOfEach(settings: readonly PhpSetting[]): PhpSetting[] {
  return [...new Map(settings.map((setting) => [setting.name, setting])).values()]
}
