import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '../..')

it('has a heading in docs/errors.md for every code, in order, and for nothing else', () => {
  const source = readFileSync(join(root, 'src/errors.ts'), 'utf8')
  const [, type = ''] = /type SessionErrorCode =([^\n]*(?:\n {2}\|[^\n]*)*)/.exec(source) ?? []
  const codes = [...type.matchAll(/'(\w+)'/g)].map(([, code]) => code)
  const headings = [...readFileSync(join(root, 'docs/errors.md'), 'utf8').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
  expect(codes.length).toBeGreaterThan(10)
  expect(headings).toEqual(codes)
})
