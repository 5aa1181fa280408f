import { serializeHandler } from '../../src/serialize-handlers/serialize-handlers.ts'
import { encodeSession } from '../../src/serialize-handlers/session-codec.ts'
import { superglobal } from '../../src/session/superglobal.ts'

/** Slot numbers reach across keys, so that a change of one key moves the numbers in the bytes of those behind it. */

const shared = 'O:8:"stdClass":0:{}'

// biome-ignore format: a table
const rows: [what: string, before: string, change: (vars: Record<string, unknown>) => void, after: string][] = [
  ['a key in front takes more slots', `n|i:1;o|${shared}p|r:2;`, (vars) => { vars['n'] = [1, 2] }, `n|a:2:{i:0;i:1;i:1;i:2;}o|${shared}p|r:4;`],
  ['a key in front takes fewer', `n|a:2:{i:0;i:1;i:1;i:2;}o|${shared}p|r:4;`, (vars) => { vars['n'] = 1 }, `n|i:1;o|${shared}p|r:2;`],
  ['a key in front goes', `n|i:1;o|${shared}p|r:2;`, (vars) => { delete vars['n'] }, `o|${shared}p|r:1;`],
  ['a key in front goes to the end', `n|i:1;o|${shared}p|r:2;`, (vars) => { delete vars['n']; vars['n'] = 1 }, `o|${shared}p|r:1;n|i:1;`],
  ['a number gets one digit more', `n|i:1;p|a:9:{i:0;i:0;i:1;i:0;i:2;i:0;i:3;i:0;i:4;i:0;i:5;i:0;i:6;${shared}i:7;r:9;i:8;s:1:"x";}m|i:1;`, (vars) => { vars['n'] = [1] }, `n|a:1:{i:0;i:1;}p|a:9:{i:0;i:0;i:1;i:0;i:2;i:0;i:3;i:0;i:4;i:0;i:5;i:0;i:6;${shared}i:7;r:10;i:8;s:1:"x";}m|i:1;`],
  ['nothing moves, and a key without references stands in front of one with', `c|s:1:"x";p|a:9:{i:0;i:0;i:1;i:0;i:2;i:0;i:3;i:0;i:4;i:0;i:5;i:0;i:6;i:0;i:7;${shared}i:8;r:10;}`, (vars) => { vars['n'] = 1 }, `c|s:1:"x";p|a:9:{i:0;i:0;i:1;i:0;i:2;i:0;i:3;i:0;i:4;i:0;i:5;i:0;i:6;i:0;i:7;${shared}i:8;r:10;}n|i:1;`],
  ['a key in front of a reference with leading zeros goes', 'x|i:1;y|i:2;a|i:5;b|R:003;', (vars) => { delete vars['y'] }, 'x|i:1;a|i:5;b|R:2;'],
  ['the first of two keys with one variable goes', 'a|i:5;b|R:1;', (vars) => { delete vars['a'] }, 'b|i:5;'],
  ['one of two keys with one variable is changed', 'a|i:5;b|R:1;', (vars) => { vars['b'] = 6 }, 'a|i:6;b|R:1;'],
  ['the first of two keys with one object goes', `a|${shared}b|r:1;`, (vars) => { delete vars['a'] }, `b|${shared}`],
  ['the first of two keys with one object goes to the end', `a|${shared}b|r:1;`, (vars) => { const { a } = vars; delete vars['a']; vars['a'] = a }, `b|${shared}a|r:1;`],
]

it.each(rows)('references still mean what they meant when %s', (_what, before, change, after) => {
  const session = serializeHandler('php').open(Buffer.from(before), {})
  change(superglobal({ read: () => session, write: () => session }))
  expect(session.encode().toString()).toBe(after)
})

it.each(rows)('the same in a decoded session: %s', (_what, before, change, after) => {
  const vars = serializeHandler('php').decode(Buffer.from(before), {})
  change(vars)
  expect(encodeSession(vars).toString()).toBe(after)
})
