import { basename } from 'node:path'
import type { Change } from '../../inspect/diff.ts'
import { inspectSession } from '../../inspect/inspect-session.ts'
import { formatChange, formatProblem, plural } from '../../inspect/print.ts'
import { printable } from '../../inspect/quote.ts'
import type { Problem } from '../../inspect/report.ts'
import type { AddCommand } from '../command.ts'
import { changeJson, changesBetween, lookOptions, printOptions } from '../look.ts'
import { bytes, column, type Output } from '../output.ts'
import { findId, type Place, type PlaceOptions, takePlace, takeSubject } from '../place.ts'
import { type SessionEvent, SessionWatcher } from '../session-watcher.ts'

/** `session-start watch`: what requests do to sessions, while they do it. */
export const watch: AddCommand = (program, makeOutput) => {
  const command = program
    .command('watch')
    .summary('show what each request changes, as it happens')
    .description(
      'Shows each change of a session when it happens: what changed, and the process that held the lock where the system shows that (Linux; best effort). Ctrl+C ends it.',
    )
    .argument(
      '[sessions...]',
      'a save_path or a php.ini, and the beginnings of ids; or a session’s file; all sessions where no id is given',
    )
    .addHelpText(
      'after',
      `
Examples:
  session-start watch /var/lib/php/sessions
  session-start watch /var/lib/php/sessions 1f3c
  session-start watch --json | jq 'select(.event == "destroyed")'

With --json each event is one line.`,
    )
  lookOptions(command).action(async (args: string[], options) => {
    const output = makeOutput(options)
    const { place, ids } = await wantedOf(args, options, output)
    const watcher = new SessionWatcher(place, ids)
    const interrupted = interruption()
    let printed: Promise<void> = Promise.resolve()
    try {
      const failed = new Promise<never>((_, reject) => {
        watcher.onError = reject
        watcher.onEvent = (event) => {
          printed = printed.then(() => print(event, place, output))
          printed.catch(reject)
        }
      })
      output.progress('Looking at what is there …')
      const started = watcher.start().then((isWatching) => {
        if (!isWatching) return
        const what = ids === undefined ? plural(watcher.count, 'session') : ids.map((id) => output.id(id)).join(', ')
        output.note(output.colors.dim(`Watching ${what} in ${place.label}; Ctrl+C ends it`))
      })
      await Promise.race([interrupted, failed, started.then(() => interrupted)])
    } finally {
      await watcher.close()
    }
    await printed
  })
}

async function wantedOf(
  args: readonly string[],
  options: PlaceOptions,
  { terminal }: Output,
): Promise<{ place: Place; ids: string[] | undefined }> {
  if (args.length === 1 && basename(args[0]!).startsWith('sess_')) {
    const { place, id } = (await takeSubject(args, options, terminal)).subject
    if (place !== undefined && id !== undefined) return { place, ids: [id] }
  }
  const { place, rest } = await takePlace(args, options)
  const ids: string[] = []
  for (const beginning of rest) ids.push(await findId(place, beginning))
  return { place, ids: ids.length === 0 ? undefined : ids }
}

/** Resolves when somebody ends us. */
function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}

async function print(event: SessionEvent, place: Place, output: Output): Promise<void> {
  const { id, time, kind, before, after, holder } = event
  const { changes, problem } = differencesOf(event, place.serializeHandler, output)
  if (output.isJson) {
    return output.jsonLine({
      time: time.toISOString(),
      session: output.id(id),
      event: kind,
      size: after?.length ?? null,
      holder: holder ?? null,
      problem: problem ?? null,
      changes: changes?.map(changeJson) ?? null,
    })
  }
  const { colors } = output
  const color = { created: colors.green, changed: colors.yellow, touched: colors.dim, destroyed: colors.red }[kind]
  const parts = [
    colors.dim(clock(time)),
    colors.bold(output.id(id)),
    color(column(kind, 'destroyed'.length)),
    column(after ? bytes(after.length) : '', 8, 'right'),
    holder === undefined ? '' : colors.dim(`by ${printable(holder.command)} ${holder.pid}`),
  ]
  await output.line(parts.join('  ').trimEnd())
  for (const change of changes ?? []) await output.line(`  ${formatChange(change, printOptions(output, 2))}`)
  if (problem !== undefined) await output.line(`  ${colors.red(`PHP stops ${formatProblem(problem, after!.length)}`)}`)
  else if (kind === 'changed') {
    if (before === undefined || after === undefined) await output.line(colors.dim('  (what it was before, or is, is not known)'))
    else if (changes?.length === 0) await output.line(colors.dim('  (no value is another, only how they are stored)'))
  }
}

/** Undefined where one of both is not known. */
function differencesOf(
  { kind, before, after }: SessionEvent,
  serializeHandler: string | undefined,
  output: Output,
): { changes: Change[] | undefined; problem: Problem | undefined } {
  if (kind === 'destroyed' || !after) return { changes: kind === 'destroyed' ? [] : undefined, problem: undefined }
  const { problem } = inspectSession(after, serializeHandler)
  if (before === undefined) return { changes: undefined, problem }
  return { changes: changesBetween(before ?? EMPTY, after, serializeHandler, output), problem }
}

const EMPTY = Buffer.alloc(0)

function clock(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
