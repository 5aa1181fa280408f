import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeNative, nativePhp } from '../oracle/php.ts'
import { chromiumPath, describeInBrowser } from '../support/chromium.ts'
import { makeProject, type Project, type Run } from './support/project.ts'

/** The package in a project of somebody who tests with it: each test runner as the process that people start. */

let project: Project
/** As the repository is, where a package finds itself. */
let repository: Project

beforeAll(() => {
  project = makeProject({ runners: 'test/testing/runners' })
  const examples = 'docs/examples/testing'
  repository = makeProject({ [examples]: examples, 'package.json': 'package.json', dist: 'dist' })
})

afterAll(() => {
  project?.close()
  repository?.close()
})

const tool = (path: string) => join(__dirname, '../../node_modules', path)
const jestArgs = [tool('jest/bin/jest.js'), '--config={}', '--rootDir=.']
const vitestArgs = [tool('vitest/vitest.mjs'), 'run', '--root=.']

// biome-ignore format: they are what people see
const messages: Readonly<Record<string, readonly string[]>> = {
  match: [
    'the session is not as expected in 2 places:',
    '',
    '  user',
    '    expected: string(3) "Bob"',
    '    received: string(5) "Alice"',
    '  cart[0].price',
    '    expected: int(10)',
    '    received: float(10)',
    '',
    '10 expects an int; new PhpFloat(10) expects a float',
  ],
  value: [
    'the session is not as expected:',
    '',
    '  cart[0].nmae',
    '    expected: string(3) "Mug"',
    '    received: nothing; cart[0] has name, price',
  ],
  damaged: [
    'PHP would destroy the session. The session ends too early, in cart[0].price: it was not written to its end',
    '',
    '  cart[0].price, byte 73 of 73, serialize_handler php',
    '    expected: more bytes',
    '    received: name";s:3:"Mug";s:5:"price";d:10',
    '                                              ^',
  ],
  php: [
    'PHP x.y.z does not read the session:',
    '  session_decode(): Failed to decode session object. Session has been destroyed',
    '',
    'PHP would destroy the session. The session ends too early, in cart[0].price: it was not written to its end',
  ],
}

// biome-ignore format: they are what people see
const opposite: typeof messages = {
  not: [
    'the session is as it was expected not to be:',
    '',
    '  user',
    '    received: string(5) "Alice"',
  ],
}

// biome-ignore format: they are what people see
const snapshot: typeof messages = {
  snapshot: [
    '+ PHP session {',
    '+   user: string(5) "Alice"',
    '+   cart: array(1) {',
    '+     [0]: array(2) {',
    '+       name: string(3) "Mug"',
    '+       price: float(10)',
    '+     }',
    '+   }',
    '+ }',
  ],
}

const hints: Readonly<Record<string, string>> = {
  match: 'expect(session).toMatchSession(vars)',
  value: 'expect(session).toHaveSessionValue(path, value)',
  not: 'expect(session).not.toHaveSessionValue(path, value)',
  damaged: 'expect(session).toBePhpSession()',
  php: 'expect(session).toBeReadableByPhp()',
}

describe.each([
  ['jest', [...jestArgs, '--json', 'runners/jest.test.js'], jestFailures, { ...messages, ...opposite, ...snapshot }],
  ['vitest', [...vitestArgs, '--reporter=json', 'runners/vitest.test.mjs'], jestFailures, { ...messages, ...opposite }],
  ['node:test', ['--test', '--test-reporter=tap', 'runners/node.test.mjs'], tapFailures, messages],
])('a test that fails in %s', (runner, args, read, expected) => {
  let failures: Map<string, string>

  beforeAll(async () => {
    failures = read(await project.run(args))
  })

  it.each(Object.entries(expected))('says why: %s', (name, message) => {
    const said = failures.get(name)?.replace(/PHP \d+\.\d+\.\d+\S*/, 'PHP x.y.z')
    if (name === 'php' && nativePhp === undefined) expect(said).toContain('There is no PHP to ask')
    else expect(said).toContain(message.join('\n'))
    if (runner !== 'node:test' && name in hints) expect(said).toContain(`${hints[name]}\n\n`)
  })

  it('is the only one that fails', () => {
    expect([...failures.keys()].sort()).toEqual(Object.keys(expected).sort())
  })
})

describe('the folders of tests are gone when they have run', () => {
  afterEach(() => expect(project.leftovers()).toEqual([]))

  it.each([
    ['jest, in parallel', [...jestArgs, '--maxWorkers=2', 'runners/clean/jest-']],
    ['jest, where this package is loaded late', [...jestArgs, 'runners/clean/late']],
    ['jest, where no hook runs', [...jestArgs, 'runners/clean/skipped']],
    ['jest, where a test ends the process', [...jestArgs, 'runners/clean/exit']],
    ['vitest with globals', [...vitestArgs, '--globals', 'runners/clean/vitest']],
    ['vitest without globals', [...vitestArgs, 'runners/clean/vitest']],
    ['vitest in threads', [...vitestArgs, '--pool=threads', 'runners/clean/vitest']],
    [
      'vitest, where files share a process',
      [...vitestArgs, '--globals', '--no-isolate', '--no-file-parallelism', 'runners/clean/vitest'],
    ],
    ['node:test', ['--test', 'runners/clean/node.test.mjs']],
  ])('in %s', async (_runner, args) => {
    expect(await project.run(args)).toMatchObject({ status: 0 })
  })
})

describe('the types', () => {
  const strict = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable',
  ]

  it.each([
    ['jest-global.cts', 'node16', 'node16'],
    ['jest-global.cts', 'nodenext', 'nodenext'],
    ['jest-globals.mts', 'nodenext', 'nodenext'],
    ['jest-globals.mts', 'preserve', 'bundler'],
    ['vitest.mts', 'node16', 'node16'],
    ['vitest.mts', 'preserve', 'bundler'],
    ['node.mts', 'node16', 'node16'],
    ['node.mts', 'preserve', 'bundler'],
  ])('of %s under %s are right', async (file, module, resolution) => {
    const types = file.startsWith('jest-global.') ? 'node,jest' : 'node'
    const args = [...strict, '--skipLibCheck', '--types', types, '--module', module, '--moduleResolution', resolution]
    const run = await project.run([tool('typescript/bin/tsc'), ...args, `runners/types/${file}`])
    expect(run.stdout + run.stderr).toBe('')
  })
})

/** Runs an example with the command that it begins with, from the folder of its package. */
const runExample = async (path: string) => {
  const example = readFileSync(join(repository.folder, 'docs/examples/testing', path), 'utf8')
  const [, npx, args = ''] = /`(?:npx (jest|vitest)|node) (.*?)`/.exec(example) ?? []
  const program = npx === undefined ? [] : [tool({ jest: 'jest/bin/jest.js', vitest: 'vitest/vitest.mjs' }[npx]!)]
  const { status, stdout, stderr } = await repository.run([...program, ...args.split(' ')], { CHROMIUM: chromiumPath ?? '' })
  expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' })
  expect(repository.leftovers()).toEqual([])
}

describeNative('the example', () => {
  it.each(['jest/shop.test.js', 'vitest/shop.test.mjs', 'node/shop.test.mjs'])('%s runs as it says', runExample)
})

describeInBrowser(
  'the example with a browser',
  () => {
    it('playwright/log-in.test.mjs runs as it says', () => runExample('playwright/log-in.test.mjs'))
  },
  { needsPhp: true },
)

/** What jest's and vitest's JSON says of the tests that failed, by title. */
function jestFailures({ stdout, stderr }: Run): Map<string, string> {
  try {
    const { testResults } = JSON.parse(stdout) as JestResult
    const failed = testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === 'failed')
    return new Map(failed.map(({ title, failureMessages }) => [title, failureMessages.join('\n')]))
  } catch {
    throw new Error(stdout + stderr)
  }
}

interface JestResult {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string; readonly failureMessages: string[] }[]
  }[]
}

/** The same of TAP, where a message of several lines is indented, and one of one line in quotes. */
function tapFailures({ stdout }: Run): Map<string, string> {
  const found = stdout.matchAll(/^not ok \d+ - (.*)\n[\s\S]*?^ {2}error: (?:'(.*)'|\|-\n([\s\S]*?))\n {2}code:/gm)
  return new Map([...found].map(([, title = '', line, lines = '']) => [title, line ?? lines.replaceAll(/^ {4}/gm, '')]))
}
