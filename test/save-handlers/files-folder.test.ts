import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesSaveHandler } from '../../src/save-handlers/files.ts'
import type { SaveHandle } from '../../src/save-handlers/save-handler.ts'
import { runNode, sessionFolder } from './processes.ts'

function open(save_path: string): SaveHandle {
  return filesSaveHandler.open(save_path, 'PHPSESSID', { lock: true, lockTimeout: 5000 }) as SaveHandle
}

function age(path: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds
  utimesSync(path, then, then)
}

async function idsIn(handle: SaveHandle): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of handle.list()) {
    ids.push(id)
  }
  return ids.sort()
}

describe('gc', () => {
  test('removes old sess_ files and nothing else', async () => {
    const folder = sessionFolder()
    const names = ['sess_old', 'sess_new', 'other', 'sess', 'xsess_old', 'sess_no.session']
    for (const name of names) {
      writeFileSync(join(folder, name), 'x')
      age(join(folder, name), name === 'sess_new' ? 50 : 1000)
    }
    mkdirSync(join(folder, 'sess_folder'))
    age(join(folder, 'sess_folder'), 1000)
    symlinkSync(join(folder, 'other'), join(folder, 'sess_link'))
    expect(await open(folder).gc(100)).toBe(3)
    expect(readdirSync(folder).sort()).toEqual(['other', 'sess', 'sess_folder', 'sess_new', 'xsess_old'])
  })

  test('leaves spread sessions to those who made their folders', async () => {
    const folder = sessionFolder()
    writeFileSync(join(folder, 'sess_old'), 'x')
    age(join(folder, 'sess_old'), 1000)
    expect(await open(`1;${folder}`).gc(100)).toBe(0)
    expect(readdirSync(folder)).toEqual(['sess_old'])
  })

  test('leaves what another process has locked', async () => {
    const folder = sessionFolder()
    const holder = runNode('hold', { save_path: folder, ids: ['held'] })
    await holder.line()
    writeFileSync(join(folder, 'sess_free'), '')
    age(join(folder, 'sess_held'), 1000)
    age(join(folder, 'sess_free'), 1000)
    expect(await open(folder).gc(100)).toBe(1)
    expect(readdirSync(folder)).toEqual(['sess_held'])
  })

  test('says so when there is no such folder', async () => {
    await expect(async () => open('/nowhere/at/all').gc(100)).rejects.toMatchObject({ code: 'SAVE_PATH' })
  })

  test('does not hold up the event loop', async () => {
    const folder = sessionFolder()
    const files = process.env['SESSION_START_HEAVY'] === '1' ? 100_000 : 10_000
    for (let number = 0; number < files; number++) {
      writeFileSync(join(folder, `sess_${number}`), '')
    }
    let turns = 1
    const count = () => {
      turns++
      counting = setImmediate(count)
    }
    let counting = setImmediate(count)
    const before = process.cpuUsage()
    expect(await open(folder).gc(-1)).toBe(files)
    clearImmediate(counting)
    // Processor time, since what other processes take does not count, and of all turns together, since any one may be interrupted.
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000 / turns).toBeLessThan(20)
  })
})

test('lists the sessions of all levels and nothing else', async () => {
  const folder = sessionFolder()
  for (const path of ['a/b', 'a/c', 'b/c', 'bad/x']) {
    mkdirSync(join(folder, path), { recursive: true })
  }
  for (const path of ['a/b/sess_ab1', 'a/c/sess_ac1', 'a/b/sess_xy1', 'a/b/other', 'sess_top', 'bad/x/sess_bx1', 'b/c/sess_b']) {
    writeFileSync(join(folder, path), 'x')
  }
  expect(await idsIn(open(`2;${folder}`))).toEqual(['ab1', 'ac1'])
  expect(await idsIn(open(folder))).toEqual(['top'])
})
