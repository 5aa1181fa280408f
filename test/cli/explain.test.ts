import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { filesSaveHandler } from '../../src/save-handlers/files.ts'
import { inSession } from '../inspect/support/in-session.ts'
import { describePhps } from '../php/support/phps.ts'
import { describeWithPhp, phpSays } from '../save-handlers/processes.ts'
import { ensureBuilt, root } from '../support/package.ts'
import { itAsUser, itInTerminal, runCli, runInTerminal, startCli, withoutColors } from './support/run-cli.ts'
import { s, TestSavePath, utf8 } from './support/save-path.ts'

beforeAll(ensureBuilt)

const id = '9d20c85ef1b7436a0c9e8d5b24f7a613'
const savePath = new TestSavePath()

const edited = 'user_id|i:42;username|s:5:"Alicia";csrf_token|s:8:"abcdefgh";'

/** What PHP reads of each after its repair; the session is otherwise what one of it would be. */
// biome-ignore format: a table
const damages: [what: string, bytes: string, cause: string, where: string, repaired: string, flags?: string[]][] = [
  ['cut off in a string', 'n|i:1;name|s:5:"Ali', 'truncated', 'byte 19 in name', '{"n":1}', ['--backup']],
  ['cut off in an array', 'n|i:1;cart|a:2:{i:0;s:3:"MUG";i:1;s:', 'truncated', 'byte 36 in cart[1]', '{"n":1}', ['--backup']],
  ['with a newline behind', 'n|i:1;name|s:3:"Zoe";\n', 'trailing newline', 'byte 21', '{"n":1,"name":"Zoe"}'],
  ['converted from ISO-8859-1 to UTF-8', utf8('n|i:1;name|s:3:"Zoë";town|s:6:"Zürich";'), 'charset conversion', 'byte 13 in name', '{"n":1,"name":"Zoë","town":"Zürich"}'],
  ['edited by hand', edited, 'wrong length', 'byte 24 in username', '{"user_id":42,"username":"Alicia","csrf_token":"abcdefgh"}'],
  ['with an element more', 'list|a:1:{i:0;i:1;i:1;i:2;}', 'wrong count', 'byte 7 in list', '{"list":[1,2]}'],
  ['of another serialize handler', `a:2:{s:1:"n";i:1;s:4:"list";a:1:{i:0;N;}}`, 'mixed handlers', 'byte 0', '{"n":1,"list":[null]}', ['--serialize-handler', 'php']],
]

const text = `# 9d20c85e… in PLACE, 61 B, php
PHP destroys this session when it reads it.
A text was changed, and its length was not.

where      byte 24 of 61, in username
expected   a length of 6, not 5
PHP stops  at byte 32: expected "; behind 5 bytes of string

00000000  75 73 65 72 5f 69 64 7c  69 3a 34 32 3b 75 73 65  |user_id|i:42;use|
00000010  72 6e 61 6d 65 7c 73 3a  35 3a 22 41 6c 69 63 69  |rname|s:5:"Alici|
                                   ^^
00000020  61 22 3b 63 73 72 66 5f  74 6f 6b 65 6e 7c 73 3a  |a";csrf_token|s:|

repair     1 length recomputed
`

it('tells what is wrong, where, what was expected and how to repair it, with status 1', async () => {
  savePath.write(id, edited)
  const { status, stdout, stderr } = await runCli(['explain', savePath.path, '9d20'])
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
  expect(stdout.replace(savePath.path, 'PLACE')).toBe(text)
})

itInTerminal('points to it in colour in a terminal', async () => {
  const file = savePath.write(id, edited)
  const { status, output } = await runInTerminal(['explain', file], { columns: 200 })
  expect(status).toBe(1)
  expect(output).toContain('\x1b[31mPHP destroys this session when it reads it.\x1b[39m')
  expect(output).toContain('73 3a  \x1b[7m\x1b[31m35\x1b[39m\x1b[27m 3a 22')
  expect(withoutColors(output).replace(savePath.path, 'PLACE')).toBe(text.replace(/^ +\^\^\n/m, ''))
})

it.each(damages)('names what happened to a session %s', async (_what, bytes, cause, where, _repaired, flags = []) => {
  savePath.write(id, bytes)
  const handler = flags.includes('--serialize-handler') ? flags : []
  const { status, stdout } = await runCli(['explain', savePath.path, ...handler])
  expect(status).toBe(1)
  const line = stdout.split('\n')[1]!
  const repair = flags.includes('--backup') ? 'lossy' : 'yes'
  expect(line.split(/ {2,}/)).toEqual(['9d20c85e…', `${bytes.length} B`, cause, repair, where])
})

describeWithPhp('PHP', () => {
  const read = `echo @session_start() ? json_encode($_SESSION, JSON_UNESCAPED_UNICODE) : 'no session';`

  it.each(damages)(
    'destroys a session %s, and reads it when it is repaired',
    async (_what, bytes, _cause, _where, repaired, flags = []) => {
      const file = savePath.write(id, bytes)
      expect(await phpSays(savePath.path, `session_id('${id}'); ${read}`)).not.toBe(repaired)
      expect(() => statSync(file)).toThrow()
      savePath.write(id, bytes)
      expect(await runCli(['explain', savePath.path, '9d20', '--fix', ...flags])).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/\nRepaired(; what there was is in damaged-1-sess_9d20c85e…)?\n$/),
        stderr: '',
      })
      expect(await phpSays(savePath.path, `session_id('${id}'); ${read}`)).toBe(repaired)
    },
  )
})

it('finds nothing wrong with a session that PHP reads, with status 0', async () => {
  const file = savePath.write(id, 'n|i:1;m|N;')
  const { status, stdout } = await runCli(['explain', file])
  expect({ status, stdout }).toEqual({ status: 0, stdout: `PHP reads 9d20c85e… in ${savePath.path}: 2 variables, php\n` })
  expect(await runCli(['explain', '-'], { input: '' })).toMatchObject({
    status: 0,
    stdout: 'PHP reads standard input: 0 variables\n',
  })
  expect(JSON.parse((await runCli(['explain', file, '--json'])).stdout)).toMatchObject({ diagnosis: null, isFixed: false })
})

it('names the enums that PHP has to know, each case once, and none in strings', async () => {
  const suit = 'E:15:"App\\Suit:Hearts";'
  const file = savePath.write(id, `a|${suit}b|a:1:{i:0;a:1:{i:0;E:5:"A:One";}}c|${s(suit)}`)
  expect((await runCli(['explain', file])).stdout).toBe(
    `PHP reads 9d20c85e… in ${savePath.path}: 3 variables, php
It has to know App\\Suit::Hearts, A::One: a PHP that has not loaded an enum by session_start() destroys the session
`,
  )
})

const names = ['\0x', '\0', '\0\0x', '\0x\0', '\0*\0', '\0*x', '\0*\0x', '\0A\0x', '\0A\0x\0y', 'x\0y', '', '0']
const sessionsOf = (className: string) =>
  names.map((name) => Buffer.from(`u|O:${className.length}:"${className}":1:{${s(name)}i:1;}`))

describePhps('a PHP that has loaded the class of an object', ['7.4', '8.0', '8.5'], (php) => {
  it('refuses the names of properties that explain says it does', async () => {
    const code = `
      if (!class_exists('Loaded')) { class Loaded { public $a; } class Bare {} }
      return @session_decode($in) ? 'read' : 'refused';`
    const ask = (className: string) => php().map(inSession('php', code), sessionsOf(className))
    const explained = sessionsOf('Loaded').map((input) => runCli(['explain', '-'], { input }))
    const isWarned = (await Promise.all(explained)).map(({ stdout }) => stdout.includes('\nIt must not know Loaded if '))
    expect((await ask('Loaded')).map(String)).toEqual(isWarned.map((isOne) => (isOne ? 'refused' : 'read')))
    for (const className of ['Bare', 'stdClass', 'Missing'])
      expect((await ask(className)).map(String)).toEqual(names.map(() => 'read'))
  })
})

it('names the classes that PHP must not know, each once, and not as damage', async () => {
  const object = `O:1:"P":2:{${s('\0x')}i:1;${s('\0y')}O:8:"stdClass":1:{${s('\0x')}i:1;}}`
  const file = savePath.write(id, `a|${object}b|${object}c|${s(object)}`)
  expect(await runCli(['explain', file])).toMatchObject({
    status: 0,
    stdout: `PHP reads 9d20c85e… in ${savePath.path}: 3 variables, php
It must not know P if that declares properties: a PHP that has loaded it by session_start() refuses a property’s name with NUL bytes where PHP writes none, and destroys the session
`,
  })
})

it('hides what looks like a secret around the damage', async () => {
  // The first is read, the second stands behind the damage.
  const stored = `csrf_token|${s('b1946ac9')}n|i:1\npassword|${s('hunter2')}`
  const file = savePath.write(id, stored)
  for (const format of [[], ['--json']]) {
    const hidden = await runCli(['explain', file, ...format])
    const revealed = await runCli(['explain', file, ...format, '--reveal'])
    const shown = ({ stdout }: typeof hidden) =>
      format.length > 0
        ? Buffer.from(JSON.parse(stdout).diagnosis.around.base64, 'base64').toString('latin1')
        : stdout.replace(/^.*\|(.{16})\|\n|^.*\n/gm, '$1')
    expect(shown(revealed)).toMatch(/b1946ac9.*"hu/s)
    expect(shown(hidden)).not.toMatch(/b19|hu/)
    expect(shown(hidden)).toContain('csrf_token|**')
    expect(shown(hidden)).toContain('n|i:1')
  }
  expect((await runCli(['explain', file])).stdout).toContain('(* stands for what looks like a secret: --reveal shows it)')
})

it('prints JSON', async () => {
  const file = savePath.write(id, edited)
  const { status, stdout } = await runCli(['explain', file, '--json'])
  expect(status).toBe(1)
  const { diagnosis, ...rest } = JSON.parse(stdout)
  expect(rest).toEqual({ session: '9d20c85e…', place: savePath.path, size: 61, isFixed: false, backup: null })
  expect(diagnosis).toMatchObject({
    ...{ cause: 'wrong length', isDestroyed: true, serializeHandler: 'php', offset: 24, length: 1, path: 'username' },
    ...{ problem: { offset: 32, path: 'username' }, repair: { what: '1 length recomputed', loses: null, size: 61 } },
  })
})

describe('of a save_path', () => {
  const writeThree = () => {
    savePath.write('aaaaaaaaaaa1', 'n|i:1;')
    savePath.write(id, edited)
    savePath.write('bbbbbbbbbbb2', 'n|i:1;name|s:5:"Ali')
  }

  it('lists the damaged sessions, with status 1', async () => {
    writeThree()
    const { status, stdout } = await runCli(['explain', savePath.path])
    expect(status).toBe(1)
    const [head, ...rows] = stdout.replace(savePath.path, 'PLACE').split('\n')
    expect(head).toBe('ID             SIZE  WHAT HAPPENED        REPAIR  WHERE')
    expect(rows.slice(0, 2).sort()).toEqual([
      '9d20c85e…      61 B  wrong length         yes     byte 24 in username',
      'bbbbbbbb…      19 B  truncated            lossy   byte 19 in name',
    ])
    expect(rows.slice(2)).toEqual(['', '2 of 3 sessions in PLACE are damaged', ''])
  })

  it('repairs those that it may', async () => {
    writeThree()
    const { status, stdout } = await runCli(['explain', savePath.path, '--fix'])
    expect(status).toBe(1)
    expect(stdout).toMatch(/^bbbbbbbb… .* lossy {3}byte 19 in name: The repair loses .*: it is only written with --backup$/m)
    expect(stdout).toMatch(/\n2 of 3 sessions in .* are damaged, 1 repaired\n$/)
    expect(savePath.read(id)).toBe(edited.replace('s:5', 's:6'))
    expect(await runCli(['explain', savePath.path, '--fix', '--backup'])).toMatchObject({ status: 0 })
    const { status: last, stdout: all } = await runCli(['explain', savePath.path])
    expect({ last, all }).toEqual({ last: 0, all: `PHP reads all 3 sessions in ${savePath.path}\n` })
  })

  it('leaves no backup that is not whole', async () => {
    savePath.write(id, edited)
    // No file may be written to, as on a full disk.
    const command = 'ulimit -f 0; exec "$0" "$@"'
    const args = [process.execPath, join(root, 'dist/cli/main.js'), 'explain', savePath.path, '9d20', '--fix', '--backup']
    const { status, stderr } = spawnSync('sh', ['-c', command, ...args], { encoding: 'utf8' })
    expect(status).toBe(3)
    expect(stderr).toMatch(/^session-start: There is no backup, so nothing is changed: EFBIG/)
    expect(readdirSync(savePath.path)).toEqual([`sess_${id}`])
    expect(savePath.read(id)).toBe(edited)
  })

  it('counts one session as one', async () => {
    savePath.write(id, 'n|i:1;')
    expect((await runCli(['explain', savePath.path])).stdout).toBe(`PHP reads the one session in ${savePath.path}\n`)
    savePath.write(id, 'n|s:9:"x";')
    expect((await runCli(['explain', savePath.path])).stdout).toMatch(/\n1 of 1 session in .* is damaged\n$/)
  })

  it('finds sessions of several serialize handlers where nobody says which one PHP has', async () => {
    savePath.write('aaaaaaaaaaa1', 'n|i:1;')
    savePath.write('bbbbbbbbbbb2', 'a:1:{s:1:"n";i:1;}')
    const { status, stdout } = await runCli(['explain', savePath.path])
    expect(status).toBe(1)
    expect(stdout).toMatch(/^PHP reads all 2 sessions in .*\nNot all were written by one serialize handler: /)
    const ini = savePath.writeFile('php.ini', `session.save_path = ${savePath.path}\nsession.serialize_handler = php_serialize\n`)
    expect((await runCli(['explain', ini])).stdout).toMatch(
      /^aaaaaaaa… .* mixed handlers .*\n\n1 of 2 sessions in .* is damaged\n$/m,
    )
  })

  itAsUser('goes on where one may not be read, with status 3 if that is all', async (user) => {
    writeThree()
    for (const name of readdirSync(savePath.path)) chmodSync(join(savePath.path, name), 0o644)
    chmodSync(savePath.path, 0o755)
    chmodSync(join(savePath.path, `sess_${id}`), 0)
    if (user.uid !== undefined) {
      for (const name of ['aaaaaaaaaaa1', 'bbbbbbbbbbb2']) chownSync(join(savePath.path, `sess_${name}`), user.uid, user.uid)
    }
    const some = await runCli(['explain', savePath.path], user)
    expect(some).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/\n1 of 2 sessions in .*\n1 session could not be read\n$/),
    })
    rmSync(join(savePath.path, 'sess_bbbbbbbbbbb2'))
    expect((await runCli(['explain', savePath.path], user)).status).toBe(3)
  })

  it('prints JSON', async () => {
    writeThree()
    const { place, looked, serializeHandlers, damaged } = JSON.parse((await runCli(['explain', savePath.path, '--json'])).stdout)
    expect({ place, looked, serializeHandlers }).toEqual({ place: savePath.path, looked: 3, serializeHandlers: { php: 1 } })
    expect(damaged).toContainEqual(expect.objectContaining({ session: '9d20c85e…', size: 61, isFixed: false, failure: null }))
  })
})

describe('--fix', () => {
  it('waits for the lock, and leaves a session that was changed meanwhile', async () => {
    savePath.write(id, edited)
    const holder = await filesSaveHandler.open(savePath.path, 'PHPSESSID', { lock: true, lockTimeout: 0 })
    await holder.read(id)
    const fixing = startCli(['explain', savePath.path, id, '--fix'])
    await fixing.printed(/repair/)
    await holder.write(id, Buffer.from('n|i:1;'))
    await holder.close()
    expect(await fixing.ended).toMatchObject({ status: 3, stderr: expect.stringMatching(/changed meanwhile/) })
    expect(savePath.read(id)).toBe('n|i:1;')
  })

  it('keeps what there was with --backup, and no other backup', async () => {
    savePath.writeFile(`damaged-1-sess_${id}`, 'from before')
    savePath.write(id, edited)
    const { stdout } = await runCli(['explain', savePath.path, '9d20', '--fix', '--backup', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ isFixed: true, backup: 'damaged-2-sess_9d20c85e…' })
    expect(readdirSync(savePath.path).sort()).toEqual([`damaged-1-sess_${id}`, `damaged-2-sess_${id}`, `sess_${id}`])
    expect(readFileSync(join(savePath.path, `damaged-2-sess_${id}`), 'latin1')).toBe(edited)
    expect(statSync(join(savePath.path, `damaged-2-sess_${id}`)).mode & 0o777).toBe(0o600)
  })

  it('writes nothing that loses something without a backup', async () => {
    savePath.write(id, 'n|i:1;name|s:5:"Ali')
    const result = await runCli(['explain', savePath.path, id, '--fix'])
    expect(result).toMatchObject({ status: 3, stderr: expect.stringMatching(/The repair loses name.*--backup/) })
    expect(savePath.read(id)).toBe('n|i:1;name|s:5:"Ali')
  })

  it('prints the repair with --stdout and writes nothing', async () => {
    const file = savePath.write(id, edited)
    const repaired = edited.replace('s:5', 's:6')
    for (const [args, input] of [
      [[file], ''],
      [['-'], edited],
      [['-'], repaired],
    ] as const) {
      const { status, stdout } = await runCli(['explain', ...args, '--fix', '--stdout'], { input })
      expect({ status, stdout }).toEqual({ status: 0, stdout: repaired })
    }
    expect(savePath.read(id)).toBe(edited)
  })

  it('says so where no repair is safe, with status 1', async () => {
    const file = savePath.write(id, '\0\x01\x02 nothing of PHP’s')
    expect(await runCli(['explain', file, '--fix'])).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/\nNo repair is safe: /),
    })
    expect(await runCli(['explain', file, '--fix', '--stdout'])).toMatchObject({ status: 1, stdout: '' })
  })

  it.each<[string, string[], RegExp]>([
    ['a file that is no session’s', ['copy', '--fix'], /Only a session of a save_path is written/],
    ['--backup alone', ['copy', '--backup'], /go with --fix/],
    ['a backup of what is not written', ['copy', '--fix', '--stdout', '--backup'], /cannot be used with/],
    ['to print all of a place', ['.', '--fix', '--stdout'], /--stdout prints one session/],
    ['two sessions', ['.', 'copy', 'copy'], /Give one session, or none for all of a place/],
  ])('refuses %s', async (_what, args, message) => {
    savePath.writeFile('copy', edited)
    savePath.write('copy', '')
    const result = await runCli(['explain', ...args], { cwd: savePath.path })
    expect(result).toMatchObject({ status: 2, stderr: expect.stringMatching(message) })
    expect(readdirSync(savePath.path)).toEqual(['copy', 'sess_copy'])
  })
})
