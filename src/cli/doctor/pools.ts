import { type IniEntry, parseIni } from '../../session/ini-syntax.ts'
import { expand, type Look } from './look.ts'

/** A pool of PHP-FPM. */
export interface Pool {
  readonly name: string
  /** In which it stands: what a later one says, holds. */
  readonly files: readonly string[]
  /** What it sets: `user`, `chroot`; and under their names in php.ini the settings that it forces or gives. */
  readonly settings: ReadonlyMap<string, string>
}

/** The pools in files. A file with a syntax error counts up to there. */
export function poolsIn(look: Look, files: readonly string[]): Pool[] {
  const pools = new Map<string, { files: Set<string>; settings: Map<string, string> }>()
  for (const file of files) {
    for (const { section, name, key, value } of entries(file, look.text(file) ?? '')) {
      if (section === '' || section === 'global' || value === undefined) continue
      const pool = pools.get(section) ?? { files: new Set(), settings: new Map() }
      pools.set(section, pool)
      pool.files.add(file)
      pool.settings.set(settingName(name, key), value.replaceAll('$pool', section))
    }
  }
  return [...pools].map(([name, { files: own, settings }]) => ({ name, files: [...own], settings }))
}

/** The files of pools that belong to the php.ini in this folder, as Debian, RHEL, Docker's image, Alpine and Homebrew lay them out. */
export function poolFilesFor(look: Look, folder: string): string[] {
  const parent = folder.slice(0, folder.lastIndexOf('/'))
  const places = [`${folder}/pool.d`, `${folder}/php-fpm.d`, `${parent}/php-fpm.d`]
  // Debian has the settings of other server APIs beside those of PHP-FPM.
  const own = /\/(?:apache2|cgi|cli|embed|phpdbg)$/.test(folder) ? [] : places
  return own.flatMap((place) => expand(look, `${place}/*.conf`))
}

/** The files of the PHP-FPM that is started with this one: it and those that it includes (`fpm_conf_ini_parser_include`). */
export function includedFiles(look: Look, file: string): string[] {
  const included = [...entries(file, look.text(file) ?? '')].flatMap(({ name, value }) => {
    if (name !== 'include' || !value) return []
    // What is not absolute begins where PHP was installed, which nobody tells.
    const places = value.startsWith('/')
      ? ['']
      : ['/usr/', '/usr/local/', '/opt/homebrew/', `${file.slice(0, file.lastIndexOf('/'))}/`]
    return places.map((place) => expand(look, place + value)).find((paths) => paths.length > 0) ?? []
  })
  return [file, ...included]
}

function* entries(file: string, text: string): Generator<IniEntry> {
  try {
    yield* parseIni(file, text, () => undefined)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
}

/** `env[TMPDIR]`, and `open_basedir` for `php_admin_value[open_basedir]`. */
function settingName(name: string, key: string | undefined): string {
  if (key === undefined) return name
  return /^php_(?:admin_)?(?:value|flag)$/.test(name) ? key : `${name}[${key}]`
}
