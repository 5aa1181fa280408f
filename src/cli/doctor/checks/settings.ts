import { parseSavePath } from '../../../save-handlers/save-path.ts'
import { serializeHandlerNames } from '../../../serialize-handlers/serialize-handlers.ts'
import type { Facts, PhpSide } from '../facts.ts'
import { type Check, count, type Finding, ok } from '../finding.ts'
import { folderIn } from '../folder.ts'
import { change, ownFolder, word } from '../mend.ts'
import { isBelow } from '../mounts.ts'

/** PHP and its settings, before anything is looked at that they lead to. */
export const settingChecks: readonly Check[] = [
  { id: 'php', look: whichPhp },
  { id: 'php-settings', look: settings },
  { id: 'save-handler', look: saveHandler },
  { id: 'save-path-form', look: savePathForm },
  { id: 'save-path', look: sameSavePath },
  { id: 'open-basedir', look: openBasedir },
  { id: 'serialize-handler', look: serializeHandler },
]

function whichPhp({ php }: Facts): ReturnType<Check['look']> {
  const sites = php.others.filter(({ label }) => !label.includes('command line'))
  const seen = php.files.join(', ') || 'the php command'
  const [first] = sites
  if (first === undefined) return ok(`${php.label} was looked at`, seen)
  return {
    severity: 'note',
    title: `There are more PHPs here than ${php.label}`,
    seen: sites.map(({ label }) => label).join('; '),
    means: 'Only one is looked at: what runs, or else what most likely serves the site.',
    mend: `npx session-start doctor ${first.files.map(word).join(' ')}`,
  }
}

function settings({ php }: Facts): ReturnType<Check['look']> {
  const { refusals } = php
  if (refusals.length === 0) return ok('PHP’s session settings are as PHP reads them', `${php.settings.length} are set`)
  return {
    severity: 'problem',
    title: `PHP refuses or misreads ${count(refusals.length, refusals.length, 'setting')}`,
    seen: refusals.map(({ message }) => message).join('; '),
    means: 'PHP goes on with another value than is written there, and SessionManager.fromPhpIni throws.',
    ...unquoted(php),
  }
}

/** `session.save_path = 5;/dir`: what stands behind a ; outside of quotes is a comment. */
function unquoted(php: PhpSide): Partial<Finding> | undefined {
  const setting = php.settings.find(({ name }) => name === 'save_path')
  const isMeant = setting?.text !== undefined && /^\d+;(?:\d+;)?\/\S+$/.test(setting.text)
  return isMeant && php.refusals[0]?.name === 'save_path' ? change(php, 'save_path', setting.text) : undefined
}

function saveHandler({ php, node }: Facts): ReturnType<Check['look']> {
  const name = php.directives.save_handler
  const seen = `PHP: session.save_handler = ${name}`
  if (/^(?:redis(?:cluster)?|memcached?)$/.test(name)) {
    return {
      severity: 'note',
      title: `PHP keeps sessions in ${name.startsWith('redis') ? 'Redis' : 'Memcached'}`,
      seen,
      means:
        'This package has no save handler for it: give the SessionManager one of your own. Nothing that follows is about that server.',
    }
  }
  if (name !== 'files') {
    return {
      severity: 'problem',
      title: `PHP keeps sessions where Node has no save handler: ${name}`,
      seen,
      means: 'Sessions can be shared as files. Those that PHP has now stay behind: users log in again.',
      ...change(php, 'save_handler', 'files'),
    }
  }
  const other = node.directives?.save_handler ?? name
  if (other === name) return ok('PHP keeps sessions in files', seen)
  return {
    severity: 'problem',
    title: `Node keeps sessions elsewhere: ${other}`,
    seen: `${seen}; Node: save_handler ${other}`,
    means: 'Neither sees what the other keeps.',
    nodeOptions: { save_handler: name },
  }
}

function savePathForm({ php }: Facts): ReturnType<Check['look']> {
  if (php.directives.save_handler !== 'files') return undefined
  const setting = php.settings.find(({ name }) => name === 'save_path')
  const seen = `session.save_path = ${setting?.value || '(empty)'}`
  if (!setting?.value) {
    return {
      severity: 'note',
      title: 'Sessions are in the folder for temporary files',
      seen: `${seen}: ${php.savePath}`,
      means: 'Others write there too, and the system may empty it: users are logged out then.',
      ...ownFolder(php),
    }
  }
  const problem = formProblem(php.savePath)
  if (problem === undefined) return ok('The form of save_path is right', seen)
  return { severity: 'problem', title: problem.title, seen, means: problem.means, ...ownFolder(php) }
}

function formProblem(savePath: string): { title: string; means: string } | undefined {
  try {
    const { basedir } = parseSavePath(savePath)
    if (basedir.startsWith('/') || /^[a-z]:[\\/]/i.test(basedir)) return undefined
    return {
      title: 'save_path is no absolute path',
      means: 'It is another folder for each script and process, so write it from / on.',
    }
  } catch (error) {
    return {
      title: 'save_path has a form that PHP refuses',
      means: `${(error as Error).message}. It is "/dir", "N;/dir" or "N;MODE;/dir".`,
    }
  }
}

function sameSavePath({ php, node }: Facts): ReturnType<Check['look']> {
  if (php.directives.save_handler !== 'files') return undefined
  const isSameFolder = folderIn(php.savePath) === folderIn(node.savePath) || (php.mount && php.mount.key === node.mount?.key)
  const seen = `PHP: ${php.savePath}; Node: ${node.savePath}`
  if (isSameFolder && levelsIn(php.savePath) === levelsIn(node.savePath)) return ok('Node and PHP have the same save_path', seen)
  return {
    severity: 'problem',
    title: 'Node and PHP have different save_paths',
    seen,
    means: `Neither sees the sessions of the other.${whyDifferent(php)}`,
    nodeOptions: { save_path: php.savePath },
  }
}

function whyDifferent({ settings: all, chroot }: PhpSide): string {
  const setting = all.find(({ name }) => name === 'save_path')
  if (!setting?.value) return ' With an empty save_path, each finds the folder for temporary files in its own way.'
  if (chroot !== undefined) return ` PHP-FPM runs this pool with chroot = ${chroot}, below which its save_path is.`
  return setting.line === 0 ? ' PHP’s is built into it and stands in no php.ini.' : ''
}

function levelsIn(savePath: string): number | undefined {
  try {
    return parseSavePath(savePath).dirdepth
  } catch {
    return undefined
  }
}

function openBasedir({ php }: Facts): ReturnType<Check['look']> {
  const folder = folderIn(php.savePath)
  if (php.openBasedir === '' || php.directives.save_handler !== 'files' || folder === undefined) return undefined
  const seen = `open_basedir = ${php.openBasedir}; sessions in ${folder}`
  if (php.openBasedir.split(':').some((each) => isBelow(folder, each.replace(/(.)\/+$/, '$1')))) {
    return ok('open_basedir lets PHP keep its sessions', seen)
  }
  if (php.settings.some(({ name, value }) => name === 'save_path' && value !== '')) {
    return {
      severity: 'note',
      title: 'Sessions are outside of open_basedir',
      seen,
      means: 'PHP lets a php.ini do that, but no script: session_save_path() and session_start() with a save_path fail.',
    }
  }
  return {
    severity: 'problem',
    title: 'open_basedir keeps PHP from its sessions',
    seen,
    means: 'With an empty save_path PHP takes the folder for temporary files, and that is outside: session_start() fails.',
    ...ownFolder(php),
  }
}

function serializeHandler({ php, node }: Facts): ReturnType<Check['look']> {
  const name = handlerOf(php)
  const seen = `PHP: session.serialize_handler = ${name}`
  if (!serializeHandlerNames.includes(name)) {
    return {
      severity: 'problem',
      title: `Node cannot read what PHP writes: ${name}`,
      seen,
      means: `Node has ${serializeHandlerNames.join(', ')}. After a change PHP destroys the sessions there are: users log in again.`,
      ...change(php, 'serialize_handler', 'php'),
    }
  }
  const other = node.directives?.serialize_handler ?? name
  if (other === name) return ok('Node and PHP have the same serialize_handler', seen)
  return {
    severity: 'problem',
    title: 'Node and PHP have different serialize_handlers',
    seen: `${seen}; Node: ${other}`,
    means: 'PHP destroys a session that it cannot read, and Node refuses it.',
    nodeOptions: { serialize_handler: name },
  }
}

/** As it is set, also where Node does not know it. */
export function handlerOf({ settings: all, directives }: PhpSide): string {
  return all.find(({ name }) => name === 'serialize_handler')?.value.toLowerCase() || directives.serialize_handler
}
