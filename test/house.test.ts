import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSource, readSources, type Source } from './support/imports.ts'

interface Part {
  readonly floor: number
  readonly loads: readonly string[]
  readonly not?: readonly string[]
}

/**
 * The plan of src, top floor first. A part imports only from itself, without a circle, and from the floors below its own;
 * `not` names what it leaves alone even there. `loads` is the code from outside it may load; an `import type` is free.
 */
// biome-ignore format: a table
const plan: Readonly<Record<string, Part>> = {
  'index.ts':           { floor: 5, loads: [] },
  'adapters':           { floor: 5, loads: ['node:'] },
  'php-functions.ts':   { floor: 6, loads: [] },
  'php-functions':      { floor: 5, loads: ['node:'] },
  'cli':                { floor: 5, loads: ['node:', 'npm'] },
  'testing':            { floor: 5, loads: ['node:', 'npm'] },
  'session':            { floor: 4, loads: ['node:', 'npm'] },
  'inspect':            { floor: 4, loads: ['node:'], not: ['http'] },
  'serialize-handlers': { floor: 3, loads: ['node:'], not: ['save-handlers', 'http', 'session-id.ts'] },
  'save-handlers':      { floor: 2, loads: ['node:', 'koffi'], not: ['http'] },
  'php':                { floor: 2, loads: ['node:'], not: ['http', 'session-id.ts'] },
  'http':               { floor: 1, loads: ['node:', 'cookie'] },
  'session-id.ts':      { floor: 0, loads: ['node:'] },
  'errors.ts':          { floor: 0, loads: [] },
}

const topLevel = [
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'biome.json', 'README.md', 'LICENSE', 'CHANGELOG.md'],
  ...['src', 'fixtures', 'test', 'docs'],
]
const madeByTools = /^(node_modules|dist|\..*|.*\.tgz)$/

const root = join(__dirname, '..')
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
const sources = readSources(join(root, 'src'))

describe('the house', () => {
  it('imports downwards only', () => {
    expect(sources.flatMap(upwardImports)).toEqual([])
  })

  it('has no circle', () => {
    expect(circle(sources)).toBeUndefined()
  })

  it('loads from outside only what the plan says, and that is in the dependencies', () => {
    expect(sources.flatMap(strangers)).toEqual([])
  })

  it('brings no server, no framework and no tool along with index.ts', () => {
    const away = /^(adapters|cli|php-functions|testing)\/|^save-handlers\/(redis|memcached)/
    expect(loadedBy('index.ts', sources).filter((path) => away.test(path))).toEqual([])
  })

  it('has no file over 300 lines', () => {
    expect(sources.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path}: ${lines} lines`)).toEqual([])
  })

  it('has no adapter over 80 lines', () => {
    const adapters = ['express', 'fastify', 'koa', 'fetch'].map((name) => `adapters/${name}.ts`)
    const found = sources.filter(({ path }) => adapters.includes(path))
    expect(found).toHaveLength(4)
    expect(found.filter(({ lines }) => lines > 80)).toEqual([])
  })

  it('has no file but index.ts that only passes on what others export', () => {
    expect(sources.filter(({ path, isBarrel }) => isBarrel && path !== 'index.ts')).toEqual([])
    expect(sources.filter(({ path }) => path.endsWith('/index.ts'))).toEqual([])
  })

  it('shows at its door only what a reader looks for', () => {
    expect(readdirSync(root).filter((name) => !topLevel.includes(name) && !madeByTools.test(name))).toEqual([])
  })
})

describe('the watch over the house', () => {
  it.each([
    ['php/a.ts', "import { Session } from '../session/session.ts'"],
    ['php/a.ts', "import type { SaveHandle } from '../save-handlers/save-handler.ts'"],
    ['save-handlers/a.ts', "export { serialize } from '../php/serialize.ts'"],
    ['php/a.ts', "import '../session-id.ts'"],
    ['errors.ts', "type Exchange = import('./http/exchange.ts').Exchange"],
    ['session/a.ts', "const { phpSession } = await import('../adapters/express.ts')"],
    ['helpers/a.ts', 'export const a = 1'],
  ])('finds a wrong import or a part without a place: %s with %s', (path, text) => {
    expect(upwardImports(parseSource(path, text))).toHaveLength(1)
  })

  it.each([
    ['index.ts', "export { serialize } from './php/serialize.ts'"],
    ['php/a.ts', "import { b } from './b.ts'; import { SessionError } from '../errors.ts'"],
    ['session/a.ts', "import type { SaveHandle } from '../save-handlers/save-handler.ts'"],
  ])('lets a right import pass: %s with %s', (path, text) => {
    expect(upwardImports(parseSource(path, text))).toEqual([])
  })

  it.each([
    ['session/a.ts', "import express from 'express'", 1],
    ['session/a.ts', "const name = 'x'; await import(name)", 1],
    ['adapters/express.ts', "import type { Request } from 'express'", 0],
    ['php/a.ts', "import { inspect } from 'node:util'", 0],
  ])('tells a stranger from a guest: %s with %s', (path, text, count) => {
    expect(strangers(parseSource(path, text))).toHaveLength(count)
  })

  it('finds a circle through types and through several files', () => {
    const ring = [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'a'],
    ] as const
    expect(circle(ring.map(([from, to]) => parseSource(`php/${from}.ts`, `import type { X } from './${to}.ts'`)))).toBe(
      'php/a.ts → php/b.ts → php/c.ts → php/a.ts',
    )
  })

  it('sees a barrel', () => {
    expect(parseSource('php/all.ts', "export { a } from './a.ts'\nexport * from './b.ts'").isBarrel).toBe(true)
    expect(parseSource('php/a.ts', "import { b } from './b.ts'\nexport const a = b").isBarrel).toBe(false)
  })
})

function upwardImports(source: Source): string[] {
  const own = plan[partOf(source.path)]
  if (own === undefined) return [`${source.path} has no place in the plan`]
  return localImports(source)
    .map(partOf)
    .filter((part) => part !== partOf(source.path))
    .filter((part) => !((plan[part]?.floor ?? 9) < own.floor) || own.not?.includes(part))
    .map((part) => `${source.path} imports from ${part}`)
}

function strangers({ path, imports }: Source): string[] {
  const loads = plan[partOf(path)]?.loads ?? []
  return imports
    .filter(({ from, typeOnly }) => !from.startsWith('.') && !typeOnly)
    .filter(({ from }) => !(from.startsWith('node:') ? loads.includes('node:') : isDependency(from, loads)))
    .map(({ from }) => `${path} loads ${from}`)
}

function isDependency(from: string, loads: readonly string[]): boolean {
  return Object.hasOwn(dependencies, from) && (loads.includes('npm') || loads.includes(from))
}

/** The first circle found, written out. */
function circle(all: readonly Source[]): string | undefined {
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' → ')
    if (done.has(path)) return undefined
    done.add(path)
    const source = all.find((each) => each.path === path)
    return source && firstOf(localImports(source), (next) => visit(next, [...trail, path]))
  }
  return firstOf(all, ({ path }) => visit(path, []))
}

function loadedBy(path: string, all: readonly Source[], seen = new Set<string>()): string[] {
  const source = all.find((each) => each.path === path)
  if (source === undefined || seen.has(path)) return []
  seen.add(path)
  const code = { ...source, imports: source.imports.filter(({ typeOnly }) => !typeOnly) }
  return [path, ...localImports(code).flatMap((next) => loadedBy(next, all, seen))]
}

function localImports({ path, imports }: Source): string[] {
  return imports.filter(({ from }) => from.startsWith('.')).map(({ from }) => posix.join(posix.dirname(path), from))
}

function partOf(path: string): string {
  return path.split('/')[0] as string
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
