/** Inputs that make careless readers slow: each a function of a size, and about as many bytes times ten. */
export interface Shape {
  readonly what: string
  readonly make: (n: number) => string
  /** Whether PHP, and we, refuse it. */
  readonly isRefused?: true
}

const s = (text: string) => `s:${text.length}:"${text}";`
const array = (n: number, element: (index: number) => string) => `a:${n}:{${repeat(n, element)}}`
const repeat = (n: number, part: (index: number) => string) => Array.from({ length: n }, (_, index) => part(index)).join('')

/** Half the references of a reference test stand in an array of their own. */
const manyReferences = (n: number) => `a:${n + 1}:{i:0;i:5;${repeat(n, (index) => `i:${index + 1};R:2;`)}}`

// biome-ignore format: a table
export const shapes: readonly Shape[] = [
  { what: 'a long list', make: (n) => array(n, (i) => `i:${i};i:1;`) },
  { what: 'a long list of strings', make: (n) => array(n, (i) => `i:${i};${s('hello')}`) },
  { what: 'many names', make: (n) => array(n, (i) => `${s(`k${i}`)}N;`) },
  { what: 'many objects', make: (n) => array(n, (i) => `i:${i};O:1:"A":1:{${s('x')}i:1;}`) },
  { what: 'many properties that are not public', make: (n) => `O:1:"A":${n}:{${repeat(n, (i) => `${s(`\0*\0p${i}`)}N;`)}}` },
  { what: 'one private property of many parents', make: (n) => `O:1:"A":${n}:{${repeat(n, (i) => `${s(`\0C${i}\0p`)}d:1;`)}}` },
  { what: 'pairs of private properties', make: (n) => `O:1:"A":${n}:{${repeat(n, (i) => `${s(`\0${i % 2 ? 'A' : 'B'}\0p${i >> 1}`)}N;`)}}` },
  { what: 'many enum cases', make: (n) => array(n, (i) => `i:${i};E:${`E:C${i}`.length}:"E:C${i}";`) },
  { what: 'one key again and again', make: (n) => array(n, () => `${s('a')}N;`) },
  { what: 'one index again and again', make: (n) => array(n, () => 'i:0;N;') },
  { what: 'one key, by turns a float and an int', make: (n) => array(n, (i) => `${s('a')}${i % 2 ? 'd' : 'i'}:1;`) },
  { what: 'all keys twice', make: (n) => array(n, (i) => `${s(`k${i % (n >> 1)}`)}d:1;`) },
  { what: 'indexes that run down', make: (n) => array(n, (i) => `i:${n - i};N;`) },
  { what: 'indexes in disorder', make: (n) => array(n, (i) => `i:${(i * 7919) % n};N;`) },
  { what: 'indexes far apart', make: (n) => array(n, (i) => `i:${i * 1000};N;`) },
  { what: 'negative keys', make: (n) => array(n, (i) => `i:-${i + 1};N;`) },
  { what: 'keys beyond the indexes', make: (n) => array(n, (i) => `i:${2 ** 32 + i};N;`) },
  { what: 'keys of nineteen digits', make: (n) => array(n, (i) => `i:9${String(i).padStart(17, '0')};N;`) },
  { what: 'a list that gets a name at the end', make: (n) => `a:${n + 1}:{${repeat(n, (i) => `i:${i};N;`)}${s('x')}N;}` },
  { what: 'many lists that get a gap at the end', make: (n) => array(n / 50, (i) => `i:${i};a:50:{${repeat(49, (j) => `i:${j};N;`)}i:77;N;}`) },
  { what: 'one variable in many places', make: manyReferences },
  { what: 'one variable in many places, all overwritten', make: (n) => manyReferences(n).replace(/^a:\d+|\}$/g, (part) => (part === '}' ? `${repeat(n, (i) => `i:${n - i};N;`)}}` : `a:${2 * n + 1}`)) },
  { what: 'the outermost array in itself, many times', make: (n) => array(n, (i) => `i:${i};R:1;`) },
  { what: 'one object in many places', make: (n) => `a:${n + 1}:{i:0;O:1:"A":0:{}${repeat(n, (i) => `i:${i + 1};r:2;`)}}` },
  { what: 'many variables in two places each', make: (n) => array(n, (i) => (i % 2 ? `i:${i};R:${(i >> 1) + 2};` : `i:${i};i:1;`)) },
  { what: 'a list shared before it gets a name', make: (n) => `a:2:{i:0;a:${n + 1}:{${repeat(n, (i) => `i:${i};R:2;`)}${s('x')}N;}i:1;N;}` },
  { what: 'objects that wrote their own bytes', make: (n) => array(n, (i) => `i:${i};C:1:"A":4:{i:5;}`) },
  { what: 'one object whose bytes hold many values', make: (n) => ((inside) => `C:1:"A":${inside.length}:{${inside}}`)(`i:0;${repeat(n, () => ':i:1;')}`) },
  { what: 'one object whose bytes are nothing but marks', make: (n) => `a:2:{i:0;C:1:"A":${n + 6}:{x:i:0;${':'.repeat(n)}}i:1;R:1;}` },
  { what: 'objects in the bytes of objects', make: (n) => Array.from({ length: Math.min(n, 3000) }).reduce<string>((inner) => `C:1:"A":${inner.length}:{${inner}}`, 'x') },
  { what: 'an escaped string', make: (n) => `S:${n}:"${'\\41'.repeat(n)}";` },
  { what: 'a string of bytes that are no text', make: (n) => s('\xff'.repeat(n * 5)) },
  { what: 'a key of bytes that are no text', make: (n) => `a:1:{${s('\xff'.repeat(n))}N;}` },
  { what: 'a key of characters cut in half', make: (n) => `a:1:{${s('\xf0\x9f'.repeat(n))}N;}` },
  { what: 'floats of many digits', make: (n) => array(n, (i) => `i:${i};d:0.1000000000000000055511151231257827;`) },
  { what: 'floats with texts of their own under names', make: (n) => array(n, (i) => `${s(`k${i}`)}d:1.0;`) },
  { what: 'one float of endless digits', make: (n) => `a:1:{i:0;d:0.${'3'.repeat(n * 5)};}` },
  { what: 'one int of endless zeros', make: (n) => `i:${'0'.repeat(n * 5)}7;` },
  { what: 'a length of endless zeros', make: (n) => `s:${'0'.repeat(n * 5)}1:"a";` },
  { what: 'a length of endless digits', make: (n) => `s:${'9'.repeat(n * 5)}:"a";`, isRefused: true },
  { what: 'a count of endless digits', make: (n) => `a:${'9'.repeat(n * 5)}:{`, isRefused: true },
  { what: 'a slot number of endless digits', make: (n) => `a:1:{i:0;R:${'9'.repeat(n * 5)};}`, isRefused: true },
  { what: 'an escaped string that ends too early', make: (n) => `S:${n}:"${'\\41'.repeat(n - 1)}";`, isRefused: true },
  { what: 'a count that promises a thousand million elements', make: (n) => `a:999999999:{${repeat(n, (i) => `i:${i};N;`)}`, isRefused: true },
  { what: 'nested arrays without end', make: (n) => 'a:1:{i:0;'.repeat(n), isRefused: true },
  { what: 'nested objects without end', make: (n) => `O:1:"A":1:{${s('x')}`.repeat(n), isRefused: true },
  { what: 'an array closed too late', make: (n) => `a:0:{${'}'.repeat(n)}`, isRefused: true },
]
