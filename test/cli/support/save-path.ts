import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A save_path for each test, with nothing in it. */
export class TestSavePath {
  path = ''

  constructor() {
    beforeEach(() => {
      this.path = mkdtempSync(join(tmpdir(), 'cli-sessions-'))
    })
    afterEach(() => rmSync(this.path, { recursive: true }))
  }

  /** Stores a session, each character as one byte; → its file. */
  write(id: string, bytes: string | Buffer): string {
    return this.writeFile(`sess_${id}`, bytes)
  }

  writeFile(name: string, bytes: string | Buffer): string {
    const file = join(this.path, name)
    writeFileSync(file, bytes, 'latin1')
    return file
  }

  read(id: string): string {
    return readFileSync(join(this.path, `sess_${id}`), 'latin1')
  }
}

/** Text as its UTF-8 bytes, each a character. */
export function utf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** A string as serialize() writes it; characters are bytes. */
export function s(bytes: string): string {
  return `s:${bytes.length}:"${bytes}";`
}
