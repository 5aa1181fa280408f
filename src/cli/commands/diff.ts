import { inspectSession } from '../../inspect/inspect-session.ts'
import { formatChange, formatProblem } from '../../inspect/print.ts'
import type { AddCommand } from '../command.ts'
import { CommandError, status } from '../exit-status.ts'
import { isFile, readBytes, statusOf } from '../files.ts'
import { changeJson, changesBetween, lookOptions, nameOf, printOptions, subjectJson } from '../look.ts'
import { bytes, type Output, pathText } from '../output.ts'
import { findId, type PlaceOptions, type Subject, takeSubject } from '../place.ts'
import { SessionWatcher } from '../session-watcher.ts'

/** `session-start diff`: two sessions, or one at two times. */
export const diff: AddCommand = (program, makeOutput, done) => {
  const command = program
    .command('diff')
    .summary('show what is different in two sessions, or in one over time')
    .description(
      'Shows which values are different, each at its path. How they are stored makes no difference: offsets, slot numbers, the serialize handler. Exit status: 0 nothing is different, 1 something is.',
    )
    .argument(
      '<sessions...>',
      'two files (- is standard input), or a place and the beginnings of two ids; of one with --against or --wait',
    )
    .option('--against <file>', 'compare with a copy that was saved before')
    .option('--wait [seconds]', 'compare with what the session is after its next change, if it comes in that time')
    .addHelpText(
      'after',
      `
Examples:
  session-start diff /var/lib/php/sessions 1f3c 77ab
  session-start diff sess_1f3c… sess_77ab…
  session-start diff /var/lib/php/sessions 1f3c --wait
  session-start show sess_1f3c… --raw > before; session-start diff sess_1f3c… --against before`,
    )
  lookOptions(command).action(async (args: string[], options) => {
    const output = makeOutput(options)
    const [before, after] = await bothOf(args, options, output)
    const handler = before.serializeHandler ?? after.serializeHandler
    const changes = changesBetween(before.bytes, after.bytes, handler, output)
    const problems = [before, after].map((each) => inspectSession(each.bytes, each.serializeHandler).problem)
    if (changes.length > 0 || problems.some((problem) => problem !== undefined)) done(status.found)
    if (output.isJson) {
      const [one, other] = [before, after].map((each, index) => ({
        ...subjectJson(each, output),
        problem: problems[index] ?? null,
      }))
      return output.json({ before: one, after: other, changes: changes.map(changeJson) })
    }
    const { colors } = output
    await output.line(colors.red(`--- ${titleOf(before, output)}`))
    await output.line(colors.green(`+++ ${titleOf(after, output)}`))
    for (const change of changes) await output.line(formatChange(change, printOptions(output)))
    if (changes.length === 0) {
      await output.line(
        before.bytes.equals(after.bytes) ? 'No difference' : 'No difference in values, only in how they are stored',
      )
    }
    for (const [index, each] of [before, after].entries()) {
      const problem = problems[index]
      if (problem === undefined) continue
      output.note(
        `${titleOf(each, output)}: PHP stops ${formatProblem(problem, each.bytes.length)}. What comes after that was not compared.`,
      )
    }
  })
}

interface DiffOptions extends PlaceOptions {
  readonly against?: string
  readonly wait?: string | true
}

/** A session at a time. */
interface Look extends Subject {
  readonly when?: string
}

async function bothOf(args: readonly string[], options: DiffOptions, output: Output): Promise<[Look, Look]> {
  // Before the sessions are looked for: it may have taken their place for its seconds.
  const seconds = secondsOf(options.wait)
  const { subject, rest } = await takeSubject(args, options, output.terminal)
  if (options.against !== undefined || options.wait !== undefined) {
    if (rest.length > 0 || (options.against !== undefined && options.wait !== undefined)) {
      throw new CommandError('--against and --wait compare one session with itself: give one, and one of them', status.usage)
    }
    if (options.against !== undefined) return [savedCopy(options.against, subject, options.fullIds), subject]
    return [
      { ...subject, when: 'before' },
      { ...subject, bytes: await nextBytes(subject, seconds, output), when: 'after' },
    ]
  }
  const [second] = rest
  if (second === undefined) throw new CommandError('Compare with what? Give another session, --against or --wait', status.usage)
  if (second === '-' && args[0] === '-') throw new CommandError('Standard input can be one of the two, not both', status.usage)
  if (second === '-' || isFile(second) || (rest.length > 1 && isPlace(second)) || subject.place === undefined) {
    const other = await takeSubject(rest, options, output.terminal)
    return other.rest.length > 0 ? tooMany() : [subject, other.subject]
  }
  if (rest.length > 1) return tooMany()
  return [subject, await inPlace(subject, await findId(subject.place, second))]
}

function tooMany(): never {
  throw new CommandError('Two sessions can be compared, and no more', status.usage)
}

async function inPlace(subject: Subject, id: string): Promise<Subject> {
  const bytes = await subject.place!.bytes(id)
  if (bytes === null) throw new CommandError(`There is no such session in ${subject.label}`)
  return { ...subject, id, bytes }
}

function savedCopy(file: string, { serializeHandler }: Subject, isFull?: boolean): Subject {
  const shown = pathText(file, isFull)
  if (!isFile(file)) throw new CommandError(`There is no file ${shown}`)
  return { place: undefined, id: undefined, label: shown, bytes: readBytes(file), serializeHandler }
}

/** Undefined: for ever. */
function secondsOf(wait: string | true | undefined): number | undefined {
  if (wait === undefined || wait === true) return undefined
  const seconds = Number(wait)
  if (seconds > 0 && seconds < MOST_SECONDS) return seconds
  throw new CommandError(`--wait ${pathText(wait)}: seconds are a number above 0`, status.usage)
}

/** The session's bytes after its next change; as they are when there is none in time. */
async function nextBytes({ place, id, bytes: before }: Subject, seconds: number | undefined, output: Output): Promise<Buffer> {
  if (place === undefined || id === undefined) throw new CommandError('Only a session of a save_path changes', status.usage)
  const watcher = new SessionWatcher(place, [id])
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      watcher.onError = reject
      const look = (now: Buffer | null | undefined) => {
        if (now === null) reject(new CommandError('The session was destroyed', status.found))
        else if (now !== undefined && !now.equals(before)) resolve(now)
      }
      watcher.onEvent = ({ after }) => look(after)
      if (seconds !== undefined) timer = setTimeout(() => resolve(before), seconds * 1000)
      output.progress('Waiting for a change …')
      // What happened before it looked on.
      const begin = async () => {
        await watcher.start()
        look(await place.bytes(id))
      }
      begin().catch(reject)
    })
  } finally {
    clearTimeout(timer)
    await watcher.close()
  }
}

/** A timer knows no more. */
const MOST_SECONDS = 2_000_000

function titleOf(look: Look, output: Output): string {
  return `${nameOf(look, output)}${look.when === undefined ? '' : `, ${look.when}`} (${bytes(look.bytes.length)})`
}

function isPlace(path: string): boolean {
  return path.includes(';') || statusOf(path) !== undefined
}
