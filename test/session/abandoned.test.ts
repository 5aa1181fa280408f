import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureBuilt } from '../support/package.ts'

/** Sessions that the garbage collector finds open. */
describe('a session that was dropped without commit or abort', () => {
  let save_path: string
  let seen: {
    warnings: { name: string; code: string; message: string }[]
    free: Record<string, boolean>
    each: number
    one: number
    failed: number
  }

  beforeAll(async () => {
    ensureBuilt()
    save_path = mkdtempSync(join(tmpdir(), 'abandoned-'))
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--expose-gc',
      join(__dirname, 'support/abandon.cjs'),
      save_path,
    ])
    seen = JSON.parse(stdout)
  })

  afterAll(() => rmSync(save_path, { recursive: true }))

  const warningsOf = (prefix: string) => seen.warnings.filter(({ message }) => message.includes(prefix))

  it('frees its lock', () => {
    expect(seen.free).toMatchObject({ 'dropped-and-secret': true, 'new id': true, replaced: true })
  })

  it('warns once, by the first characters of its id', () => {
    const [warning, ...more] = warningsOf('droppe…')
    expect(warning).toEqual({
      name: 'SessionWarning',
      code: 'SESSION_ABANDONED',
      message: expect.stringMatching(/dropped without commit/),
    })
    expect(more).toEqual([])
    expect(JSON.stringify(seen.warnings)).not.toMatch(/dropped-and-secret|renamed/)
  })

  it('is noticed with an application’s save handler, which closes what it opened', () => {
    expect(seen).toMatchObject({ each: 4, one: 1 })
  })

  it('warns of a save handler that could not be closed', () => {
    expect(seen.failed).toBe(2)
  })

  it('stores nothing', () => {
    expect(readFileSync(join(save_path, 'sess_dropped-and-secret'), 'latin1')).toBe('')
  })

  it('is not one that was ended, nor one that is current or in use, nor one whose answer is yet to come', () => {
    expect(seen.warnings).toHaveLength(3)
    expect(seen.free).toMatchObject({ held: false, current: false, answered: true })
  })
})
