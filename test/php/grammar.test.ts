import { Scan, scanValue } from '../../src/php/scan.ts'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { describePhps } from './support/phps.ts'

/** Ways to spell a number, of which PHP takes some here and others there. */
const numbers = [
  ...[
    '',
    '0',
    '1',
    '2',
    '3',
    '00',
    '01',
    '002',
    '+0',
    '+1',
    '+01',
    '-0',
    '-1',
    '-00',
    '--1',
    '+-1',
    '-',
    '+',
    ' 1',
    '1 ',
    '1.',
    '.1',
    '1.0',
  ],
  ...[
    '1e0',
    '1E1',
    '0x1',
    '1_0',
    '1,0',
    'x',
    '1x',
    '.',
    'e',
    '1e',
    'e1',
    '.e1',
    '1.e1',
    '.1e1',
    '1.5e-3',
    '1.5e+3',
    '1e+-5',
    '+.5',
    '-5.e-2',
  ],
  ...[
    'NAN',
    'INF',
    '-INF',
    '+INF',
    'nan',
    'inf',
    'NaN',
    'Infinity',
    'NANx',
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
  ],
  ...[
    '-9223372036854775809',
    '18446744073709551615',
    '18446744073709551616',
    '18446744073709551617',
    '18446744073709551618',
    '36893488147419103233',
  ],
  ...[
    '99999999999999999999',
    '000000000000000000000000001',
    '-000000000000000000000000001',
    '9007199254740993',
    '0.1e1000',
    '1e-1000',
    '00.10',
  ],
]

/** Each place where a number stands: `#`. The class A is not loaded, Own and Suit are. */
const places = [
  ...['i:#;', 'd:#;', 'b:#;', 's:#:"";', 's:#:"a";', 's:#:"ab";', 'S:#:"";', 'S:#:"\\41";', 'S:#:"a\\41";'],
  ...[
    'a:#:{}',
    'a:#:{i:0;N;}',
    'a:#:{i:0;N;i:1;N;}',
    'a:1:{i:#;N;}',
    'a:1:{s:#:"k";N;}',
    'a:1:{S:#:"k";N;}',
    'a:2:{i:1;i:5;i:#;N;}',
  ],
  ...[
    'O:#:"A":0:{}',
    'O:1:"A":#:{}',
    'O:1:"A":#:{s:1:"x";N;}',
    'O:1:"A":1:{i:#;N;}',
    'O:1:"A":1:{s:#:"x";N;}',
    'O:2:"No":#:{s:1:"x";N;}',
  ],
  ...['C:#:"Own":0:{}', 'C:3:"Own":#:{}', 'C:3:"Own":#:{a}', 'C:3:"Own":#:{ab}'],
  ...['E:#:"Suit:Hearts";', 'a:2:{i:0;E:11:"Suit:Hearts";i:1;r:#;}'],
  ...['R:#;', 'r:#;', 'a:2:{i:0;O:1:"A":0:{}i:1;r:#;}', 'O:1:"A":2:{s:1:"x";i:5;s:1:"y";R:#;}'],
]

/** A character in the place of each of these; a NUL for none. */
const marks = ['\0', ':', ';', '"', "'", '{', '}', '[', ' ', 'x']
const wholes = [
  ...[
    'N;',
    'b:1;',
    'i:1;',
    'd:1.5;',
    's:1:"a";',
    'S:1:"a";',
    'a:1:{i:0;N;}',
    'a:1:{s:1:"k";N;}',
    'O:1:"A":1:{s:1:"x";N;}',
    'C:3:"Own":1:{a}',
  ],
  ...['E:11:"Suit:Hearts";', 'a:2:{i:0;O:1:"A":0:{}i:1;r:2;}', 'a:2:{i:0;i:5;i:1;R:2;}'],
]

const spelled = places.flatMap((place) => numbers.map((number) => place.replace('#', number)))
const marked = wholes.flatMap((whole) =>
  [...whole].flatMap((_, at) => marks.map((mark) => whole.slice(0, at) + (mark === '\0' ? '' : mark) + whole.slice(at + 1))),
)
const inputs = [...new Set([...spelled, ...marked])]

const setup = `
  class Own implements Serializable {
    public $bytes;
    function serialize() { return $this->bytes; }
    function unserialize($bytes) { $this->bytes = $bytes; }
  }
  enum Suit { case Hearts; }`

/** Older PHPs took almost anything between the count of an object and its properties. */
describePhps('numbers in all spellings, and a wrong character in every place', ['8.5'], (php, version) => {
  test('are taken and refused as PHP does, and are the same value', async () => {
    // A length wraps at 2^64, in WebAssembly at 2^32.
    const asked = version === 'native' ? inputs : inputs.filter((input) => !/[sSOCERr]:(9007199|92233)/.test(input))
    const answers = await php().map(
      'if ($in === "b:0;") return $in; $value = unserialize($in); return $value === false ? "" : serialize($value);',
      asked.map((input) => Buffer.from(input)),
      { setup },
    )
    const differences = asked.flatMap((input, index) => {
      const ours = roundTrip(input)
      const theirs = answers[index] instanceof Error ? '' : String(answers[index])
      return ours === theirs || isException(input, ours, theirs) ? [] : [{ input, ours, theirs }]
    })
    expect(differences).toEqual([])
    expect(asked.length).toBeGreaterThan(2500)
  })

  test('are scanned as they are read', () => {
    const taken = inputs.filter((input) => roundTrip(input) !== '')
    const scanned = inputs.filter((input) => scanValue(Buffer.from(input), 0, new Scan()) !== -1)
    // A reference to itself, or `r:` to what is no object: nobody but the reader knows.
    expect(scanned.filter((input) => !taken.includes(input) && !/[rR]:/.test(input))).toEqual([])
    expect(taken.filter((input) => !scanned.includes(input))).toEqual([])
  })
})

function roundTrip(input: string): string {
  try {
    return serialize(unserialize(input, { allowTrailing: true })).toString()
  } catch {
    return ''
  }
}

/** Where we keep more than PHP does, or cannot know the class. */
function isException(input: string, ours: string, theirs: string): boolean {
  // A float keeps its text; alone it has no place that remembers it.
  if (input.startsWith('d:')) return ours !== '' && theirs !== '' && Object.is(numberOf(ours), numberOf(theirs))
  // Integer keys of objects stay integers.
  if (/^O:.*i:/.test(input)) return ours.replace(/i:(-?\d+);/, (_, key: string) => `s:${key.length}:"${key}";`) === theirs
  // What wrote its own bytes keeps them, and an enum is one, when the class is not loaded.
  return (input.startsWith('C:') && !input.includes('"Own"')) || (input.includes('E:') && !input.includes('"Suit:Hearts"'))
}

function numberOf(bytes: string): number {
  const text = bytes.slice(2, -1).replace('NAN', 'NaN').replace('INF', 'Infinity')
  return Number(text)
}
