import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import * as peer from 'php-serialize'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { openPhp, type Php } from '../oracle/php.ts'
import { check, seed } from '../support/random.ts'
import { compareReading, compareWriting, readByPeer } from './support/comparison.ts'
import { renderPage } from './support/comparison-page.ts'

const page = join(__dirname, '../../docs/php-serialize-comparison.md')
const { version } = JSON.parse(readFileSync(require.resolve('php-serialize/package.json'), 'utf8')) as { version: string }

let php: Php
beforeAll(async () => {
  php = await openPhp('8.5')
})
afterAll(() => php.close())

test('what PHP and php-serialize agree about, we agree about', async () => {
  const agreed = (await compareReading(php)).filter(
    ({ bytes, php: again, theirs }) => again?.equals(bytes) && theirs?.equals(bytes),
  )
  for (const { what, bytes, ours } of agreed) {
    expect([what, ours]).toEqual([what, bytes])
    expect([what, comparable(unserialize(bytes))]).toEqual([what, comparable(readByPeer(bytes))])
  }
  expect(agreed.length).toBeGreaterThan(30)
})

test('docs/php-serialize-comparison.md says what is measured (SESSION_START_WRITE_DOCS=1 writes it)', async () => {
  const text = renderPage(version, await compareReading(php), await compareWriting(php))
  if (process.env['SESSION_START_WRITE_DOCS'] === '1') writeFileSync(page, text)
  expect(readFileSync(page, 'utf8')).toBe(text)
})

test(`plain data are the same bytes and the same value for both (SESSION_START_SEED=${seed})`, () => {
  const leaf = fc.oneof(
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.integer({ min: 1, max: 1_000_000 }).map((digits) => digits / 64 + 1 / 128),
    fc.string({ unit: 'binary' }),
  )
  const name = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 8 })
    .filter((key) => !/^-?\d+$|^(__proto__|constructor|toJSON)$/.test(key))
  const { data } = fc.letrec<{ data: unknown }>((tie) => ({
    data: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('data'), { maxLength: 4 }),
      fc.dictionary(name, tie('data'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  const property = fc.property(data, (value) => {
    const bytes = serialize(value)
    expect(bytes).toEqual(Buffer.from(peer.serialize(value)))
    expect(unserialize(bytes)).toEqual(readByPeer(bytes))
  })
  check(property, 2000)
})

/** php-serialize reads an int that is not safe as a number when its digits survive. */
function comparable(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}
