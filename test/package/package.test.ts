import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureBuilt, pack, root, type Tarball } from '../support/package.ts'

/** The packed tarball, installed into an empty project, and used there in every way somebody may load it. */

const project = mkdtempSync(join(tmpdir(), 'session-start-consumer-'))
let tarball: Tarball

beforeAll(async () => {
  ensureBuilt()
  cpSync(join(__dirname, 'consumer'), project, { recursive: true })
  tarball = pack(project)
  await execute('npm', ['install', '--prefix=.', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball.filename}`])
})

afterAll(() => rmSync(project, { recursive: true }))

const tool = (path: string) => join(root, 'node_modules', path)

describe('the installed package works', () => {
  it.each([
    ['as an ES module', ['esm.mjs']],
    ['as a CommonJS module', ['cjs.cjs']],
    ['as one instance, when it is imported and required', ['one-instance.mjs']],
    [
      'inside jest in its default CommonJS mode',
      [tool('jest/bin/jest.js'), '--config={}', '--rootDir=.', '--ci', 'jest.test.js'],
    ],
    ['inside vitest', [tool('vitest/vitest.mjs'), 'run', '--root=.', '--globals', 'vitest.test.js']],
  ])('%s', (_way, args) => execute(process.execPath, args))
})

describe('the installed types are right', () => {
  const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false', '--target', 'es2022']
  const node = ['--types', 'node', '--typeRoots', tool('@types')]

  it.each([
    ['an ES module under node16', 'types-esm.mts', 'node16', 'node16'],
    ['a CommonJS module under node16', 'types-cjs.cts', 'node16', 'node16'],
    ['an ES module under nodenext', 'types-esm.mts', 'nodenext', 'nodenext'],
    ['a CommonJS module under nodenext', 'types-cjs.cts', 'nodenext', 'nodenext'],
    ['an ES module under bundler', 'types-esm.mts', 'esnext', 'bundler'],
  ])(
    'for %s',
    (_who, file, module, resolution) => {
      const args = [...strict, ...node, '--module', module, '--moduleResolution', resolution, file]
      return execute(process.execPath, [tool('typescript/bin/tsc'), ...args])
    },
    30_000,
  )
})

describe('the installed types know Node’s', () => {
  it.each(['', '/fetch', '/php', '/testing', '/playwright', '/save-handler-conformance'])(
    'for a program that names no types: session-start%s',
    (entry) => {
      writeFileSync(join(project, 'no-types.mts'), `import * as all from 'session-start${entry}'\nexport default all\n`)
      const args = [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        'false',
        '--target',
        'es2022',
        '--module',
        'nodenext',
        'no-types.mts',
      ]
      return execute(process.execPath, [tool('typescript/bin/tsc'), '--typeRoots', tool('@types'), ...args])
    },
    30_000,
  )
})

describe('the package stays small', () => {
  it('packed, and installed with what it needs', () => {
    const installed = sizeOf(join(project, 'node_modules'))
    process.stdout.write(
      `\nPackage: ${kB(tarball.size)} packed, ${kB(tarball.unpackedSize)} unpacked, ${kB(installed)} installed with its dependencies\n`,
    )
    expect(tarball.size).toBeLessThan(400_000)
    expect(installed).toBeLessThan(10_000_000)
  })

  it('without the WebAssembly PHPs, which are for the tests', () => {
    expect(existsSync(join(project, 'node_modules/koffi'))).toBe(true)
    expect(existsSync(join(project, 'node_modules/@php-wasm'))).toBe(false)
  })
})

/** Runs a program in the consumer's project as from a user's shell; what it printed is the error's message. */
async function execute(command: string, args: readonly string[]): Promise<void> {
  const { NODE_ENV, JEST_WORKER_ID, ...env } = process.env
  await promisify(execFile)(command, args, { cwd: project, env }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout}${error.stderr}`)
  })
}

function sizeOf(folder: string): number {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return paths.map((path) => statSync(join(folder, path))).reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0)
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}
