import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pageText } from './compatibility/page-text.ts'
import { scenarios } from './compatibility/scenarios.ts'

it('has every scenario on docs/php-compatibility.md (SESSION_START_WRITE_DOCS=1 writes the page)', () => {
  const page = join(__dirname, '../../docs/php-compatibility.md')
  const text = pageText(scenarios)
  if (process.env['SESSION_START_WRITE_DOCS'] === '1') writeFileSync(page, text)
  expect(readFileSync(page, 'utf8')).toBe(text)
})
