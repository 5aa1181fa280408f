import { plural } from '../../inspect/print.ts'
import { parseSavePath } from '../../save-handlers/save-path.ts'
import type { AddCommand } from '../command.ts'
import { type Garbage, garbageIn, keptIn } from '../garbage.ts'
import { assertListable } from '../listable.ts'
import { amount } from '../numbers.ts'
import { bytes, duration } from '../output.ts'
import { onlyPlace, placeOptions } from '../place.ts'

/** `session-start gc`: session_gc(), from outside. */
export const gc: AddCommand = (program, makeOutput) => {
  const command = program
    .command('gc')
    .summary('remove the sessions that are too old')
    .description('Removes the sessions that nobody used for longer than gc_maxlifetime, except those in use: session_gc().')
    .argument('[place]', 'a save_path or a php.ini')
    .option('--max-lifetime <seconds>', 'instead of gc_maxlifetime', amount)
    .option('--dry-run', 'only say what would be removed, without a lock: what is in use, /proc/locks tells, on Linux')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  session-start gc /var/lib/php/sessions --dry-run\n  session-start gc --ini /etc/php/8.2/fpm/php.ini',
    )
  placeOptions(command).action(async (given: string | undefined, options) => {
    const output = makeOutput(options)
    const place = await onlyPlace(given, options)
    const maxLifetime: number = options.maxLifetime ?? place.sessions.directives.gc_maxlifetime
    assertListable(place)
    const age = duration(maxLifetime)
    const { basedir, dirdepth } = parseSavePath(place.sessions.directives.save_path)
    const hasLevels = dirdepth > 0
    const progress = (looked: number) => output.progress(`${looked} sessions looked at`)
    if (options.dryRun) {
      const found = await (hasLevels ? keptIn(place, maxLifetime, progress) : garbageIn(basedir, maxLifetime, progress))
      if (output.isJson) return output.json({ dryRun: true, maxLifetime, ...found, ...(hasLevels && { hasLevels }) })
      await output.line(forecast(found, place.label, age, hasLevels))
    } else {
      output.keepOn()
      const removed = await place.gc(maxLifetime, (looked, at) => output.progress(`${looked} sessions looked at, ${at} removed`))
      if (output.isJson) return output.json({ dryRun: false, maxLifetime, removed, ...(hasLevels && { hasLevels }) })
      await output.line(`Removed ${plural(removed, 'session')} older than ${age} from ${place.label}`)
    }
    if (hasLevels) {
      output.note('PHP’s own clean-up leaves a save_path with levels alone, and so does this: use find(1), as PHP’s manual says.')
    }
  })
}

function forecast({ looked, old, inUse, denied, bytes: size }: Garbage, label: string, age: string, hasLevels: boolean): string {
  const left = [
    ...(inUse > 0 ? [`${inUse} in use would stay`] : []),
    ...(denied > 0 ? [`${denied} this user may not remove`] : []),
  ]
  return [
    `${old} of ${plural(looked, 'session')} in ${label} ${old === 1 ? 'is' : 'are'} older than ${age}`,
    [hasLevels ? 'none would be removed' : `${bytes(size)} would be freed`, ...left].join('; '),
  ].join(': ')
}
