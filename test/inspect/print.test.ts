import stringWidth from 'string-width'
import { diffSessions } from '../../src/inspect/diff.ts'
import { hexdump } from '../../src/inspect/hexdump.ts'
import { formatChange, formatProblem, formatReport, formatValue } from '../../src/inspect/print.ts'
import { maskSecrets } from '../../src/inspect/secrets.ts'
import { inspectText, s } from './support/inspect.ts'

const user =
  `user|O:8:"App\\User":4:{${s('name')}${s('Alice')}${s('\0*\0mail')}${s('a@example.com')}${s('\0App\\User\0tags')}a:2:{i:0;d:10;${s('a b')}N;}` +
  `${s('\0App\\Base\0id')}i:7;}best|R:4;again|r:1;empty|a:0:{}none|O:1:"A":0:{}on|b:1;suit|E:11:"Suit:Hearts";` +
  `old|C:3:"Old":4:{x;y}}token|${s(`a:1:{${s('id')}i:5;}`)}`

const printed = `
user: object(App\\User) {  # 150 bytes
  name: string(5) "Alice"
  #mail: string(13) "a@example.com"
  -tags: & array(2) {
    [0]: float(10)
    "a b": null
  }
  -id (App\\Base): int(7)
}
best: & → user.tags
again: → user
empty: array(0) {}
none: object(A) {}
on: bool(true)
suit: enum(Suit::Hearts)
old: custom(Old) 4 bytes "x;y}"
token: string(19) = array(1) {  # 27 bytes
  id: int(5)
}`

describe('a printed report', () => {
  it('is a tree in PHP’s words', () => {
    expect(`\n${formatReport(inspectText(user))}`).toBe(printed)
  })

  it('says where PHP stops, and that there is nothing', () => {
    expect(formatReport(inspectText('a|i:1;b|s:4:"abc";'))).toBe(
      `a: int(1)\nPHP stops at byte 17 of 18, in b: expected "; behind 4 bytes of string`,
    )
    expect(formatReport(inspectText(''))).toBe('no variables')
    expect(formatReport(inspectText('\n', 'php'))).toMatch(/^PHP stops at byte 0 of 1: /)
  })

  it('shows of secrets that they are there', () => {
    expect(formatReport(maskSecrets(inspectText(`password|${s('hunter2')}token|a:1:{i:0;i:1;}pin|i:1;`)))).toBe(
      'password: string(7) ••••••\ntoken: array() ••••••\npin: int ••••••',
    )
  })

  it('takes colours from a hook', () => {
    const style = (piece: string, text: string) => `<${piece}>${text}</>`
    expect(formatReport(inspectText('a|a:1:{i:0;d:1.5;}'), { style })).toBe(
      '<key>a</><mark>: </><type>array(1)</><type> {</><note>  # 16 bytes</>\n' +
        '  <key>[0]</><mark>: </><type>float(</><number>1.5</><type>)</>\n<type>}</>',
    )
  })

  it.each([
    [{ maxStringLength: 4 }, 'a: string(10) "0123…"'],
    [{ width: 25 }, 'a: string(10) "01234567…"'],
    [{ width: 26 }, 'a: string(10) "012345678…"'],
    [{ width: 3 }, 'a: string(10) "01234567…"'],
    [{ maxStringLength: 10 }, 'a: string(10) "0123456789"'],
    [{}, 'a: string(10) "0123456789"'],
  ])('cuts strings: %j', (options, line) => {
    expect(formatReport(inspectText(`a|${s('0123456789')}`), options)).toBe(line)
  })

  it.each([
    ['that take two columns', '漢字'.repeat(30), `"${'漢字'.repeat(6)}…"`],
    ['that are escaped', '\n'.repeat(60), `"${'\\n'.repeat(13)}…"`],
    ['behind such a key', 'x'.repeat(60), `"${'x'.repeat(23)}…"`, '漢字'],
  ])('fits characters into the width %s', (_what, text, shown, key = 'k') => {
    const utf8 = (characters: string) => Buffer.from(characters).toString('latin1')
    const report = inspectText(`${utf8(key)}|${s(utf8(text))}`)
    const line = formatReport(report, { width: 43, widthOf: stringWidth })
    expect(line.replace(/^.*: string\(\d+\) /, '')).toBe(shown)
  })

  it('never cuts a character in two', () => {
    expect(formatReport(inspectText(`a|${s(Buffer.from('ab😀').toString('latin1'))}`), { maxStringLength: 3 })).toBe(
      'a: string(6) "ab…"',
    )
  })

  it.each([
    ['\x1b[2J\n\0', '"\\e[2J\\n\\x00"'],
    ['\xff\xe9', '"\\xff\\xe9"'],
    ['\xe2\x80\xae\xe2\x80\xa8\xef\xbb\xbf', '"\\u{202e}\\u{2028}\\u{feff}"'],
    ['"\\$', '"\\"\\\\$"'],
    ['Zo\xc3\xab', '"Zoë"'],
  ])('does nothing to a terminal: %j', (text, shown) => {
    expect(formatReport(inspectText(`a|${s(text)}`, 'php'))).toBe(`a: string(${text.length}) ${shown}`)
    expect(formatReport(inspectText(`a|a:1:{${s(text)}N;}`, 'php'))).toContain(
      text === 'Zo\xc3\xab' ? '  Zoë: null' : `  ${shown}: null`,
    )
  })

  it('says each value on one line, too', () => {
    const { variables } = inspectText(user)
    expect(variables.map(({ value }) => formatValue(value, { maxStringLength: 3 }))).toEqual([
      'object(App\\User)',
      '& → user.tags',
      '→ user',
      'array(0)',
      'object(A)',
      'bool(true)',
      'enum(Suit::Hearts)',
      'custom(Old) 4 bytes "x;y…"',
      'string(19) = array(1)',
    ])
  })

  it('says where a problem is', () => {
    expect(formatProblem({ offset: 3, path: "a['\x1b']", message: 'expected a value' }, 9)).toBe(
      "at byte 3 of 9, in a['\\e']: expected a value",
    )
  })
})

// biome-ignore format: a table
const changes: [before: string, after: string, line: string][] = [
  ['cart|a:1:{i:0;d:1.5;}', 'cart|a:1:{i:0;d:2;}', '~ cart[0]: float(1.5) → float(2)'],
  ['', 'a|a:2:{i:0;N;i:1;N;}', '+ a: array(2)'],
  ['a|i:5;', '', '- a: int(5)'],
  ['a|N;b|N;c|N;', 'b|N;c|N;a|N;', '> a: moved'],
  [`o|O:1:"A":1:{${s('x')}i:1;}`, `o|O:1:"A":1:{${s('\0A\0x')}i:1;}`, '~ o.x: public → private in A'],
  [`a|${s('x'.repeat(90))}`, `a|${s(`${'x'.repeat(80)}yes${'x'.repeat(90)}`)}`, `~ a: string(90) "…${'x'.repeat(25)}" → string(173) "…${'x'.repeat(15)}yes${'x'.repeat(42)}…"`],
]

describe('a printed change', () => {
  it.each(changes)('from %s to %s', (before, after, line) => {
    expect(diffSessions(inspectText(before), inspectText(after)).map((change) => formatChange(change))).toEqual([line])
  })
})

describe('a hexdump', () => {
  const bytes = Buffer.from('a|i:1;\nb|s:4:"\xe9\0\x7f";c|N;', 'latin1')

  it('shows bytes as hexdump -C does', () => {
    expect(hexdump(bytes)).toBe(
      '00000000  61 7c 69 3a 31 3b 0a 62  7c 73 3a 34 3a 22 e9 00  |a|i:1;.b|s:4:"..|\n' +
        '00000010  7f 22 3b 63 7c 4e 3b                              |.";c|N;         |',
    )
  })

  it('shows a part, and points things out', () => {
    expect(
      hexdump(bytes, 6, 18, [
        { offset: 7, length: 2 },
        { offset: 15, length: 2 },
      ]),
    ).toBe(
      '00000000                    0a 62  7c 73 3a 34 3a 22 e9 00  |      .b|s:4:"..|\n' +
        '                               ^^  ^^                   ^^\n' +
        '00000010  7f 22                                             |."              |\n' +
        '          ^^',
    )
  })

  it('points out in colours instead', () => {
    expect(hexdump(bytes, 0, 3, [{ offset: 1, length: 1 }], (text) => `<${text}>`)).toMatch(
      /^00000000 {2}61 <7c> 69 .*\|a<\|>i +\|$/,
    )
  })

  it('is empty where there is nothing', () => {
    expect([hexdump(Buffer.alloc(0)), hexdump(bytes, 50), hexdump(bytes, 4, 2)]).toEqual(['', '', ''])
  })
})
