import { Option } from 'commander'
import { hexdump } from '../../inspect/hexdump.ts'
import { toJson } from '../../inspect/json.ts'
import { formatReport } from '../../inspect/print.ts'
import { formatPhp } from '../../inspect/print-php.ts'
import type { SessionReport } from '../../inspect/report.ts'
import { userOf } from '../../inspect/user.ts'
import type { AddCommand } from '../command.ts'
import { CommandError, status } from '../exit-status.ts'
import { lookOptions, nameOf, printOptions, reportOf, subjectJson } from '../look.ts'
import { bytes, type Output } from '../output.ts'
import { type Subject, takeSubject } from '../place.ts'

/** `session-start show`: what a session holds. */
export const show: AddCommand = (program, makeOutput, done) => {
  const command = program
    .command('show')
    .summary('show what a session holds')
    .description(
      'Shows a session as a tree, with PHP’s types: visibility (# protected, - private), references (&), sizes in bytes, and what strings with serialize() output hold. Strings are cut at the width of the terminal, in a pipe not. Exit status: 1 where PHP could not read it.',
    )
    .argument('<session...>', 'a session’s file, - for standard input, or a place and the beginning of an id')
    .addOption(new Option('--php', 'print an expression of PHP').conflicts(['json', 'raw', 'hexdump']))
    .addOption(new Option('--raw', 'print the bytes as they are stored, secrets too').conflicts(['json', 'hexdump']))
    .addOption(new Option('--hexdump', 'print the bytes in hexadecimal, secrets too').conflicts(['json']))
    .addHelpText(
      'after',
      `
Examples:
  session-start show /var/lib/php/sessions 1f3c
  session-start show sess_1f3c… --json | jq '.variables[].key'
  session-start show sess_1f3c… --raw > backup
  ssh server cat /var/lib/php/sessions/sess_1f3c… | session-start show -`,
    )
  lookOptions(command).action(async (args: string[], options) => {
    const output = makeOutput(options)
    const { subject, rest } = await takeSubject(args, options, output.terminal)
    if (rest.length > 0) throw new CommandError('Give one session; get shows a part of one', status.usage)
    if (options.raw) {
      output.terminal.stdout.write(subject.bytes)
      return
    }
    if (options.hexdump) return output.line(hexdump(subject.bytes))
    const report = reportOf(subject, output)
    if (report.problem !== undefined) done(status.found)
    if (output.isJson) return output.json({ ...subjectJson(subject, output), ...toJson(report) })
    if (options.php) return output.line(formatPhp(report))
    await output.line(output.colors.dim(`# ${titleOf(subject, report, output)}`))
    await output.line(formatReport(report, printOptions(output)))
    if (report.problem !== undefined) output.note(output.colors.dim('session-start explain tells more, and may repair it'))
  })
}

function titleOf(subject: Subject, report: SessionReport, output: Output): string {
  const user = userOf(report)
  const parts = [nameOf(subject, output), bytes(subject.bytes.length), report.serializeHandler, user && `user ${user}`]
  return parts.filter((part) => part !== undefined).join(', ')
}
