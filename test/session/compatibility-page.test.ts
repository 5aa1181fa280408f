import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pageText } from './compatibility/page-text.ts'
import { phpTests } from './compatibility/php-tests.ts'
import { scenarios } from './compatibility/scenarios.ts'

it('has every scenario on docs/php-compatibility.md (SESSION_START_WRITE_DOCS=1 writes the page)', () => {
  const page = join(__dirname, '../../docs/php-compatibility.md')
  const text = pageText(scenarios)
  if (process.env['SESSION_START_WRITE_DOCS'] === '1') writeFileSync(page, text)
  expect(readFileSync(page, 'utf8')).toBe(text)
})

it('names on the page only tests that there are', () => {
  const page = readFileSync(join(__dirname, '../../docs/php-compatibility.md'), 'utf8')
  const named = [...page.matchAll(/\btest\/[\w/.-]+\w/g)].map(([path]) => path)
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((path) => !existsSync(join(__dirname, '../..', path)))).toEqual([])
})

it('counts each test of PHP once', () => {
  const names = phpTests.flatMap((each) => each.names)
  expect(new Set(names).size).toBe(names.length)
})
