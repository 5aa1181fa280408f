import type { Overwriter } from '../../src/save-handlers/overwrite.ts'
import { UNREADABLE, writeInPlace } from '../../src/save-handlers/write-in-place.ts'
import { inSession } from '../inspect/support/in-session.ts'
import { describePhps } from '../php/support/phps.ts'

/**
 * A file in memory that fails on command. It counts steps, a step being what a killed process leaves done or not done:
 * one page of a pwrite, one ftruncate, one mapped overwriting.
 */
class FileModel {
  content: Buffer
  steps = 0
  constructor(
    content: Buffer,
    readonly lastStep = Infinity,
    readonly room = Infinity,
  ) {
    this.content = Buffer.from(content)
  }

  #step(): void {
    if (++this.steps > this.lastStep) {
      throw new Killed()
    }
  }

  pwrite = (_fd: number, bytes: Uint8Array, position: number): number => {
    const end = Math.min(position + bytes.length, Math.max(this.room, this.content.length))
    if (end <= position) {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    }
    for (let at = position; at < end; ) {
      // Two pages are two steps, but for the shortest filler, which may have no room before the end of a page.
      const next = bytes.length < 20 ? end : Math.min(end, at - (at % 4096) + 4096)
      this.#step()
      const grown = Buffer.alloc(Math.max(this.content.length, next))
      this.content.copy(grown)
      Buffer.from(bytes).copy(grown, at, at - position, next - position)
      this.content = grown
      at = next
    }
    return end - position
  }

  ftruncate = (_fd: number, length: number): void => {
    this.#step()
    const cut = Buffer.alloc(length)
    this.content.copy(cut)
    this.content = cut
  }

  readonly overwriter: Overwriter = {
    overwrite: (_fd, bytes, position) => {
      expect(position + bytes.length).toBeLessThanOrEqual(this.content.length)
      this.#step()
      Buffer.from(bytes).copy(this.content, position)
      return true
    },
  }
}

class Killed extends Error {}

function write(file: FileModel, old: Buffer, bytes: Buffer): void {
  writeInPlace(1, old, bytes, file, file.overwriter)
}

const SIZES = [0, 1, 19, 173, 192, 4070, 4077, 4078, 4095, 4096, 4097, 4120, 8192, 8193, 12288, 20000]

/** Two sessions of the given lengths that differ from `at` on, wholly or only in one byte. Those of length 20 and more begin with a variable. */
function pair(oldLength: number, newLength: number, at: number, only: boolean): [Buffer, Buffer] {
  const bytes = Buffer.from(`n|i:1234;${'0123456789'.repeat(Math.ceil(Math.max(oldLength, newLength) / 10))}`)
  const old = Buffer.from(bytes.subarray(0, oldLength))
  const now = Buffer.from(bytes.subarray(0, newLength))
  if (at < newLength) {
    now.fill('x', at, only ? at + 1 : newLength)
  }
  return [old, now]
}

const PAIRS = SIZES.flatMap((oldLength) =>
  SIZES.flatMap((newLength) =>
    [0, 5, 4095, 4096, 8000, Infinity].flatMap((at) => [true, false].map((only) => pair(oldLength, newLength, at, only))),
  ),
)

/** Whether PHP reads these bytes as that session: fillers may follow, a variable said again or one of our own. */
function isSession(content: Buffer, session: Buffer): boolean {
  const rest = content.toString('latin1', session.length).replaceAll('\x01', '~')
  return content.subarray(0, session.length).equals(session) && /^(~\|s:\d{10}:"~+";|[nx]\|i:0*1234;)*$/.test(rest)
}

test('the file holds the new session afterwards', () => {
  for (const [old, bytes] of PAIRS) {
    const file = new FileModel(old)
    write(file, old, bytes)
    expect(file.content.equals(bytes)).toBe(true)
  }
})

test('killed at any step, the file holds the old or the new session, but for a filler behind it', () => {
  let kills = 0
  for (const [old, bytes] of PAIRS) {
    for (let lastStep = 0; ; lastStep++) {
      const file = new FileModel(old, lastStep)
      try {
        write(file, old, bytes)
        break
      } catch (error) {
        if (!(error instanceof Killed)) throw error
        if (!isSession(file.content, old) && !isSession(file.content, bytes)) {
          throw new Error(`${old.length} to ${bytes.length} bytes, killed after ${lastStep} steps: neither old nor new`)
        }
        kills++
      }
    }
  }
  expect(kills).toBeGreaterThan(5000)
})

test('killed at any step where pages are written one by one, the file holds that, or what PHP refuses', () => {
  let refused = 0
  for (const [old, bytes] of PAIRS) {
    for (let lastStep = 0; ; lastStep++) {
      const file = new FileModel(old, lastStep)
      try {
        writeInPlace(1, old, bytes, file, null)
        expect(file.content.equals(bytes)).toBe(true)
        break
      } catch (error) {
        if (!(error instanceof Killed)) throw error
        if (isSession(file.content, old) || isSession(file.content, bytes)) continue
        if (file.content.indexOf(UNREADABLE) !== 0) throw new Error(`${old.length} to ${bytes.length}: neither old nor new`)
        refused++
      }
    }
  }
  expect(refused).toBeGreaterThan(500)
})

describePhps('PHP', ['7.4', '8.5'], (php) => {
  // biome-ignore format: a table
  test.each([
    ['php',           ['a|', '|', 'ab|', 'abc|', 'user|', 'a:1:{|']],
    ['php_serialize', ['a:1:{s:1:"a";']],
    ['php_binary',    ['\x01a', '\x04user', '\x00', `\x7c${'k'.repeat(124)}`]],
  ])('reads nothing of a session of %s that begins with what makes it unreadable', async (handler, beginnings) => {
    const inputs = beginnings.map((beginning) => {
      const session = Buffer.from(`${beginning}s:5000:"${'x'.repeat(5000)}";${handler === 'php_serialize' ? '}' : ''}`, 'latin1')
      UNREADABLE.copy(session)
      return session
    })
    const answers = await php().map(inSession(handler, `return @session_decode($in) && count($_SESSION) > 0 ? 'read' : 'refused';`), inputs)
    expect(answers.map(String)).toEqual(inputs.map(() => 'refused'))
  })
})

test('out of room at any size, the file holds the old session, and the error says why', () => {
  let full = 0
  for (const [old, bytes] of PAIRS) {
    for (const room of SIZES.filter((size) => size < bytes.length + 19)) {
      const file = new FileModel(old, Infinity, room)
      try {
        write(file, old, bytes)
        expect(file.content.equals(bytes)).toBe(true)
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
        expect(file.content.equals(old)).toBe(true)
        full++
      }
    }
  }
  expect(full).toBeGreaterThan(1000)
})

test('a session of one page that does not get shorter takes one system call', () => {
  for (const [from, to] of [
    [0, 173],
    [173, 173],
    [173, 174],
    [173, 4096],
  ] as const) {
    const [old, bytes] = pair(from, to, 5, false)
    const file = new FileModel(old)
    write(file, old, bytes)
    expect(file.steps).toBe(1)
  }
})

test('a counter in a large session takes one system call, on its page', () => {
  const [old, bytes] = pair(20000, 20000, 9000, true)
  const file = new FileModel(old)
  write(file, old, bytes)
  expect(file.steps).toBe(1)
})
