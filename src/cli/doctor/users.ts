import { execFileSync } from 'node:child_process'
import { userInfo } from 'node:os'
import type { User } from './facts.ts'
import type { Look } from './look.ts'

/** The users and groups of a machine. */
export interface Users {
  /** By name or number. A number without a name is a user without further groups. */
  find(nameOrUid: string): User | undefined
  /** Who runs this process; undefined on Windows. */
  readonly own: User | undefined
  nameOf(uid: number): string
  groupNameOf(gid: number): string
}

/** passwd(5) and group(5), and on this machine `id`, which also knows those of a directory service. */
export function usersOf(look: Look): Users {
  const accounts = rows(look, '/etc/passwd').map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
  const groups = rows(look, '/etc/group').map(([name = '', , gid, members = '']) => ({
    ...{ name, gid: Number(gid) },
    members: members.split(','),
  }))
  const nameOf = (uid: number) => accounts.find((each) => each.uid === uid)?.name ?? String(uid)
  return {
    own: ownUser(look, nameOf),
    nameOf,
    groupNameOf: (gid) => groups.find((each) => each.gid === gid)?.name ?? String(gid),
    find(nameOrUid) {
      const account = accounts.find(({ name, uid }) => name === nameOrUid || String(uid) === nameOrUid)
      if (account !== undefined) {
        const others = groups.filter(({ members }) => members.includes(account.name)).map(({ gid }) => gid)
        return { ...account, groups: [...new Set([account.gid, ...others])] }
      }
      const asked = look.isHere ? askId(nameOrUid) : undefined
      if (asked !== undefined || !/^\d+$/.test(nameOrUid)) return asked
      const uid = Number(nameOrUid)
      return { name: nameOrUid, uid, gid: uid, groups: [uid] }
    },
  }
}

function rows(look: Look, file: string): string[][] {
  const lines = look.text(file)?.split('\n') ?? []
  return lines.filter((line) => /^[^#:]+:/.test(line)).map((line) => line.split(':'))
}

function ownUser(look: Look, nameOf: (uid: number) => string): User | undefined {
  const uid = process.geteuid?.()
  const gid = process.getegid?.()
  if (uid === undefined || gid === undefined) return undefined
  return {
    name: (look.isHere ? loginName(uid) : undefined) ?? nameOf(uid),
    uid,
    gid,
    groups: [...new Set([gid, ...(process.getgroups?.() ?? [])])],
  }
}

/** A container may run as a user that has no name. */
function loginName(uid: number): string | undefined {
  try {
    const info = userInfo()
    return info.uid === uid ? info.username : undefined
  } catch {
    return undefined
  }
}

function askId(user: string): User | undefined {
  const ask = (option: string) =>
    execFileSync('id', [option, '--', user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const [name, uid, gid, groups] = ['-un', '-u', '-g', '-G'].map((option) => ask(option).trim()) as [string, ...string[]]
    return { name, uid: Number(uid), gid: Number(gid), groups: groups!.split(' ').map(Number) }
  } catch {
    return undefined
  }
}
