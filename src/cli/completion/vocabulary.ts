import type { Command, Option } from 'commander'

/** What can be typed, as the program itself knows it. */
export interface Vocabulary {
  readonly program: string
  readonly commands: readonly CommandWords[]
  /** Where no command stands yet. */
  readonly options: readonly OptionWords[]
}

export interface CommandWords {
  readonly name: string
  readonly summary: string
  readonly options: readonly OptionWords[]
  /** What its arguments can be. */
  readonly argument: Value
}

export interface OptionWords {
  /** `--to` */
  readonly long: string
  /** `-h` */
  readonly short: string | undefined
  readonly summary: string
  readonly value: Value
  /** Whether the value may be missing. */
  readonly isOptional: boolean
}

/** Words, the name of a file, some text, or nothing at all. */
export type Value = readonly string[] | 'file' | 'text' | 'none'

/** The words of a program with all its commands. */
export function vocabularyOf(program: Command): Vocabulary {
  const help = program.createHelp()
  const all = help.visibleCommands(program)
  const commands = all.map((command) => {
    const [first] = command.registeredArguments
    const argument = first === undefined ? 'none' : kindOf(first.name(), first.argChoices)
    return {
      name: command.name(),
      summary: help.subcommandDescription(command),
      options: help.visibleOptions(command).map(optionWords),
      // Commander's own.
      argument: command.name() === 'help' ? all.map((each) => each.name()) : argument,
    }
  })
  return { program: program.name(), commands, options: help.visibleOptions(program).map(optionWords) }
}

function optionWords({ long, short, description, flags, required, optional, argChoices }: Option): OptionWords {
  const value = required || optional ? kindOf(flags.replace(/^.*[<[]/, ''), argChoices) : 'none'
  return { long: long!, short, summary: description, value, isOptional: optional }
}

/** Places, sessions and all that is called a file or path, are files. */
function kindOf(name: string, choices: readonly string[] | undefined): Value {
  return choices ?? (/place|session|file|path|folder/.test(name) ? 'file' : 'text')
}
