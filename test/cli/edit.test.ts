import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesSaveHandler } from '../../src/save-handlers/files.ts'
import { ensureBuilt } from '../support/package.ts'
import { itAsUser, runCli } from './support/run-cli.ts'

/** The commands that change sessions: set, unset, rm, gc. */

beforeAll(ensureBuilt)

const id = '1f3c0a77ab1f3c0a77ab1f3c0a'
let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-edit-'))
  file = join(folder, `sess_${id}`)
  write('user|a:2:{s:4:"name";s:5:"Alice";s:5:"roles";a:1:{i:0;s:5:"admin";}}cart|O:4:"Cart":1:{s:8:"\0Cart\0id";d:10;}')
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(bytes: string, name = `sess_${id}`): void {
  writeFileSync(join(folder, name), bytes, 'latin1')
}

const stored = () => readFileSync(file, 'latin1')

describe('set', () => {
  it.each<[string, string[], string]>([
    ['a string', ['user.name', 'Zoë'], 's:4:"name";s:4:"Zoë";'],
    ['an element of a list', ['user.roles[0]', 'editor'], 'a:1:{i:0;s:6:"editor";}'],
    ['one more element', ['user.roles[1]', 'editor'], 'a:2:{i:0;s:5:"admin";i:1;s:6:"editor";}'],
    ['an int', ['n', '7', '--int'], 'n|i:7;'],
    ['an int that begins with a dash', ['n', '--int', '--', '-7'], 'n|i:-7;'],
    ['the largest int', ['n', '9223372036854775807', '--int'], 'n|i:9223372036854775807;'],
    ['a float', ['n', '7', '--float'], 'n|d:7;'],
    ['a float that is no number', ['n', '--float', '--', '-INF'], 'n|d:-INF;'],
    ['a bool', ['n', 'true', '--bool'], 'n|b:1;'],
    ['null', ['n', '--null'], 'n|N;'],
    ['an array', ['flags', '{"beta":true,"list":[1]}', '--json'], 'flags|a:2:{s:4:"beta";b:1;s:4:"list";a:1:{i:0;i:1;}}'],
    [
      'JSON with large numbers',
      ['n', '[9007199254740993,-9223372036854775808]', '--json'],
      'n|a:2:{i:0;i:9007199254740993;i:1;i:-9223372036854775808;}',
    ],
    [
      'JSON with floats',
      ['n', '[1.0,1e3,-0,-0.0,10,-1.5E-2]', '--json'],
      'n|a:6:{i:0;d:1;i:1;d:1000;i:2;i:0;i:3;d:-0;i:4;i:10;i:5;d:-0.015;}',
    ],
    [
      'JSON with digits in strings',
      ['n', '{"1":"2","a\\"3":"\\u0041-4.0"}', '--json'],
      'n|a:2:{i:1;s:1:"2";s:3:"a"3";s:5:"A-4.0";}',
    ],
    [
      'JSON with keys that are numbers',
      ['n', '{"b":{},"5":1,"-2":[],"05":2}', '--json'],
      'n|a:4:{s:1:"b";a:0:{}i:5;i:1;i:-2;a:0:{}s:2:"05";i:2;}',
    ],
    ['JSON with keys that objects have', ['n', '{"__proto__":1}', '--json'], 'n|a:1:{s:9:"__proto__";i:1;}'],
    ['a number as JSON', ['n', ' 7 ', '--json'], 'n|i:7;'],
    ['what is in between', ['a.b[0].c', 'x'], 'a|a:1:{s:1:"b";a:1:{i:0;a:1:{s:1:"c";s:1:"x";}}}'],
    ['a property', ['cart.total', '5', '--int'], 'O:4:"Cart":2:{s:8:"\0Cart\0id";d:10;s:5:"total";i:5;}'],
  ])('sets %s and leaves the rest', async (_what, args, part) => {
    const result = await runCli(['set', file, ...args])
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(stored()).toContain(Buffer.from(part).toString('latin1'))
    expect(stored()).toContain('s:8:"\0Cart\0id";d:10;')
  })

  it('finds the session by the beginning of its id, and writes in its serialize handler', async () => {
    write('a:1:{s:1:"n";i:1;}')
    expect(await runCli(['set', folder, '1f3c', 'n', '2', '--int'])).toMatchObject({ status: 0, stdout: 'n is set\n' })
    expect(stored()).toBe('a:1:{s:1:"n";i:2;}')
  })

  it.each<[string, string[], number, RegExp]>([
    ['no value', ['user.name'], 2, /Give the path of the variable and one value/],
    ['a value of the wrong type', ['n', 'seven', '--int'], 2, /"seven" is not a whole number/],
    ['a float too large for one', ['n', '1e400', '--float'], 2, /"1e400" is not a number, INF, -INF or NAN/],
    ['two types', ['n', '7', '--int', '--float'], 2, /one type/],
    ['null with a value', ['wp_user', 'bobby', '--null'], 2, /Give the path of the variable and no value/],
    ['null of another type', ['n', '--null', '--int'], 2, /one type/],
    ['an int of more than 64 bits', ['n', '9223372036854775808', '--int'], 2, /"9223372036854775808" is not a whole number/],
    ['the same in JSON', ['n', '[9223372036854775808]', '--json'], 2, /9223372036854775808 is no int of PHP, it is too large/],
    ['a float in JSON too large for one', ['n', '1e400', '--json'], 2, /1e400 is too large for a float/],
    ['JSON without end', ['n', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, '--json'], 2, /too deep/],
    ['bad JSON', ['n', '{', '--json'], 2, /no JSON/],
    ['an element of a string', ['user.name.first', 'x'], 3, /user.name holds a string, which has no elements/],
    ['an element of a string of bytes', ['bin[0]', 'x'], 3, /bin holds a string, which has no elements/],
    ['an element of an enum', ['suit.name', 'x'], 3, /suit holds an enum, which has no elements/],
    [
      'an element of an object that serialized itself',
      ['own.data', 'x'],
      3,
      /own holds an object that only its class can read, which/,
    ],
    ['a key that PHP cannot keep', ['a|b', 'x'], 3, /INVALID_KEY/],
    ['a path that is none', ['user[', 'x'], 2, /no key path/],
    ['an empty path', ['', 'x'], 2, /The path is empty/],
    ['an unknown option', ['n', '7', '--integer'], 2, /unknown option '--integer'/],
  ])('refuses %s and changes nothing', async (_what, args, status, message) => {
    write(`${stored()}bin|s:1:"\xff";suit|E:11:"Suit:Hearts";own|C:3:"Own":2:{ab}`)
    const before = stored()
    const result = await runCli(['set', file, ...args])
    expect(result.status).toBe(status)
    expect(result.stderr).toMatch(message)
    expect(stored()).toBe(before)
  })

  it('finds a session in levels by a beginning that is too short for an id there', async () => {
    mkdirSync(join(folder, 'a/b'), { recursive: true })
    write('n|i:1;', 'a/b/sess_abc')
    expect(await runCli(['set', `2;${folder}`, 'a', 'n', '2', '--int'])).toMatchObject({ status: 0, stderr: '' })
    expect(readFileSync(join(folder, 'a/b/sess_abc'), 'latin1')).toBe('n|i:2;')
    expect(await runCli(['set', `2;${folder}`, 'b', 'n', '2'])).toMatchObject({
      status: 3,
      stderr: expect.stringMatching('begins like this: b'),
    })
  })

  it('refuses what is not in a save_path', async () => {
    expect(await runCli(['set', '-', 'n', '1'], { input: 'n|i:1;' })).toMatchObject({ status: 2 })
  })

  it('waits for who holds the session', async () => {
    const holder = await filesSaveHandler.open(folder, 'PHPSESSID', { lock: true, lockTimeout: 0 })
    await holder.read(id)
    const setting = runCli(['set', file, 'n', '1', '--int'])
    await new Promise((resolve) => setTimeout(resolve, 400))
    await holder.write(id, Buffer.from('theirs|i:1;'))
    await holder.close()
    expect((await setting).status).toBe(0)
    expect(stored()).toBe('theirs|i:1;n|i:1;')
  })
})

/** All commands that wait for the lock of a session they have seen. */
it.each<[string, (file: string) => string[], number]>([
  ['set', (file) => ['set', file, 'role', 'admin'], 3],
  ['unset', (file) => ['unset', file, 'role'], 3],
  ['rm', (file) => ['rm', file], 0],
  ['explain --fix', (file) => ['explain', file, '--fix'], 3],
  ['convert', () => ['convert', folder, '--to', 'php_serialize', '--lock-timeout', '5000'], 0],
])('%s does not make a session again that is destroyed while it waits', async (_what, args, status) => {
  if (args(file)[0] === 'explain') write('n|s:2:"abc";m|i:1;')
  const holder = await filesSaveHandler.open(folder, 'PHPSESSID', { lock: true, lockTimeout: 0 })
  await holder.read(id)
  const changing = runCli(args(file))
  await new Promise((resolve) => setTimeout(resolve, 600))
  await holder.destroy(id)
  expect((await changing).status).toBe(status)
  expect(readdirSync(folder)).toEqual([])
})

describe('unset', () => {
  it('removes a variable', async () => {
    expect(await runCli(['unset', file, 'user'])).toMatchObject({ status: 0, stdout: 'user is removed\n' })
    expect(stored()).toBe('cart|O:4:"Cart":1:{s:8:"\0Cart\0id";d:10;}')
  })

  it('removes an element', async () => {
    await runCli(['unset', file, 'user.roles[0]'])
    expect(stored()).toContain('s:5:"roles";a:0:{}')
  })

  it('takes an empty path for none', async () => {
    expect(await runCli(['unset', file, ''])).toMatchObject({ status: 2, stderr: expect.stringMatching(/The path is empty/) })
    expect(await runCli(['get', file, ''])).toMatchObject({ status: 2, stderr: expect.stringMatching(/The path is empty/) })
  })

  it('says when there is none, with status 1, and an id in its place not in full', async () => {
    for (const command of ['get', 'unset']) {
      const { stdout, stderr } = await runCli([command, file, id])
      expect(stdout + stderr).toBe('There is no 1f3c0a77…\n')
    }
    expect(await runCli(['unset', file, 'nobody'])).toMatchObject({ status: 1, stdout: 'There is no nobody\n' })
  })

  it.each(['user.__proto__.toString', 'user.roles.__proto__.push', 'user.name[0]', 'suit.className', 'own.data', 'bin[0]'])(
    'finds only what the session holds, not %s',
    async (path) => {
      write(`${stored()}bin|s:1:"\xff";suit|E:11:"Suit:Hearts";own|C:3:"Own":2:{ab}`)
      const before = stored()
      expect(await runCli(['unset', file, path])).toMatchObject({ status: 1, stdout: `There is no ${path}\n`, stderr: '' })
      expect(stored()).toBe(before)
    },
  )
})

describe('rm', () => {
  it('removes sessions by file, and by the beginnings of their ids', async () => {
    write('', 'sess_aaaa1')
    write('', 'sess_bbbb2')
    expect(await runCli(['rm', file])).toMatchObject({ status: 0, stdout: 'Removed 1f3c0a77…\n' })
    expect(await runCli(['rm', folder, 'aaaa', 'bbbb', '--json'])).toMatchObject({ stdout: '{"removed":["aa…","bb…"]}\n' })
    expect(() => statSync(file)).toThrow()
  })

  it('removes none when one is not found', async () => {
    expect(await runCli(['rm', folder, '1f3c', 'ffff'])).toMatchObject({ status: 3, stderr: expect.stringMatching(/No session/) })
    expect(stored()).not.toBe('')
  })

  it('wants more of an id that two sessions begin with', async () => {
    write('', 'sess_1f3c9')
    const result = await runCli(['rm', folder, '1f3c'])
    expect(result.status).toBe(2)
    expect(result.stderr).toMatch(/More than one session/)
  })
})

describe('gc', () => {
  beforeEach(() => {
    for (let n = 0; n < 5; n++) {
      write('n|i:1;', `sess_old${n}`)
      utimesSync(join(folder, `sess_old${n}`), 1, 1)
    }
  })

  it('removes the old ones', async () => {
    const result = await runCli(['gc', folder])
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(result.stdout).toBe(`Removed 5 sessions older than 24 min from ${folder}\n`)
    expect(stored()).not.toBe('')
  })

  it('only says what it would do with --dry-run', async () => {
    expect(await runCli(['gc', folder, '--dry-run', '--json'])).toMatchObject({
      status: 0,
      stdout: '{"dryRun":true,"maxLifetime":1440,"looked":6,"old":5,"inUse":0,"denied":0,"bytes":30}\n',
    })
    expect((await runCli(['gc', folder, '--dry-run'])).stdout).toMatch(/^5 of 6 sessions in .* would be freed\n$/)
    expect(statSync(join(folder, 'sess_old0')).size).toBe(6)
  })

  it('takes the lifetime from a php.ini, or from the command line', async () => {
    const ini = join(folder, 'php.ini')
    writeFileSync(ini, `session.save_path = ${folder}\nsession.gc_maxlifetime = 4000000000\n`)
    expect((await runCli(['gc', ini, '--json'])).stdout).toBe('{"dryRun":false,"maxLifetime":4000000000,"removed":0}\n')
    expect((await runCli(['gc', ini, '--json', '--max-lifetime', '60'])).stdout).toMatch(/"removed":5/)
  })

  it('leaves what somebody holds', async () => {
    const holder = await filesSaveHandler.open(folder, 'PHPSESSID', { lock: true, lockTimeout: 0 })
    await holder.read('old0')
    expect((await runCli(['gc', folder, '--json'])).stdout).toMatch(/"removed":4/)
    await holder.close()
  })

  it('promises with --dry-run what it does: not what somebody holds, and all that PHP’s clean-up takes for a session', async () => {
    write('n|i:1;', 'sess_old.backup')
    utimesSync(join(folder, 'sess_old.backup'), 1, 1)
    write('n|i:1;', 'elsewhere')
    utimesSync(join(folder, 'elsewhere'), 1, 1)
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'sess_link'))
    mkdirSync(join(folder, 'sess_folder'))
    utimesSync(join(folder, 'sess_folder'), 1, 1)
    const holder = await filesSaveHandler.open(folder, 'PHPSESSID', { lock: true, lockTimeout: 0 })
    await holder.read('old0')
    const { stdout } = await runCli(['gc', folder, '--dry-run'])
    const json = JSON.parse((await runCli(['gc', folder, '--dry-run', '--json'])).stdout)
    expect((await runCli(['gc', folder, '--json'])).stdout).toMatch(/"removed":6/)
    await holder.close()
    expect(stdout).toMatch(/^7 of 8 sessions in .* would be freed; 1 in use would stay\n$/)
    expect(json).toMatchObject({ looked: 8, old: 7, inUse: 1, denied: 0 })
  })

  itAsUser('promises nothing that the user may not remove', async (user) => {
    chmodSync(folder, user.uid === undefined ? 0o555 : 0o1777)
    expect((await runCli(['gc', folder, '--dry-run'], user)).stdout).toMatch(
      /^5 of 6 sessions in .*: 0 B would be freed; 5 this user may not remove\n$/,
    )
    expect((await runCli(['gc', folder], user)).stdout).toMatch(/^Removed 0 sessions /)
    chmodSync(folder, 0o755)
  })

  it('counts one session as one', async () => {
    for (const n of [1, 2, 3, 4]) rmSync(join(folder, `sess_old${n}`))
    rmSync(file)
    expect((await runCli(['gc', folder, '--dry-run'])).stdout).toMatch(/^1 of 1 session in .* is older than 24 min: /)
    expect((await runCli(['gc', folder])).stdout).toMatch(/^Removed 1 session older/)
  })

  it('removes nothing from a save_path with levels, and says so, with --dry-run too', async () => {
    mkdirSync(join(folder, 'a'))
    write('n|i:1;', 'a/sess_abc')
    utimesSync(join(folder, 'a/sess_abc'), 1, 1)
    const place = `1;${folder}`
    const json = ['gc', place, '--json']
    expect((await runCli([...json, '--dry-run'])).stdout).toBe(
      '{"dryRun":true,"maxLifetime":1440,"looked":1,"old":1,"inUse":0,"denied":0,"bytes":0,"hasLevels":true}\n',
    )
    expect((await runCli(json)).stdout).toBe('{"dryRun":false,"maxLifetime":1440,"removed":0,"hasLevels":true}\n')
    for (const args of [
      ['gc', place, '--dry-run'],
      ['gc', place],
    ]) {
      const { stdout, stderr } = await runCli(args)
      expect(stdout).toMatch(/^1 of 1 session in .* is older than 24 min: none would be removed\n$|^Removed 0 sessions /)
      expect(stderr).toMatch(/clean-up leaves a save_path with levels alone/)
    }
    expect(statSync(join(folder, 'a/sess_abc')).size).toBe(6)
    expect((await runCli(['stats', place])).stdout).toContain(
      '1 older than gc_maxlifetime, 24 min: gc leaves them, as it does in',
    )
    expect(JSON.parse((await runCli(['stats', place, '--json'])).stdout)).toMatchObject({ expired: 1, hasLevels: true })
  })

  it('refuses a lifetime that is none', async () => {
    expect(await runCli(['gc', folder, '--max-lifetime', 'long'])).toMatchObject({ status: 2 })
  })
})

describe('a command line that is not understood', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown command', ['gcc'], /unknown command 'gcc'\n\(Did you mean gc\?\)/],
    ['an unknown option', ['gc', '--dry-ran'], /unknown option '--dry-ran'\n\(Did you mean --dry-run\?\)/],
    ['no command', [], /Usage: session-start/],
  ])('%s is a usage error that helps', async (_what, args, says) => {
    const result = await runCli(args)
    expect(result.status).toBe(2)
    expect(result.stderr).toMatch(says)
  })

  it.each([[[id]], [['ls', '--sort', id]], [['completion', id]]])('names no whole id: %j', async (args) => {
    const result = await runCli(args)
    expect(result).toMatchObject({ status: 2, stderr: expect.stringContaining("'1f3c0a77…'") })
    expect(result.stderr).not.toContain(id)
  })

  it('a save_path that is not there is named', async () => {
    expect(await runCli(['gc', '/no/such/folder'])).toMatchObject({
      status: 3,
      stderr: 'session-start: There is no folder /no/such/folder\n',
    })
  })
})
