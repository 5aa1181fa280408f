import { duration } from '../../output.ts'
import type { Facts, Folder, PhpSide } from '../facts.ts'
import { type Check, ok } from '../finding.ts'
import { folderIn } from '../folder.ts'
import { change, cronJob, word } from '../mend.ts'
import { may } from './folder.ts'

/** Who removes old sessions, and after how long. */
export const cleaningChecks: readonly Check[] = [
  { id: 'cleaning', look: cleaning },
  { id: 'lifetime', look: lifetime },
  { id: 'cookie-lifetime', look: cookieLifetime },
  { id: 'other-phps', look: others },
]

function cleaning(facts: Facts): ReturnType<Check['look']> {
  const { php, node, folder, cleaning: others } = facts
  if (!folder?.place?.isFolder) return undefined
  const { gc_probability, gc_divisor, gc_maxlifetime } = php.directives
  const hindrance = hindranceIn(folder, php)
  const probability = `session.gc_probability = ${gc_probability}, gc_divisor = ${gc_divisor}`
  const age = duration(gc_maxlifetime)
  if (others.runs) return ok(`Old sessions are removed, after ${age}`, others.job ?? '')
  if (gc_probability > 0 && hindrance === undefined) return ok(`PHP removes old sessions, after ${age}`, probability)
  if (nodeCleans(facts))
    return ok(`Node removes old sessions, after ${duration(node.directives?.gc_maxlifetime ?? 0)}`, probability)

  const seen = [
    others.job === undefined ? undefined : `${others.job}, but neither systemd nor cron runs here`,
    hindrance?.seen ?? (gc_probability === 0 ? probability : undefined),
  ]
  return {
    severity: 'warning',
    title: 'Nobody removes old sessions',
    seen: seen.filter((each) => each !== undefined).join('; '),
    means: `${hindrance?.means ?? 'PHP is set not to do it.'} They stay for ever: stolen ids stay good, and the disk fills.${hindrance && others.job ? ' Run this every half hour:' : ''}`,
    ...(hindrance === undefined ? change(php, 'gc_probability', '1') : { mend: mendByJob(facts, folder) }),
  }
}

/** Why PHP could not do it. */
function hindranceIn({ levels, place }: Folder, { user }: PhpSide): { seen: string; means: string } | undefined {
  if (levels > 0)
    return { seen: `${levels} levels of folders`, means: 'PHP’s own clean-up leaves a save_path with levels alone.' }
  if (place === undefined || user === undefined || may(user, place, 4)) return undefined
  return {
    seen: `${place.owner} ${place.mode.toString(8)}, PHP as ${user.name}`,
    means: 'PHP may not list the folder, so it finds nothing to remove.',
  }
}

function mendByJob({ php, cleaning: { job } }: Facts, folder: Folder): string {
  // A container mostly has no cron.
  return job === undefined ? cronJob(php, folder) : `npx session-start gc ${word(folder.path)}`
}

function nodeCleans({ node, folder }: Facts): boolean {
  const mayList = folder?.place !== undefined && (node.user === undefined || may(node.user, folder.place, 4))
  return node.directives !== undefined && node.directives.gc_probability > 0 && folder?.levels === 0 && mayList
}

function lifetime(facts: Facts): ReturnType<Check['look']> {
  const { php, node } = facts
  const theirs = php.directives.gc_maxlifetime
  const ours = node.directives?.gc_maxlifetime ?? theirs
  const seen = `PHP: session.gc_maxlifetime = ${theirs}; Node: ${ours}`
  if (node.directives === undefined) return undefined
  if (theirs === ours) return ok('Sessions live as long for Node as for PHP', seen)
  const isEarly = ours < theirs && nodeCleans(facts)
  return {
    severity: isEarly ? 'problem' : 'warning',
    title: isEarly ? 'Node removes sessions that PHP would keep' : 'Sessions live longer for one than for the other',
    seen,
    means: isEarly ? 'Users are logged out early.' : 'Who cleans up, decides: users may be logged out early.',
    nodeOptions: { gc_maxlifetime: theirs },
  }
}

function cookieLifetime({ php }: Facts): ReturnType<Check['look']> {
  const { cookie_lifetime, gc_maxlifetime } = php.directives
  const seen = `session.cookie_lifetime = ${cookie_lifetime}, session.gc_maxlifetime = ${gc_maxlifetime}`
  if (cookie_lifetime === 0 || cookie_lifetime <= gc_maxlifetime) return ok('Sessions live as long as their cookie', seen)
  return {
    severity: 'warning',
    title: 'Cookies live longer than their sessions',
    seen,
    means: `Users are to stay logged in for ${duration(cookie_lifetime)}, and are logged out after ${duration(gc_maxlifetime)} without a visit.`,
    ...change(php, 'gc_maxlifetime', String(cookie_lifetime)),
  }
}

function others({ php, folder }: Facts): ReturnType<Check['look']> {
  const same = php.others.filter(({ savePath }) => folder !== undefined && folderIn(savePath) === folderIn(php.savePath))
  const { serialize_handler, gc_maxlifetime } = php.directives
  const different = same.find((each) => each.serializeHandler !== serialize_handler)
  const early = same.find((each) => each.collects && each.gcMaxlifetime < gc_maxlifetime)
  const other = different ?? early
  if (other === undefined) return undefined
  return {
    severity: 'warning',
    title: 'Another PHP handles the same sessions in another way',
    seen:
      different === undefined
        ? `${other.label}: session.gc_maxlifetime = ${other.gcMaxlifetime}; ${php.label}: ${gc_maxlifetime}`
        : `${other.label}: session.serialize_handler = ${other.serializeHandler}; ${php.label}: ${serialize_handler}`,
    means:
      different === undefined
        ? 'It removes sessions too early.'
        : 'Each destroys the sessions of the other, if it gets hold of them.',
    mend: `npx session-start doctor ${other.files.map(word).join(' ')}`,
  }
}
