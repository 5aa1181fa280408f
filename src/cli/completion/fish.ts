import type { CommandWords, OptionWords, Vocabulary } from './vocabulary.ts'

/** A script for fish. */
export function fishScript({ program, commands, options }: Vocabulary): string {
  const start = `complete -c ${program}`
  const none = `${start} -n __fish_use_subcommand`
  return `# fish completion for ${program}. To have it in every shell:
#   ${program} completion fish > ~/.config/fish/completions/${program}.fish
${start} -f
${options.map((option) => `${none} ${optionFlags(option)}`).join('\n')}
${commands.map(({ name, summary }) => `${none} -a ${name} -d ${quoted(summary)}`).join('\n')}
${commands.flatMap((command) => commandLines(command, start)).join('\n')}
`
}

function commandLines({ name, options, argument }: CommandWords, start: string): string[] {
  const within = `${start} -n '__fish_seen_subcommand_from ${name}'`
  const rest = argument === 'none' || argument === 'text' ? [] : [`${within} ${valueFlags(argument)}`]
  return [...rest, ...options.map((option) => `${within} ${optionFlags(option)}`)]
}

function optionFlags({ long, short, summary, value, isOptional }: OptionWords): string {
  const names = `-l ${long.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}`
  // -x: a value, and no file.
  const takes = value === 'none' || isOptional ? '' : value === 'file' ? '-r ' : '-x '
  const values = value === 'none' || value === 'text' ? '' : `${valueFlags(value)} `
  return `${names} ${takes}${values}-d ${quoted(summary)}`
}

function valueFlags(value: readonly string[] | 'file'): string {
  return value === 'file' ? '-F' : `-a ${quoted(value.join(' '))}`
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
