import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Charset } from '../../src/php/charset.ts'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { type Complaint, forAll, seed, show } from '../support/random.ts'
import { describePhps, modernVersions } from './support/phps.ts'
import { viewDecoded, withoutNumberTypes } from './support/view.ts'

const charsets: readonly Charset[] = ['utf-8', 'latin1', 'windows-1252', 'buffer']
const setup = ['random-value.php', 'view.php']
  .map((name) => readFileSync(join(__dirname, 'support', name), 'utf8').replace('<?php', ''))
  .join('\n')

/** PHP makes a value of each seed; it is wrong when our round trip changes a byte of it, under any charset, with and without classes. */
describePhps(`values that PHP makes of random seeds (SESSION_START_SEED=${seed})`, modernVersions, (php, version) => {
  const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })
  const ask = (body: string, cases: readonly number[]) =>
    php().map(
      body,
      cases.map((each) => Buffer.from(`${each}`)),
      { setup },
    )

  test('come back byte for byte, whatever strings and objects are taken for', async () => {
    await forAll(seeds, version === 'native' ? 2500 : 500, async (cases) => {
      const written = await ask('return serialize(random_value((int) $in));', cases)
      return written.map((bytes) => (bytes instanceof Error ? bytes.message : roundTrip(bytes)))
    })
  })

  test('are read as what they are', async () => {
    const body = `
      $bytes = serialize(random_value((int) $in, false));
      $known = array('allowed_classes' => array('RandomOpaque', 'RandomSuit'));
      return view(unserialize($bytes, $known)) . "\\n" . $bytes;`
    await forAll(seeds, version === 'native' ? 1000 : 300, async (cases) => {
      const answers = await ask(body, cases)
      return answers.map((answer) => (answer instanceof Error ? answer.message : sameView(answer)))
    })
  })
})

/** Instances of some of the classes; what __unserialize is given is kept, and given back. */
class Magic {
  data: object = {}
  static __serialize = (magic: Magic): object => magic.data
  static __unserialize(magic: Magic, data: object): void {
    magic.data = data
  }
}
class Child {}
class Sleeper {}
const classes = { RandomMagic: Magic, randomchild: Child, RandomSleeper: Sleeper, stdClass: Object, ArrayObject: Magic }

function roundTrip(bytes: Buffer): Complaint {
  for (const options of [...charsets.map((charset) => ({ charset })), { classes }]) {
    const again = serialize(unserialize(bytes, options), options)
    if (!again.equals(bytes)) return `${Object.keys(options)}\n  PHP  ${show(bytes)}\n  ours ${show(again)}`
  }
  return undefined
}

function sameView(answer: Buffer): Complaint {
  const end = answer.indexOf('\n')
  const bytes = answer.subarray(end + 1)
  const inPhp = withoutNumberTypes(answer.toString('latin1', 0, end))
  const ours = viewDecoded(unserialize(bytes))
  return ours === inPhp ? undefined : `${show(bytes)}\n  PHP  ${inPhp}\n  ours ${ours}`
}
