import { coverSecrets } from '../../src/cli/secret-bytes.ts'
import { inspectSession } from '../../src/inspect/inspect-session.ts'
import { maskSecrets } from '../../src/inspect/secrets.ts'

/** In the second row of each pair something is damaged, so that most of it cannot be read. */
// biome-ignore format: a table
const rows: [what: string, bytes: string, covered: string, handler?: string][] = [
  ['a variable', 'n|i:1;password|s:3:"abc";m|N;', 'n|i:1;password|**********m|N;'],
  ['a variable behind the damage', 'n|x;password|s:3:"abc";m|N;', 'n|x;password|s:3:"***";m|N;'],
  ['an element', 'u|a:2:{s:3:"pin";i:1234;s:1:"n";i:5;}', 'u|a:2:{s:3:"pin";*******s:1:"n";i:5;}'],
  ['an element of what is damaged', 'u|a:3:{s:3:"pin";i:1234;s:1:"n";i:5;}', 'u|a:3:{s:3:"pin";i:****;s:1:"n";i:5;}'],
  ['an array', 'token|a:1:{i:0;s:3:"abc";}m|N;', 'token|********************m|N;'],
  ['an array behind the damage, and all that follows', 'n|x;token|a:1:{i:0;s:3:"abc";}m|N;', `n|x;token${'*'.repeat(25)}`],
  ['what php_serialize wrote', 'a:1:{s:8:"password";s:3:"abc";}', 'a:1:{s:8:"password";**********}'],
  ['what php_serialize wrote, damaged', 'a:2:{s:8:"password";s:3:"abc";}', 'a:2:{s:8:"password";**********}'],
  ['what php_binary wrote', '\x08passwords:3:"abc";', '\x08password**********', 'php_binary'],
  ['what php_binary wrote, damaged', '\x01ni:1\x08passwords:3:"abc";', '\x01ni:1\x08passwords:3:"***";', 'php_binary'],
  ['a string with a wrong length', 'password|s:9:"abc";', 'password|s:9:"***";'],
  ['a string that was cut off', 'password|s:9:"ab', 'password|s:9:"**'],
  ['a URL with a password, whatever its key', 'n|s:9:"postgres://me:abc@db";m|N;', `n|s:9:"${'*'.repeat(20)}";m|N;`],
  ['a URL that lost its quote', 'n|s:20:postgres://me:abc@db";m|N;', `n|s:20:${'*'.repeat(20)}";m|N;`],
  ['a URL that lost its type', 'n|:20:"https://me:abc@h.org";m|N;', `${'*'.repeat(27)}";m|N;`],
  ['the hash of a password', 'n|s:9:"$2y$10$abcdef";m|N;', `n|s:9:"${'*'.repeat(13)}";m|N;`],
  ['a token behind the damage', 'n|x;m|s:12:"eyJhbGci.eyJ.abc";o|s:1:"y";', `n|x;m|s:12:"${'*'.repeat(16)}";o|s:1:"y";`],
  ['a link with a token that was cut off', 'n|s:99:"https://x.org/?token=abcdef', `n|s:99:"${'*'.repeat(27)}`],
  ['nothing that only looks alike', 'author|s:1:"x";n|x;passport|s:1:"y";', 'author|s:1:"x";n|x;passport|s:1:"y";'],
]

it.each(rows)('covers %s', (_what, text, covered, ...[handler]) => {
  const bytes = Buffer.from(text, 'latin1')
  expect(coverSecrets(bytes, maskSecrets(inspectSession(bytes, handler))).toString('latin1')).toBe(covered)
  expect(bytes.toString('latin1')).toBe(text)
})
