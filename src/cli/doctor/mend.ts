import type { DirectiveName } from '../../session/directives.ts'
import type { Folder, PhpSide, User } from './facts.ts'
import type { Finding } from './finding.ts'

/** Lines of sh that mend what the doctor finds. */

type Remedy = Pick<Finding, 'mend' | 'phpSettings'>

/** A word of the shell. */
export function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/**
 * Changes a setting where it stands, and keeps the file that there was at first as `.bak`; or adds it. Undefined where that is nothing for a command: what
 * PHP printed, a value over several lines, or one that needs more than quotes.
 */
export function setDirective(
  { settings, addTo }: Pick<PhpSide, 'settings' | 'addTo'>,
  name: DirectiveName,
  value: string,
): string | undefined {
  if (/["\\$\n]/.test(value)) return undefined
  // Without quotes, words such as None are something else.
  const quoted = /^(?:\d+|\/[\w./-]*)$/.test(value) ? value : `"${value}"`
  const setting = settings.find((each) => each.name === name && each.line > 0)
  if (setting === undefined) {
    return addTo === undefined ? undefined : `printf '%s\\n' '' ${word(`session.${name} = ${quoted}`)} >> ${word(addTo)}`
  }
  if (setting.text === undefined) return undefined
  const replacement = `= ${quoted}`.replace(/[\\&|]/g, '\\$&')
  const [file, kept] = [word(setting.file), word(`${setting.file}.bak`)]
  // Not sed's own way, which would keep only what the command before this one had left.
  return `[ -e ${kept} ] || cp -p ${file} ${kept}; sed -i ${word(`${setting.line}s|=.*|${replacement}|`)} ${file}`
}

/** The change of a setting: the command, and in any case the setting. */
export function change(php: PhpSide, name: DirectiveName, value: string): Remedy {
  return { mend: setDirective(php, name, value), phpSettings: { [`session.${name}`]: value } }
}

/** Makes a folder, or gives an existing one this owner and mode. */
export function makeFolder(path: string, owner: User | undefined, mode: string): string {
  const to = owner === undefined ? '' : `-o ${owner.uid} -g ${owner.gid} `
  return `install -d ${to}-m ${mode} ${word(path)}`
}

/** Takes the sessions to a folder of their own. */
export function ownFolder(php: PhpSide): Remedy {
  return { mend: makeAndSet(php), phpSettings: { 'session.save_path': OWN_FOLDER } }
}

function makeAndSet(php: PhpSide): string | undefined {
  const setting = setDirective(php, 'save_path', OWN_FOLDER)
  const owner = php.user
  const folder = php.root + OWN_FOLDER
  if (setting === undefined || owner === undefined) return undefined
  // Where the packages of Debian have made it, it is for all users.
  return `[ -d ${word(folder)} ] || ${makeFolder(folder, owner, '700')}; ${setting}`
}

const OWN_FOLDER = '/var/lib/php/sessions'

/** A `find` for the session files of a folder: PHP looks nowhere else, and what lies deeper, or less deep, is somebody else's. */
export function findSessions(folder: string, levels: number): string {
  const depth = `${levels > 0 ? `-mindepth ${levels + 1} ` : ''}-maxdepth ${levels + 1}`
  return `find ${word(folder)} ${depth} -name 'sess_*' -type f`
}

/** A line of cron that removes old sessions, as PHP’s manual advises where PHP itself does not. */
export function cronJob({ root, directives }: PhpSide, { path, levels }: Pick<Folder, 'path' | 'levels'>): string {
  const minutes = Math.ceil(directives.gc_maxlifetime / 60)
  const line = `*/30 * * * * root ${findSessions(path, levels)} -mmin +${minutes} -delete`
  return `echo ${word(line)} > ${word(`${root}/etc/cron.d/session-start`)}`
}
