import type { Session } from '../../src/session/session.ts'
import { afterwards, storedSession } from './support/memory-session.ts'

/** What becomes of a session's bytes when `$_SESSION` is looked at or changed. What PHP does with the same changes: random-edits.test.ts. */

type Vars = Session['$_SESSION']

/** Bytes that PHP reads and would write in another way: what nobody touched must not be written anew. */
const odd =
  'a|i:007;b|d:0.10000000000000001;c|S:2:"\\41B";d|i:+5;e|O:8:"stdClass":1:{i:0;i:1;}f|a:2:{i:1;i:1;i:0;i:0;}g|d:1.50;h|i:1;'

// biome-ignore format: a table
const untouched: [what: string, work: (vars: Vars) => unknown, after: string][] = [
  ['nothing is done', () => {}, odd],
  ['the keys are listed', (vars) => [Object.keys(vars), 'a' in vars, Object.hasOwn(vars, 'b')], odd],
  ['a key behind them changes', (vars) => { vars['h'] = 2 }, odd.replace('h|i:1;', 'h|i:2;')],
  ['a key is added', (vars) => { vars['new'] = 'x' }, `${odd}new|s:1:"x";`],
  ['a key is removed', (vars) => delete vars['a'], odd.replace('a|i:007;', '')],
  ['all scalars are read', (vars) => [vars['a'], vars['b'], vars['c'], vars['d'], vars['g'], vars['h']], odd],
  ['one is changed, the others read', (vars) => { vars['h'] += vars['a'] }, odd.replace('h|i:1;', 'h|i:8;')],
  ['an attempt to write a bad key failed', (vars) => { try { vars['1'] = 1 } catch {} }, odd],
]

describe('what nobody changed keeps its bytes, canonical or not, when', () => {
  it.each(untouched)('%s', async (_what, work, after) => {
    expect(await afterwards(odd, work)).toBe(after)
  })

  it('a container is read: its odd numbers are written as PHP writes them, its neighbours stay', async () => {
    const bytes = 'a|i:007;b|a:1:{i:0;i:007;}c|i:007;'
    expect(await afterwards(bytes, (vars) => vars['b'])).toBe('a|i:007;b|a:1:{i:0;i:7;}c|i:007;')
  })
})

// biome-ignore format: a table
const floats: [what: string, before: string, work: (vars: Vars) => unknown, after: string][] = [
  ['a whole number in a float’s place', 'p|d:1.5;', (vars) => { vars['p'] = 2 }, 'p|d:2;'],
  ['a sum in a float’s place', 'p|d:10;', (vars) => { vars['p'] += 5 }, 'p|d:15;'],
  ['a whole number in a float’s place that was never read', 'p|d:1.5;q|d:0.5;', (vars) => { vars['q'] = 3 }, 'p|d:1.5;q|d:3;'],
  ['a whole number nested', 'c|a:1:{s:1:"p";d:10;}', (vars) => { vars['c'].p = 20 }, 'c|a:1:{s:1:"p";d:20;}'],
  ['a whole number in a list of floats', 'c|a:2:{i:0;d:1;i:1;d:2;}', (vars) => { vars['c'][1]++ }, 'c|a:2:{i:0;d:1;i:1;d:3;}'],
  ['a whole number in an object', 'o|O:1:"P":1:{s:1:"p";d:1;}', (vars) => { vars['o'].p = 7 }, 'o|O:1:"P":1:{s:1:"p";d:7;}'],
  ['a fraction in an int’s place', 'n|i:5;', (vars) => { vars['n'] = 5.5 }, 'n|d:5.5;'],
  ['a whole number in an int’s place', 'n|i:5;', (vars) => { vars['n'] = 6 }, 'n|i:6;'],
  ['text in a float’s place', 'p|d:1.5;', (vars) => { vars['p'] = 'x' }, 'p|s:1:"x";'],
  ['old digits of a float with the same value', 'p|d:0.10000000000000001;n|i:1;', (vars) => { vars['p'] = 0.1 }, 'p|d:0.10000000000000001;n|i:1;'],
  ['old digits of a float with another value', 'p|d:0.10000000000000001;', (vars) => { vars['p'] = 0.2 }, 'p|d:0.2;'],
  ['a key removed and added again, which is another place', 'p|d:1.5;', (vars) => { delete vars['p']; vars['p'] = 2 }, 'p|i:2;'],
  ['minus zero, infinity, not a number', 'p|d:1;q|d:1;r|d:1;', (vars) => { vars['p'] = -0; vars['q'] = -Infinity; vars['r'] = NaN }, 'p|d:-0;q|d:-INF;r|d:NAN;'],
]

describe('a place that held a float holds one still:', () => {
  it.each(floats)('%s', async (_what, before, work, after) => {
    expect(await afterwards(before, work)).toBe(after)
  })
})

const object = 'O:8:"stdClass":1:{s:1:"x";i:1;}'

// biome-ignore format: a table
const shared: [what: string, before: string, work: (vars: Vars) => unknown, after: string][] = [
  ['one of two names of a variable is changed', 'a|i:5;b|R:1;', (vars) => { vars['b'] = 6 }, 'a|i:6;b|R:1;'],
  ['the other of two names is changed', 'a|i:5;b|R:1;', (vars) => { vars['a'] = 'x' }, 'a|s:1:"x";b|R:1;'],
  ['one of two names of an array is extended', 'a|a:1:{i:0;i:1;}b|R:1;', (vars) => vars['b'].push(2), 'a|a:2:{i:0;i:1;i:1;i:2;}b|R:1;'],
  ['a variable has a name in an array', 'a|i:5;l|a:1:{i:0;R:1;}', (vars) => { vars['a'] = 6 }, 'a|i:6;l|a:1:{i:0;R:1;}'],
  ['it is changed in the array', 'a|i:5;l|a:1:{i:0;R:1;}', (vars) => { vars['l'][0] = 6 }, 'a|i:6;l|a:1:{i:0;R:1;}'],
  ['an object is changed under one of its names', `a|${object}b|r:1;`, (vars) => { vars['b'].x = 2 }, `a|${object.replace('i:1', 'i:2')}b|r:1;`],
  ['an object gets a third name', `a|${object}b|r:1;`, (vars) => { vars['c'] = vars['a'] }, `a|${object}b|r:1;c|r:1;`],
  ['an object loses its first name', `a|${object}b|r:1;n|i:1;c|r:1;`, (vars) => delete vars['a'], `b|${object}n|i:1;c|r:1;`],
  ['an object’s first name gets another value', `a|${object}b|r:1;c|r:1;`, (vars) => { vars['a'] = 5 }, `a|i:5;b|${object}c|r:2;`],
  ['a name is given up and taken again', 'a|i:5;b|R:1;', (vars) => { delete vars['b']; vars['b'] = 6 }, 'a|i:5;b|i:6;'],
  ['a cycle is extended', 'a|O:8:"stdClass":1:{s:4:"self";r:1;}', (vars) => { vars['a'].n = 1 }, 'a|O:8:"stdClass":2:{s:4:"self";r:1;s:1:"n";i:1;}'],
  ['an array of JavaScript’s stands in two places', 'n|i:1;', (vars) => { const list = [1]; vars['a'] = list; vars['b'] = list }, 'n|i:1;a|a:1:{i:0;i:1;}b|R:2;'],
  ['it is everything at once', `n|i:1;a|${object}b|R:2;c|r:2;l|a:1:{i:0;R:1;}`, (vars) => { vars['first'] = 0; delete vars['n']; vars['a'].x = [] }, `a|O:8:"stdClass":1:{s:1:"x";a:0:{}}b|R:1;c|r:1;l|a:1:{i:0;i:1;}first|i:0;`],
]

describe('what is one variable or object in PHP stays one, when', () => {
  it.each(shared)('%s', async (_what, before, work, after) => {
    expect(await afterwards(before, work)).toBe(after)
  })

  it('it is one object here, under all its names', async () => {
    const { $_SESSION } = await (await storedSession(`a|${object}b|r:1;l|a:1:{i:0;r:1;}`)).start()
    expect($_SESSION['a']).toBe($_SESSION['b'])
    expect($_SESSION['l'][0]).toBe($_SESSION['a'])
  })
})

// biome-ignore format: a table
const order: [what: string, handler: string, before: string, work: (vars: Vars) => unknown, after: string][] = [
  ['a key assigned again stays where it is', 'php', 'a|i:1;b|i:2;', (vars) => { vars['a'] = 3 }, 'a|i:3;b|i:2;'],
  ['a key removed and added goes to the end', 'php', 'a|i:1;b|i:2;', (vars) => { delete vars['a']; vars['a'] = 3 }, 'b|i:2;a|i:3;'],
  ['an integer key removed and added goes to the end', 'php_serialize', 'a:2:{i:1;i:1;s:1:"a";i:2;}', (vars) => { delete vars[1]; vars[1] = 3 }, 'a:2:{s:1:"a";i:2;i:1;i:3;}'],
  ['an integer key added goes to the end', 'php_serialize', 'a:1:{s:1:"a";i:2;}', (vars) => { vars[0] = 'x' }, 'a:2:{s:1:"a";i:2;i:0;s:1:"x";}'],
  ['a nested array keeps PHP’s order', 'php', 'n|a:3:{s:1:"b";i:1;i:7;i:2;s:1:"a";i:3;}', (vars) => { vars['n'][7] = 5 }, 'n|a:3:{s:1:"b";i:1;i:7;i:5;s:1:"a";i:3;}'],
]

describe('keys have PHP’s order:', () => {
  it.each(order)('%s (%s)', async (_what, serialize_handler, before, work, after) => {
    expect(await afterwards(before, work, { serialize_handler })).toBe(after)
  })
})

it('assigned to itself, $_SESSION stays as it is', async () => {
  const { start } = await storedSession('p|d:10;a|i:1;b|R:2;')
  const session = await start()
  const { $_SESSION } = session
  session.$_SESSION = $_SESSION
  expect(session.encode().toString()).toBe('p|d:10;a|i:1;b|R:2;')
})

describe('a session without variables is', () => {
  it.each([
    ['php', ''],
    ['php_binary', ''],
    ['php_serialize', 'a:0:{}'],
  ])('written by %s as %j, new or emptied', async (serialize_handler, empty) => {
    expect(await afterwards('', () => {}, { serialize_handler })).toBe(empty)
    const full = { php: 'a|i:1;', php_binary: '\x01ai:1;', php_serialize: 'a:1:{s:1:"a";i:1;}' }[serialize_handler]!
    expect(await afterwards(full, (vars) => delete vars['a'], { serialize_handler })).toBe(empty)
  })
})
