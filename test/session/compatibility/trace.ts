import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Answer, Scenario, Side } from './scenario.ts'

/** Where a scenario's sessions are: a new folder, which both PHP and we can reach. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'compatibility-'))
}

/**
 * Runs a scenario on one side, in an empty folder, and tells it in lines: what each step gave, the headers that concern the session, the
 * files that are left. Ids that were made are called #1, #2, … in the order in which they appear; times are told by their distance from now.
 */
export async function trace(scenario: Scenario, side: Side, folder: string): Promise<string[]> {
  const lines: string[] = []
  const names = new Names()
  const jar: Record<string, string> = {}
  empty(folder)
  for (const [path, bytes] of Object.entries(scenario.files)) {
    const file = join(folder, path.includes('/') ? path : `sess_${path}`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes, 'latin1')
  }
  const ini = Object.fromEntries(
    Object.entries({ save_path: '%', ...scenario.ini }).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replace('%', folder) : value,
    ]),
  )
  for (const [index, request] of scenario.requests.entries()) {
    const aged = ages(folder, scenario.age)
    const answer = await side.ask(request, request.cookies ?? jar, ini)
    const start = scenario.requests.length > 1 ? `${index + 1}: ` : ''
    const told = [...results(request.steps, answer), ...headers(answer)].map((line) => names.replace(line))
    const left = files(folder, aged).sort((a, b) => names.rank(a) - names.rank(b) || (contents(a) < contents(b) ? -1 : 1))
    lines.push(...[...told, ...left.map((line) => names.replace(line))].map((line) => start + line))
    keepCookies(jar, answer)
  }
  return lines
}

function results(steps: readonly string[], { results }: Answer): string[] {
  return steps.flatMap((step, index) => (results[index] === null ? [] : [`${step} → ${results[index]}`]))
}

const told = ['set-cookie', 'cache-control', 'expires', 'pragma', 'last-modified']

function headers({ headers }: Answer): string[] {
  return headers
    .filter(([name]) => told.includes(name))
    .map(([name, value]) => `${name}: ${distances(value)}`)
    .sort()
}

/** Dates as what they are from now on; a second more or less goes by. */
function distances(value: string): string {
  return value.replace(/\w{3}, \d\d[ -]\w{3}[ -]\d{4} \d\d:\d\d:\d\d GMT/, (date) => {
    const seconds = (Date.parse(date.replaceAll('-', ' ')) - Date.now()) / 1000
    return Math.abs(seconds) > 10 * 365 * 86400 ? date : `<${Math.round(seconds / 10) * 10} s>`
  })
}

function files(folder: string, aged: ReadonlyMap<string, number>): string[] {
  return sessionFiles(folder).map((path) => {
    const file = join(folder, path)
    const isTouched = statSync(file).mtimeMs !== aged.get(path)
    return `${path} = ${readFileSync(file, 'latin1')}${isTouched ? '' : ' (not touched)'}`
  })
}

/** What tells ids apart that nobody was told of. */
function contents(line: string): string {
  return line.slice(line.indexOf(' = '))
}

function sessionFiles(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return paths.filter((path) => statSync(join(folder, path)).isFile()).sort()
}

/** Makes all files old, so that it can be seen which are touched. */
function ages(folder: string, seconds: number): Map<string, number> {
  const times = new Map<string, number>()
  for (const path of sessionFiles(folder)) {
    const time = Math.floor(Date.now() / 1000) - seconds
    utimesSync(join(folder, path), time, time)
    times.set(path, time * 1000)
  }
  return times
}

function keepCookies(jar: Record<string, string>, { headers }: Answer): void {
  for (const [name, value] of headers) {
    const [, cookie = '', content = ''] = /^([^=]+)=([^;]*)/.exec(value) ?? []
    if (name === 'set-cookie') jar[cookie] = decodeURIComponent(content)
  }
}

function empty(folder: string): void {
  if (existsSync(folder)) for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
}

/** Calls ids that were made by numbers, in the order in which they appear. */
class Names {
  readonly #names = new Map<string, string>()

  /** Where a file stands among others: the order of ids that were made is by chance, those that were seen before come first. */
  rank(line: string): number {
    const [id] = line.match(ID) ?? []
    const known = id === undefined || id.startsWith('given') ? '#0' : this.#names.get(id)
    return known === undefined ? Number.MAX_VALUE : Number(known.slice(1))
  }

  replace(line: string): string {
    const named = line.replaceAll('%2C', ',').replaceAll(ID, (text, prefix = '', id: string) => {
      if (id.startsWith('given')) return text
      const name = this.#names.get(id) ?? `#${this.#names.size + 1}`
      this.#names.set(id, name)
      return prefix + name
    })
    return named.replace(/^\w\/(?=sess_#)/, '*/')
  }
}

const ID = /(?<![0-9a-zA-Z,-])(user-)?([0-9a-zA-Z,-]{22,256})(?![0-9a-zA-Z,-])/g
