import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExportTarget, ensureBuilt, manifest, pack, root } from '../support/package.ts'

const entries = Object.entries(manifest.exports)
const modules = entries.filter(([entry]) => entry !== './package.json')

beforeAll(ensureBuilt)

describe.each(entries)('the export %s', (_entry, target) => {
  it.each(pathsOf(target))('leads to a file that is built: %s', (path) => {
    expect(path).toMatch(/^\.\//)
    expect(existsSync(join(root, path))).toBe(true)
  })
})

describe.each(modules)('the module %s', (entry, target) => {
  it('has types, named before the code, because the first condition that holds is taken', () => {
    expect(Object.keys(target)[0]).toBe('types')
    expect(pathsOf(target)[0]).toMatch(/\.d\.ts$/)
  })

  it('gives the same names to import and to require', () => {
    const { required, imported } = namesOf(entry)
    expect(required.length).toBeGreaterThan(0)
    expect(imported).toEqual(expect.arrayContaining(required))
  })
})

describe('the package', () => {
  it('names the built files to tools that know no export map', () => {
    expect([manifest.main, manifest.types].filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('starts its commands with Node', () => {
    const commands = Object.values(manifest.bin ?? {}).map((path) => readFileSync(join(root, path), 'utf8'))
    expect(commands.filter((text) => !text.startsWith('#!/usr/bin/env node\n'))).toEqual([])
  })

  it('holds the build and what a reader wants to know, nothing else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'session-start-pack-'))
    const { files } = pack(folder)
    rmSync(folder, { recursive: true })
    const outside = files.map(({ path }) => path).filter((path) => !/^dist\/.*(\.js|\.d\.ts)$/.test(path))
    expect(outside.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
  })
})

function pathsOf(target: ExportTarget): string[] {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(pathsOf)
}

/** Loaded by Node itself, through the export map: a package may import itself by its name. */
function namesOf(entry: string): { required: string[]; imported: string[] } {
  const script = `
    const name = ${JSON.stringify(entry.replace(/^\./, manifest.name))}
    const required = Object.keys(require(name))
    import(name).then((module) => console.log(JSON.stringify({ required, imported: Object.keys(module) })))`
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' }))
}
