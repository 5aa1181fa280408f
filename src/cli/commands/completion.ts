import { Argument } from 'commander'
import type { AddCommand } from '../command.ts'
import { bashScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { type Vocabulary, vocabularyOf } from '../completion/vocabulary.ts'
import { zshScript } from '../completion/zsh.ts'

const scripts: Readonly<Record<string, (vocabulary: Vocabulary) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

/** `session-start completion`: what the shell needs to complete a command line. */
export const completion: AddCommand = (program, makeOutput) => {
  program
    .command('completion')
    .summary('print completions for a shell')
    .description('Prints a script that completes commands, options and their values in a shell.')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      `
Examples:
  source <(session-start completion bash)
  session-start completion zsh > "\${fpath[1]}/_session_start"
  session-start completion fish > ~/.config/fish/completions/session-start.fish`,
    )
    .action(async (shell: string) => {
      await makeOutput({}).line(scripts[shell]!(vocabularyOf(program)).trimEnd())
    })
}
