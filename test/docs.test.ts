import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkDocuments, type Problem } from './support/docs-check.ts'
import { hasPhp } from './support/docs-still.ts'
import { codeBlocks } from './support/markdown.ts'
import { ensureBuilt, root } from './support/package.ts'

/** Every code block of the documentation does what it says. How blocks are written: test/support/docs-code.ts. */

const names = [
  ...readdirSync(root).filter((name) => name === 'README.md'),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path)),
].filter((name) => name.endsWith('.md'))
const documents = names
  .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }))
  .map(({ name, text }) => ({ name, text, blocks: codeBlocks(text, name) }))
  .filter(({ blocks }) => blocks.length > 0)

/** What the checks say about a Markdown text: '' is nothing. */
// biome-ignore format: a table
const samples: [what: string, markdown: string[], says: string | RegExp][] = [
  ['a right result', ['```ts', 'const sum = 1 + 1', 'sum // → 2', '```'], ''],
  ['a wrong result', ['```ts', 'const sum = 1 + 1', 'sum // → 3', '```'], /line 3: expected 3\s+but got 2/],
  ['a wrong result of a constant', ['```js', 'const sum = 1 + 1 // → 3', '```'], 'expected 3'],
  ['a wrong result of a promise', ['```ts', 'await Promise.resolve([1]) // → [ 2 ]', '```'], 'but got [ 1 ]'],
  ['what was printed', ['```ts', "console.log('a', { b: 1 }) // → a { b: 1 }", '```'], ''],
  ['something else printed', ['```ts', "console.log('a')", '// → b', '```'], 'expected b'],
  ['a result of several lines', ['```ts', '({ a: 1, b: [2] })', '// → { a: 1,', '//     b: [ 2 ] }', '// a remark', '```'], ''],
  ['a result that leaves something open', ['```js', "'abc' + Math.random() // → 'abc0.…'", '```'], ''],
  ['an error that is thrown', ['```js', "JSON.parse('x') // → throws SyntaxError: Unexpected token…", '```'], ''],
  ['an error that is not thrown', ['```js', "JSON.parse('1') // → throws SyntaxError: …", '```'], 'but got 1'],
  ['an unexpected error', ['```ts', 'const a = 1', "if (a) throw new Error('Oh')", '```'], /Error: Oh\n.*sample.*:3:/],
  ['a wrong type', ['```ts', 'const a: string = 1', 'export { a }', '```'], "line 2: error TS2322: Type 'number' is not assignable"],
  ['a wrong type that is not run', ['```ts ignore-run: it needs a server', 'const a: string = 1', '```'], "Type 'number'"],
  ['a block that is not run', ['```ts ignore-run: it needs a server', "throw new Error('Oh')", '```'], ''],
  ['a block that is not run without a reason', ['```ts ignore-run', '```'], 'ignore-run: reason'],
  ['a syntax error', ['```js', 'const = 1', '```'], 'Syntax Error'],
  ['a block that never ends', ['```js', 'await new Promise(() => {})', '```'], 'did not finish'],
  ['a block that ends the process', ['```js', 'process.exit()', '```'], 'did not finish'],
  ['a result of half a statement', ['```js', 'console.log(', "  'a' // → a", ')', '```'], 'Syntax Error'],
  ['a result of nothing', ['```js', '', '// → a', '```'], 'line 2: a result stands behind a statement or below it'],
  ['what an indented line prints', ['```js', 'if (1) {', "  console.log('a') // → b", '}', '```'], 'expected b'],
  ['an indented line that is not reached', ['```js', 'if (0) {', "  console.log('a') // → a", '}', '```'], 'line 3: it was not reached'],
  ['a block that goes on', ['```ts', 'const a = 1', '```', '', '```ts continue', 'a // → 1', '```'], ''],
  ['a block that does not', ['```ts', 'const a = 1', '```', '', '```ts', 'a // → 1', '```'], 'a is not defined'],
  ['hidden lines', ['<!-- before', 'const a = 1', '-->', '```ts', 'a // → 1', '```'], ''],
  ['this package', ['```ts', "import { SessionError } from 'session-start'", 'SessionError.name', "// → 'SessionError'", '```'], ''],
  ['a name this package has not', ['```ts', "import { Cookie } from 'session-start'", 'new Cookie()', '```'], "no exported member 'Cookie'"],
  ['commands there are', ['```sh', 'npm install && npm run check # all of it', 'npx jest test/docs.test.ts', '```'], ''],
  ['a script there is not', ['```sh', 'npm run fly', '```'], 'there is no script fly'],
  ['a command there is not', ['```sh', '$ npx fly away', '```'], 'there is no command fly'],
  ['a command of ours', ['```sh', 'npx session-start convert /var/lib/php/sessions --to=php # all', '```'], ''],
  ['a command of ours there is not', ['```sh', 'npx session-start fly /tmp', '```'], 'there is no command fly'],
  ['an option of ours there is not', ['```sh', 'npx session-start gc /tmp --fly', '```'], 'there is no option --fly'],
  ['a file there is not', ['```sh', 'node docs/fly.mjs', '```'], 'there is no file docs/fly.mjs'],
  ['wrong JSON', ['```json', '{ a: 1 }', '```'], 'JSON'],
  ['a command and its output', ['```console', '$ npx session-start --version', '0.…', '$ ls /var/lib/php/sessions', 'sess_1f…', '…', '```'], ''],
  ['a command that prints something else', ['```console', '$ npx session-start --version', 'a', '```'], /expected\na\nbut got\n\d/],
  ['a command that prints more', ['```console', '$ npx session-start --version', '```'], /expected\n\nbut got\n\d/],
  ['a command that fails', ['```console', '$ npx session-start fly; echo $?', '…', '2', '```'], ''],
  ['a language without a test', ['```python', '```'], "no test knows the language 'python'"],
]
const phpSamples: typeof samples = [
  ['right PHP', ['```php', "$_SESSION['a'] = 1;", '```'], ''],
  ['wrong PHP', ['```php', '<?php', "$_SESSION['a' = 1;", '```'], 'Parse error'],
]
const needsPhp = hasPhp || process.env['SESSION_START_REQUIRE_NATIVE'] ? it : it.skip
const sampleName = (what: string) => `sample: ${what}`

let problems: Problem[]

beforeAll(async () => {
  ensureBuilt()
  const written = [...samples, ...phpSamples].map(([what, markdown]) => ({ name: sampleName(what), text: markdown.join('\n') }))
  problems = await checkDocuments([...documents, ...written])
})

for (const { name, blocks } of documents) {
  describe(name, () => {
    for (const { line: start, language, note } of blocks) {
      const test = language === 'php' ? needsPhp : it
      test(`line ${start}: ${language} ${note}`.trim(), () => {
        const own = problems.filter(({ document, line }) => document === name && line === start)
        expect(own.map(({ message }) => message)).toEqual([])
      })
    }
  })
}

describe('the test of the documentation says of', () => {
  const verdict = (what: string) =>
    problems
      .filter(({ document }) => document === sampleName(what))
      .map(({ message }) => message)
      .join('\n')

  it.each(samples)('%s', (what, _markdown, says) => expectToSay(verdict(what), says))
  needsPhp.each(phpSamples)('%s', (what, _markdown, says) => expectToSay(verdict(what), says))

  it('an open code block: its line', () => {
    expect(() => codeBlocks('a\n```ts\nb', 'README.md')).toThrow('README.md:2: ```ts is never closed')
  })
})

function expectToSay(actual: string, says: string | RegExp): void {
  if (says === '') expect(actual).toBe('')
  else expect(actual).toMatch(says)
}
