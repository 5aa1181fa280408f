import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from '../support/package.ts'
import { itAsUser, runCli } from './support/run-cli.ts'
import { TestSavePath } from './support/save-path.ts'

beforeAll(ensureBuilt)

const id = '1f3c0a77ab1f3c0a77ab1f3c0a77ab99'
const savePath = new TestSavePath()

it.each<[string, string]>([
  ['php', 'n|i:1;'],
  ['php_serialize', 'a:1:{s:1:"n";i:1;}'],
  ['php_binary', '\x01ni:1;'],
  ['damaged', 'n|s:9:"x";'],
  ['no session at all', '<?php echo 1;'],
  ['empty', ''],
])('removes a session that is %s', async (_what, bytes) => {
  const file = savePath.write(id, bytes)
  expect(await runCli(['rm', savePath.path, '1f3c'])).toEqual(
    expect.objectContaining({ status: 0, stdout: 'Removed 1f3c0a77…\n', stderr: '' }),
  )
  expect(existsSync(file)).toBe(false)
})

it('removes once what is given twice', async () => {
  const file = savePath.write(id, 'n|i:1;')
  const twice = await runCli(['rm', savePath.path, '1f3c', id, `sess_${id}`, '--json'])
  expect(twice).toMatchObject({ status: 0, stdout: '{"removed":["1f3c0a77…"]}\n' })
  savePath.write(id, 'n|i:1;')
  expect(await runCli(['rm', file, file])).toMatchObject({ status: 0, stdout: 'Removed 1f3c0a77…\n', stderr: '' })
  expect(readdirSync(savePath.path)).toEqual([])
})

it('names which one there is not, or is more than one, without its id', async () => {
  savePath.write('aaaa1', '')
  savePath.write('aaaa2', '')
  const refused = async (...ids: string[]) => (await runCli(['rm', savePath.path, ...ids])).stderr
  expect(await refused('aaaa1', 'ffff')).toMatch(/No session in .* begins like this: ffff\n$/)
  expect(await refused('aaaa1', id)).toMatch(/No session in .* begins like this: 1f3c0a77…\n$/)
  expect(await refused('aaaa1', 'aaaa')).toMatch(/More than one session in .* begins like this: aaaa\. Give more of the id\n$/)
  expect(readdirSync(savePath.path)).toHaveLength(2)
})

it('refuses a file whose name is no session’s, and removes none', async () => {
  const files = [savePath.write('aaaa1', 'n|i:1;'), savePath.writeFile(`sess_${id}.bak`, 'n|i:1;')]
  const { status, stdout, stderr } = await runCli(['rm', ...files])
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/sess_1f3c0a77….bak is no session’s file/)
  expect(readdirSync(savePath.path)).toHaveLength(2)
})

itAsUser('names the session that cannot be removed, and removes the others', async (user) => {
  const folders = ['open', 'closed'].map((name) => join(savePath.path, name))
  chmodSync(savePath.path, 0o755)
  for (const folder of folders) mkdirSync(folder)
  const files = [`closed/sess_${id}`, 'open/sess_aaaaaaaaaaaa1'].map((name) => savePath.writeFile(name, 'n|s:1:'))
  const { uid } = user
  if (uid !== undefined) for (const path of [...files, ...folders]) chownSync(path, uid, uid)
  chmodSync(folders[1]!, 0o555)
  const { status, stdout, stderr } = await runCli(['rm', ...files], user)
  expect({ status, stdout }).toEqual({ status: 3, stdout: 'Removed aaaaaaaa…\n' })
  expect(stderr).toMatch(/^session-start: 1f3c0a77… is not removed: .*\(WRITE_FAILED\)\n$/)
  chmodSync(folders[1]!, 0o755)
})
