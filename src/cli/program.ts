import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { SessionError } from '../errors.ts'
import { printable } from '../inspect/quote.ts'
import { withoutPath } from '../save-handlers/system-calls.ts'
import { commandsFor } from './commands.ts'
import { CommandError, type Status, status } from './exit-status.ts'
import { Output, pathText, shortId, type Terminal } from './output.ts'
import { Results } from './results.ts'

/** Runs one command line, without the two words before it. → the exit status */
export async function run(args: readonly string[], terminal: Terminal): Promise<Status> {
  let result: Status = status.ok
  const results = new Results(terminal)
  const program = new Command('session-start')
  program
    .description('Looks into PHP sessions, and changes them under PHP’s lock.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help, of a command too')
    .addHelpText('after', afterword)
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      // It quotes what was typed, as an id without its command.
      writeErr: (text) => terminal.stderr.write(text.replace(/(?<=')[^'\n]+(?=')/g, (typed) => pathText(typed))),
    })
  const done = (next: Status) => {
    result = next
  }
  for (const add of await commandsFor(args[0])) add(program, (options) => new Output(terminal, options, results), done)

  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    result = failure(error, terminal)
  }
  return results.ended(result)
}

function failure(error: unknown, { stderr }: Terminal): Status {
  if (error instanceof CommanderError) return error.exitCode === 0 ? status.ok : status.usage
  const tell = (message: string, exitStatus: Status) => {
    const shown = message.replace(/(?<=sess_)[\da-zA-Z,-]{9,}/g, shortId)
    stderr.write(`session-start: ${shown.split('\n').map(printable).join('\n')}\n`)
    return exitStatus
  }
  if (error instanceof CommandError) return tell(error.message, error.status)
  if (error instanceof SessionError) return tell(`${error.message} (${error.code})`, status.failed)
  if (isSystemError(error)) return tell((withoutPath(error) as Error).message, status.failed)
  if (error instanceof TypeError) return tell(error.message, status.usage)
  throw error
}

/** Whether the system said no: what it said names a path, in which an id may be. */
function isSystemError(error: unknown): boolean {
  const { code, syscall } = error as Partial<NodeJS.ErrnoException>
  return typeof code === 'string' && code.startsWith('E') && typeof syscall === 'string'
}

function version(): string {
  return (JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string }).version
}

const afterword = `
Sessions are given as
  a save_path             session-start ls /var/lib/php/sessions
  a session's file        session-start show /var/lib/php/sessions/sess_1f3c…
  a php.ini               session-start ls /etc/php/8.2/fpm/php.ini
  standard input          session-start show - < sess_1f3c…
and of a save_path or php.ini, one by the beginning of its id.

Looking takes no lock and leaves no trace. Changing takes PHP's lock, as a request does.
Ids are shortened and what looks like a secret is hidden, unless --full-ids and --reveal are given.

Exit status: 0 all is well, 1 what was asked for is not so, 2 the command was not understood, 3 it could not be done.`
