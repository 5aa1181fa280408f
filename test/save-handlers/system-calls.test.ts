import { constants, mkdirSync, readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  fsCalls,
  type LibC,
  libc,
  libcCalls,
  type SystemCalls,
  SystemError,
  systemCalls,
} from '../../src/save-handlers/system-calls.ts'
import { sessionFolder } from './processes.ts'

const { tryLock } = systemCalls()
const ways: [string, SystemCalls][] = [['node:fs', fsCalls(tryLock)]]
if (process.platform === 'linux' && process.arch === 'x64') {
  ways.unshift(['libc', libcCalls(libc() as LibC)])
}

function errorOf(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

describe.each(ways)('system calls through %s', (_name, calls) => {
  const { O_CREAT, O_RDWR, O_RDONLY, O_NOFOLLOW } = constants
  const folder = sessionFolder()
  const path = join(folder, 'file')
  let fd: number

  beforeEach(() => {
    writeFileSync(path, 'content')
    fd = calls.open(path, O_CREAT | O_RDWR | O_NOFOLLOW, 0o600)
  })
  afterEach(() => calls.close(fd))

  test('open makes a file with its mode, and keeps its descriptor from other programs', () => {
    const umask = process.umask(0)
    const made = calls.open(join(folder, `new${ways.findIndex((way) => way[1] === calls)}`), O_CREAT | O_RDWR, 0o640)
    process.umask(umask)
    expect(statSync(join(folder, `new${ways.findIndex((way) => way[1] === calls)}`)).mode & 0o777).toBe(0o640)
    if (process.platform === 'linux') {
      expect(readFileSync(`/proc/self/fdinfo/${made}`, 'latin1')).toMatch(/flags:\s+0?2\d{6}$/m)
    }
    calls.close(made)
  })

  test('pread and pwrite say how much they moved', () => {
    const buffer = Buffer.alloc(20)
    expect(calls.pread(fd, buffer, 3)).toBe(4)
    expect(buffer.subarray(0, 5).toString()).toBe('tent\0')
    expect(calls.pread(fd, buffer, 100)).toBe(0)
    expect(calls.pwrite(fd, Buffer.from('--XY--').subarray(2, 4), 5)).toBe(2)
    expect(calls.pwrite(fd, Buffer.alloc(0), 0)).toBe(0)
    expect(readFileSync(path, 'latin1')).toBe('conteXY')
  })

  test('ftruncate cuts', () => {
    calls.ftruncate(fd, 3)
    expect(readFileSync(path, 'latin1')).toBe('con')
  })

  test('stat tells kind, size, owner and names', () => {
    expect(calls.stat(fd)).toEqual({ isFile: true, size: 7, uid: statSync(path).uid, nlink: 1 })
    unlinkSync(path)
    expect(calls.stat(fd).nlink).toBe(0)
    mkdirSync(join(folder, 'folder'), { recursive: true })
    const opened = calls.open(join(folder, 'folder'), O_RDONLY, 0)
    expect(calls.stat(opened).isFile).toBe(false)
    calls.close(opened)
  })

  test('stat tells sizes beyond 32 bits', () => {
    calls.ftruncate(fd, 5 * 2 ** 32 + 7)
    expect(calls.stat(fd).size).toBe(5 * 2 ** 32 + 7)
  })

  test('touch makes a file young', () => {
    utimesSync(path, 1000, 1000)
    calls.touch(path)
    expect(Math.abs(Date.now() - statSync(path).mtimeMs)).toBeLessThan(5000)
  })

  test('tryLock takes the lock once', () => {
    const other = calls.open(path, O_RDWR, 0)
    expect(calls.tryLock!(fd)).toBe(true)
    expect(calls.tryLock!(fd)).toBe(true)
    expect(calls.tryLock!(other)).toBe(false)
    calls.close(other)
  })

  test.each<[string, string, (calls: SystemCalls) => unknown]>([
    ['open', 'ENOENT', ({ open }) => open(join(folder, 'secret/id'), O_RDWR, 0)],
    ['pread', 'EBADF', ({ pread }) => pread(9999, Buffer.alloc(1), 0)],
    ['pwrite', 'EBADF', ({ pwrite }) => pwrite(9999, Buffer.alloc(1), 0)],
    ['ftruncate', 'EBADF', ({ ftruncate }) => ftruncate(9999, 0)],
    ['stat', 'EBADF', ({ stat }) => stat(9999)],
    ['close', 'EBADF', ({ close }) => close(9999)],
    ['touch', 'ENOENT', ({ touch }) => touch(join(folder, 'secret/id'))],
    ['tryLock', 'EBADF', (all) => all.tryLock!(9999)],
  ])('%s says %s, and not the path', (_call, code, call) => {
    const error = errorOf(() => call(calls))
    expect(error).toBeInstanceOf(SystemError)
    expect(error).toMatchObject({ code })
    expect(`${(error as Error).stack} ${JSON.stringify(error)}`).not.toContain('secret')
  })
})
