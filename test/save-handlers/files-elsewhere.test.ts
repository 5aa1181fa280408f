import { mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { saveHandlerConformance } from '../../src/save-handlers/conformance.ts'
import { filesSaveHandler } from '../../src/save-handlers/files.ts'
import type { SaveHandle } from '../../src/save-handlers/save-handler.ts'
import * as systemCalls from '../../src/save-handlers/system-calls.ts'

/** The files save handler as it works where libc is not called directly, and where there is no lock. */

jest.mock('../../src/save-handlers/system-calls.ts', () => {
  const actual = jest.requireActual<typeof systemCalls>('../../src/save-handlers/system-calls.ts')
  const calls = { ...actual.fsCalls(actual.systemCalls().tryLock) }
  return { ...actual, systemCalls: () => calls }
})

jest.mock('../../src/save-handlers/overwrite.ts', () => ({ mappedOverwriter: () => null }))

describe('through node:fs and without mappings', () => {
  saveHandlerConformance(test, () => {
    const basedir = mkdtempSync(join(tmpdir(), 'session-start-'))
    return {
      handler: filesSaveHandler,
      save_path: basedir,
      age(id, seconds) {
        const then = Date.now() / 1000 - seconds
        utimesSync(join(basedir, `sess_${id}`), then, then)
      },
      dispose: () => rmSync(basedir, { recursive: true }),
    }
  })
})

describe('where there is no flock', () => {
  const calls = systemCalls.systemCalls() as { -readonly [K in keyof systemCalls.SystemCalls]: systemCalls.SystemCalls[K] }
  const { tryLock } = calls
  beforeEach(() => {
    calls.tryLock = null
  })
  afterEach(() => {
    calls.tryLock = tryLock
  })

  test('a session is refused unless locking was switched off', async () => {
    const basedir = mkdtempSync(join(tmpdir(), 'session-start-'))
    const open = (lock: boolean) => filesSaveHandler.open(basedir, 'PHPSESSID', { lock, lockTimeout: 1000 }) as SaveHandle
    expect(() => open(true)).toThrow(expect.objectContaining({ code: 'LOCK_UNAVAILABLE' }))
    const handle = open(false)
    await handle.write('abc', Buffer.from('n|i:1;'))
    expect((await handle.read('abc')).toString()).toBe('n|i:1;')
    await handle.close()
    expect(await handle.gc(-1)).toBe(1)
    rmSync(basedir, { recursive: true })
  })
})
