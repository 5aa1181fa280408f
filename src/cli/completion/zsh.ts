import { functionName } from './bash.ts'
import type { CommandWords, OptionWords, Value, Vocabulary } from './vocabulary.ts'

/** A script for zsh, to be loaded as a function or to be sourced. */
export function zshScript({ program, commands, options }: Vocabulary): string {
  const name = functionName(program)
  return `#compdef ${program}
# zsh completion for ${program}. To have it in every shell, in a folder of your $fpath:
#   ${program} completion zsh > "\${fpath[1]}/${name}"
${name}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C ${options.map(optionSpec).join(' ')} '1: :->command' '*:: :->arguments'
  case $state in
    command)
      local -a commands=(
${commands.map(({ name, summary }) => `        ${quoted(`${name}:${summary}`)}`).join('\n')}
      )
      _describe command commands ;;
    arguments)
      case $line[1] in
${commands.map(commandCase).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == ${name} ]]; then ${name} "$@"; else compdef ${name} ${program}; fi
`
}

function commandCase({ name, options, argument }: CommandWords): string {
  const rest = argument === 'none' ? [] : [quoted(`*: :${actionOf(argument)}`)]
  return `        ${name}) _arguments ${[...options.map(optionSpec), ...rest].join(' ')} ;;`
}

/** `'--to=[the handler]:value:(php php_binary)'` */
function optionSpec({ long, short, summary, value, isOptional }: OptionWords): string {
  const what = `[${summary.replace(/[[\]:\\]/g, '\\$&')}]`
  const spec = value === 'none' ? what : `=${what}${isOptional ? '::' : ':'}value:${actionOf(value)}`
  return short === undefined ? quoted(long + spec) : `'(${short} ${long})'{${short},${long}}${quoted(spec)}`
}

function actionOf(value: Value): string {
  if (value === 'file') return '_files'
  return typeof value === 'string' ? '' : `(${value.join(' ')})`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
