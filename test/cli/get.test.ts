import { ensureBuilt } from '../support/package.ts'
import { itInTerminal, runCli, runInTerminal } from './support/run-cli.ts'
import { s, TestSavePath, utf8 } from './support/save-path.ts'

beforeAll(ensureBuilt)

const savePath = new TestSavePath()
const session = [
  `name|${s(utf8('Zoë\nX'))}`,
  `user|O:4:"User":2:{s:7:"\0*\0mail";${s('a@example.com')}s:5:"roles";a:2:{i:0;${s('admin')}i:1;${s('editor')}}}`,
  'same|r:2;',
  'n|a:6:{i:1;i:9007199254740993;i:2;d:0.10;i:3;N;i:4;b:0;i:5;d:NAN;i:7;E:6:"Suit:A";}',
  'ref|R:10;',
  `photo|${s('\xff\xd8')}`,
  `csrf_token|${s('b1946ac9')}`,
  `login|${s(`a:2:{s:8:"password";${s('hash')}s:2:"id";i:7;}`)}`,
  'custom|C:1:"A":3:{xyz}',
  'empty|a:0:{}',
  `_sf2|a:1:{s:9:"_sec.last";${s('carol')}}`,
].join('')

const get = (...args: string[]) => runCli(['get', '-', ...args], { input: Buffer.from(session, 'latin1') })

// biome-ignore format: a table
const rows: [what: string, path: string, printed: string][] = [
  ['a string as it is', 'name', 'Zoë\nX'],
  ['an element', 'user.roles[1]', 'editor'],
  ['an int that JavaScript rounds', 'n[1]', '9007199254740993'],
  ['a float with the digits it has', 'n[2]', '0.10'],
  ['null', 'n[3]', 'null'],
  ['a bool', 'n[4]', 'false'],
  ['what is no number', 'n[5]', 'NAN'],
  ['a case of an enum', 'n[7]', 'Suit::A'],
  ['what a reference leads to', 'ref', '0.10'],
  ['what is in an object that stands there twice', 'same.roles[0]', 'admin'],
  ['what a custom object wrote', 'custom', 'xyz'],
  ['what a string holds', 'login.id', '7'],
  ['a key with a dot', "_sf2['_sec.last']", 'carol'],
  ['a list', 'user.roles', '["admin","editor"]'],
  ['an object, which the same object leads to', 'same', '{"mail":"a@example.com","roles":["admin","editor"]}'],
  ['an array', 'n', '{"1":"9007199254740993","2":0.1,"3":null,"4":false,"5":"NAN","7":"Suit::A"}'],
  ['an empty array', 'empty', '[]'],
]

it.each(rows)('prints %s', async (_what, path, printed) => {
  expect(await get(path)).toMatchObject({ status: 0, stdout: `${printed}\n`, stderr: '' })
})

it('prints the bytes of a string that is no text', async () => {
  expect((await get('photo')).bytes).toEqual(Buffer.from([0xff, 0xd8, 0x0a]))
})

it('prints references and bytes in JSON so that nothing is taken for a value', async () => {
  const input = Buffer.from('a|a:3:{i:0;i:1;i:1;R:2;i:2;s:1:"\xff";}', 'latin1')
  expect((await runCli(['get', '-', 'a'], { input })).stdout).toBe('[1,{"$ref":"a[0]"},{"$base64":"/w=="}]\n')
})

it('prints the type too with --json', async () => {
  expect(JSON.parse((await get('n[2]', '--json')).stdout)).toMatchObject({ type: 'float', value: 0.1, text: '0.10' })
  expect(JSON.parse((await get('user', '--json')).stdout)).toMatchObject({
    type: 'object',
    className: 'User',
    members: [{ key: 'mail', visibility: 'protected' }, { key: 'roles' }],
  })
})

it.each([
  ['name', '"Zoë\\nX"'],
  ['n[4]', 'false'],
  ['user.roles', "[\n    0 => 'admin',\n    1 => 'editor',\n]"],
  ['empty', '[]'],
])('prints %s as an expression of PHP', async (path, printed) => {
  expect(await get(path, '--php')).toMatchObject({ status: 0, stdout: `${printed}\n` })
})

it('refuses an expression of PHP for what has references', async () => {
  const result = await runCli(['get', '-', 'a', '--php'], { input: 'a|a:2:{i:0;i:1;i:1;R:2;}' })
  expect(result).toMatchObject({ status: 3, stdout: '', stderr: expect.stringMatching(/show --php prints the whole session/) })
})

it.each(['csrf_token', 'login.password', 'login'])('refuses %s, which holds a secret, unless --reveal is given', async (path) => {
  expect(await get(path)).toMatchObject({
    status: 3,
    stdout: '',
    stderr: expect.stringMatching(/looks like a secret: --reveal prints it/),
  })
  expect(await get(path, '--reveal')).toMatchObject({ status: 0, stdout: expect.stringMatching(/b1946ac9|hash/) })
})

it.each(['tokens[0]', 'same[0]', 'tokens[9]'])('cannot say whether there is a %s, which would be in a secret', async (path) => {
  const input = `tokens|a:1:{i:0;a:1:{i:0;${s('b1946ac9')}}}same|R:1;`
  expect(await runCli(['get', '-', path], { input })).toMatchObject({
    status: 3,
    stdout: '',
    stderr: `session-start: ${path.replace(/\[.*/, '')} holds what looks like a secret: --reveal prints it\n`,
  })
})

it('hides the secrets in an array', async () => {
  const input = `user|a:2:{s:2:"id";i:7;s:8:"password";${s('hash')}}`
  expect((await runCli(['get', '-', 'user'], { input })).stdout).toBe('{"id":7,"password":"••••••"}\n')
})

it('says when there is no such key, with status 1', async () => {
  expect(await get('user.roles[2]')).toMatchObject({ status: 1, stdout: '', stderr: 'There is no user.roles[2]\n' })
  expect(await get('nobody', '--json')).toMatchObject({ status: 1, stdout: '' })
})

it('says so where a damage may hide the key', async () => {
  const result = await runCli(['get', '-', 'b'], { input: 'a|i:1;b|s:3:"x";' })
  expect(result).toMatchObject({ status: 1, stderr: 'There is no b before byte 16, where PHP stops to read\n' })
})

it('takes a session of a save_path, and gives one value of it', async () => {
  savePath.write('1f3c0a9e7b54d2c8', 'n|i:1;')
  expect(await runCli(['get', savePath.path, '1f3c', 'n'])).toMatchObject({ status: 0, stdout: '1\n' })
  expect(await runCli(['get', savePath.path, '1f3c'])).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/Give one path/),
  })
  expect(await runCli(['get', savePath.path, '1f3c', 'n', 'm'])).toMatchObject({ status: 2 })
  expect(await runCli(['get', savePath.path, '1f3c', 'n['])).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/no key path/),
  })
})

it('refuses JSON that no parser would read', async () => {
  const input = `a|${'a:1:{i:0;'.repeat(600)}N;${'}'.repeat(600)}`
  expect(await runCli(['get', '-', 'a'], { input })).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/more than 500 levels deep/),
  })
})

itInTerminal('sends nothing to a terminal that it would obey', async () => {
  const file = savePath.write('1f3c0a9e7b54d2c8', `agent|${s('\x1b[2J\xff\nx')}`)
  expect(await runInTerminal(['get', file, 'agent'])).toEqual({ status: 0, output: '\\e[2J\\xff\nx\n' })
  savePath.write('1f3c0a9e7b54d2c8', utf8('a|a:1:{i:0;s:8:"\u009b2J\u202ex";}'))
  expect((await runInTerminal(['get', file, 'a'])).output).toBe('[\n  "\\u009b2J\\u202ex"\n]\n')
})
