import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import * as phpSerialize from 'php-serialize'
import { measure, micros, table, times } from './measure.mjs'

const require = createRequire(import.meta.url)
const { serialize, unserialize } = require('../../dist/index.js')
const { serializeHandler } = require('../../dist/serialize-handlers/serialize-handlers.js')
const locutus = {
  unserialize: require('locutus/php/var/unserialize'),
  serialize: require('locutus/php/var/serialize'),
}
const phpUnserialize = require('php-unserialize')

/** Values in and out of bytes: against PHP itself, JSON on the same data, and the peers from npm. */
export function benchCodec() {
  for (const [title, name] of [
    ['A login session', 'login'],
    ['A cart of 500 items', 'cart'],
  ]) {
    const file = new URL(`../../fixtures/8.5/php_serialize/sess_${name}`, import.meta.url)
    codecOf(title, readFileSync(file), fileURLToPath(file))
  }
  linearTime()
}

function codecOf(title, bytes, file) {
  const value = unserialize(bytes)
  const json = JSON.stringify(value)
  const plain = JSON.parse(json)
  const text = bytes.toString('utf8')
  const vars = { ...value, counter: 1 }
  const session = serializeHandler('php').encode(vars, {})

  const us = measure({
    decode: () => unserialize(bytes),
    encode: () => serialize(value),
    cycle: () => {
      const open = serializeHandler('php').open(session, {})
      open.set('counter', open.get('counter') + 1)
      return open.encode()
    },
    jsonDecode: () => JSON.parse(json),
    jsonEncode: () => JSON.stringify(plain),
    phpSerializeDecode: () => phpSerialize.unserialize(bytes),
    phpSerializeEncode: () => phpSerialize.serialize(plain),
    phpUnserializeDecode: () => phpUnserialize.unserialize(text),
    locutusDecode: () => locutus.unserialize(text),
    locutusEncode: () => locutus.serialize(plain),
  })
  const php = phpTimes(file)

  const row = (name, decode, encode) => [
    name,
    micros(decode),
    decode === undefined ? '–' : times(decode / us.decode),
    micros(encode),
    encode === undefined ? '–' : times(encode / us.encode),
  ]
  console.log(
    `\n${title}: ${bytes.length} bytes (${json.length} as JSON). Medians in µs; × is how many times as long as we take.\n`,
  )
  console.log(
    table(
      ['', 'decode', '', 'encode', ''],
      [
        row('session-start', us.decode, us.encode),
        row('JSON', us.jsonDecode, us.jsonEncode),
        row('PHP', php?.decode, php?.encode),
        row('php-serialize', us.phpSerializeDecode, us.phpSerializeEncode),
        row('php-unserialize', us.phpUnserializeDecode, undefined),
        row('locutus', us.locutusDecode, us.locutusEncode),
      ],
    ),
  )
  const phpCycle =
    php === undefined ? '' : `, PHP's decode and encode ${micros(php.cycle)} µs: ${times(php.cycle / us.cycle)} as long`
  console.log(`\nOpen, add one to a counter, encode: ${micros(us.cycle)} µs${phpCycle}.`)
}

function phpTimes(file) {
  try {
    const script = fileURLToPath(new URL('codec.php', import.meta.url))
    return JSON.parse(execFileSync('php', ['-d', 'opcache.enable_cli=0', script, file], { encoding: 'utf8' }))
  } catch {
    console.log('\nPHP is not installed here: no comparison with it.')
    return undefined
  }
}

/** Ten times the data should take ten times as long. */
function linearTime() {
  const item = 'a:3:{s:2:"id";i:12345;s:4:"name";s:24:"a product of some length";s:5:"price";d:12.5;}'
  const list = (count) => Buffer.from(`a:${count}:{${Array.from({ length: count }, (_, i) => `i:${i};${item}`).join('')}}`)
  const small = list(11_000)
  const large = list(110_000)
  const us = measure({ small: () => unserialize(small), large: () => unserialize(large) })
  globalThis.gc?.()
  const before = process.memoryUsage()
  const kept = unserialize(large)
  const after = process.memoryUsage()
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1)
  console.log(
    `\n${megabytes(small.length)} MB decode in ${micros(us.small / 1000)} ms, ${megabytes(large.length)} MB in ${micros(us.large / 1000)} ms: ` +
      `${times(us.large / us.small)} for ${times(large.length / small.length)}. ` +
      `${kept.length} items take ${megabytes(after.heapUsed - before.heapUsed)} MB of heap.`,
  )
}
