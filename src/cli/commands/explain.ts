import { Option } from 'commander'
import type { Diagnosis } from '../../inspect/diagnosis.ts'
import { explainSession } from '../../inspect/explain.ts'
import { inspectSession } from '../../inspect/inspect-session.ts'
import { enumsIn, misnamingClassesIn } from '../../inspect/loaded-classes.ts'
import { plural } from '../../inspect/print.ts'
import type { AddCommand } from '../command.ts'
import { CommandError, type Status, status } from '../exit-status.ts'
import { explainAll } from '../explain-all.ts'
import { diagnosisJson, formatDiagnosis } from '../explanation.ts'
import { isConfiguration, isFile } from '../files.ts'
import { lookOptions, nameOf, subjectJson } from '../look.ts'
import { bytes, type Output, type OutputOptions } from '../output.ts'
import { type Place, type PlaceOptions, type Subject, takePlace, takeSubject } from '../place.ts'
import { type FixOptions, fix } from '../repair.ts'

/** `session-start explain`: why PHP would destroy a session. */
export const explain: AddCommand = (program, makeOutput, done) => {
  const command = program
    .command('explain')
    .summary('tell why PHP would destroy a session, and repair it')
    .description(
      'Tells why PHP would destroy a session: where, what it expected there, what probably happened, and a repair where one is safe. Of a save_path it goes through all sessions and lists the damaged ones. Exit status: 0 PHP reads it all (or does now), 1 it does not.',
    )
    .argument(
      '[session...]',
      'a session’s file, - for standard input, or a place and the beginning of an id; or a place, for all of its sessions',
    )
    .option('--fix', 'write the repair, under the lock as a request does; one that loses something only with --backup')
    .option('--backup', 'with --fix: keep the damaged session in a file beside, damaged-1-sess_…')
    .addOption(new Option('--stdout', 'with --fix: print the repaired session and write nothing').conflicts(['backup', 'json']))
    .addHelpText(
      'after',
      `
With a serialize handler given, by --serialize-handler or a php.ini, a session that another one wrote is damaged too: PHP would destroy it.

Examples:
  session-start explain /etc/php/8.2/fpm/php.ini
  session-start explain /var/lib/php/sessions 1f3c
  session-start explain /var/lib/php/sessions 1f3c --fix --backup
  session-start explain - --fix --stdout < damaged | session-start show -`,
    )
  lookOptions(command).action(async (args: string[], options: PlaceOptions & FixOptions & OutputOptions) => {
    const output = makeOutput(options)
    if ((options.backup || options.stdout) && !options.fix)
      throw new CommandError('--backup and --stdout go with --fix', status.usage)
    const found = await wantedOf(args, options, output)
    if (options.fix && !options.stdout) output.keepOn()
    done('list' in found ? await explainAll(found, options, output) : await explainOne(found, options, output))
  })
}

/** A session, or a place for all of its sessions. */
async function wantedOf(args: readonly string[], options: PlaceOptions, output: Output): Promise<Subject | Place> {
  const [first, second] = args
  const isOne = second !== undefined || first === '-' || (first !== undefined && isFile(first) && !isConfiguration(first))
  if (!isOne) {
    const { place, rest } = await takePlace(args, options)
    if (rest.length === 0) return place
  }
  const { subject, rest } = await takeSubject(args, options, output.terminal)
  if (rest.length > 0) throw new CommandError('Give one session, or none for all of a place', status.usage)
  return subject
}

async function explainOne(subject: Subject, options: FixOptions, output: Output): Promise<Status> {
  const diagnosis = explainSession(subject.bytes, subject.serializeHandler)
  if (options.fix && options.stdout) return printRepaired(subject.bytes, diagnosis, output)
  if (!output.isJson) await printExplanation(subject, diagnosis, output)
  const isFixed = options.fix === true && diagnosis?.repair !== undefined
  const backup = isFixed ? await fix(subject, diagnosis.repair, options) : undefined
  const kept = backup === undefined ? null : backup + output.id(subject.id!)
  if (output.isJson) {
    const explained = diagnosis === undefined ? null : diagnosisJson(diagnosis, subject.bytes, output)
    await output.json({ ...subjectJson(subject, output), diagnosis: explained, isFixed, backup: kept })
  } else if (isFixed) {
    await output.line(output.colors.green(`Repaired${kept === null ? '' : `; what there was is in ${kept}`}`))
  }
  return diagnosis === undefined || isFixed ? status.ok : status.found
}

async function printExplanation(subject: Subject, diagnosis: Diagnosis | undefined, output: Output): Promise<void> {
  if (diagnosis !== undefined) {
    const title = [nameOf(subject, output), bytes(subject.bytes.length), diagnosis.serializeHandler ?? []].flat().join(', ')
    await output.line(output.colors.dim(`# ${title}`))
    return output.line(formatDiagnosis(diagnosis, subject.bytes, output))
  }
  const { serializeHandler, variables } = inspectSession(subject.bytes, subject.serializeHandler)
  const what = [plural(variables.length, 'variable'), serializeHandler ?? []].flat().join(', ')
  await output.line(`PHP reads ${nameOf(subject, output)}: ${what}`)
  const enums = enumsIn(variables)
  if (enums.length > 0) {
    await output.line(
      `It has to know ${enums.join(', ')}: a PHP that has not loaded an enum by session_start() destroys the session`,
    )
  }
  const classes = misnamingClassesIn(variables)
  if (classes.length > 0) {
    await output.line(
      `It must not know ${classes.join(', ')} if that declares properties: a PHP that has loaded it by session_start() refuses a property’s name with NUL bytes where PHP writes none, and destroys the session`,
    )
  }
}

async function printRepaired(stored: Buffer, diagnosis: Diagnosis | undefined, output: Output): Promise<Status> {
  const { message, repair = undefined } = diagnosis ?? {}
  if (diagnosis !== undefined && repair === undefined) throw new CommandError(`${message}. No repair is safe`, status.found)
  output.terminal.stdout.write(repair?.bytes ?? stored)
  if (repair?.loses !== undefined) output.note(`The repair loses ${repair.loses}`)
  return status.ok
}
