import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { askPhp } from '../../src/testing/php.ts'
import '../../src/testing/jest.ts'
import { createTestSessions } from '../../src/testing/test-sessions.ts'
import { describeNative, nativePhp, phpVersions } from '../oracle/php.ts'

const sessions = createTestSessions()
const SESSION_START_PHP = process.env['SESSION_START_PHP']

afterEach(() => {
  if (SESSION_START_PHP === undefined) delete process.env['SESSION_START_PHP']
  else process.env['SESSION_START_PHP'] = SESSION_START_PHP
})

const suit = Buffer.from('suit|E:11:"Suit:Hearts";')
const damaged = Buffer.from('user|s:5:"Alic";')

describeNative('toBeReadableByPhp', () => {
  it('asks a real PHP', async () => {
    await expect(Buffer.from('user|s:5:"Alice";')).toBeReadableByPhp()
    await expect(Buffer.from('')).toBeReadableByPhp()
    await expect(damaged).not.toBeReadableByPhp()
    await expect(() => expect(Buffer.from('a|i:1;')).not.toBeReadableByPhp()).rejects.toThrow(
      /PHP \d+\.\d+\.\d+\S* reads the session$/,
    )
  })

  it('says what PHP said, and why', async () => {
    await expect(() => expect(damaged).toBeReadableByPhp()).rejects.toThrow(
      /PHP \S+ does not read the session:\n.*Failed to decode session object.*\n\nPHP would destroy the session\. A text was changed/,
    )
    await expect(() => expect(suit).toBeReadableByPhp()).rejects.toThrow(
      /does not read the session:\n.*Class 'Suit' not found\n/i,
    )
  })

  it.each([
    ['php', 'a|i:1;'],
    ['php_binary', '\x01ai:1;'],
    ['php_serialize', 'a:1:{s:1:"a";i:1;}'],
  ])('reads with %s what that wrote', async (serialize_handler, text) => {
    const bytes = Buffer.from(text)
    await expect(bytes).toBeReadableByPhp()
    await expect(bytes).toBeReadableByPhp({ serialize_handler })
    const other = serialize_handler === 'php_serialize' ? 'php_binary' : 'php_serialize'
    await expect(bytes).not.toBeReadableByPhp({ serialize_handler: other })
  })

  it('takes sessions of tests, with their directives, and promises of them', async () => {
    const others = createTestSessions({ serialize_handler: 'php_serialize' })
    await expect(others.seed({ user: 'Alice' })).toBeReadableByPhp()
    const session = await others.as('alice')
    writeFileSync(session.file!, 'user|s:5:"alice";')
    await expect(session).not.toBeReadableByPhp()
    await expect(session).toBeReadableByPhp({ serialize_handler: 'php' })
    await others.close()
    await expect(session).not.toBeReadableByPhp()
  })

  it('takes a command with arguments, such as one that knows the classes of the application', async () => {
    const prepended = join(sessions.save_path, 'suit.php')
    writeFileSync(prepended, '<?php echo "hello\n"; enum Suit { case Hearts; }')
    const php = [nativePhp!, '-d', `auto_prepend_file=${prepended}`]
    await expect(suit).toBeReadableByPhp({ php })
    await expect(createTestSessions({ php }).seed({ user: 'Alice' })).toBeReadableByPhp()
    process.env['SESSION_START_PHP'] = php.join(' ')
    await expect(suit).toBeReadableByPhp()
    await expect(suit).not.toBeReadableByPhp({ php: nativePhp! })
  })

  it('asks the one on PATH where the environment has an empty name', async () => {
    process.env['SESSION_START_PHP'] = ''
    await expect(Buffer.from('a|i:1;')).toBeReadableByPhp()
  })

  it('takes a path with blanks', async () => {
    const folder = join(sessions.save_path, 'my programs')
    mkdirSync(folder)
    writeFileSync(join(folder, 'php'), `#!/bin/sh\nexec '${nativePhp}' "$@"\n`)
    chmodSync(join(folder, 'php'), 0o755)
    process.env['SESSION_START_PHP'] = join(folder, 'php')
    await expect(Buffer.from('a|i:1;')).toBeReadableByPhp()
  })

  it('reads what is long, and hands over any byte', async () => {
    const value = Buffer.alloc(300_000, Buffer.from(Array.from({ length: 256 }, (_, index) => index)))
    const bytes = Buffer.concat([Buffer.from(`'a\\|s:${value.length}:"`), value, Buffer.from('";')])
    expect(await askPhp(bytes, 'php')).toMatchObject({ isReadable: true, warnings: [] })
  })

  it('says that there is no such serialize_handler', async () => {
    await expect(askPhp(suit, 'wddx')).rejects.toThrow(/^PHP \S+ cannot be asked: it has no serialize_handler wddx$/)
  })
})

describe.each(phpVersions.filter((version) => version >= '7'))('PHP %s', (version) => {
  const php = [process.execPath, join(__dirname, 'support/wasm-php.cjs'), version]

  it('can be asked', async () => {
    expect(await askPhp(Buffer.from('user|s:5:"Alice";'), 'php', php)).toEqual({
      version: expect.stringMatching(`^${version}`),
      isReadable: true,
      warnings: [],
    })
    const message = 'session_decode(): Failed to decode session object. Session has been destroyed'
    expect(await askPhp(damaged, 'php', php)).toMatchObject({ isReadable: false, warnings: [message] })
  })
})

describe('toBeReadableByPhp without a PHP', () => {
  it('says how to give one, also for the opposite', async () => {
    process.env['SESSION_START_PHP'] = 'no-such-php'
    const message = /There is no PHP to ask: no-such-php was not found\..*\n {2}SESSION_START_PHP=\/opt\/php\/bin\/php\n/s
    await expect(() => expect(damaged).toBeReadableByPhp()).rejects.toThrow(message)
    await expect(() => expect(damaged).not.toBeReadableByPhp()).rejects.toThrow(message)
  })

  it.each<[options: unknown, message: string]>([
    [{ PHP: 'php' }, "Unknown option 'PHP': did you mean 'php'?"],
    ['php', 'The options are an object with serialize_handler, php'],
    ...['', [], [''], 5].map(
      (php) => [{ php }, '`php` is a program, or an array of a program and its arguments'] as [unknown, string],
    ),
  ])('refuses %j, and asks no other', async (options, message) => {
    await expect(() => expect(damaged).not.toBeReadableByPhp(options as never)).rejects.toThrow(new TypeError(message))
  })

  it('says what another program said', async () => {
    await expect(askPhp(damaged, 'php', process.execPath)).rejects.toThrow(/ did not answer: .*bad option/)
    await expect(askPhp(damaged, 'php', [process.execPath, '-e', ''])).rejects.toThrow(' did not answer: ')
  })
})
