import { resolve } from 'node:path'
import { parseSavePath } from '../../save-handlers/save-path.ts'
import { resolveDirectives } from '../../session/directives.ts'
import { OWN_OPTIONS, type SessionManagerOptions } from '../../session/options.ts'
import { CommandError } from '../exit-status.ts'
import { pathText } from '../output.ts'
import type { Facts, NodeSide, OtherPhp, PhpSide, User } from './facts.ts'
import { folderIn, folderOf, sampleOf } from './folder.ts'
import { lockingOf } from './locking.ts'
import { type Look, lookInto } from './look.ts'
import { mountOf } from './mounts.ts'
import { otherPhp, phpSide } from './php-side.ts'
import { nodes, type Process, processesOf } from './processes.ts'
import { cleaningOf } from './services.ts'
import { findSetups, givenSetups, type Setup } from './setups.ts'
import { type Users, usersOf } from './users.ts'

export interface GatherOptions {
  /** A php.ini and the like; none: find the PHPs of this machine. */
  readonly files: readonly string[]
  /** The options of the SessionManager. */
  readonly node: SessionManagerOptions | undefined
  readonly nodeUser: string | undefined
  readonly phpUser: string | undefined
  /** Where the file system of PHP is; undefined: here. */
  readonly root: string | undefined
  /** Whether to take a lock, on a file of our own. */
  readonly tries: boolean
}

/** Where to look. */
interface Machine {
  readonly look: Look
  readonly users: Users
  readonly running: readonly Process[]
}

/**
 * Looks at PHP, at Node and at what is between them. Writes nothing and locks nothing, unless `tries`.
 * @throws CommandError where there is no PHP, for settings that cannot be read and users there are not; TypeError for a bad option
 */
export async function gatherFacts(options: GatherOptions): Promise<Facts> {
  const look = lookInto(options.root === undefined ? '/' : resolve(options.root))
  if (look.stat('/') === undefined) throw new CommandError(`There is no folder ${pathText(String(options.root))}`)
  const machine = { look, users: usersOf(look), running: processesOf(look) }
  const { files, tries } = options
  const [setup, ...others] = files.length > 0 ? givenSetups(files, machine.running) : findSetups(look, machine.running)
  if (setup === undefined) throw new CommandError(nothingFound(look))

  const php = phpSide(machine, setup, namedUser(machine, options.phpUser), others.flatMap(readable))
  const savePath = php.directives.save_handler === 'files' ? php.savePath : undefined
  const folder = folderOf(look, machine.users, savePath, php.directives.sid_bits_per_character)
  return {
    platform: process.platform,
    now: Date.now(),
    php,
    node: nodeSide(machine, php, options.node, namedUser(machine, options.nodeUser)),
    folder,
    sessions: await sampleOf(look, machine.users, savePath),
    locking: lockingOf(tries && folder?.place ? folder.path : undefined, look.isHere),
    cleaning: cleaningOf(look, folderIn(savePath), machine.running),
  }
}

function nothingFound(look: Look): string {
  const where = look.has('/.dockerenv') ? 'in this container, it is probably in another one' : 'on this machine'
  return (
    `There is no PHP ${where}. Give its php.ini and pool, or what it says about itself:\n` +
    '  php-fpm -i > php-info.txt   (or php -i, or the page of phpinfo())\n' +
    '  session-start doctor php-info.txt --php-user www-data'
  )
}

/** Other PHPs are of interest; that one of them cannot be read, is not. */
function readable(setup: Setup): OtherPhp[] {
  try {
    return [otherPhp(setup)]
  } catch (error) {
    if (error instanceof CommandError) return []
    throw error
  }
}

function namedUser({ users }: Machine, name: string | undefined): User | undefined {
  const user = name === undefined ? undefined : users.find(name)
  if (name !== undefined && user === undefined) throw new CommandError(`There is no user ${name} here: give the number`)
  return user
}

function nodeSide(machine: Machine, php: PhpSide, options: SessionManagerOptions | undefined, given: User | undefined): NodeSide {
  const { look, users, running } = machine
  const directives = options && resolveDirectives(options as Readonly<Record<string, unknown>>, OWN_OPTIONS)
  const tempFolder = parseSavePath('').basedir
  const found = nodes(running)
  // Root comes to look after others; anybody else looks after himself.
  const isGuest = !look.isHere || users.own?.uid === 0
  const seen = isGuest && new Set(found.map(({ uid }) => uid)).size === 1 ? users.find(String(found[0]!.uid)) : undefined
  const user = given ?? seen ?? users.own
  const isOurs = look.isHere && user?.uid === users.own?.uid
  const pid = isOurs ? undefined : found.find(({ uid }) => uid === user?.uid)?.pid
  const isRefused = php.refusals.some(({ name }) => name === 'save_path')
  const save_path = directives?.save_path ?? (isRefused ? php.savePath : php.directives.save_path)
  return {
    user,
    userFrom: given !== undefined ? 'given' : seen !== undefined ? 'running' : 'this process',
    directives,
    savePath: save_path || tempFolder,
    locks: options?.lock !== false,
    mount: mountOf(look, pid ?? 'self', folderIn(save_path || tempFolder)),
  }
}
