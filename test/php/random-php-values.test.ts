import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Charset } from '../../src/php/charset.ts'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { describePhps, modernVersions } from './support/phps.ts'
import { type Complaint, forAll, seed, show } from './support/random.ts'
import { viewDecoded, withoutNumberTypes } from './support/view.ts'

jest.setTimeout(60_000)

const charsets: readonly Charset[] = ['utf-8', 'latin1', 'windows-1252', 'buffer']
const setup = ['random-value.php', 'view.php']
  .map((name) => readFileSync(join(__dirname, 'support', name), 'utf8').replace('<?php', ''))
  .join('\n')

/** PHP makes a value of each seed; it is wrong when our round trip changes a byte of it, under any charset. */
describePhps(`values that PHP makes of random seeds (SESSION_START_SEED=${seed})`, modernVersions, (php, version) => {
  const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })
  const ask = (body: string, cases: readonly number[]) =>
    php().map(
      body,
      cases.map((each) => Buffer.from(`${each}`)),
      { setup },
    )

  test('come back byte for byte, whatever strings are taken for', async () => {
    await forAll(seeds, version === 'native' ? 5000 : 1500, async (cases) => {
      const written = await ask('return serialize(random_value((int) $in));', cases)
      return written.map((bytes) => (bytes instanceof Error ? bytes.message : roundTrip(bytes)))
    })
  })

  test('are read as what they are', async () => {
    const body = `
      $bytes = serialize(random_value((int) $in, false));
      $known = array('allowed_classes' => array('RandomOpaque', 'RandomSuit'));
      return view(unserialize($bytes, $known)) . "\\n" . $bytes;`
    await forAll(seeds, 1000, async (cases) => {
      const answers = await ask(body, cases)
      return answers.map((answer) => (answer instanceof Error ? answer.message : sameView(answer)))
    })
  })
})

function roundTrip(bytes: Buffer): Complaint {
  for (const charset of charsets) {
    const again = serialize(unserialize(bytes, { charset }), { charset })
    if (!again.equals(bytes)) return `${charset}\n  PHP  ${show(bytes)}\n  ours ${show(again)}`
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
