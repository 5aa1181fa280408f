import { existsSync, readFileSync } from 'node:fs'
import type { SessionManagerOptions } from '../../session/options.ts'
import type { AddCommand } from '../command.ts'
import { findingsIn } from '../doctor/checks.ts'
import type { Facts } from '../doctor/facts.ts'
import type { Finding } from '../doctor/finding.ts'
import { gatherFacts } from '../doctor/gather.ts'
import { printFindings } from '../doctor/print.ts'
import { status } from '../exit-status.ts'

/** `session-start doctor`: whether Node and PHP can share sessions here. */
export const doctor: AddCommand = (program, makeOutput, done) => {
  program
    .command('doctor')
    .summary('tell whether Node and PHP can share sessions here')
    .description(
      'Looks at PHP, at Node and at what is between them, and says whether they can share sessions here, what is wrong, and ' +
        'the command that mends it. It changes nothing and takes no lock.',
    )
    .argument(
      '[files...]',
      'a php.ini or its folder, and a php-fpm pool; or what phpinfo() printed; else the PHP on this machine',
    )
    .option('--node <json-or-file>', 'the options of your SessionManager, to hold against PHP’s: JSON, or a file with it')
    .option('--node-user <user>', 'who runs Node, by name or number')
    .option('--php-user <user>', 'who runs PHP, by name or number')
    .option('--root <folder>', 'where the file system of PHP is, as of a container')
    .option('--try', 'also take a lock, on a new file in the folder of sessions')
    .option('--verbose', 'also show what is right')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(async (files: string[], options) => {
      const output = makeOutput(options)
      const facts = await gatherFacts({
        ...{ files, nodeUser: options.nodeUser, phpUser: options.phpUser },
        node: options.node === undefined ? undefined : nodeOptions(options.node),
        root: options.root,
        tries: options.try === true,
      })
      const findings = findingsIn(facts)
      const isProblem = findings.some(({ severity }) => severity === 'problem')
      if (isProblem) done(status.found)
      if (output.isJson) await output.json(report(facts, findings, !isProblem))
      else await printFindings(output, facts, findings, options.verbose === true)
    })
}

const help = `
Examples:
  session-start doctor
  session-start doctor /etc/php/8.2/fpm/php.ini /etc/php/8.2/fpm/pool.d/www.conf
  session-start doctor phpinfo.html --php-user www-data --node '{"cookie_samesite":"Lax"}'

Exit status: 0 Node and PHP can share sessions, 1 they cannot, 2 the command was not understood,
3 there was no PHP to look at.`

/** @throws TypeError for what is no JSON object */
function nodeOptions(given: string): SessionManagerOptions {
  const text = given.trimStart().startsWith('{') ? given : existsSync(given) ? readFileSync(given, 'utf8') : given
  try {
    const options: unknown = JSON.parse(text)
    if (typeof options === 'object' && options !== null && !Array.isArray(options)) return options
  } catch {
    // Said below.
  }
  throw new TypeError('--node must be the options of a SessionManager as a JSON object, or a file with it')
}

/** What `--json` prints; docs/doctor.md says what it promises. */
function report({ php, node }: Facts, findings: readonly Finding[], canShare: boolean) {
  return {
    canShare,
    php: {
      ...{ label: php.label, version: php.version ?? null, sapi: php.sapi ?? null, files: php.files },
      user: php.user?.name ?? null,
      savePath: withoutPassword(php.savePath),
      settings: { ...php.directives, save_path: withoutPassword(php.directives.save_path) },
    },
    node: { version: process.versions.node, user: node.user?.name ?? null, userFrom: node.userFrom },
    findings: findings.map(({ mend = null, phpSettings = null, nodeOptions: options = null, ...rest }) => ({
      ...{ ...rest, mend, phpSettings },
      nodeOptions: options,
    })),
  }
}

/** Of `tcp://127.0.0.1:6379?auth=secret`, and of a URL with a user. */
function withoutPassword(savePath: string): string {
  return savePath.replace(/(\bauth(?:\[\w*\]|%5B\w*%5D)?=)[^&\s,]*/gi, '$1…').replace(/(\/\/[^/@\s]*:)[^/@\s]*@/g, '$1…@')
}
