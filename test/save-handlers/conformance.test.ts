import { mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConformanceSubject, saveHandlerConformance } from '../../src/save-handlers/conformance.ts'
import { filesSaveHandler } from '../../src/save-handlers/files.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'

describe('memory', () => {
  saveHandlerConformance(test, () => {
    const handler = memorySaveHandler()
    return { handler, save_path: '', age: (id, seconds) => handler.age('', id, seconds) }
  })
})

/** The folder, with the folders of `levels` levels that the ids of the suite lead to. */
function folder(levels: number): string {
  const basedir = mkdtempSync(join(tmpdir(), 'session-start-'))
  for (const letter of 'abc') {
    mkdirSync(join(basedir, ...letter.repeat(levels)), { recursive: true })
  }
  return basedir
}

function subject(basedir: string, save_path: string, levels: number): ConformanceSubject {
  return {
    handler: filesSaveHandler,
    save_path,
    age:
      levels > 0
        ? null
        : (id, seconds) => {
            const then = Date.now() / 1000 - seconds
            utimesSync(join(basedir, `sess_${id}`), then, then)
          },
    dispose: () => rmSync(basedir, { recursive: true }),
  }
}

describe.each([
  ['/dir', 0, (dir: string) => dir],
  ['0;/dir', 0, (dir: string) => `0;${dir}`],
  ['1;/dir', 1, (dir: string) => `1;${dir}`],
  ['0;644;/dir', 0, (dir: string) => `0;644;${dir}`],
  ['3;600;/dir', 3, (dir: string) => `3;600;${dir}`],
])('files, save_path %s', (_name, levels, savePath) => {
  saveHandlerConformance(test, () => {
    const basedir = folder(levels)
    return subject(basedir, savePath(basedir), levels)
  })
})

describe('files, save_path empty', () => {
  const before = process.env['TMPDIR']
  afterEach(() => {
    if (before === undefined) {
      delete process.env['TMPDIR']
    } else {
      process.env['TMPDIR'] = before
    }
  })
  saveHandlerConformance(test, () => {
    const basedir = folder(0)
    process.env['TMPDIR'] = basedir
    return subject(basedir, '', 0)
  })
})
