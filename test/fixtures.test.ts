import fs from 'node:fs'
import path from 'node:path'
import { fixtures } from './oracle/fixtures.ts'
import { fixturesFolder, fixtureVersions, generateFixtures, readFiles } from './oracle/generate-fixtures.cjs'
import { openPhp, PhpError } from './oracle/php.ts'

test('there is a fixture folder for each version and nothing else', () => {
  const entries = fs.readdirSync(fixturesFolder).sort()
  expect(entries).toEqual([...fixtureVersions, 'README.md', 'generate.php', 'kinds'].sort())
})

test.each(fixtureVersions)('PHP %s writes the committed fixtures byte for byte', async (version) => {
  const committed = readFiles(path.join(fixturesFolder, version))
  const generated = await generateFixtures(version)
  expect([...committed.keys()]).toEqual([...generated.keys()])
  for (const [name, bytes] of generated) expect([name, text(committed.get(name)!)]).toEqual([name, text(bytes)])
})

test.each(fixtureVersions.filter((version) => version !== '5.2'))(
  'PHP %s reads each fixture and writes the same bytes',
  async (version) => {
    const php = await openPhp(version, { mounts: [fixturesFolder] })
    const own = fixtures().filter((fixture) => fixture.php === version && fixture.bytes.length > 0)
    const inputs = own.map(({ handler, bytes }) => Buffer.concat([Buffer.from(`${handler}\n`), bytes]))
    const results = await php.map(
      `[$handler, $bytes] = explode("\\n", $in, 2);
      ini_set('session.serialize_handler', $handler);
      ini_set('session.use_cookies', '0');
      session_id('fixture');
      session_start();
      $_SESSION = [];
      session_decode($bytes);
      $again = session_encode();
      session_abort();
      return $again;`,
      inputs,
      {
        setup: `foreach (glob('${fixturesFolder}/kinds/*.php') as $file) {
          if (!preg_match('/since-(.+).php$/', $file, $since) || version_compare(PHP_VERSION, $since[1], '>=')) require $file;
        }`,
      },
    )
    await php.close()
    for (const [index, { name, handler, bytes }] of own.entries()) {
      expect([handler, name, text(results[index]!)]).toEqual([handler, name, text(bytes)])
    }
  },
)

test('there is a fixture of each kind, in each handler, with the bytes of its PHP', () => {
  const find = (php: string, handler: string, name: string) =>
    fixtures()
      .find((fixture) => fixture.php === php && fixture.handler === handler && fixture.name === name)
      ?.bytes.toString('latin1')
  expect(find('8.5', 'php', 'login')).toMatch(/^user_id\|i:1042;username\|s:5:"alice";/)
  expect(find('8.5', 'php_binary', 'login')).toMatch(/^.user_idi:1042;/)
  expect(find('8.5', 'php_serialize', 'login')).toMatch(/^a:7:\{s:7:"user_id";i:1042;/)
  expect(find('5.2', 'php', 'scalars')).toContain('float|d:0.1000000000000000055511151231257827021181583404541015625;')
  expect(find('8.1', 'php', 'enums')).toMatch(/^suit\|E:18:"FixtureSuit:Hearts";again\|r:1;/)
  expect(find('5.2', 'php', 'empty')).toBe('')
})

/** Each byte as one character, for a diff that can be read. */
function text(result: Buffer | PhpError): string {
  return result instanceof PhpError ? String(result) : result.toString('latin1')
}
