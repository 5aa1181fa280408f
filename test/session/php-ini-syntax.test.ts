// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of php.ini look like this
import fc from 'fast-check'
import { type IniEntry, parseIni } from '../../src/session/ini-syntax.ts'
import { describePhps, someVersions } from '../php/support/phps.ts'
import { forAll, seed } from '../support/random.ts'

/** A list of PHP's constants as machines have them is not what this is about; both sides know this setting and this variable. */
const environment: Readonly<Record<string, string>> = { INI_FOLDER: '/srv/a;b', INI_EMPTY: '' }

/** What PHP's parse_ini_string reads; null is a syntax error. */
// biome-ignore format: a table
const table: [text: string, read: Record<string, unknown> | null][] = [
  // Blanks, line ends, comments
  ['a=1', { a: '1' }],
  ['  a  =  1  \n', { a: '1' }],
  ['a\t=\t1\t\n', { a: '1' }],
  ['a = 1\r\nb = 2\rc = 3\n', { a: '1', b: '2', c: '3' }],
  ['\ufeffa = 1', { a: '1' }],
  ['a = 1\n\ufeffb = 2', { a: '1', '\ufeffb': '2' }],
  ['a = x  ', { a: 'x  ' }],
  ['a b = 1', { 'a b': '1' }],
  ['a', {}],
  ['a\nb = 1', { b: '1' }],
  ['; a = 1\n  ;\nb = 2 ; c\n', { b: '2' }],
  ['a = x;y\nb = 1', { a: 'x', b: '1' }],
  ['a = 5;0600;/x\n', { a: '5' }],
  ['a = 1\n; b', { a: '1' }],
  ['a = 1 ; b', { a: '1' }],
  ['a = ;', null],
  ['# a = 1', { '# a': '1' }],
  ['a =\nb = 1', { a: '', b: '1' }],
  ['a = ', { a: '' }],
  [' ', {}],
  // Words
  ['a = on\nb = True\nc = YES', { a: '1', b: '1', c: '1' }],
  ['a = off\nb = False\nc = no\nd = None\ne = NULL', { a: '', b: '', c: '', d: '', e: '' }],
  ['a = online\nb = nope\nc = null_', { a: 'online', b: 'nope', c: 'null_' }],
  ['a = yes;no\n', { a: '1' }],
  ['a = "yes"\nb = \'no\'', { a: 'yes', b: 'no' }],
  ['a = no way', null],
  ['a = x on', null],
  ['a = on"x"', null],
  ['on = 1', null],
  ['onx = 1', { onx: '1' }],
  // Quotes
  ['a = "5;0600;/x"\n', { a: '5;0600;/x' }],
  ['a = "x"y"z"', { a: 'xyz' }],
  ['a = x "y z" w', { a: 'xy zw' }],
  ['a = "x" ; "y"\n', { a: 'x' }],
  [String.raw`a = "\"\\\$\n\x"`, { a: String.raw`"\$\n\x` }],
  ['a = "C:\\x\\"\nb = 1', { a: 'C:\\x\\', b: '1' }],
  [String.raw`a = "b\"c"`, { a: 'b"c' }],
  ['a = "x\ny"\nb = 1', { a: 'x\ny', b: '1' }],
  ['a = "x\r\ny"', { a: 'x\r\ny' }],
  ['a = "x', null],
  [`a = 'x;\\y'`, { a: 'x;\\y' }],
  [`a = 'x''y'`, { a: 'xy' }],
  [`a = ''`, { a: '' }],
  [`a = 'x\ny'\nb = 1`, { a: 'x\ny', b: '1' }],
  [`a = "it's"`, { a: "it's" }],
  ['"a" = 1', null],
  // Variables
  ['a = ${INI_FOLDER}/x', { a: '/srv/a;b/x' }],
  ['a = "${INI_FOLDER}/x"', { a: '/srv/a;b/x' }],
  [`a = '\${INI_FOLDER}'`, { a: '${INI_FOLDER}' }],
  ['a = ${ INI_FOLDER }', { a: '/srv/a;b' }],
  ['a = x${INI_EMPTY}y', { a: 'xy' }],
  ['a = $x\nb = "$x"\nc = x$', { a: '$x', b: '$x', c: 'x' }],
  ['a = x$\\$\n\nb = 1', { a: 'x$\\$\n', b: '1' }],
  ['e[$\\$]x] = 1', { e: { '$\\$]x': '1' } }],
  ['a = x$\\', null],
  ['a = x $\\', { a: 'x ' }],
  ['a = $\\;$;x', { a: '$\\;$;x' }],
  ['a = ${INI_FOLDER', null],
  ['a = ${}', null],
  // Operators
  ['a = 1|2', { a: '3' }],
  ['a = 1 | 6 & 4', { a: '4' }],
  ['a = 7 ^ 2 | 8', { a: '13' }],
  ['a = ~1\nb = !1\nc = !0', { a: '-2', b: '0', c: '1' }],
  ['a = (1|2)\nb = 4 | (1 & 3)', { a: '3', b: '5' }],
  ['a = "6" & 4294967302', { a: '6' }],
  ['a = /x&y\nb = !x', { a: '0', b: '1' }],
  ['a = x(y)', null],
  ['a = (x)y', null],
  ['a = 1 |', null],
  ['a = x=y', null],
  ['a = /?x=y', null],
  ['a = {x}, [y] @ z:1?\n', { a: '{x}, [y] @ z:1?' }],
  ['a = -1\nb = .5\nc = 1K\nd = 0x1F\ne = 1%', { a: '-1', b: '.5', c: '1K', d: '0x1F', e: '1%' }],
  // Brackets
  ['[s]\na = 1\n[t] b = 2', { s: { a: '1' }, t: { b: '2' } }],
  ['[a"b;"c]\nx = 1', { 'ab;c': { x: '1' } }],
  ['[PATH=/x]\na = 1', { 'PATH=/x': { a: '1' } }],
  ['[a;b]\nx = 1', null],
  ['[s\na = 1', null],
  ['  [s]\na = 1', null],
  ['a[x] = 1\na[y.z] = 2', { a: { x: '1', 'y.z': '2' } }],
  ['a["x"] = "1;2"', { a: { x: '1;2' } }],
  ['a[x]', null],
]

/** Since PHP 8.3, or 8.0. */
const newer: typeof table = [
  ['a = "\\${INI_FOLDER}"', { a: '${INI_FOLDER}' }],
  ['a = ${INI_NONE:-x}', { a: 'x' }],
  ['a = "${INI_NONE:-x y}z"', { a: 'x yz' }],
  ['a = ${INI_FOLDER:-x}', { a: '/srv/a;b' }],
  ['a = x${INI_EMPTY:-y}', { a: 'x' }],
  ['a = ${INI_NONE:-}', { a: '' }],
  ['a = ${INI_NONE:-"q;r"}s', { a: 'q;rs' }],
  ['a = ${INI_NONE:-${INI_NOT:-x}}', { a: 'x' }],
  ['a = ${INI_NONE:-(a|b)}', { a: '(a|b)' }],
  ['a = ${INI_NONE:-true}${INI_NONE:-NULL}', { a: '1' }],
  ['a = ${INI_NONE:-x;y}', null],
  ['a = ${N:-x}', null],
]

/** PHP goes on without what follows the quote. */
const stricter = ["a = x 'y", "a = 1\nb = it's\nc = 2"]

describe('php.ini', () => {
  it.each([...table, ...newer])('%j is read as PHP reads it', (text, read) => {
    expect(ours(text)).toEqual(read)
  })

  it.each(stricter)('%j is a syntax error', (text) => {
    expect(ours(text)).toBeNull()
  })

  // biome-ignore format: a table
  it.each([
    ['a = 1\n\n; x\nb = "\n\n"\nc = 3',  [1, 4, 7]],
    ['a = 1\r\nb = 2\rc = 3',            [1, 2, 3]],
    ["[s]\r\na = 'x\ny'\n[t] b = 1",     [2, 4]],
    ['\n\n\n  a = 1',                    [4]],
  ])('%j tells the lines', (text, lines) => {
    expect(entries(text).map(({ line }) => line)).toEqual(lines)
  })

  // biome-ignore format: a table
  it.each([
    ['a = 1\nb = no way\nc = "', 'x.ini:2: PHP cannot read this: a value with = | & ^ ~ ! ( ) " or a word such as no stands in quotes'],
    ['a = 1\nb = "x\n\n',        'x.ini:2: PHP cannot read this: a quote or bracket is not closed'],
    ["a = 1\nb = it's\n\n",      'x.ini:2: PHP cannot read this: a quote or bracket is not closed'],
    ['a = 1\n[b',                'x.ini:2: PHP cannot read this: a quote or bracket is not closed'],
  ])('%j is refused with its line, and without the value', (text, message) => {
    expect(() => entries(text)).toThrow(new TypeError(message))
  })

  // biome-ignore format: a table
  it.each([
    ['a = E_ALL',                 'E_ALL is a constant of PHP'],
    ['a = x PHP_VERSION',         'PHP_VERSION is a constant of PHP'],
    ['a = "${INI_NONE}"',         '${INI_NONE} is neither a setting above it nor in the environment'],
    ['a = /x&y',                  'PHP calculates with | & ^ ~ !'],
    ['a = ~/sessions',            'PHP calculates with | & ^ ~ !'],
    ['a = ${troubled}',           'trouble'],
  ])('%j has a problem', (text, problem) => {
    expect(entries(text)[0]!.problem).toMatch(problem)
  })

  it.each(['a = "E_ALL"', 'a = E_ALL.x', 'a = PHP_SESSION_UPLOAD_PROGRESS', 'a = PHPSESSID', 'a = 1 | 2', 'a = ${INI_NONE:-x}'])(
    '%j has none',
    (text) => {
      expect(entries(text)[0]!.problem).toBeUndefined()
    },
  )

  it('forgets the problem of a default that is not used, and of the line before', () => {
    expect(entries('a = ${INI_FOLDER:-E_ALL}')[0]!.problem).toBeUndefined()
    expect(entries('a = E_ALL\nb = 1')[1]!.problem).toBeUndefined()
  })
})

/** Lines of what php.ini is made of, in any order. */
// biome-ignore format: a list
const pieces = [
  ...['a', 'b2', 'session.x', 'on', 'no', 'null', 'yes', 'x', '/y', '.', '-1', '7', '0', '%', ',', ':', '?', '@', '<', '#', '\\'],
  ...[' ', '  ', '\t', '=', ' = ', '\n', '\n', '\r\n', ';', '"', '"', "'x'", '(', ')', '{', '}', '|', '&', '^', '~', '!', 'é'],
  ...['${INI_FOLDER}', '${INI_NONE}', '${', '$', '$x', '"q r"', '"a;b"', "'a;b'", '\\"', '\\\\', 'a = ', 'b = ', '\na=', '[s]\n'],
]
const line = fc
  .tuple(fc.constantFrom('a', 'b', ' c', 'session.d', 'e[]', 'f[x]'), fc.array(fc.constantFrom(...pieces), { maxLength: 6 }))
  .map(([name, value]) => `${name} = ${value.join('')}\n`)
const text = fc
  .oneof(fc.array(line, { minLength: 1, maxLength: 3 }), fc.array(fc.constantFrom(...pieces), { maxLength: 12 }))
  .map((some) => some.join(''))
  // parse_ini_string forgets a section when another of its name comes.
  .filter((some) => some.split('[s]').length < 3)

describePhps(`parse_ini_string and we (SESSION_START_SEED=${seed})`, someVersions, (php, version) => {
  const setup = `foreach (json_decode('${JSON.stringify(environment)}') as $name => $value) putenv("$name=$value");`
  const ask = async (texts: readonly string[]) => {
    const body =
      'return json_encode(@parse_ini_string($in, true, INI_SCANNER_NORMAL), JSON_UNESCAPED_UNICODE | JSON_FORCE_OBJECT);'
    const answers = await php().map(
      body,
      texts.map((each) => Buffer.from(each)),
      { setup },
    )
    return answers.map((answer) => JSON.parse(answer.toString()) || null)
  }

  test('read the table alike', async () => {
    const rows = version === '8.5' ? [...table, ...newer] : table
    const read = await ask(rows.map(([each]) => each))
    rows.forEach(([each, expected], at) => {
      expect([each, read[at]]).toEqual([each, expected])
    })
  })

  // Before 8.0 a backslash hid no variable; before 8.3 the last line without line end was another thing.
  const itReads = version === '7.4' ? test.skip : test
  itReads('read random lines alike', async () => {
    const texts = version === '8.5' ? text : text.map((each) => `${each}\n`)
    await forAll(texts, 5000, async (cases) => {
      const read = await ask(cases)
      return cases.map((each, at) => {
        const theirs = JSON.stringify(read[at], withoutEmptySections)
        const own = JSON.stringify(ours(each))
        const isStricter = own === 'null' && /\$\\?'/.test(each)
        return theirs === own || isStricter ? undefined : `${JSON.stringify(each)}\n  PHP  ${theirs}\n  ours ${own}`
      })
    })
  })
})

function entries(text: string): IniEntry[] {
  return [...parseIni('x.ini', text, lookup)]
}

function lookup(name: string): { value: string; problem: string | undefined } | undefined {
  if (name === 'troubled') return { value: '', problem: 'trouble' }
  const value = environment[name]
  return value === undefined ? undefined : { value, problem: undefined }
}

/** As parse_ini_string returns it: sections and arrays as objects. */
function ours(text: string): unknown {
  try {
    const all: Record<string, unknown> = {}
    for (const { section, name, key, value } of entries(text)) {
      if (value === undefined) continue
      const place = section === '' ? all : objectIn(all, section)
      if (key === undefined) place[name] = value
      else putInto(objectIn(place, name), key, value)
    }
    return all
  } catch {
    return null
  }
}

function objectIn(all: Record<string, unknown>, name: string): Record<string, unknown> {
  const object = typeof all[name] === 'object' ? (all[name] as Record<string, unknown>) : {}
  all[name] = object
  return object
}

function putInto(array: Record<string, unknown>, key: string, value: string): void {
  array[key === '' ? Object.keys(array).length : key] = value
}

function withoutEmptySections(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, each]) => typeof each !== 'object' || Object.keys(each).length > 0))
}
