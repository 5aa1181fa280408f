import { resolve } from 'node:path'
import { Option } from 'commander'
import { plural } from '../../inspect/print.ts'
import { quote } from '../../inspect/quote.ts'
import { parseSavePath } from '../../save-handlers/save-path.ts'
import { serializeHandlerNames } from '../../serialize-handlers/serialize-handlers.ts'
import type { AddCommand } from '../command.ts'
import { type Counts, convertAll } from '../convert/convert-all.ts'
import type { Job } from '../convert/convert-one.ts'
import { filesStore, type Store } from '../convert/store.ts'
import { status } from '../exit-status.ts'
import { assertListable } from '../listable.ts'
import { amount } from '../numbers.ts'
import { duration, type Output } from '../output.ts'
import { onlyPlace, placeOptions } from '../place.ts'

/** `session-start convert`: the sessions of a place in the format of another serialize handler. */
export const convert: AddCommand = (program, makeOutput, done) => {
  const command = program
    .command('convert')
    .summary('convert sessions to another serialize_handler')
    .description(
      'Converts all sessions of a place to another serialize_handler, each under its lock, where they are or into another place. ' +
        'Each is read again and compared; what the other format cannot hold stays as it was. Run it again to go on after an interruption.',
    )
    .argument('[place]', 'a save_path or a php.ini')
    .addOption(
      new Option('--to <name>', 'the serialize_handler to convert to').choices(serializeHandlerNames).makeOptionMandatory(),
    )
    .addOption(new Option('--from <name>', 'the one they are in; else as the bytes of each look').choices(serializeHandlerNames))
    .option('--target <save_path>', 'leave the sessions alone, and write those converted there')
    .option('--lock-timeout <ms>', 'how long to wait for a session that is in use', amount, 1000)
    .option('--dry-run', 'only say what would be done')
    .option('--full-ids', 'show ids in full')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  session-start convert /var/lib/php/sessions --to php_serialize --dry-run
  session-start convert /var/lib/php/sessions --from php --to php_serialize
  session-start convert --ini /etc/php/8.2/fpm/php.ini --to php --target /srv/new/sessions`,
    )
  placeOptions(command).action(async (given: string | undefined, options) => {
    const output = makeOutput(options)
    const place = await onlyPlace(given, options)
    assertListable(place)
    const { save_path } = place.sessions.directives
    const { to, lockTimeout, target } = options
    const job: Job = {
      source: { ...(await filesStore(save_path, lockTimeout)), label: place.label },
      target: target === undefined || isSamePlace(save_path, target) ? undefined : await filesStore(target, lockTimeout),
      from: options.from ?? options.serializeHandler,
      to,
      isDry: options.dryRun === true,
    }
    if (!job.isDry) output.keepOn()
    const interruption = catchInterruption()
    const left: { id: string }[] = []
    const total = output.isLive ? await countSessions(job.source, output) : 0
    const counts = await convertAll(job, {
      async onLeft(id, { keys, ...why }) {
        if (output.isJson) left.push({ id: output.id(id), ...why, ...(keys && { keys }) })
        else await output.line(`${output.colors.yellow(output.id(id))}  ${reasonText({ keys, ...why })}`)
      },
      onProgress: progressLine(output, total),
      isStopped: () => interruption.signal !== undefined,
    })
    const isInterrupted = interruption.signal !== undefined
    if (output.isJson) {
      await output.json({
        place: place.label,
        target: target ?? null,
        to,
        dryRun: job.isDry,
        interrupted: isInterrupted,
        ...counts,
        left,
      })
    } else {
      await output.line(summaryText(counts, job))
      if (isInterrupted) output.note('Interrupted: run it again to convert the rest.')
    }
    if (counts.left > 0 || isInterrupted) done(status.found)
    interruption.pass()
  })
}

/** A first signal only stops before the next session; what was asked of the process by it, is done by `pass`. */
function catchInterruption() {
  const signals = ['SIGINT', 'SIGTERM'] as const
  const caught: { signal: NodeJS.Signals | undefined } = { signal: undefined }
  const release = () => {
    for (const signal of signals) process.off(signal, take)
  }
  const take = (signal: NodeJS.Signals) => {
    caught.signal = signal
    release()
  }
  for (const signal of signals) process.on(signal, take)
  return {
    get signal() {
      return caught.signal
    },
    pass() {
      release()
      if (caught.signal !== undefined) process.kill(process.pid, caught.signal)
    },
  }
}

async function countSessions({ list }: Store, output: Output): Promise<number> {
  let total = 0
  for await (const _ of list()) if (++total % 1000 === 0) output.progress(`${total} sessions`)
  return total
}

/** `1200 of 100000 sessions, 1100 converted, 40 s left`, ten times a second. */
function progressLine(output: Output, total: number): (counts: Counts) => void {
  const start = performance.now()
  let shown = Number.NEGATIVE_INFINITY
  return ({ looked, converted, left }) => {
    const now = performance.now()
    if (!output.isLive || now - shown < 100) return
    shown = now
    const rest = ((now - start) / looked) * Math.max(0, total - looked)
    const parts = [
      `${looked} of ${Math.max(total, looked)} sessions`,
      `${converted} converted`,
      ...(left > 0 ? [`${left} left`] : []),
    ]
    output.progress([...parts, `${duration(Math.ceil(rest / 1000))} to go`].join(', '))
  }
}

function reasonText({ message, keys = [] }: { readonly message: string; readonly keys?: readonly string[] | undefined }): string {
  return keys.length === 0 ? message : `${keys.map((key) => quote(key)).join(', ')}: ${message}`
}

function summaryText({ looked, converted, already, left }: Counts, { source, target, to, isDry }: Job): string {
  const count = `${converted} of ${plural(looked, 'session')} in ${source.label}`
  const where = target === undefined ? to : `${to}, into ${target.label}`
  return [
    isDry ? `${count} can be converted to ${where}` : `Converted ${count} to ${where}`,
    ...(already > 0 ? [`already so: ${already}`] : []),
    ...(left > 0 ? [`${isDry ? 'to be left as they are' : 'left as they were'}: ${left}`] : []),
  ].join('; ')
}

function isSamePlace(save_path: string, other: string): boolean {
  const [one, two] = [parseSavePath(save_path), parseSavePath(other)]
  return resolve(one.basedir) === resolve(two.basedir) && one.dirdepth === two.dirdepth
}
