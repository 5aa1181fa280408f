import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { serializeHandler, serializeHandlerNames } from '../../src/serialize-handlers/serialize-handlers.ts'
import { superglobal } from '../../src/session/superglobal.ts'
import { describeNative, openPhp, type Php, type PhpVersion } from '../oracle/php.ts'
import { type Complaint, forAll, seed, show } from '../support/random.ts'
import { chooseEdits, type Edit, editSession, type Pick } from './support/edits.ts'

const setup = readFileSync(join(__dirname, 'support/random-session.php'), 'utf8').replace('<?php', '')

const scalars = [
  fc.boolean(),
  fc.constant(null),
  fc.integer({ min: 0, max: 99 }),
  fc.constantFrom('', 'Bob', 'é|;"', 'R:1;'),
  fc.constant(0.25),
]
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    ...scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('id', 'x', 'length'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
    fc.record({
      object: fc.dictionary(fc.constantFrom('a', 'b'), tie('value'), { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
    }),
  ),
})).value

const picks: fc.Arbitrary<Pick[]> = fc.array(
  fc.record({ kind: fc.nat(99), place: fc.nat(9999), value: values, number: fc.nat(99) }),
  { minLength: 1, maxLength: 7 },
)
const cases = fc.record({ session: fc.nat(2 ** 31 - 1), picks })

describe(`random edits of $_SESSION (SESSION_START_SEED=${seed})`, () => {
  for (const version of ['7.4', '8.5'] as const) describe(`as PHP ${version} makes them`, () => suite(version, 400))
  describeNative('as the installed PHP makes them', () => suite('native', 1200))
})

function suite(version: PhpVersion | 'native', numRuns: number): void {
  let php: Php
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'random-edits-'))
    php = await openPhp(version, {
      mounts: [folder],
      ini: { 'session.save_path': folder, 'session.use_cookies': '0', 'session.cache_limiter': '' },
    })
  })

  afterAll(async () => {
    await php.close()
    rmSync(folder, { recursive: true })
  })

  it.each(serializeHandlerNames)('lead to the same bytes (%s)', async (handler) => {
    const ask = (body: string, inputs: readonly Buffer[]) =>
      php.map(
        `session_id('edit'); session_start(array('serialize_handler' => '${handler}')); $_SESSION = array();
        ${body}
        $bytes = (string) session_encode(); session_abort(); return $bytes;`,
        inputs,
        { setup },
      )

    await forAll(cases, numRuns, async (all) => {
      const written = await ask(
        'random_session((int) $in);',
        all.map(({ session }) => Buffer.from(`${session}`)),
      )
      const done = all.map(({ picks }, index) => edited(handler, written[index]!, picks))
      const frames = done.map(({ edits }, index) =>
        Buffer.concat([Buffer.from(`${JSON.stringify(edits)}\n`), written[index] as Buffer]),
      )
      const inPhp = await ask(
        `list($edits, $session) = explode("\\n", $in, 2);
        session_decode($session); edit_session(json_decode($edits, true));`,
        frames,
      )
      return done.map((each, index) => compare(each, written[index] as Buffer, inPhp[index]!))
    })
  })
}

interface Edited {
  readonly edits: readonly Edit[]
  readonly bytes: Buffer
}

function edited(handler: string, written: Buffer | Error, picks: readonly Pick[]): Edited {
  if (written instanceof Error) throw written
  const open = () => serializeHandler(handler).open(written, {})
  // The edits are chosen in a copy: to look for places touches every key, and untouched ones are what is to be tested.
  const copy = open()
  const edits = chooseEdits(superglobal({ read: () => copy, write: () => copy }), picks)
  const vars = open()
  editSession(superglobal({ read: () => vars, write: () => vars }), edits)
  return { edits, bytes: vars.encode() }
}

function compare({ edits, bytes }: Edited, written: Buffer, inPhp: Buffer | Error): Complaint {
  if (!(inPhp instanceof Error) && bytes.equals(inPhp)) return undefined
  const said = inPhp instanceof Error ? inPhp.message : show(inPhp)
  return `${show(written)}\n  ${edits.map((edit) => JSON.stringify(edit)).join('\n  ')}\n  PHP  ${said}\n  ours ${show(bytes)}`
}
