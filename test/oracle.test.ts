import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeNative, openPhp, type Php, PhpError, type PhpVersion, phpVersions } from './oracle/php.ts'

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))

for (const version of phpVersions) describe(`the WebAssembly PHP ${version}`, () => oracleSuite(version))
describeNative('the native PHP', () => oracleSuite('native'))

function oracleSuite(version: PhpVersion | 'native'): void {
  let php: Php
  let folder: string

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'oracle-test-'))
    php = await openPhp(version, { mounts: [folder], ini: { 'session.save_path': folder } })
  })

  afterAll(async () => {
    await php.close()
    fs.rmSync(folder, { recursive: true })
  })

  test('answers with its version', async () => {
    expect(php.version).toMatch(version === 'native' ? /^\d+\.\d+\.\d+/ : new RegExp(`^${version}\\.\\d+$`))
  })

  test('takes and gives all 256 byte values unchanged', async () => {
    expect(await php.run('echo strrev($input);', everyByte)).toEqual(Buffer.from(everyByte).reverse())
    expect(await php.run(Buffer.concat([Buffer.from("<?php echo '"), Buffer.from([0x80, 0xff, 0]), Buffer.from("';")]))).toEqual(
      Buffer.from([0x80, 0xff, 0]),
    )
  })

  test('rejects with the message of a fatal error, and goes on', async () => {
    const failure = await php.run('echo "before"; no_such_function();').catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(PhpError)
    expect(failure).toMatchObject({
      message: expect.stringContaining('Call to undefined function no_such_function()'),
      stdout: Buffer.from('before'),
      exitCode: 255,
    })
    await expect(php.run('this is no PHP')).rejects.toThrow('syntax error')
    await expect(php.run('exit(3);')).rejects.toThrow('status 3')
    expect((await php.run('echo 1 + 1;')).toString()).toBe('2')
  })

  test('lets nothing leak from one run into the next', async () => {
    await php.run(
      'function leak() {} define("LEAK", 1); $leak = 1; ini_set("precision", 3); session_id("leak"); session_start();',
    )
    const seen =
      'echo (int) function_exists("leak"), (int) defined("LEAK"), (int) isset($leak), ini_get("precision"), session_id();'
    expect((await php.run(seen)).toString()).toBe('00014')
  })

  test('writes a session to a folder of the host', async () => {
    await php.run('session_id("oracle"); session_start(); $_SESSION["user"] = $input;', Buffer.from('Zoë'))
    expect(fs.readFileSync(path.join(folder, 'sess_oracle'), 'utf8')).toBe('user|s:4:"Zoë";')
  })

  test('maps 5000 cases in one call', async () => {
    const inputs = Array.from({ length: 5000 }, (_, index) =>
      Buffer.concat([Buffer.from(`${index}`), everyByte.subarray(0, index % 257)]),
    )
    const results = await php.map('return strrev($in);', inputs)
    expect(
      results.every((result, index) =>
        Buffer.from(inputs[index]!)
          .reverse()
          .equals(result as Buffer),
      ),
    ).toBe(true)
    expect(results).toHaveLength(5000)
  })

  test('marks the cases that fail and answers all others', async () => {
    const body = `
      echo 'noise';
      if ($in == 'throw') throw new Exception('thrown');
      if ($in == 'fatal') { eval('class Twice {} class Twice {}'); }
      if ($in == 'exit') exit;
      if ($in == 'number') return 5;
      return helper($in);`
    const inputs = ['a', 'throw', 'b', 'fatal', 'exit', 'c', 'number', ''].map((text) => Buffer.from(text))
    const results = await php.map(body, inputs, { setup: 'function helper($in) { return "<$in>"; }' })
    expect(results.map((result) => (result instanceof PhpError ? result.message : result.toString()))).toEqual([
      '<a>',
      'Exception: thrown',
      '<b>',
      expect.stringMatching(/^Fatal error: .*Twice/),
      'the case ended the script',
      '<c>',
      'the case returned integer',
      '<>',
    ])
  })

  test('rejects a batch whose code cannot run', async () => {
    await expect(php.map('return no PHP;', [everyByte, everyByte])).rejects.toThrow('syntax error')
    await expect(php.map('return "";', [everyByte], { setup: 'no_such_function();' })).rejects.toThrow('no_such_function')
  })
}

test('refuses a version that is not there', async () => {
  await expect(openPhp('4.4' as PhpVersion)).rejects.toThrow(new TypeError('no PHP 4.4 here'))
})

test('goes on with a new process after a crash', async () => {
  const php = await openPhp('5.2')
  await expect(php.run('function forever() { forever(); } forever();')).rejects.toThrow('PHP 5.2 crashed')
  const inputs = ['a', 'b', 'deep', 'c'].map((text) => Buffer.from(text))
  const results = await php.map('return $in == "deep" ? forever() : $in;', inputs, {
    setup: 'function forever() { return forever(); }',
  })
  expect(results.map(String)).toEqual(['a', 'b', expect.stringContaining('PHP 5.2 crashed'), 'c'])
  expect((await php.run('echo 1 + 1;')).toString()).toBe('2')
  await php.close()
})

describe('a PHP that waits for a lock', () => {
  for (const version of ['5.2', '8.5'] as const) test(`is closed at once (${version})`, () => closesWhileWaiting(version))
  describeNative('as the native PHP', () => void test('is closed at once', () => closesWhileWaiting('native')))
})

async function closesWhileWaiting(version: PhpVersion | 'native'): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'oracle-test-'))
  const takeLock = `$file = fopen('${folder}/lock', 'w'); flock($file, LOCK_EX); touch('${folder}/' . $input); while (true);`
  const [holder, waiter] = await Promise.all([openPhp(version, { mounts: [folder] }), openPhp(version, { mounts: [folder] })])

  const held = holder.run(takeLock, Buffer.from('held')).catch((error: unknown) => error)
  while (!fs.existsSync(path.join(folder, 'held'))) await sleep(10)
  const waited = waiter.run(takeLock, Buffer.from('waited')).catch((error: unknown) => error)
  await sleep(100)
  await waiter.close()
  await holder.close()

  expect(fs.existsSync(path.join(folder, 'waited'))).toBe(false)
  expect([await held, await waited]).toEqual([expect.any(PhpError), expect.any(PhpError)])
  await expect(waiter.run('echo 1;')).rejects.toThrow('closed')
  fs.rmSync(folder, { recursive: true })
}
