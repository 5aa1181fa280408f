import { bytes } from '../../output.ts'
import type { Facts } from '../facts.ts'
import { type Check, ok } from '../finding.ts'
import { word } from '../mend.ts'

/** Locks, file system and disk. */
export const machineChecks: readonly Check[] = [
  { id: 'lock', look: lock },
  { id: 'lock-tried', look: tried },
  { id: 'file-system', look: fileSystem },
  { id: 'disk', look: disk },
]

function lock({ folder, node, locking, platform }: Facts): ReturnType<Check['look']> {
  if (folder === undefined && platform !== 'win32') return undefined
  if (!node.locks) {
    return {
      severity: 'problem',
      title: 'Node takes no lock',
      seen: 'Node: lock: false',
      means: 'Of two requests at once, one of Node and one of PHP, the later one overwrites what the other changed.',
      nodeOptions: { lock: true },
    }
  }
  if (locking.unavailable === undefined) return ok('Node can take PHP’s lock', 'flock(2)')
  return {
    severity: 'problem',
    title: 'Node cannot take PHP’s lock here',
    seen: locking.unavailable,
    means: 'PHP locks sessions by flock(2), for which Node needs koffi, on a system that has it. There is no way around.',
    mend: platform === 'win32' ? undefined : 'npm install koffi',
  }
}

function tried({ locking: { tried: trial } }: Facts): ReturnType<Check['look']> {
  if (trial === undefined) return undefined
  if (trial.failure !== undefined) {
    return {
      severity: 'warning',
      title: 'A lock could not be tried',
      seen: trial.failure,
      means: 'Run this as the user who runs Node.',
    }
  }
  if (trial.nodeWaits && trial.phpWaits !== false) {
    return ok('A lock was tried', trial.phpWaits ? 'PHP waits for Node’s' : 'a second one waits for the first')
  }
  return {
    severity: 'problem',
    title: 'A lock keeps nobody out here',
    seen: trial.nodeWaits ? 'PHP took a lock that Node held' : 'it was given twice',
    means: 'The file system does not keep flock(2) locks: requests overwrite each other’s changes. Keep sessions on another one.',
  }
}

/** Those on which flock(2) is known to be between all processes of one machine. */
const LOCAL = /^(?:ext[234]|xfs|btrfs|zfs|f2fs|bcachefs|tmpfs|overlay|jfs|reiserfs|ramfs|apfs|hfs|ufs)$/
const REMOTE =
  /^(?:nfs4?|cifs|smb3?|ceph|lustre|glusterfs|gpfs|ocfs2|gfs2|afs|9p|virtiofs|vboxsf|fuse(?:\..*)?|drvfs|prl_fs|vmhgfs)$/

function fileSystem({ folder }: Facts): ReturnType<Check['look']> {
  const mount = folder?.mount
  if (folder === undefined || mount === undefined) return undefined
  if (LOCAL.test(mount.type)) return ok('Sessions are on a local file system', mount.type)
  const local = mount.options.find((option) => /^(?:nolock|nobrl|localflocks|local_lock=(?:all|flock))$/.test(option))
  if (!REMOTE.test(mount.type) && local === undefined) return ok('Nothing bad is known of the file system', mount.type)
  return {
    severity: 'warning',
    title:
      local === undefined
        ? `Sessions are on a file system that may not keep locks: ${mount.type}`
        : 'Locks are for this machine only',
    seen: `${folder.path}: ${mount.type}${local === undefined ? '' : `, ${local}`}`,
    means:
      local === undefined
        ? 'Whether PHP and Node wait for each other there, depends on its server and how it is mounted. Try it, on each machine.'
        : 'Where PHP and Node run on two machines, they do not wait for each other.',
    mend: local === undefined ? 'npx session-start doctor --try' : undefined,
  }
}

const LITTLE = 100_000_000

function disk({ folder }: Facts): ReturnType<Check['look']> {
  if (folder?.space === undefined) return undefined
  const { free, size, freeFiles, files } = folder.space
  const isReadOnly = folder.mount?.options.includes('ro') === true
  const seen = `${bytes(free)} of ${bytes(size)} free${files > 0 ? `, ${freeFiles} more files` : ''}`
  const isFull = free === 0 || (files > 0 && freeFiles === 0)
  const isLittle = free < Math.min(LITTLE, size / 20) || (files > 0 && freeFiles < 1000)
  if (!isReadOnly && !isFull && !isLittle) return ok('There is room for sessions', seen)
  return {
    severity: isReadOnly || isFull ? 'problem' : 'warning',
    title: isReadOnly
      ? 'The file system is read-only'
      : isFull
        ? 'There is no room for sessions'
        : 'There is little room for sessions',
    seen: isReadOnly ? `${folder.path}: ro` : seen,
    means: isReadOnly
      ? 'No session can be made or changed. After errors of the disk the kernel does this by itself.'
      : 'On a full disk PHP empties the sessions it writes. Remove what is old, or make room.',
    mend: isReadOnly ? undefined : `npx session-start gc ${word(folder.path)}`,
  }
}
