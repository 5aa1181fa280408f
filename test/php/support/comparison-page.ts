import type { Reading, Writing } from './comparison.ts'

const FLOATS = 'whole numbers are written as ints'
const LAYOUT = 'writes floats as JavaScript prints them'
const BIGINT = 'tries to make a BigInt of it'
const UTF8 = 'reads all strings as UTF-8'
const STRING_KEYS = 'keys of objects are written as strings; PHP makes ints of them again'
const CLASS = 'keeps the class as a property, and writes that too'
const ENUMS = 'no enums'
const OWN_BYTES = 'the bytes are dropped when the class is not given'
const REFERENCES = 'no references'
const ORDER = 'the order of keys is JavaScript’s'

/** Why php-serialize and PHP differ, by the row's title. Every difference has to be explained, and every explanation needed. */
// biome-ignore format: a table
const reasons: Readonly<Record<string, string>> = {
  'minus zero': FLOATS,
  'NAN': BIGINT,
  'INF': BIGINT,
  '-INF': BIGINT,
  'a large float': LAYOUT,
  'the largest float in plain digits': FLOATS,
  'a string of bytes that are no UTF-8': UTF8,
  'an array that begins at 1': STRING_KEYS,
  'an array with a gap': STRING_KEYS,
  'an array with one name at the end': STRING_KEYS,
  'an array with a negative key': STRING_KEYS,
  'keys at the ends of 64 bits': STRING_KEYS,
  'the last index of JavaScript, and one more': STRING_KEYS,
  'a key of bytes that are no UTF-8': UTF8,
  'an object': CLASS,
  'an object without properties': CLASS,
  'an object with properties of all visibilities': `${CLASS}; forgets what was not public`,
  'a property that looks like an int': CLASS,
  'a class with a name of UTF-8': `${CLASS}; counts characters instead of bytes`,
  'an enum case': ENUMS,
  'an enum case of a namespace': ENUMS,
  'an object that wrote bytes of its own': OWN_BYTES,
  'one that wrote nothing': OWN_BYTES,
  'one object twice': REFERENCES,
  'one enum case twice': REFERENCES,
  'one array twice': REFERENCES,
  'an object in itself': REFERENCES,
  'a whole float': FLOATS,
  'a whole float beside ints': FLOATS,
  'a small float in plain digits': LAYOUT,
  'a float written by hand': FLOATS,
  'a name before an index': ORDER,
  'indexes that run down': ORDER,
  'a list out of order': ORDER,
  'integer keys of an object': 'takes every key of an object for a string',
  'a private property of a parent': CLASS,
  'a private property of a parent, and the own of its name': CLASS,
  'the same the other way round': CLASS,
  'an int that two places share': REFERENCES,
  'a float that two places share': REFERENCES,
  'a reference in a list that gets a name': REFERENCES,
  'a reference to a property that gives way': REFERENCES,
  'a reference that goes along when its property gives way': REFERENCES,
  'a key that was a string where ints have 32 bits': 'keys of objects are written as strings',
  'an escaped string': 'no escaped strings',
  'a key that names the prototype': 'assigns it, which sets the prototype of the result',
  'an int beyond 64 bits': 'a BigInt of any size',
  'an infinity as JavaScript writes it': 'what parseFloat takes',
  'a bool that is neither': 'everything but 1 is false',
}

/** The page docs/php-serialize-comparison.md. */
export function renderPage(version: string, readings: readonly Reading[], writings: readonly Writing[]): string {
  const different = readings.filter(({ php, theirs }) => !equal(php, theirs))
  const agreed = readings.length - different.length
  const unexplained = different.filter(({ what }) => reasons[what] === undefined).map(({ what }) => what)
  const needless = Object.keys(reasons).filter((what) => !different.some((each) => each.what === what))
  if (unexplained.length + needless.length > 0) throw new Error(`unexplained: ${unexplained}, needless: ${needless}`)
  return `# php-serialize beside this package

[php-serialize](https://www.npmjs.com/package/php-serialize) is a codec for PHP's format in JavaScript, too. It is our
second opinion: what it and PHP agree about, we have to agree about too. Where it differs from PHP, these tables say how. They
are measured with php-serialize ${version} and PHP 8.5 by \`test/php/second-opinion.test.ts\`, which fails when this page is not what it
measures.

## Read and written again

Of ${readings.length} values, php-serialize writes ${agreed} as PHP does, or refuses them as PHP does. The others:

| value | bytes | PHP writes | session-start writes | php-serialize writes | what PHP reads from that | why |
|---|---|---|---|---|---|---|
${different.map(readingRow).join('\n')}

\`=\` stands for the same bytes. php-serialize reads without \`strict\`, so that it takes classes it does not know.

## Written from JavaScript

What each makes of a value that PHP has no type of its own for:

| value | session-start | php-serialize | what PHP reads from that |
|---|---|---|---|
${writings.map(writingRow).join('\n')}
`
}

function readingRow({ what, bytes, php, ours, theirs, phpOfTheirs }: Reading): string {
  const cell = (outcome: Buffer | undefined) =>
    outcome === undefined ? 'refused' : outcome.equals(bytes) ? '=' : code(outcome.toString('latin1'))
  const effect =
    theirs === undefined ? '–' : phpOfTheirs === undefined ? 'refused' : equal(php, phpOfTheirs) ? 'the same' : 'another value'
  const cells = [what, code(bytes.toString('latin1')), cell(php), cell(ours), cell(theirs), effect, reasons[what]]
  return `| ${cells.join(' | ')} |`
}

function writingRow({ what, ours, theirs, phpOfOurs, phpOfTheirs }: Writing): string {
  const cell = (text: string) => (text.startsWith('error') ? text.slice('error: '.length) : code(text))
  const isError = theirs.startsWith('error')
  const effect = isError ? '–' : phpOfTheirs === '' ? 'refused' : phpOfTheirs === phpOfOurs ? 'the same' : code(phpOfTheirs)
  return `| ${[what, cell(ours), cell(theirs), effect].join(' | ')} |`
}

function equal(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other)
}

/** Bytes in a cell of a table, a long run shortened: control characters and bytes beyond ASCII are escaped. */
function code(text: string): string {
  const shown = text.length > 110 ? `${text.slice(0, 100)}…` : text
  const escaped = Array.from(shown, (character) => {
    const code = character.charCodeAt(0)
    return (code >= 0x20 && code < 0x7f) || code > 0xff ? character : `\\x${code.toString(16).padStart(2, '0')}`
  }).join('')
  return `\`${escaped.replaceAll('|', '\\|')}\``
}
