import type { Facts } from '../facts.ts'
import { type Check, ok } from '../finding.ts'
import { word } from '../mend.ts'

/** Who runs PHP, and who Node. */
export const userChecks: readonly Check[] = [{ id: 'users', look: users }]

function users({ php, node, folder }: Facts): ReturnType<Check['look']> {
  if (folder === undefined || node.user === undefined) return undefined
  const from = { given: '', running: ' (a running Node)', 'this process': ' (who runs this)' }[node.userFrom]
  const ours = `Node: ${node.user.name}${from}`
  if (php.user === undefined) {
    return {
      severity: 'note',
      title: 'It is not known who runs PHP',
      seen: ours,
      means: 'PHP and Node have to run as one user. Say who runs PHP: --php-user www-data, or a number.',
    }
  }
  const seen = `PHP: ${php.user.name}; ${ours}`
  if (php.user.uid === node.user.uid) return ok('Node and PHP run as the same user', seen)
  const guessed = node.userFrom === 'given' ? '' : ' If Node runs as another user in truth, say so: --node-user.'
  return {
    severity: 'problem',
    title: 'Node and PHP run as different users',
    seen,
    means:
      'Sessions are for their owner only, and both refuse those of others ("Session data file is not created by your uid"). ' +
      `Run Node as ${php.user.name}; in its systemd unit: User=${php.user.name}.${guessed}`,
    mend: `sudo -u ${word(php.user.name)} node server.js`,
  }
}
