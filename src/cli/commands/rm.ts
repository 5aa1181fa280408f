import { SessionError } from '../../errors.ts'
import { saveHandler } from '../../save-handlers/save-handlers.ts'
import type { AddCommand } from '../command.ts'
import { CommandError, status } from '../exit-status.ts'
import { pathText } from '../output.ts'
import { findId, type Place, type PlaceOptions, placeOptions, takePlace, takeSubject } from '../place.ts'

/** `session-start rm`: session_destroy(), from outside. */
export const rm: AddCommand = (program, makeOutput, done) => {
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
    output.keepOn()
    const removed: string[] = []
    for (const { place, id } of found) {
      try {
        await remove(place, id)
      } catch (error) {
        if (!(error instanceof SessionError)) throw error
        output.note(`session-start: ${output.id(id)} is not removed: ${error.message} (${error.code})`)
        done(status.failed)
        continue
      }
      removed.push(output.id(id))
      if (!output.isJson) await output.line(`Removed ${output.id(id)}`)
    }
    if (output.isJson) await output.json({ removed })
  })
}

interface Found {
  readonly place: Place
  readonly id: string
}

/** All are looked up before the first is removed. */
async function sessionsOf(args: readonly string[], options: PlaceOptions): Promise<Found[]> {
  const found = new Map<string, Found>()
  const add = (place: Place, id: string) => found.set(JSON.stringify([place.label, id]), { place, id })
  if (args.every((arg) => /(^|[/\\])sess_[^/\\]+$/.test(arg))) {
    for (const file of args) {
      const { place, id } = (await takeSubject([file], options, process)).subject
      if (place === undefined || id === undefined) {
        throw new CommandError(`${pathText(file, options.fullIds)} is no session’s file: its name is no id`, status.usage)
      }
      add(place, id)
    }
    return [...found.values()]
  }
  const { place, rest } = await takePlace(args, options)
  if (rest.length === 0) throw new CommandError('Which sessions? Give the beginnings of their ids', status.usage)
  for (const beginning of rest) add(place, await findId(place, beginning))
  return [...found.values()]
}

/** Whatever is in it: what PHP cannot read, is removed too. One that is gone meanwhile is not made again. */
async function remove({ sessions }: Place, id: string): Promise<void> {
  const { save_path, name } = sessions.directives
  const handle = await saveHandler('files').open(save_path, name, { lock: true, lockTimeout: LOCK_TIMEOUT })
  try {
    if (!(await handle.validateSid(id))) return
    await handle.read(id)
    await handle.destroy(id)
  } finally {
    await handle.close()
  }
}

/** As `set` waits, in milliseconds. */
const LOCK_TIMEOUT = 30_000
