import stringWidth from 'string-width'
import type { Output } from '../output.ts'
import type { Facts } from './facts.ts'
import type { Finding, Severity } from './finding.ts'

/** No line is longer, however wide the terminal: long ones are hard to read. */
const WIDEST = 100

const order: readonly Severity[] = ['problem', 'warning', 'note', 'ok']

/** The verdict, then what was found, the worst first. */
export async function printFindings(
  output: Output,
  facts: Facts,
  findings: readonly Finding[],
  isVerbose: boolean,
): Promise<void> {
  const { bold, cyan, dim, green, red } = output.colors
  const have = (severity: Severity) => findings.filter((each) => each.severity === severity)
  const problems = have('problem').length
  const told = order.flatMap(have).filter(({ severity }) => isVerbose || severity !== 'ok')

  await tell(output, verdict(problems), '', (line) => bold(problems === 0 ? green(line) : red(line)))
  await tell(output, about(facts), '', dim)
  for (const finding of told) await printFinding(output, finding)
  await output.line()
  if (told.some(({ phpSettings }) => phpSettings !== undefined)) {
    await tell(output, 'PHP-FPM and Apache read changed settings when they are reloaded.')
  }
  if (problems === 0 && facts.node.directives === undefined) await output.line(`${dim('In Node:')} ${cyan(manager(facts))}`)
  if (!isVerbose) await tell(output, `${have('ok').length} checks found nothing wrong: --verbose shows them.`, '', dim)
}

async function printFinding(output: Output, finding: Finding): Promise<void> {
  const { bold, cyan, dim, green, red, yellow } = output.colors
  const { severity, title, seen, means } = finding
  const mark = { problem: red('✗'), warning: yellow('!'), note: cyan('·'), ok: green('✓') }[severity]
  if (severity !== 'ok') await output.line()
  await tell(output, title, `${mark} `, severity === 'ok' ? undefined : bold)
  await tell(output, seen, '  ', dim)
  await tell(output, means, '  ')
  // Not wrapped, so that it can be copied.
  for (const line of whatToDo(finding)) await output.line(`    ${cyan(line)}`)
}

/** Text, wrapped, behind `first` and what is as wide. */
async function tell(output: Output, text: string, first = '', style = (line: string): string => line): Promise<void> {
  const indent = stringWidth(first)
  for (const [at, line] of wrap(text, Math.min(output.width, WIDEST) - indent).entries()) {
    await output.line((at === 0 ? first : ' '.repeat(indent)) + style(line))
  }
}

function whatToDo({ mend, phpSettings = {}, nodeOptions }: Finding): string[] {
  const settings = Object.entries(phpSettings).map(([name, value]) => `${name} = "${value}"`)
  const options = nodeOptions === undefined ? [] : [`new SessionManager({ …, ${optionsText(nodeOptions)} })`]
  return [...(mend === undefined ? settings : [mend]), ...options]
}

function verdict(problems: number): string {
  if (problems === 0) return 'Node and PHP can share sessions here.'
  return `Node and PHP cannot share sessions here: ${problems} problem${problems === 1 ? '' : 's'}.`
}

function about({ php, node, folder }: Facts): string {
  const [theirs, ours] = [php.user, node.user].map((user) => (user === undefined ? '' : ` as ${user.name}`))
  const where = folder === undefined ? '' : `; sessions in ${php.savePath}`
  return `${php.label}${theirs}; Node ${process.versions.node}${ours}${where}`
}

/** How a manager gets the settings of this PHP. */
function manager({ php }: Facts): string {
  const [first, ...more] = php.files
  if (first === undefined) return `new SessionManager({ ${optionsText({ save_path: php.savePath })} })`
  const files = more.length === 0 ? `'${first}'` : `[${php.files.map((file) => `'${file}'`).join(', ')}]`
  const isKnown = /\/etc\/php\/\d/.test(first) || php.version === undefined
  return `SessionManager.fromPhpIni(${files}${isKnown ? '' : `, { phpVersion: '${php.version}' }`})`
}

function optionsText(options: object): string {
  const entries = Object.entries(options).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? `'${value}'` : String(value)}`,
  )
  return entries.join(', ')
}

/** Lines of at most this many columns; a word that is longer stays whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const next of text.split(' ').filter((each) => each !== '')) {
    const last = lines.at(-1)
    if (last !== undefined && stringWidth(last) + 1 + stringWidth(next) <= width) lines[lines.length - 1] = `${last} ${next}`
    else lines.push(next)
  }
  return lines
}
