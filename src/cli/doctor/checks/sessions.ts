import { serializeHandlerNames } from '../../../serialize-handlers/serialize-handlers.ts'
import { duration } from '../../output.ts'
import type { Facts, Folder, PhpSide, SessionFile, User } from '../facts.ts'
import { type Check, count, ok, placeText } from '../finding.ts'
import { change, findSessions, word } from '../mend.ts'
import { isSticky, may } from './folder.ts'
import { handlerOf } from './settings.ts'

/** The sessions that are there. */
export const sessionChecks: readonly Check[] = [
  { id: 'session-list', look: listed },
  { id: 'session-owners', look: owners },
  { id: 'session-modes', look: modes },
  { id: 'session-format', look: format },
  { id: 'session-contents', look: contents },
  { id: 'clock', look: clock },
]

function listed({ sessions, folder }: Facts): ReturnType<Check['look']> {
  if (!folder?.place?.isFolder) return undefined
  if (sessions !== undefined) return ok('The sessions that are there were looked at', count(sessions.length, sessions.length))
  return {
    severity: 'note',
    title: 'The sessions that are there were not looked at',
    seen: placeText(folder.place),
    means: 'Who runs this may not list the folder. Run it as root to know more.',
  }
}

function owners({ sessions, folder, php }: Facts): ReturnType<Check['look']> {
  if (!sessions?.length || !folder?.place || php.user === undefined) return undefined
  const { user } = php
  const strange = sessions.filter((file) => !opens(user, file))
  if (strange.length === 0) return ok('PHP can open the sessions that are there', count(sessions.length, sessions.length))
  const isRoots = strange.some(({ uid }) => uid === 0)
  const isShared = isSticky(folder.place)
  return {
    severity: !isShared ? 'problem' : isRoots ? 'warning' : 'note',
    title: `PHP cannot open ${count(strange.length, sessions.length)}`,
    seen: `of ${[...new Set(strange.map(({ owner }) => owner))].join(', ')}; PHP as ${user.name}`,
    means:
      isShared && !isRoots
        ? 'Several users have their sessions in this folder, each his own. That is fine, if they are of other sites.'
        : `PHP refuses what others made, and those visitors have no session.${isRoots ? ' Something that ran as root made some.' : ''}`,
    mend: isShared && !isRoots ? undefined : chown(folder, isShared ? 'root' : undefined, user),
  }
}

/** `ps_files_open`: of its own user or root, and the file's mode has to allow it. */
function opens(user: User, file: SessionFile): boolean {
  return user.uid === 0 || ((file.uid === user.uid || file.uid === 0) && may(user, file, 6))
}

function chown({ path, levels }: Folder, from: string | undefined, { uid }: User): string {
  const which = from === undefined ? `! -user ${uid}` : `-user ${from}`
  return `${findSessions(path, levels)} ${which} -exec chown ${uid} {} +`
}

function modes({ sessions, folder, php }: Facts): ReturnType<Check['look']> {
  if (folder === undefined) return undefined
  if ((folder.fileMode & 0o600) !== 0o600) {
    return {
      severity: 'problem',
      title: 'PHP could not open its own sessions',
      seen: `session.save_path = ${php.directives.save_path}}: new ones have mode 0${folder.fileMode.toString(8)}`,
      means: 'Their owner may not read and write them, so that the second request of each visitor has no session.',
      ...change(php, 'save_path', withMode600(php, folder)),
    }
  }
  const open = sessions?.filter(({ mode }) => (mode & 0o006) !== 0) ?? []
  const isMeant = (folder.fileMode & 0o006) !== 0
  if (open.length === 0 && !isMeant)
    return ok('Sessions are for their owner only', `new ones have mode 0${folder.fileMode.toString(8)}`)
  const chmod = `${findSessions(folder.path, folder.levels)} \\( -perm -4 -o -perm -2 \\) -exec chmod o-rwx {} +`
  const setting = isMeant ? change(php, 'save_path', withMode600(php, folder)) : {}
  return {
    severity: 'warning',
    title: 'Anyone here can read sessions',
    seen: isMeant ? `save_path gives new ones mode 0${folder.fileMode.toString(8)}` : count(open.length, sessions?.length ?? 0),
    means: 'Sessions hold who is logged in, and often more.',
    ...setting,
    mend: setting.mend === undefined ? chmod : `${setting.mend}; ${chmod}`,
  }
}

function withMode600({ directives }: PhpSide, { levels }: Folder): string {
  return `${levels};600;${directives.save_path.replace(/^.*;/, '')}`
}

function format({ sessions, php }: Facts): ReturnType<Check['look']> {
  const read = sessions?.flatMap(({ readBy }) => (readBy?.length ? [readBy] : [])) ?? []
  const expected = handlerOf(php)
  if (read.length === 0 || !serializeHandlerNames.includes(expected)) return undefined
  const others = read.filter((readBy) => !readBy.includes(expected))
  if (others.length === 0)
    return ok('Sessions are in the format that PHP is set to', `${expected}: ${count(read.length, read.length)}`)
  const name = others[0]![0]!
  const isMost = others.filter((readBy) => readBy.includes(name)).length * 2 > read.length
  return {
    severity: 'problem',
    title: 'Sessions are in another format than PHP is set to',
    seen: `session.serialize_handler = ${expected}; ${count(others.length, read.length)} written by ${name}`,
    means:
      'PHP destroys a session that it cannot read: those users are logged out. Something else writes with another setting, or it was changed.',
    ...(isMost && change(php, 'serialize_handler', name)),
  }
}

function contents({ sessions, php }: Facts): ReturnType<Check['look']> {
  const broken = sessions?.filter(({ readBy }) => readBy?.length === 0).length ?? 0
  const all = sessions?.filter(({ readBy }) => readBy !== undefined).length ?? 0
  if (all === 0 || !serializeHandlerNames.includes(handlerOf(php))) return undefined
  if (broken === 0) return ok('Sessions are whole', count(all, all))
  return {
    severity: broken === all ? 'problem' : 'warning',
    title: `${count(broken, all)} cannot be read`,
    seen: `neither as ${serializeHandlerNames.join(' nor as ')}`,
    means:
      'They are damaged, encrypted (Suhosin), compressed or not PHP’s (OpenCart writes JSON). PHP itself destroys what it cannot read.',
  }
}

/** Clocks of two machines, as a file server's, are never quite the same. */
const TOLERANCE = 60_000

function clock({ sessions, folder, now }: Facts): ReturnType<Check['look']> {
  if (!folder?.place) return undefined
  const latest = Math.max(folder.place.mtime, ...(sessions ?? []).map(({ mtime }) => mtime))
  if (latest <= now + TOLERANCE) return ok('The clock goes right', 'no session is of the future')
  return {
    severity: 'warning',
    title: 'Sessions were used in the future',
    seen: `the last one in ${duration((latest - now) / 1000)}`,
    means: 'The clock here goes wrong, or that of the machine they are on: old sessions are removed too early or too late.',
    mend: `timedatectl set-ntp true && touch -c ${word(folder.path)} && ${findSessions(folder.path, folder.levels)} -newermt now -exec touch {} +`,
  }
}
