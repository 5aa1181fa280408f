import { filler, goodFillerLength, SHORTEST_FILLER, withoutFiller } from '../../src/save-handlers/filler.ts'
import { describeWithPhp, phpSays, sessionFolder } from './processes.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')
/** A variable of its own; a character 1 is shown as ~. */
const OWN = /^~\|s:\d{10}:"~+";$/
const shown = (bytes: Buffer) => bytes.toString('latin1').replaceAll('\x01', '~')

test.each([
  ['n|i:1;', 'n|i:0000000000000000001;'],
  ['n|i:-15;x|N;', 'n|i:-000000000000000015;'],
  ['a|N;b|b:1;c|d:0.5;d|d:-1.0E+25;e|i:1;', 'e|i:0000000000000000001;'],
  ['user|s:5:"Al;ce";', 'user|s:00000005:"Al;ce";'],
  ['empty|s:0:"";n|i:1;', 'empty|s:000000000000:"";'],
  [`long|s:65:"${'x'.repeat(65)}";n|i:7;`, 'n|i:0000000000000000007;'],
])('behind %j a variable is said once more: %j', (session, expected) => {
  expect(filler(latin1(session), 24).toString('latin1')).toBe(expected)
})

test.each([
  [''],
  ['a|a:0:{}n|i:1;'],
  ['o|O:8:"stdClass":0:{}'],
  ['odd name|i:1;'],
  ['a:1:{s:1:"n";i:1;}'],
  ['\x01ni:1;'],
  ['u|s:5:"Ali'],
  ['u|s:5:"Alice'],
  ['u|s:5:"AliceX;n|i:1;'],
])('behind %j stands a variable of its own', (session) => {
  expect(shown(filler(latin1(session), 24))).toMatch(OWN)
  expect(goodFillerLength(latin1(session))).toBe(SHORTEST_FILLER)
})

test('a filler has any length that is asked for', () => {
  for (const session of ['', 'n|i:1;', `${'name'.repeat(16)}|s:64:"${'x'.repeat(64)}";`].map(latin1)) {
    for (let length = SHORTEST_FILLER; length < 500; length++) {
      expect(filler(session, length)).toHaveLength(length)
    }
    expect(filler(session, 100_000)).toHaveLength(100_000)
    expect(OWN.test(shown(filler(session, goodFillerLength(session))))).toBe(session.length === 0)
  }
})

test.each([
  ['', ''],
  ['a|i:1;', 'a|i:1;'],
  ['a|s:1:"\x01";', 'a|s:1:"\x01";'],
  ['\x01|s:0000000001:"\x01";', ''],
  ['a|i:1;\x01|s:0000000003:"\x01\x01\x01";', 'a|i:1;'],
  ['a|i:1;\x01|s:0000000001:"\x01";\x01|s:0000000002:"\x01\x01";', 'a|i:1;'],
  ['a|i:1;\x01|s:0000000002:"\x01";', 'a|i:1;\x01|s:0000000002:"\x01";'],
  ['a|i:1;\x01|s:3:"\x01\x01\x01";', 'a|i:1;\x01|s:3:"\x01\x01\x01";'],
  [`${'\x01'.repeat(18)}";`, `${'\x01'.repeat(18)}";`],
])('of %j only a variable of our own is taken off: %j', (stored, session) => {
  expect(withoutFiller(latin1(stored)).toString('latin1')).toBe(session)
})

describeWithPhp('PHP reads', () => {
  const sessions = {
    php: ['n|i:5;l|a:1:{i:0;s:1:"x";}', 'u|s:5:"Alice";', 'l|a:1:{i:0;i:5;}'],
    php_binary: ['\x01ni:5;', '\x01la:1:{i:0;i:5;}'],
    php_serialize: ['a:1:{s:1:"n";i:5;}'],
    igbinary: ['00000002140111016e0605'],
    msgpack: ['81a16e05'],
  }
  const rows = Object.entries(sessions).flatMap(([name, all]) => all.map((session) => [name, session] as const))

  test.each(rows)('a session with fillers behind it, with serialize handler %s: %j', async (name, session) => {
    const bytes = /^[0-9a-f]+$/.test(session) ? Buffer.from(session, 'hex') : latin1(session)
    const stored = Buffer.concat([bytes, ...[30, 4096, 90, 20_000].map((length) => filler(bytes, length))])
    const folder = sessionFolder()
    const code = `if (ini_set('session.serialize_handler', '${name}') === false) { echo 'same'; exit; }
      $read = function ($bytes) { file_put_contents('${folder}/sess_a', $bytes); session_id('a'); session_start(); session_abort(); return $_SESSION; };
      $before = $read(base64_decode('${bytes.toString('base64')}')); $after = $read(base64_decode('${stored.toString('base64')}'));
      if (count($before) !== 1 && count($before) !== 2) { echo 'not read '; }
      unset($after["\\x01"], $after['|']); echo $after === $before ? 'same' : json_encode([$before, $after]);`
    expect(await phpSays(folder, code)).toBe('same')
  })

  test('a variable said once more as nothing new', async () => {
    const folder = sessionFolder()
    const session = latin1('a|N;n|i:-5;l|a:1:{i:0;s:1:"x";}')
    const code = `file_put_contents('${folder}/sess_a', base64_decode('${Buffer.concat([session, filler(session, 30)]).toString('base64')}'));
      session_id('a'); session_start(); echo session_encode();`
    expect(await phpSays(folder, code)).toBe(session.toString('latin1'))
  })
})
