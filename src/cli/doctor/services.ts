import { readPhpSettings } from '../../session/php-ini.ts'
import type { Cleaning, Sapi } from './facts.ts'
import { folderIn } from './folder.ts'
import { expand, type Look } from './look.ts'
import type { Process } from './processes.ts'

/** Where systemd looks for units; what an earlier folder has, hides the same of later ones. */
const UNIT_FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
]

/** Whether systemd is what runs this machine: in a container its units are only files. */
function hasSystemd(look: Look): boolean {
  return look.stat('/run/systemd/system') !== undefined
}

/** The unit's file by which PHP has a /tmp and a /var/tmp of its own (systemd.exec(5), PrivateTmp). */
export function privateTmpUnit(look: Look, sapi: Sapi | undefined, version: string | undefined): string | undefined {
  const [major = '', minor = ''] = version?.split('.') ?? []
  const names =
    sapi === 'apache2'
      ? ['apache2', 'httpd']
      : [`php${major}.${minor}-fpm`, `php${major}${minor}-php-fpm`, `php-fpm${major}${minor}`, 'php-fpm']
  if (!hasSystemd(look) || (sapi !== 'apache2' && sapi !== 'fpm')) return undefined
  const unit = names.map((name) => `${name}.service`).find((name) => unitFiles(look, name).length > 0)
  let found: string | undefined
  for (const file of unit === undefined ? [] : unitFiles(look, unit)) {
    for (const [, value = ''] of look.text(file)?.matchAll(/^\s*PrivateTmp\s*=\s*(\S*)/gim) ?? []) {
      found = /^(?:1|yes|true|on|disconnected)$/i.test(value) ? file : undefined
    }
  }
  return found === undefined ? undefined : look.at(found)
}

/** The unit and what is dropped into it, in the order in which systemd reads them. */
function unitFiles(look: Look, unit: string): string[] {
  const own = UNIT_FOLDERS.map((folder) => `${folder}/${unit}`).filter((file) => look.stat(file) !== undefined)
  const more = UNIT_FOLDERS.flatMap((folder) => expand(look, `${folder}/${unit}.d/*.conf`))
  const base = (file: string) => file.slice(file.lastIndexOf('/') + 1)
  return own.length === 0 ? [] : [own[0]!, ...more.sort((a, b) => (base(a) < base(b) ? -1 : 1))]
}

/** What removes old sessions from a folder beside PHP. */
export function cleaningOf(look: Look, folder: string | undefined, processes: readonly Process[]): Cleaning {
  if (folder === undefined) return { job: undefined, runs: false }
  const systemd = hasSystemd(look)
  const cron = processes.some(({ command }) => /^(?:\S*\/)?(?:cron|crond|anacron|busybox crond)\b/.test(command))
  const jobs = [
    ...UNIT_FOLDERS.flatMap((units) => expand(look, `${units}/timers.target.wants/phpsessionclean.timer`))
      .filter(() => debianFolders(look).includes(folder))
      .map((file) => ({ file, runs: systemd })),
    // Debian's line in crontab leaves the work to the timer where systemd runs.
    ...expand(look, '/etc/cron.d/php')
      .filter((file) => look.text(file)?.includes('sessionclean') && debianFolders(look).includes(folder))
      .map((file) => ({ file, runs: cron && !systemd })),
    ...CRONTABS.flatMap((pattern) => expand(look, pattern))
      .filter((file) => mentions(look.text(file), folder))
      .map((file) => ({ file, runs: cron })),
    ...expand(look, '/etc/systemd/system/*.service')
      .filter((file) => mentions(look.text(file), folder))
      .map((file) => ({ file, runs: systemd })),
  ]
  const job = jobs.find(({ runs }) => runs) ?? jobs[0]
  return { job: job && look.at(job.file), runs: job?.runs ?? false }
}

const CRONTABS = [
  ...['/etc/crontab', '/etc/cron.d/*', '/etc/cron.hourly/*', '/etc/cron.daily/*'],
  ...['/var/spool/cron/*', '/var/spool/cron/crontabs/*', '/etc/crontabs/*'],
]

/** What Debian's job cleans: the save_paths of all php.ini files, but not those that only a pool has. */
function debianFolders(look: Look): (string | undefined)[] {
  const folders = expand(look, '/etc/php/*/*').filter((folder) => look.stat(`${folder}/php.ini`) !== undefined)
  return folders.map((folder) => {
    try {
      const { settings } = readPhpSettings(look.at(folder))
      return folderIn(settings.find(({ name }) => name === 'save_path')?.value)
    } catch (error) {
      if (error instanceof TypeError) return undefined
      throw error
    }
  })
}

/** A line that names the folder and removes something. */
function mentions(text: string | undefined, folder: string): boolean {
  const lines = text?.split('\n').filter((line) => !line.startsWith('#') && line.includes(folder)) ?? []
  return lines.some((line) => /-delete\b|\brm\b|session-start gc|session_gc/.test(line))
}
