import type { AddCommand } from '../command.ts'
import { CommandError, status } from '../exit-status.ts'
import { findId, type Place, type PlaceOptions, placeOptions, takePlace, takeSubject } from '../place.ts'

/** `session-start rm`: session_destroy(), from outside. */
export const rm: AddCommand = (program, makeOutput) => {
  const command = program
    .command('rm')
    .summary('remove sessions')
    .description('Removes sessions, each under its lock: their users are logged out.')
    .argument('<sessions...>', 'files of sessions; or a save_path or php.ini, and the beginnings of ids')
    .option('--full-ids', 'show ids in full')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  session-start rm /var/lib/php/sessions 1f3c 77ab\n  session-start rm sess_1f3c0a…')
  placeOptions(command).action(async (args: string[], options) => {
    const output = makeOutput(options)
    const found = await sessionsOf(args, options)
    for (const { place, id } of found) {
      const session = await place.sessions.start({ id })
      await session.destroy()
      if (!output.isJson) await output.line(`Removed ${output.id(id)}`)
    }
    if (output.isJson) await output.json({ removed: found.map(({ id }) => output.id(id)) })
  })
}

/** All are looked up before the first is removed. */
async function sessionsOf(args: readonly string[], options: PlaceOptions): Promise<{ place: Place; id: string }[]> {
  const found: { place: Place; id: string }[] = []
  if (args.every((arg) => /(^|[/\\])sess_[^/\\]+$/.test(arg))) {
    for (const file of args) {
      const { place, id } = (await takeSubject([file], options, process)).subject
      if (place !== undefined && id !== undefined) found.push({ place, id })
    }
    return found
  }
  const { place, rest } = await takePlace(args, options)
  if (rest.length === 0) throw new CommandError('Which sessions? Give the beginnings of their ids', status.usage)
  for (const beginning of rest) found.push({ place, id: await findId(place, beginning) })
  return found
}
