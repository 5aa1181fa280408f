import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { SessionError } from '../../src/errors.ts'
import { filesSaveHandler } from '../../src/save-handlers/files.ts'
import type { SaveHandle } from '../../src/save-handlers/save-handler.ts'
import { describeWithPhp, phpSays, runNode, sessionFolder } from './processes.ts'

const isRoot = process.getuid?.() === 0
/** Nobody in particular, for what only root can try. */
const STRANGER = 65_533
const describeAsRoot = (title: string, suite: () => void) =>
  isRoot ? describe(title, suite) : describe.skip(`${title} (skipped: only root can try)`, suite)

function open(save_path: string, options = { lock: true, lockTimeout: 5000 }): SaveHandle {
  return filesSaveHandler.open(save_path, 'PHPSESSID', options) as SaveHandle
}

async function errorOf(call: () => unknown): Promise<SessionError> {
  try {
    await call()
  } catch (error) {
    expect(error).toBeInstanceOf(SessionError)
    return error as SessionError
  }
  throw new Error('An error was expected')
}

function age(path: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds
  utimesSync(path, then, then)
}

test('a session is the file sess_ and its id, for its owner alone', async () => {
  const folder = sessionFolder()
  const handle = open(folder)
  await handle.read('abc')
  expect(statSync(join(folder, 'sess_abc')).mode & 0o7777).toBe(0o600)
  await handle.write('abc', Buffer.from('n|i:1;'))
  expect(readFileSync(join(folder, 'sess_abc'), 'latin1')).toBe('n|i:1;')
  await handle.close()
})

test('the mode in save_path is the mode of new files, less the umask', async () => {
  const folder = sessionFolder()
  const umask = process.umask(0o022)
  try {
    await open(`0;666;${folder}`).read('abc')
  } finally {
    process.umask(umask)
  }
  expect(statSync(join(folder, 'sess_abc')).mode & 0o7777).toBe(0o644)
})

test('the folders of the levels are not made', async () => {
  const folder = sessionFolder()
  const error = await errorOf(() => open(`1;${folder}`).read('abcdef'))
  expect(error.code).toBe('SAVE_PATH')
  expect(error.cause).toMatchObject({ code: 'ENOENT' })
  expect(readdirSync(folder)).toEqual([])
})

test('to look at a session where there is no such folder is an error, and none where only the folder of its level is missing', async () => {
  const error = await errorOf(() => open('/nowhere/at/all').peek('abcdef'))
  expect(error.code).toBe('SAVE_PATH')
  expect(error.message).toBe('Cannot open session abcdef… in /nowhere/at/all: ENOENT: no such file or directory, open')
  expect(await open(sessionFolder()).peek('abcdef')).toBeNull()
  expect(await open(`1;${sessionFolder()}`).peek('abcdef')).toBeNull()
})

test('a write keeps the file that others wait for, and its bytes are all that is in it', async () => {
  const folder = sessionFolder()
  const path = join(folder, 'sess_abc')
  const handle = open(folder)
  await handle.read('abc')
  const { ino } = statSync(path)
  for (const length of [10, 300, 5, 5000, 100_000, 99_999, 20, 0, 7]) {
    await handle.write('abc', Buffer.alloc(length, 'x'))
    expect(statSync(path)).toMatchObject({ ino, size: length })
    expect(readFileSync(path).equals(Buffer.alloc(length, 'x'))).toBe(true)
  }
  await handle.close()
})

test.each([[6], [5000], [100_000]])('writing %i bytes, the same or others, makes the file young', async (length) => {
  const folder = sessionFolder()
  const path = join(folder, 'sess_abc')
  const handle = open(folder)
  for (const content of ['x', 'x', 'y']) {
    await handle.write('abc', Buffer.alloc(length, content))
    expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(5000)
    age(path, 1000)
  }
  await handle.close()
})

test('reading and closing leaves the time of the file alone', async () => {
  const folder = sessionFolder()
  writeFileSync(join(folder, 'sess_abc'), 'n|i:1;')
  age(join(folder, 'sess_abc'), 1000)
  const { mtimeMs } = statSync(join(folder, 'sess_abc'))
  const handle = open(folder)
  await handle.read('abc')
  await handle.close()
  expect(statSync(join(folder, 'sess_abc')).mtimeMs).toBe(mtimeMs)
})

test('what a killed process left behind a session is taken off when it is read under the lock', async () => {
  const folder = sessionFolder()
  const path = join(folder, 'sess_abc')
  const stored = 'n|i:1;\x01|s:0000000004:"\x01\x01\x01\x01";'
  writeFileSync(path, stored)
  const handle = open(folder)
  expect((await handle.peek('abc'))?.toString()).toBe('n|i:1;')
  expect(readFileSync(path, 'latin1')).toBe(stored)
  expect((await handle.read('abc')).toString()).toBe('n|i:1;')
  expect(readFileSync(path, 'latin1')).toBe('n|i:1;')
  await handle.close()
})

test('hostile ids do not come near the file system', async () => {
  const folder = sessionFolder()
  const inner = join(folder, 'sess_x')
  mkdirSync(inner)
  const handle = open(folder)
  for (const id of ['x/../../evil', '../evil', 'x/evil', '/etc/passwd', 'evil\0', 'x\0/evil', '..%2fevil', 'e'.repeat(257), '']) {
    expect((await errorOf(() => handle.read(id))).code).toBe('INVALID_ID')
    expect((await errorOf(() => handle.write(id, Buffer.from('x')))).code).toBe('INVALID_ID')
    expect((await errorOf(() => handle.destroy(id))).code).toBe('INVALID_ID')
    expect(handle.validateSid(id)).toBe(false)
  }
  expect(readdirSync(folder)).toEqual(['sess_x'])
  expect(readdirSync(inner)).toEqual([])
})

test('an id as long as its levels is refused', async () => {
  expect((await errorOf(() => open(`3;${sessionFolder()}`).read('abc'))).code).toBe('INVALID_ID')
})

test('a link is not followed', async () => {
  const folder = sessionFolder()
  writeFileSync(join(folder, 'target'), 'n|i:1;')
  symlinkSync(join(folder, 'target'), join(folder, 'sess_link'))
  const handle = open(folder)
  for (const call of [() => handle.read('link'), () => handle.write('link', Buffer.from('x')), () => handle.peek('link')]) {
    const error = await errorOf(call)
    expect(error.code).toBe('SAVE_PATH')
    expect(error.cause).toMatchObject({ code: 'ELOOP' })
  }
  expect(readFileSync(join(folder, 'target'), 'latin1')).toBe('n|i:1;')
})

test('what is no file is refused, and the lock can be had afterwards', async () => {
  const folder = sessionFolder()
  mkdirSync(join(folder, 'sess_abc'))
  const handle = open(folder)
  expect((await errorOf(() => handle.read('abc'))).code).toBe('SAVE_PATH')
  expect((await errorOf(() => handle.peek('abc'))).code).toBe('SAVE_PATH')
  expect((await handle.read('other')).length).toBe(0)
  rmdirSync(join(folder, 'sess_abc'))
  expect((await handle.read('abc')).length).toBe(0)
  await handle.close()
})

test('errors say where and why, but not the id', async () => {
  const id = 'abcdefghijklmnopqrstuvwxyz'
  const error = await errorOf(() => open('/nowhere/at/all').read(id))
  expect(error.message).toBe('Cannot open session abcdef… in /nowhere/at/all: ENOENT: no such file or directory, open')
  expect(JSON.stringify(error.cause) + String((error.cause as Error).stack)).not.toContain(id)
})

test('without a lock nothing is locked, and nobody is waited for', async () => {
  const folder = sessionFolder()
  const holder = open(folder)
  await holder.read('abc')
  const handle = open(folder, { lock: false, lockTimeout: 0 })
  expect(handle.read('abc')).toBeInstanceOf(Buffer)
  await handle.write('abc', Buffer.from('n|i:1;'))
  await handle.close()
  await holder.close()
})

test('what is free is read, written and closed without a promise', () => {
  const handle = open(sessionFolder())
  expect(handle.read('abc')).toBeInstanceOf(Buffer)
  expect(handle.write('abc', Buffer.from('n|i:1;'))).toBeUndefined()
  expect(handle.updateTimestamp('abc', Buffer.from('n|i:1;'))).toBeUndefined()
  expect(handle.close()).toBeUndefined()
})

describeAsRoot('as root', () => {
  test('the session of another user is accepted, as PHP does', async () => {
    const folder = sessionFolder()
    writeFileSync(join(folder, 'sess_abc'), 'n|i:1;')
    chownSync(join(folder, 'sess_abc'), STRANGER, STRANGER)
    const handle = open(folder)
    expect((await handle.read('abc')).toString()).toBe('n|i:1;')
    await handle.close()
  })
})

describeAsRoot('as somebody else', () => {
  const refused = (save_path: string) => runNode('refused', { save_path, id: 'abcdefghij', uid: STRANGER }).line()

  test('the session of another user is refused, that of root is not', async () => {
    const folder = sessionFolder()
    chmodSync(folder, 0o777)
    const path = join(folder, 'sess_abcdefghij')
    writeFileSync(path, 'n|i:1;')
    chmodSync(path, 0o666)
    expect(await refused(folder)).toBe('read')
    chownSync(path, STRANGER + 1, STRANGER + 1)
    const holder = open(folder)
    await holder.read('abcdefghij')
    // Refused at once, although somebody has it locked.
    expect(await refused(folder)).toBe(`SAVE_PATH The file of session abcdef… belongs to user ${STRANGER + 1}, not to us`)
    await holder.close()
    chownSync(path, STRANGER, STRANGER)
    expect(await refused(folder)).toBe('read')
  })

  test('a folder that may not be written to is an error, and stays as it is', async () => {
    const folder = sessionFolder()
    chmodSync(folder, 0o555)
    expect(await refused(folder)).toMatch(/^SAVE_PATH Cannot open session abcdef… in .*: EACCES/)
    expect(readdirSync(folder)).toEqual([])
  })

  test('a folder that may be used but not listed has sessions, but no list and no gc', async () => {
    const folder = sessionFolder()
    chmodSync(folder, 0o1733)
    expect(await runNode('unlistable', { save_path: folder, id: 'abcdefghij', uid: STRANGER }).line()).toBe(
      'n|i:1; listed 0 removed 0',
    )
    expect(lstatSync(join(folder, 'sess_abcdefghij')).uid).toBe(STRANGER)
  })
})

describeWithPhp('with PHP', () => {
  test.each(['/dir', '2;/dir', '1;640;/dir'])('both find the session under %s', async (form) => {
    const folder = sessionFolder()
    mkdirSync(join(folder, 'x/y'), { recursive: true })
    const save_path = form.replace('/dir', folder)
    const handle = open(save_path)
    await handle.write('xyz', Buffer.from('from|s:4:"node";'))
    await handle.close()
    const code = `session_id('xyz'); session_start(); echo $_SESSION['from']; $_SESSION['from'] = 'php';`
    expect(await phpSays(save_path, code)).toBe('node')
    expect((await handle.read('xyz')).toString()).toBe('from|s:3:"php";')
    await handle.close()
  })

  test('a session that is gone while we hold it is gone, as with PHP', async () => {
    const folder = sessionFolder()
    const handle = open(folder)
    await handle.write('abc', Buffer.from('n|i:1;'))
    unlinkSync(join(folder, 'sess_abc'))
    await handle.updateTimestamp('abc', Buffer.from('n|i:1;'))
    await handle.write('abc', Buffer.from('n|i:2;'))
    await handle.close()
    expect(existsSync(join(folder, 'sess_abc'))).toBe(false)
    const code = `session_id('php'); session_start(); unlink('${folder}/sess_php'); $_SESSION['n'] = 1; session_write_close();
      echo file_exists('${folder}/sess_php') ? 'there' : 'gone';`
    expect(await phpSays(folder, code)).toBe('gone')
  })
})
