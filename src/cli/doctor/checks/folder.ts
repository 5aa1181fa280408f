import type { Facts, Folder, PhpSide, Place, User } from '../facts.ts'
import { type Check, ok, placeText } from '../finding.ts'
import { folderIn, idCharacters } from '../folder.ts'
import { makeFolder, ownFolder, word } from '../mend.ts'
import { isBelow } from '../mounts.ts'

/** The folder of sessions: whether it is there, for whom, and whether it is the same one for both. */
export const folderChecks: readonly Check[] = [
  { id: 'folder', look: isThere },
  { id: 'folder-levels', look: levels },
  { id: 'folder-for-php', look: (facts) => access(facts, 'PHP', facts.php.user) },
  { id: 'folder-for-node', look: nodeAccess },
  { id: 'folder-sticky', look: sticky },
  { id: 'folder-list', look: listing },
  { id: 'same-file-system', look: sameFileSystem },
]

function isThere({ folder, php }: Facts): ReturnType<Check['look']> {
  if (folder === undefined) return undefined
  const { place, path } = folder
  if (place?.isFolder) return ok('The folder of sessions is there', placeText(place))
  return {
    severity: 'problem',
    title: place === undefined ? 'The folder of sessions is not there' : 'What should be the folder of sessions is none',
    seen: place === undefined ? path : placeText(place),
    means: 'PHP does not make it: session_start() fails, and so does Node.',
    mend: place === undefined ? makeFolder(path, php.user, '700') : undefined,
  }
}

function levels({ folder, php }: Facts): ReturnType<Check['look']> {
  if (folder === undefined || folder.levels === 0 || !folder.place?.isFolder) return undefined
  const { missing, levels: depth } = folder
  if (missing.length === 0)
    return ok('The folders below are there', `${depth} level${depth === 1 ? '' : 's'} below ${folder.path}`)
  return {
    severity: 'problem',
    title: 'Folders below the folder of sessions are missing',
    seen: `${missing.join(', ')} …`,
    means: `save_path begins with ${depth};: sessions go to folders named by the beginning of their ids, and PHP makes none of them.`,
    mend: depth <= 2 ? makeLevels(folder, php.user, php.directives.sid_bits_per_character) : undefined,
  }
}

function makeLevels({ path, levels: depth }: Folder, owner: User | undefined, bitsPerCharacter: number): string {
  const names = idCharacters(bitsPerCharacter).join(' ')
  const to = owner === undefined ? '' : `-o ${owner.uid} -g ${owner.gid} `
  const install = (below: string) => `install -d ${to}-m 700 ${word(path)}/${below}`
  if (depth === 1) return `for a in ${names}; do ${install('$a')}; done`
  return `for a in ${names}; do ${install('$a')}; for b in ${names}; do ${install('$a/$b')}; done; done`
}

function nodeAccess(facts: Facts): ReturnType<Check['look']> {
  const { node, php } = facts
  // Node has to run as the same user, so what PHP may do tells.
  return php.user === undefined ? access(facts, 'Node', node.user) : undefined
}

function access({ folder, php }: Facts, who: string, user: User | undefined): ReturnType<Check['look']> {
  if (!folder?.place?.isFolder || user === undefined) return undefined
  const { place, parents } = folder
  const seen = `${placeText(place)}, ${who} as ${user.name}`
  const closed = parents.find((parent) => !may(user, parent, 1))
  if (closed !== undefined) {
    return {
      severity: 'problem',
      title: `${who} cannot get to the folder of sessions`,
      seen: `${placeText(closed)}, ${who} as ${user.name}`,
      means: 'It may not pass a folder on the way, which needs x.',
      mend: `chmod a+x ${word(closed.path)}`,
    }
  }
  if (may(user, place, 3)) return ok(`${who} may make sessions in the folder`, seen)
  return {
    severity: 'problem',
    title: `${who} may not make sessions in the folder`,
    seen,
    means: `It needs w and x. session_start() fails${who === 'PHP' ? '' : ', and sessions.start() with it'}.`,
    mend: isTemporary(php) ? `chmod 1777 ${word(place.path)}` : giveTo(user, place),
  }
}

function giveTo({ uid, gid }: User, { path }: Place): string {
  return `chown ${uid}:${gid} ${word(path)} && chmod u+rwx ${word(path)}`
}

/** By the bits of the mode: 4 read, 2 write, 1 pass. Access control lists are not looked at. */
export function may(user: User, { uid, gid, mode }: Pick<Place, 'uid' | 'gid' | 'mode'>, bits: number): boolean {
  if (user.uid === 0) return true
  const shift = user.uid === uid ? 6 : user.groups.includes(gid) ? 3 : 0
  return ((mode >> shift) & bits) === bits
}

function sticky({ folder }: Facts): ReturnType<Check['look']> {
  const place = folder?.place
  if (!place?.isFolder || (place.mode & 0o002) === 0) return undefined
  if (isSticky(place)) return ok('In the folder, everyone removes only what is his own', placeText(place))
  return {
    severity: 'warning',
    title: 'Anyone here may remove the sessions, and put others in their place',
    seen: placeText(place),
    means: 'A folder in which everyone may write has to be sticky.',
    mend: `chmod 1733 ${word(place.path)}`,
  }
}

/** Whether several users keep their sessions here, each his own. */
export function isSticky({ mode }: Place): boolean {
  return (mode & 0o1002) === 0o1002
}

function listing({ folder, php }: Facts): ReturnType<Check['look']> {
  const place = folder?.place
  if (!place?.isFolder) return undefined
  const isOpen = (place.mode & 0o005) === 0o005 && folder?.parents.every(({ mode }) => (mode & 0o001) !== 0)
  if (!isOpen) return ok('Not everyone here can see the ids of the sessions', placeText(place))
  return {
    severity: isTemporary(php) ? 'note' : 'warning',
    title: 'Anyone here can see the ids of all sessions',
    seen: placeText(place),
    means: 'Who knows the id of a session can take it over.',
    ...(isTemporary(php) ? ownFolder(php) : { mend: `chmod o-r ${word(place.path)}` }),
  }
}

function sameFileSystem({ php, node, folder }: Facts): ReturnType<Check['look']> {
  const path = folderIn(php.savePath)
  if (folder === undefined || path !== folderIn(node.savePath)) return undefined
  if (php.mount !== undefined && node.mount !== undefined) {
    const seen = `PHP: ${php.mount.key}; Node: ${node.mount.key}`
    if (php.mount.key === node.mount.key) return ok('Node and PHP see the same folder', seen)
    return {
      severity: 'problem',
      title: `Under the name ${path}, PHP sees another folder than Node`,
      seen: php.privateTmp === undefined ? seen : `${php.privateTmp}: PrivateTmp`,
      means:
        'They run in different containers, or systemd gives one of them a /tmp of its own. Neither sees the sessions of the other.',
      ...(isTemporary(php) && ownFolder(php)),
    }
  }
  if (php.privateTmp === undefined || !isTemporary(php)) return undefined
  return {
    severity: 'problem',
    title: `systemd gives PHP a ${path} of its own`,
    seen: `${php.privateTmp}: PrivateTmp`,
    means: 'What PHP calls so, is a folder that Node does not see. Keep sessions elsewhere.',
    ...ownFolder(php),
  }
}

/** What systemd's PrivateTmp is about. */
function isTemporary({ savePath }: PhpSide): boolean {
  const path = folderIn(savePath) ?? ''
  return isBelow(path, '/tmp') || isBelow(path, '/var/tmp')
}
