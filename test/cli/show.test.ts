import { chmodSync, readdirSync, statSync } from 'node:fs'
import stringWidth from 'string-width'
import { ensureBuilt } from '../support/package.ts'
import { itInTerminal, runCli, runInTerminal, withoutColors } from './support/run-cli.ts'
import { s, TestSavePath, utf8 } from './support/save-path.ts'

beforeAll(ensureBuilt)

const id = '1f3c0a9e7b54d2c86a0f31e5b97d4c20'
const savePath = new TestSavePath()

const name = s(utf8('Älice\x1b[31m'))
const user = `O:8:"App\\User":4:{s:4:"name";${name}s:7:"\0*\0mail";${s('a@example.com')}s:12:"\0App\\User\0pw";${s('hash')}s:4:"self";r:1;}`
const rich = [
  `user|${user}`,
  `again|r:1;`,
  `n|a:5:{i:0;i:1;i:1;d:2.5;i:2;d:-0;i:5;N;s:1:"k";b:1;}`,
  'ref|R:8;',
  `csrf_token|${s('b1946ac92492d234')}`,
  `login|${s(`a:2:{s:5:"roles";a:1:{i:0;${s('ROLE_USER')}}s:2:"id";i:7;}`)}`,
  `photo|${s('\xff\xd8')}`,
  'suit|E:11:"Suit:Hearts";',
  'none|a:0:{}',
].join('')

const tree = `user: object(App\\User) {  # 130 bytes
  name: string(11) "Älice\\e[31m"
  #mail: string(13) "a@example.com"
  -pw: string(4) ••••••
  self: → user
}
again: → user
n: array(5) {  # 51 bytes
  [0]: & int(1)
  [1]: float(2.5)
  [2]: float(-0)
  [5]: null
  k: bool(true)
}
ref: & → n[0]
csrf_token: string(16) ••••••
login: string(57) = array(2) {  # 65 bytes
  roles: array(1) {
    [0]: string(9) "ROLE_USER"
  }
  id: int(7)
}
photo: string(2) "\\xff\\xd8"
suit: enum(Suit::Hearts)
none: array(0) {}
`

it('shows a session as a tree of PHP’s types', async () => {
  savePath.write(id, rich)
  const { status, stdout, stderr } = await runCli(['show', savePath.path, '1f3c'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toBe(`# 1f3c0a9e… in ${savePath.path}, 362 B, php, user a@example.com\n${tree}`)
})

itInTerminal('cuts strings by the columns that their characters take', async () => {
  const file = savePath.write('1f3c0a9e7b54d2c8', `n|${s(utf8('漢'.repeat(60)))}b|${s('\xff'.repeat(60))}`)
  const { output } = await runInTerminal(['show', file], { columns: 60, env: { NO_COLOR: '1' } })
  const lines = output.trimEnd().split('\n').slice(1)
  expect(lines).toEqual([expect.stringMatching(/漢…"$/), expect.stringMatching(/\\xff…"$/)])
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(60)
})

itInTerminal('shows it in colours in a terminal, and cuts strings at its width', async () => {
  const file = savePath.write(id, `${rich}m|i:1;long|${s('lorem ipsum '.repeat(9))}`)
  const { status, output } = await runInTerminal(['show', file], { columns: 50 })
  expect(status).toBe(0)
  expect(output).toContain('\x1b[1mm\x1b[22m\x1b[2m: \x1b[22m\x1b[36mint(\x1b[39m\x1b[33m1\x1b[39m\x1b[36m)\x1b[39m')
  const lines = withoutColors(output).trimEnd().split('\n').slice(1)
  expect(Math.max(...lines.map((line) => line.length))).toBe(50)
  expect(lines.at(-1)).toBe('long: string(108) "lorem ipsum lorem ipsum lorem…"')
})

itInTerminal('uses no colours where NO_COLOR is set, or in a terminal that has none', async () => {
  const file = savePath.write(id, 'n|i:1;')
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }] as const) {
    expect((await runInTerminal(['show', file], { columns: 200, env })).output).toMatch(/\nn: int\(1\)\n$/)
  }
})

it('takes a save_path, a file, a php.ini and standard input', async () => {
  const file = savePath.write(id, 'n|i:1;')
  const ini = savePath.writeFile('php.ini', `session.save_path = ${savePath.path}\n`)
  for (const args of [
    [savePath.path, id],
    [file],
    [ini, '1f3c'],
    ['1f3c', '--save-path', savePath.path],
    ['1f3c', '--ini', ini],
  ]) {
    expect(await runCli(['show', ...args])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^# 1f3c0a9e… .*\nn: int\(1\)\n$/),
    })
  }
  expect(await runCli(['show', '-'], { input: 'n|i:1;' })).toMatchObject({ stdout: '# standard input, 6 B, php\nn: int(1)\n' })
  expect(await runCli(['show', 'copy'], { cwd: savePath.path })).toMatchObject({ status: 3 })
  savePath.writeFile('copy', 'a:1:{s:1:"n";i:1;}')
  expect(await runCli(['show', 'copy'], { cwd: savePath.path })).toMatchObject({
    stdout: '# copy, 18 B, php_serialize\nn: int(1)\n',
  })
})

it('prints JSON with types, offsets and slots, and hides what looks like a secret', async () => {
  savePath.write(id, rich)
  const { stdout } = await runCli(['show', savePath.path, '1f3c', '--json'])
  expect(stdout.split('\n')).toHaveLength(2)
  const { variables, ...rest } = JSON.parse(stdout)
  expect(rest).toEqual({ session: '1f3c0a9e…', place: savePath.path, size: 362, serializeHandler: 'php', problem: null })
  expect(variables[2].members[0]).toEqual({ key: 0, type: 'int', value: 1, offset: 156, length: 4, slot: 8, shared: 'variable' })
  expect(variables[3].target).toEqual({ kind: 'variable', slot: 8, path: 'n[0]' })
  expect(variables[4]).toMatchObject({ key: 'csrf_token', type: 'string', size: 16, isMasked: true })
  expect(variables[6]).toMatchObject({ base64: '/9g=' })
  expect(stdout).not.toMatch(/b1946ac9|"hash"/)
})

it('shows ids and secrets when it is told to', async () => {
  savePath.write(id, rich)
  for (const format of [[], ['--json']]) {
    const { stdout } = await runCli(['show', savePath.path, '1f3c', ...format, '--reveal', '--full-ids'])
    expect(stdout).toContain(id)
    expect(stdout).toContain('b1946ac92492d234')
  }
})

it('prints an expression of PHP', async () => {
  savePath.write(id, `n|a:2:{i:0;i:1;s:1:"k";b:1;}o|O:8:"stdClass":1:{s:1:"x";d:1;}csrf_token|${s('b1946ac9')}`)
  expect(await runCli(['show', savePath.path, id, '--php'])).toMatchObject({
    status: 0,
    stdout: `[
    'n' => [
        0 => 1,
        'k' => true,
    ],
    'o' => (object) [
        'x' => 1.0,
    ],
    'csrf_token' => '••••••' /* string */,
]
`,
  })
})

it('prints the bytes as they are stored, and in hexadecimal', async () => {
  const file = savePath.write(id, `photo|${s('\xff\0\n')}`)
  const { bytes } = await runCli(['show', file, '--raw'])
  expect(bytes.toString('latin1')).toBe(`photo|${s('\xff\0\n')}`)
  expect((await runCli(['show', file, '--hexdump'])).stdout).toBe(
    '00000000  70 68 6f 74 6f 7c 73 3a  33 3a 22 ff 00 0a 22 3b  |photo|s:3:"...";|\n',
  )
})

it('shows an empty session', async () => {
  expect(await runCli(['show', savePath.write(id, '')])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/0 B\nno variables\n$/),
  })
})

it('shows what stands before the damage, with status 1', async () => {
  const file = savePath.write(id, `n|i:1;name|${s('Alice').replace('5', '4')}`)
  const { status, stdout } = await runCli(['show', file])
  expect(status).toBe(1)
  expect(stdout).toMatch(/\nn: int\(1\)\nPHP stops at byte 20 of 23, in name: .*\n$/)
  expect(JSON.parse((await runCli(['show', file, '--json'])).stdout)).toMatchObject({ problem: { offset: 20, path: 'name' } })
})

it('leaves no trace: neither a lock nor a time nor a file', async () => {
  const file = savePath.write(id, 'n|i:1;')
  chmodSync(file, 0o400)
  const times = () => {
    const { mtimeNs, ctimeNs, nlink } = statSync(file, { bigint: true })
    return { mtimeNs, ctimeNs, nlink }
  }
  const before = times()
  await runCli(['show', savePath.path, '1f3c'])
  await runCli(['show', savePath.path, 'ffff'])
  expect(times()).toEqual(before)
  expect(readdirSync(savePath.path)).toEqual([`sess_${id}`])
})

it.each<[string, string[], number, RegExp]>([
  ['no session', [], 2, /missing required argument/],
  ['a place without an id', ['.'], 2, /Which session\? Give its file, or the beginning of its id/],
  ['an id that nobody has', ['.', 'ffff'], 3, /No session in .* begins like this/],
  ['a beginning of two', ['.', 'aa'], 2, /More than one session in .* begins like this/],
  ['two sessions', ['.', 'aa1', 'aa2'], 2, /Give one session/],
  ['two formats', ['.', 'aa1', '--php', '--json'], 2, /cannot be used with/],
  [
    'an unknown serialize handler',
    ['.', 'aa1', '--serialize-handler', 'xml'],
    2,
    /Allowed choices are php, php_binary, php_serialize/,
  ],
])('refuses %s', async (_what, args, status, message) => {
  savePath.write('aa1', '')
  savePath.write('aa2', '')
  const result = await runCli(['show', ...args], { cwd: savePath.path })
  expect(result).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(message) })
})

it('stops when its reader does', async () => {
  const file = savePath.write(id, Array.from({ length: 50_000 }, (_, index) => `n${index}|i:1;`).join(''))
  const { status, stderr } = await runCli(['show', file], { closeAfter: 100 })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

it('tells in its help what it does, with examples and the exit status', async () => {
  const { stdout } = await runCli(['show', '--help'])
  expect(stdout).toMatch(/Examples:\n(.*session-start show.*\n)+/)
  expect(stdout.replace(/\s+/g, ' ')).toContain('Exit status: 1 where PHP could not read it.')
})
