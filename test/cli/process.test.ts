import { readdirSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from '../support/package.ts'
import { debian, Machine } from './doctor/machines.ts'
import type { Report } from './doctor/run.ts'
import { runCli, spawnCli } from './support/run-cli.ts'
import { TestSavePath } from './support/save-path.ts'

/** Most tests have one process for all of their commands (run-cli.ts): here each command is a process, and ends as it does there. */

beforeAll(ensureBuilt)
afterAll(() => Machine.removeAll())

const savePath = new TestSavePath()

it.each<[status: number, args: string[]]>([
  [0, ['ls', '.']],
  [0, ['show', '.', 'aaaa']],
  [0, ['show', '-']],
  [0, ['get', '.', 'aaaa', 'user.name']],
  [1, ['get', '.', 'aaaa', 'nobody']],
  [0, ['set', '.', 'aaaa', 'user.name', 'Bob']],
  [0, ['unset', '.', 'aaaa', 'user']],
  [0, ['rm', '.', 'aaaa']],
  [0, ['gc', '.']],
  [1, ['diff', '.', 'aaaa', 'bbbb']],
  [1, ['convert', '.', '--to', 'php_serialize']],
  [0, ['stats', '.']],
  [1, ['explain', '.']],
  [0, ['explain', '.', '--fix']],
  [0, ['completion', 'bash']],
  [0, ['--help']],
  [2, ['shwo', '.', 'aaaa']],
  [3, ['show', './nowhere']],
])('ends with %i as a process of its own: %j', async (status, args) => {
  const run = async (by: typeof runCli) => {
    utimesSync(savePath.write('aaaa1', 'user|a:1:{s:4:"name";s:5:"Alice";}'), 1, 1)
    utimesSync(savePath.write('bbbb1', 'user|s:4:"Alice";'), 1, 1)
    const result = await by(args, { cwd: savePath.path, input: 'user|s:5:"Alice";' })
    const left = readdirSync(savePath.path).map((name) => [name, savePath.read(name.slice('sess_'.length))])
    for (const [name = ''] of left) rmSync(join(savePath.path, name))
    return { ...result, left }
  }
  const result = await run(spawnCli)
  expect(result).toMatchObject({ status })
  expect(result).toEqual(await run(runCli))
})

it('finds out whether PHP and Node share sessions, as a process of its own', async () => {
  const args = ['doctor', '--root', debian().root, '--json']
  const [{ status, stdout }, other] = [await spawnCli(args), await runCli(args)]
  const ids = (json: string) => (JSON.parse(json) as Report).findings.map(({ id }) => id)
  expect(status).toBe(0)
  expect(ids(stdout)).toEqual(ids(other.stdout))
})
