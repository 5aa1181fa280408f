import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSessions, SAVE_PATH } from '../support/docs-console.ts'
import { ensureBuilt, root } from '../support/package.ts'
import { itInTerminal, runInTerminal } from './support/run-cli.ts'
import { terminalPicture } from './support/terminal-picture.ts'

/** The picture of docs/cli.md is a recording. */

const COLUMNS = 96
const TITLE =
  'A terminal: npx session-start lists the sessions of a folder, shows one, and explains why PHP would destroy another'
const commands = [
  ['ls', SAVE_PATH, '--sort', 'age'],
  ['show', SAVE_PATH, '1f3c'],
  ['explain', SAVE_PATH, '9d20'],
]

let folder: string
beforeAll(() => {
  ensureBuilt()
  folder = mkdtempSync(join(tmpdir(), 'cli-picture-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

itInTerminal('docs/images/cli.svg is what a terminal shows (SESSION_START_WRITE_DOCS=1 writes it)', async () => {
  const savePath = makeSessions(folder)
  let recorded = ''
  for (const command of commands) {
    const args = command.map((word) => (word === SAVE_PATH ? savePath : word))
    const { output } = await runInTerminal(args, { columns: COLUMNS })
    recorded += `\x1b[32m$\x1b[39m \x1b[1mnpx session-start ${command.join(' ')}\x1b[22m\n${output.replaceAll(savePath, SAVE_PATH)}\n`
  }
  const picture = await terminalPicture(recorded, COLUMNS, TITLE)
  const file = join(root, 'docs/images/cli.svg')
  if (process.env['SESSION_START_WRITE_DOCS'] === '1') writeFileSync(file, picture)
  expect(readFileSync(file, 'utf8')).toBe(picture)
})
