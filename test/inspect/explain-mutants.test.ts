import { explainSession } from '../../src/inspect/explain.ts'
import { inspectSession } from '../../src/inspect/inspect-session.ts'
import { textCodec } from '../../src/php/charset.ts'
import { serializeHandlerNames } from '../../src/serialize-handlers/serialize-handlers.ts'
import { fixtures } from '../oracle/fixtures.ts'
import { mutants } from '../php/support/mutants.ts'
import { describePhps } from '../php/support/phps.ts'
import { forAll, seed, show } from '../support/random.ts'
import { inSession } from './support/in-session.ts'

const utf8 = textCodec('utf-8')

/** Sessions in small that PHP wrote; left out is what mutants.test.ts leaves out. */
const corpus = (handler: string) =>
  fixtures()
    .filter((fixture) => fixture.handler === handler && fixture.bytes.length < 2000)
    .map(({ bytes }) => bytes.toString('latin1'))
    .filter((text) => !/[OC]:\d+:"(Date|Spl|Array)|[CE]:\d+:"/.test(text))

/** What PHP before 8.2 reads otherwise: it takes any two characters behind a count of properties, and more names for those of classes. */
const laxHeader = /O:\d+:"([^"]*":[+-]?\d*(?!\d|:\{)|\\|[^"]*\x7f)/

/** A value by itself becomes a variable. */
function asSession(value: Buffer, handler: string): Buffer {
  if (!/^[NbidsSaOrR][:;]/.test(value.toString('latin1', 0, 2))) return value
  if (handler === 'php_serialize') {
    return value[0] === 0x61 ? value : Buffer.concat([Buffer.from('a:1:{s:1:"k";'), value, Buffer.from('}')])
  }
  return Buffer.concat([Buffer.from(handler === 'php' ? 'k|' : '\x01k'), value])
}

describePhps(`damaged sessions (SESSION_START_SEED=${seed})`, ['8.0', '8.5'], (php, version) => {
  const numRuns = version === 'native' ? 1500 : 600

  it.each(serializeHandlerNames)('have a problem when PHP destroys them, and repairs that PHP reads (%s)', async (handler) => {
    const cases = mutants(corpus(handler))
      .map((value) => asSession(value, handler))
      .filter((bytes) => {
        const text = bytes.toString('latin1')
        return text !== '' && !(version === '8.0' && laxHeader.test(text))
      })
    await forAll(cases, numRuns, async (inputs) => {
      const found = inputs.map((bytes) => explainSession(bytes, handler))
      const decoded = await php().map(inSession(handler, `return session_decode($in) ? 'read' : 'refused';`), inputs)
      const complaints = decoded.map((answer, index) => {
        const isDestroyed = found[index]?.isDestroyed ?? false
        return String(answer) === (isDestroyed ? 'refused' : 'read')
          ? undefined
          : `PHP: ${answer}\n${show(inputs[index]!)}\n${found[index]?.message}`
      })
      const repaired = found.flatMap((diagnosis, index) => (diagnosis?.repair === undefined ? [] : [index]))
      const pairs = repaired.map((index) => {
        const { bytes } = found[index]!.repair!
        return inParts(keysTwice(bytes, handler), readable(inputs[index]!, handler), bytes)
      })
      const kept = await php().map(inSession(handler, comparison), pairs)
      for (const [nth, answer] of kept.entries()) {
        const index = repaired[nth]!
        if (String(answer) !== 'kept')
          complaints[index] ??= `${answer}\n${show(inputs[index]!)}\n${found[index]!.message}\n${show(pairs[nth]!)}`
      }
      return complaints
    })
  })
})

/** Keys that stand in the session more than once: what they are, says the last. In hexadecimal, one behind the other. */
function keysTwice(bytes: Buffer, handler: string): Buffer {
  const keys = inspectSession(bytes, handler).variables.map(({ key }) => key)
  const twice = keys.filter((key, at) => keys.indexOf(key) !== at)
  return Buffer.from(twice.map((key) => keyBytes(key).toString('hex')).join())
}

function keyBytes(key: string): Buffer {
  const bytes = Buffer.alloc(utf8.byteLength(key))
  utf8.write(key, bytes, 0)
  return bytes
}

/** The variables in front of the problem, as a session. */
function readable(bytes: Buffer, handler: string): Buffer {
  const { variables } = inspectSession(bytes, handler)
  const parts = variables.map(({ offset, length }) => bytes.subarray(offset, offset + length))
  if (handler !== 'php_serialize') return Buffer.concat(parts)
  return Buffer.concat([Buffer.from(`a:${parts.length}:{`), ...parts, Buffer.from('}')])
}

/** Each part behind its length in ten digits. */
function inParts(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts.flatMap((part) => [Buffer.from(String(part.length).padStart(10, '0')), part]))
}

const comparison = `
  $parts = array();
  for ($at = 0; $at < strlen($in); $at += 10 + $length) {
    $length = (int) substr($in, $at, 10);
    $parts[] = (string) substr($in, $at + 10, $length);
  }
  list($twice, $readable, $repair) = $parts;
  $twice = explode(',', $twice);
  if ($readable !== '' && !session_decode($readable)) return 'PHP does not read what stands before the problem';
  $before = $_SESSION; $_SESSION = array();
  if (!session_decode($repair)) return 'PHP refuses the repair';
  foreach ($before as $key => $value) {
    if (!array_key_exists($key, $_SESSION)) return "the repair loses $key";
    // Of references, a variable that follows may make one of what was none before.
    if (strpos($in, 'R:') !== false || in_array(bin2hex($key), $twice, true)) continue;
    if ((isset($_SESSION[$key]) ? serialize($_SESSION[$key]) : 'N;') !== serialize($value)) return "the repair changes $key";
  }
  return 'kept';`
