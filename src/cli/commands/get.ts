import { Option } from 'commander'
import { nodeAt, parsePath } from '../../inspect/paths.ts'
import { formatPhp } from '../../inspect/print-php.ts'
import type { SessionReport, ValueNode } from '../../inspect/report.ts'
import { isHidden } from '../../inspect/serialize-nodes.ts'
import type { Keys } from '../../inspect/walk.ts'
import { formatPath } from '../../php/key-path.ts'
import type { AddCommand } from '../command.ts'
import { CommandError, status } from '../exit-status.ts'
import { alone, lookOptions, reportOf, valueJson } from '../look.ts'
import { pathText } from '../output.ts'
import { takeSubject } from '../place.ts'
import { plainJson, plainText, terminalText } from '../plain-value.ts'
import { typedPath } from '../typed-path.ts'

/** `session-start get`: one value, for scripts. */
export const get: AddCommand = (program, makeOutput, done) => {
  const command = program
    .command('get')
    .summary('print one value')
    .description(
      'Prints the value at a path: text and numbers as they are, arrays and objects as JSON, in which a reference is {"$ref": path}. A value that looks like a secret is only printed with --reveal. Exit status: 1 where there is no such key.',
    )
    .argument('<session...>', 'a session’s file, - for standard input, or a place and the beginning of an id; then the path')
    .addOption(new Option('--php', 'print an expression of PHP').conflicts('json'))
    .addHelpText(
      'after',
      `
With --json the value has its type, as in show --json.

Examples:
  session-start get /var/lib/php/sessions 1f3c user.roles[0]
  session-start get sess_1f3c… "_sf2_attributes['_security.last_username']"
  session-start get sess_1f3c… cart | jq length
  session-start get - user.id < sess_1f3c…`,
    )
  lookOptions(command).action(async (args: string[], options) => {
    const output = makeOutput(options)
    const { subject, rest } = await takeSubject(args, options, output.terminal)
    const [path] = rest
    if (path === undefined || rest.length > 1) throw new CommandError('Give one path, as user.roles[0]', status.usage)
    const report = reportOf(subject, output)
    const keys = typedPath(path)
    const secret = keys.findIndex((_, index) => valueAt(report, keys.slice(0, index))?.isMasked === true)
    if (secret !== -1) throw secretError(formatPath(keys.slice(0, secret)))
    const node = valueAt(report, keys)
    if (node === undefined) {
      done(status.found)
      const { problem } = report
      output.note(
        `There is no ${pathText(path)}${problem === undefined ? '' : ` before byte ${problem.offset}, where PHP stops to read`}`,
      )
      return
    }
    if (isHidden(node)) throw secretError(path)
    if (output.isJson) return output.json(valueJson(node))
    if (options.php) return output.line(phpOf(node))
    const { stdout } = output.terminal
    const text = plainText(node)
    if (text === undefined) return output.json(plainJson(node))
    stdout.write(stdout.isTTY === true ? terminalText(text) : text)
    await output.line()
  })
}

function secretError(path: string): CommandError {
  return new CommandError(`${path} holds what looks like a secret: --reveal prints it`)
}

/** What is there, or where the reference there leads. */
function valueAt(report: SessionReport, keys: Keys): ValueNode | undefined {
  let node = nodeAt(report, keys)
  // A reference may lead to another, but only ahead of itself.
  while (node?.target !== undefined) node = nodeAt(report, parsePath(node.target.path))
  return node
}

/** As it stands in an array of PHP. */
function phpOf(node: ValueNode): string {
  const [first = '', ...lines] = formatPhp(alone(node)).split('\n')
  if (first !== '[') throw new CommandError('It has references, which an expression cannot: show --php prints the whole session')
  const inside = lines.slice(0, -1).map((line) => line.slice('    '.length))
  return inside
    .join('\n')
    .replace(/^'' => /, '')
    .replace(/,$/, '')
}
