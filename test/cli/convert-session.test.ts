import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertSession } from '../../src/cli/convert/convert-session.ts'
import { serializeHandlerNames } from '../../src/serialize-handlers/serialize-handlers.ts'
import { fixtures } from '../oracle/fixtures.ts'
import { openPhp, type Php } from '../oracle/php.ts'
import { ensureBuilt } from '../support/package.ts'
import { runCli } from './support/run-cli.ts'

beforeAll(ensureBuilt)

describe('the bytes of a session', () => {
  const table = fixtures().flatMap((fixture) => serializeHandlerNames.map((to) => ({ ...fixture, to })))

  it.each(table)('$name of PHP $php, from $handler to $to and back, are what they were', ({ name, bytes, handler, to }) => {
    const there = convertSession(bytes, undefined, to)
    if (to !== handler && ['any-session-key', 'nested-serializable'].includes(name)) {
      const left = expect.objectContaining({ reason: name === 'any-session-key' ? 'key' : 'references' })
      const isHeld = to === 'php_serialize' && name === 'any-session-key'
      const isNumberedAlike = to !== 'php_serialize' && handler !== 'php_serialize'
      if (!isHeld && !isNumberedAlike) return expect(there).toEqual(left)
    }
    if ('reason' in there) throw new Error(there.message)
    expect(there.isAlready).toBe(to === handler || bytes.length === 0)
    const back = convertSession(there.bytes, undefined, handler)
    // What has no variables is an empty file in all other formats, and stays so.
    const isEmptied = name === 'empty' && to !== handler
    expect(back).toEqual(isEmptied ? expect.objectContaining({ isAlready: true }) : { bytes, isAlready: to === handler })
  })

  // biome-ignore format: a table
  it.each<[string, string, string | undefined, string, object]>([
    ['a text that looks like a variable', '\x04names:7:"|s:1:"x";', undefined, 'php_serialize', { reason: 'ambiguous', message: 'it reads as php and as php_binary' }],
    ['the same, if it is said which', '\x04names:7:"|s:1:"x";', 'php_binary', 'php_serialize', { bytes: Buffer.from('a:1:{s:4:"name";s:7:"|s:1:"x";}'), isAlready: false }],
    ['a text that looks like a variable, in one array', 'a:1:{s:1:"a";s:16:"|a:1:{i:0;s:1:"x";}', undefined, 'php', { bytes: Buffer.from('a|s:16:"|a:1:{i:0;s:1:"x";'), isAlready: false }],
    ['a key that stands there twice', 'b|i:2;a|i:1;a|i:3;', undefined, 'php_serialize', { bytes: Buffer.from('a:2:{s:1:"b";i:2;s:1:"a";i:3;}'), isAlready: false }],
    ['a key too long for php_binary', `${'k'.repeat(128)}|i:1;`, undefined, 'php_binary', { reason: 'key', message: 'PHP drops keys of $_SESSION longer than 127 bytes', keys: ['k'.repeat(128)] }],
    ['a key that is no UTF-8', 'caf\xe9|i:1;', 'php', 'php_serialize', { bytes: Buffer.from('a:1:{s:4:"caf\xe9";i:1;}', 'latin1'), isAlready: false }],
    ['references across keys', 'a|a:1:{i:0;i:1;}b|R:2;', undefined, 'php_serialize', { bytes: Buffer.from('a:2:{s:1:"a";a:1:{i:0;i:1;}s:1:"b";R:3;}'), isAlready: false }],
    ['bytes that nothing reads', 'a|s:9:"x";', undefined, 'php_serialize', { reason: 'damaged', message: expect.stringMatching(/^PHP would not read it as php: .* at byte \d+, in a$/) }],
    ['a session of another handler than was said', '\x01ai:1;', 'php', 'php_serialize', { reason: 'damaged', message: expect.stringMatching(/^PHP would not read it/) }],
  ])('are told for %s', (_what, bytes, from, to, expected) => {
    expect(convertSession(Buffer.from(bytes, 'latin1'), from, to)).toEqual(expected)
  })
})

describe('what was converted', () => {
  const sources = fixtures().filter(({ php }) => php === '8.5')
  let places: string
  let php: Php

  beforeAll(async () => {
    places = mkdtempSync(join(tmpdir(), 'cli-convert-php-'))
    php = await openPhp('8.5', { mounts: [places] })
  })
  afterAll(async () => {
    await php.close()
    rmSync(places, { recursive: true })
  })

  function place(name: string, handler: string): string {
    const path = join(places, name)
    mkdirSync(path)
    for (const each of sources.filter((source) => source.handler === handler))
      writeFileSync(join(path, `sess_${each.name}`), each.bytes)
    return path
  }

  /** PHP's own serialize() of each session's variables, by the name of its file. */
  async function inPhp(path: string, handler: string): Promise<Record<string, string>> {
    const script = `
      ini_set('session.save_path', $input);
      ini_set('session.serialize_handler', '${handler}');
      $found = [];
      foreach (glob($input . '/sess_*') as $file) {
        session_id(substr(basename($file), 5));
        session_start(['use_cookies' => 0, 'cache_limiter' => '', 'use_strict_mode' => 0]);
        $found[basename($file)] = base64_encode(serialize($_SESSION));
        session_abort();
      }
      echo json_encode($found);`
    return JSON.parse((await php.run(script, Buffer.from(path))).toString())
  }

  const ways = serializeHandlerNames.flatMap((from) => serializeHandlerNames.filter((to) => to !== from).map((to) => [from, to]))

  it.each(ways as [string, string][])('from %s to %s is to PHP what it was', async (from, to) => {
    const before = await inPhp(place(`${from} for ${to}`, from), from)
    const converted = place(`${from} to ${to}`, from)
    const { stdout } = await runCli(['convert', converted, '--from', from, '--to', to, '--full-ids', '--json'])
    const left = JSON.parse(stdout).left.map(({ id }: { id: string }) => id)
    expect(left).toEqual(left.filter((id: string) => ['any-session-key', 'nested-serializable'].includes(id)))
    for (const id of left) {
      delete before[`sess_${id}`]
      rmSync(join(converted, `sess_${id}`))
    }
    expect(Object.keys(before).length).toBeGreaterThan(30)
    expect(await inPhp(converted, to)).toEqual(before)
  })
})
