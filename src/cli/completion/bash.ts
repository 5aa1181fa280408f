import type { OptionWords, Value, Vocabulary } from './vocabulary.ts'

/** A script for bash. Where it knows no words, bash offers files. */
export function bashScript({ program, commands, options }: Vocabulary): string {
  const rows = commands.flatMap(({ name, argument, options: own }) => {
    const flags = own
      .filter(({ value }) => value !== 'none')
      .map(({ long, value }) => [`${name}:${long}`, wordsOf(value)] as const)
    const free = flags.filter(([, words]) => words.length === 0).map(([pattern]) => pattern)
    return [
      ...flags.filter(([, words]) => words.length > 0).map(([pattern, words]) => row(pattern, words)),
      ...(free.length > 0 ? [row(free.join(' | '), [])] : []),
      row(`${name}:*`, wordsOf(argument), longs(own)),
    ]
  })
  const names = commands.map((command) => command.name)
  const first = row('*', names, longs(options))
  const name = functionName(program)
  return `# bash completion for ${program}. To have it now and in every shell:
#   ${program} completion bash >> ~/.bash_completion
${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= word words= options=
  # --option=value is three words here.
  if [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}; elif [[ $current == = ]]; then current=; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word != -* ]]; then command=$word; break; fi
  done
  case "$command:$previous" in
${rows.join('\n')}
${first}
  esac
  if [[ $current == -* ]]; then words=$options; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F ${name} ${program}
`
}

export function functionName(program: string): string {
  return `_${program.replaceAll('-', '_')}`
}

function longs(options: readonly OptionWords[]): string[] {
  return options.map(({ long }) => long)
}

function wordsOf(value: Value): readonly string[] {
  return typeof value === 'string' ? [] : value
}

function row(pattern: string, words: readonly string[], options: readonly string[] = []): string {
  const wordsSet = words.length > 0 ? ` words='${words.join(' ')}'` : ''
  const optionsSet = options.length > 0 ? ` options='${options.join(' ')}'` : ''
  return `    ${pattern})${wordsSet}${optionsSet} ;;`
}
