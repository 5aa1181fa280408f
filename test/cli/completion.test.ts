import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt } from '../support/package.ts'
import { runCli } from './support/run-cli.ts'

const has = (shell: string) => {
  try {
    execFileSync(shell, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const describeIn = (shell: string) => (has(shell) ? describe : describe.skip)
const title = (shell: string) => (has(shell) ? `in ${shell}` : `in ${shell} (skipped: it is not on PATH)`)

let folder: string
beforeAll(async () => {
  ensureBuilt()
  folder = mkdtempSync(join(tmpdir(), 'cli-completion-'))
  for (const shell of ['bash', 'zsh', 'fish']) writeFileSync(join(folder, shell), (await runCli(['completion', shell])).stdout)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The commands as the help names them, and their long options. */
async function words(): Promise<Map<string, string[]>> {
  const help = async (...args: string[]) => (await runCli([...args, '--help'])).stdout
  const optionsIn = (text: string) => [...text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option!)
  const [, list = ''] = /^Commands:\n(.*?)\n\n/ms.exec(await help()) ?? []
  const names = [...list.matchAll(/^ {2}([a-z]+)(?: .*)? {2}/gm)].map(([, name]) => name!)
  const commands = names.filter((name) => name !== 'help')
  return new Map(await Promise.all(commands.map(async (name) => [name, optionsIn(await help(name))] as const)))
}

// biome-ignore format: a table
const rows: [typed: string, completions: string[]][] = [
  ['session-start conv', ['convert']],
  ['session-start --v', ['--version']],
  ['session-start ls --sort ', ['age', 'id', 'keys', 'size', 'user']],
  ['session-start show --serialize-handler php_', ['php_binary', 'php_serialize']],
  ['session-start convert --to ', ['php', 'php_binary', 'php_serialize']],
  ['session-start convert /tmp --dry-run --from php_', ['php_binary', 'php_serialize']],
  ['session-start convert --dr', ['--dry-run']],
  ['session-start completion ', ['bash', 'fish', 'zsh']],
  ['session-start help comp', ['completion']],
]

describeIn('bash')(title('bash'), () => {
  /** What bash would offer: its words, as readline splits them, are given to the function that is registered. */
  function complete(typed: string): string[] {
    const script = `
      source "$1"; shift
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      spec=($(complete -p session-start))
      "\${spec[\${#spec[@]} - 2]}"
      printf '%s\\n' "\${COMPREPLY[@]}"`
    const split = typed.split(/ |(?<==)|(?==)/)
    const output = execFileSync('bash', ['--norc', '-uc', script, 'bash', join(folder, 'bash'), ...split], { encoding: 'utf8' })
    return output.split('\n').filter(Boolean).sort()
  }

  it.each(rows)('%s', (typed, completions) => {
    expect(complete(typed)).toEqual(completions)
  })

  it.each([
    ['session-start convert --to=php_s', ['php_serialize']],
    ['session-start convert --to=', ['php', 'php_binary', 'php_serialize']],
  ])('%s', (typed, completions) => {
    expect(complete(typed)).toEqual(completions)
  })

  it.each(['session-start stats ', 'session-start convert --target ', 'session-start ls --ini /etc/ph'])('%s: files', (typed) => {
    expect(complete(typed)).toEqual([])
    expect(
      execFileSync('bash', ['--norc', '-c', `source ${join(folder, 'bash')}; complete -p session-start`], { encoding: 'utf8' }),
    ).toContain('-o default')
  })

  it('offers all commands and all their options', async () => {
    const all = await words()
    expect(all.size).toBeGreaterThan(8)
    expect(complete('session-start ')).toEqual([...all.keys(), 'help'].sort())
    for (const [command, options] of all) expect(complete(`session-start ${command} --`)).toEqual(options.sort())
  })
})

describeIn('fish')(title('fish'), () => {
  function complete(typed: string): string[] {
    const script = `source ${join(folder, 'fish')}; complete -C "${typed}"`
    const output = execFileSync('fish', ['--no-config', '-c', script], { encoding: 'utf8' })
    return output
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t')[0]!)
      .sort()
  }

  it.each(rows)('%s', (typed, completions) => {
    expect(complete(typed)).toEqual(completions)
  })

  it('offers files for places', () => {
    expect(complete(`session-start stats ${folder}/`)).toEqual(['bash', 'fish', 'zsh'].map((name) => join(folder, name)))
  })
})

describeIn('zsh')(title('zsh'), () => {
  it('is understood and registered', () => {
    const script = `autoload -Uz compinit; compinit -u -D; source ${join(folder, 'zsh')}; print $_comps[session-start]`
    expect(execFileSync('zsh', ['-f', '-c', script], { encoding: 'utf8' })).toBe('_session_start\n')
  })
})

it('knows three shells', async () => {
  const { status, stderr } = await runCli(['completion', 'csh'])
  expect(status).toBe(2)
  expect(stderr).toContain('Allowed choices are bash, zsh, fish')
})
