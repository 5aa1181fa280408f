import { plural } from '../../inspect/print.ts'
import { parseSavePath } from '../../save-handlers/save-path.ts'
import type { AddCommand } from '../command.ts'
import { assertListable } from '../listable.ts'
import { amount } from '../numbers.ts'
import { bytes, duration } from '../output.ts'
import { onlyPlace, type Place, placeOptions } from '../place.ts'

/** `session-start gc`: session_gc(), from outside. */
export const gc: AddCommand = (program, makeOutput) => {
  const command = program
    .command('gc')
    .summary('remove the sessions that are too old')
    .description('Removes the sessions that nobody used for longer than gc_maxlifetime, except those in use: session_gc().')
    .argument('[place]', 'a save_path or a php.ini')
    .option('--max-lifetime <seconds>', 'instead of gc_maxlifetime', amount)
    .option('--dry-run', 'only say what would be removed')
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
    const hasLevels = parseSavePath(place.sessions.directives.save_path).dirdepth > 0
    if (options.dryRun) {
      const { count, size, looked } = await garbage(place, maxLifetime, (at) => output.progress(`${at} sessions looked at`))
      if (output.isJson) {
        return output.json({
          dryRun: true,
          maxLifetime,
          looked,
          old: count,
          bytes: hasLevels ? 0 : size,
          ...(hasLevels && { hasLevels }),
        })
      }
      const old = `${count} of ${plural(looked, 'session')} in ${place.label} ${count === 1 ? 'is' : 'are'} older than ${age}`
      await output.line(hasLevels ? `${old}: none would be removed` : `${old}: ${bytes(size)} would be freed`)
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

async function garbage(place: Place, maxLifetime: number, progress: (looked: number) => void) {
  const now = Math.floor(Date.now() / 1000)
  let [looked, count, size] = [0, 0, 0]
  for await (const entry of place.list()) {
    if (++looked % 1000 === 0) progress(looked)
    if (now - Math.floor(entry.mtime.getTime() / 1000) <= maxLifetime) continue
    count++
    size += entry.size
  }
  return { looked, count, size }
}
