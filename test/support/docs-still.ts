import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Block } from './markdown.ts'
import { manifest, root } from './package.ts'

/** What can be wrong with a code block without running it: for each language, its check. */
const checks: Readonly<Record<string, (block: Block) => string[]>> = {
  ts: checkNote,
  js: checkNote,
  sh: ({ code }) => code.flatMap(commandsOf).flatMap(checkCommand),
  php: lint,
  json: ({ code }) => messageOf(() => JSON.parse(code.join('\n'))),
  console: checkNote,
  text: () => [],
  ini: () => [],
}

/** Whether ```php blocks can be linted here. */
export const hasPhp = messageOf(() => execFileSync('php', ['--version'], { stdio: 'ignore' })).length === 0

export function checkStill(block: Block): string[] {
  const check = checks[block.language]
  return check === undefined
    ? [`no test knows the language '${block.language}': ${Object.keys(checks).join(', ')}`]
    : check(block)
}

function checkNote({ note }: Block): string[] {
  if (note === '' || note === 'continue' || /^ignore-run: \S/.test(note)) return []
  return [`no test knows '${note}'; say nothing, 'continue' or 'ignore-run: reason'`]
}

/** The commands of a line of a shell session; what a command prints has no place in a sh block. */
function commandsOf(line: string): string[] {
  const text = line.replace(/(^|\s)#.*$/, '').replace(/^\$ /, '')
  return text.split(/&&|\|\||[|;]/).map((command) => command.trim())
}

function checkCommand(command: string): string[] {
  const [program = '', ...args] = command.split(/\s+/).filter((word) => !/^\w+=/.test(word))
  const [first = '', second = ''] = args.filter((word) => !word.startsWith('-'))
  const missing = (what: string, present: boolean) => (present ? [] : [`${command}: there is no ${what}`])
  if (program === 'npm' && first === 'run') return missing(`script ${second}`, second in manifest.scripts)
  if (program === 'npm' && ['test', 'start'].includes(first)) return missing(`script ${first}`, first in manifest.scripts)
  if (program === 'npx' && first === manifest.name) return checkOwnCommand(command, second, args)
  if (program === 'npx')
    return missing(`command ${first}`, first in (manifest.bin ?? {}) || existsSync(join(root, 'node_modules/.bin', first)))
  if (program === 'node' && first !== '') return missing(`file ${first}`, existsSync(join(root, first)))
  if (/^\.{0,2}\w*\//.test(program)) return missing(`file ${program}`, existsSync(join(root, program)))
  return []
}

/** `npx session-start ls --json`: the help of the command says what there is. */
function checkOwnCommand(command: string, name: string, args: readonly string[]): string[] {
  const help = name === '' ? '--help --version' : helpOf(name)
  if (help === undefined) return [`${command}: there is no command ${name}`]
  const end = args.indexOf('--')
  const options = args.slice(0, end === -1 ? undefined : end).filter((word) => word.startsWith('--'))
  const missing = options.map((word) => word.replace(/=.*/, '')).filter((option) => !new RegExp(`${option}\\b(?!-)`).test(help))
  return missing.map((option) => `${command}: there is no option ${option}`)
}

/** Undefined: there is no such command. */
function helpOf(name: string): string | undefined {
  const main = join(root, manifest.bin?.[manifest.name] ?? '')
  try {
    if (!helps.has(name))
      helps.set(name, execFileSync(process.execPath, [main, 'help', name], { encoding: 'utf8', stdio: 'pipe' }))
  } catch {
    helps.set(name, undefined)
  }
  return helps.get(name)
}

const helps = new Map<string, string | undefined>()

function lint({ code }: Block): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'session-start-lint-'))
  const file = join(folder, 'block.php')
  writeFileSync(file, code.join('\n').replace(/^(?!\s*<\?php)/, '<?php '))
  try {
    return messageOf(() => execFileSync('php', ['-d', 'display_errors=stderr', '-l', file], { stdio: 'pipe' }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function messageOf(action: () => unknown): string[] {
  try {
    action()
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}
