import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { runnable, type Unit, unitsOf } from './docs-code.ts'
import { checkConsole } from './docs-console.ts'
import { checkStill } from './docs-still.ts'
import { type Block, codeBlocks } from './markdown.ts'
import { manifest, root } from './package.ts'

export interface Document {
  readonly name: string
  readonly text: string
}

/** Something wrong with the block whose fence stands in that line. */
export interface Problem {
  readonly document: string
  readonly line: number
  readonly message: string
}

/** A document on its way through the checks; `folder` is its own. */
interface Work {
  readonly name: string
  readonly folder: string
  readonly blocks: readonly Block[]
  readonly units: readonly Unit[]
}

/** Checks every code block, by the rules in docs-code.ts. */
export async function checkDocuments(documents: readonly Document[]): Promise<Problem[]> {
  const project = makeProject()
  try {
    const works = documents.map((document) => open(document, project))
    const still = works.flatMap((work) =>
      work.blocks.flatMap((block) => checkStill(block).map((text) => problem(work, block.line, text))),
    )
    const types = await checkTypes(works, project)
    const runs: Problem[] = []
    for (const work of works) runs.push(...(await runUnits(work)), ...(await runConsoles(work)))
    return [...still, ...types, ...runs]
  } finally {
    rmSync(project, { recursive: true })
  }
}

/** An empty project that has this package, as built, and what it was tested with. */
function makeProject(): string {
  const project = mkdtempSync(join(tmpdir(), 'session-start-docs-'))
  const packages = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies), '@types']
  const link = (name: string, target: string) => {
    mkdirSync(dirname(join(project, 'node_modules', name)), { recursive: true })
    symlinkSync(target, join(project, 'node_modules', name), 'junction')
  }
  for (const name of packages.filter((each) => !each.startsWith('@types/'))) link(name, join(root, 'node_modules', name))
  link(manifest.name, root)
  return project
}

function open({ name, text }: Document, project: string): Work {
  const folder = join(project, name.replaceAll(/[^\w.]/g, '_'))
  mkdirSync(join(folder, 'empty'), { recursive: true })
  const blocks = codeBlocks(text, name)
  return { name, folder, blocks, units: unitsOf(blocks) }
}

function fileOf({ folder }: Work, unit: Unit, suffix: string): string {
  return join(folder, `line${unit.blocks[0]?.line}${suffix}`)
}

/** `line` may be any line of a block. */
function problem({ name, folder, blocks }: Work, line: number, message: string): Problem {
  const block = blocks.findLast((each) => (each.before?.line ?? each.line) <= line)
  return { document: name, line: block?.line ?? line, message: message.replaceAll(`${folder}/`, '') }
}

async function checkTypes(works: readonly Work[], project: string): Promise<Problem[]> {
  const files = new Map<string, Work>()
  for (const work of works) {
    for (const unit of work.units.filter(({ blocks }) => blocks[0]?.language === 'ts')) {
      writeFileSync(fileOf(work, unit, '.ts'), unit.source)
      files.set(fileOf(work, unit, '.ts'), work)
    }
  }
  const compilerOptions = {
    ...{ noEmit: true, strict: true, noUncheckedIndexedAccess: true, skipLibCheck: true, types: ['node'] },
    ...{ target: 'es2023', lib: ['es2023', 'esnext.disposable'], module: 'preserve', moduleDetection: 'force' },
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [...files.keys()] }))
  const report = files.size === 0 ? '' : await outputOf(join(root, 'node_modules/typescript/bin/tsc'), ['-p', project], project)
  return report
    .split(/\n(?=\S)/)
    .filter((message) => message.trim() !== '')
    .map((message) => {
      const [, file = '', line = ''] = /^(.*?)\((\d+),/.exec(message) ?? []
      const work = files.get(join(project, file))
      if (work === undefined) throw new Error(message)
      return problem(work, Number(line), `line ${line}: ${message.replace(/^.*?: /, '')}`)
    })
}

async function runUnits(work: Work): Promise<Problem[]> {
  const problems: Problem[] = []
  const modules = new Map<string, Unit>()
  for (const unit of work.units.filter(({ blocks }) => !blocks.some(({ note }) => note.startsWith('ignore-run')))) {
    const file = fileOf(work, unit, '.mjs')
    try {
      writeFileSync(file, runnable(unit.source, join(work.folder, work.name)))
      modules.set(file, unit)
    } catch (error) {
      problems.push(problem(work, unit.blocks[0]?.line ?? 1, String(error)))
    }
  }
  if (modules.size === 0) return problems
  const resultFile = join(work.folder, 'result.json')
  writeFileSync(resultFile, '{}')
  const runner = join(__dirname, 'docs-runner.mjs')
  const output = await outputOf(runner, [resultFile, ...modules.keys()], join(work.folder, 'empty'))
  const result = JSON.parse(readFileSync(resultFile, 'utf8')) as Record<string, { line?: number; message: string }[]>
  for (const [file, { blocks }] of modules) {
    const found = result[file] ?? [{ message: `did not finish\n${output}` }]
    problems.push(...found.map(({ line, message }) => problem(work, line ?? blocks[0]?.line ?? 1, message)))
  }
  return problems
}

async function runConsoles(work: Work): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const block of work.blocks.filter(({ language, note }) => language === 'console' && !note.startsWith('ignore-run'))) {
    const found = await checkConsole(block, join(work.folder, `console${block.line}`))
    problems.push(...found.map((text) => problem(work, block.line, text)))
  }
  return problems
}

async function outputOf(script: string, args: readonly string[], cwd: string): Promise<string> {
  const { NODE_ENV, JEST_WORKER_ID, ...env } = process.env
  const options = { cwd, env: { ...env, TMPDIR: cwd, NODE_OPTIONS: '--enable-source-maps' }, timeout: 60_000 }
  const both = ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr
  return promisify(execFile)(process.execPath, [script, ...args], options).then(both, both)
}
