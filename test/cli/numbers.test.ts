import { readdirSync } from 'node:fs'
import { ensureBuilt } from '../support/package.ts'
import { runCli } from './support/run-cli.ts'
import { TestSavePath } from './support/save-path.ts'

beforeAll(ensureBuilt)

const savePath = new TestSavePath()

// biome-ignore format: a table
const rows: [command: string, option: string, taken: string[], refused: string[]][] = [
  ['gc',      '--max-lifetime', ['100', '100.5'], ['', ' ', 'soon', '-1', '1e3', '0x10', 'Infinity', 'NaN']],
  ['ls',      '--older-than',   ['0', '.5'],     ['', 'a day', '-1', 'NaN']],
  ['ls',      '--newer-than',   ['100', '100.'], ['', 'a day', '-1']],
  ['ls',      '--limit',        ['0', '20'],     ['', 'all', '-1', '1.5']],
  ['stats',   '--keys',         ['0', '3'],      ['', 'all', '-1', '1.5']],
  ['convert', '--lock-timeout', ['0', '100'],    ['', 'never', '-1']],
]
const more = (command: string) => (command === 'convert' ? ['--to', 'php_serialize', '--dry-run'] : [])

it.each(rows)('%s takes numbers from 0 for %s, and nothing else', async (command, option, taken, refused) => {
  savePath.write('abcdef1234567890', 'n|i:1;')
  for (const text of taken) {
    expect([text, await runCli([command, savePath.path, option, text, ...more(command)])]).toMatchObject([text, { status: 0 }])
  }
  for (const text of refused) {
    const { status, stdout, stderr } = await runCli([command, savePath.path, option, text, ...more(command)])
    expect({ text, status, stdout }).toEqual({ text, status: 2, stdout: '' })
    expect(stderr).toMatch(/^error: option '--[a-z-]+ <\w+>' argument '.*' is invalid\. A (whole )?number from 0 is expected\./)
  }
  expect(readdirSync(savePath.path)).toEqual(['sess_abcdef1234567890'])
})
