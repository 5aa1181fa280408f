/**
 * What a fresh clone needs before anything else runs: the dependencies and the build.
 * Imports nothing but Node itself, because it runs before there is anything to import.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs `npm ci` unless node_modules holds what package-lock.json says. */
export async function ensureInstalled() {
  if (isInstalled()) return
  console.log('Installing the dependencies; the WebAssembly PHPs of the tests take 450 MB of disk, so this needs a while.')
  const start = Date.now()
  // npm draws its own progress on a terminal and says nothing in a log.
  const sign = () => console.log(`  … still installing after ${since(start)}`)
  const timer = process.stdout.isTTY ? undefined : setInterval(sign, 15_000)
  const { status } = await run('npm', ['ci'], { show: true })
  clearInterval(timer)
  if (status !== 0) throw new Error(`npm ci failed with exit status ${status}`)
  console.log(`Installed in ${since(start)}.`)
}

function isInstalled() {
  const installed = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return false
  const present = packagesOf(installed)
  // A package for another platform is optional and absent.
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(
    ([path, { version, optional }]) => path === '' || present[path]?.version === version || (optional && !present[path]),
  )
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages
}

/** Builds dist when a source is newer than it, or was removed. */
export async function ensureBuilt() {
  const built = join(root, 'dist/index.js')
  if (!existsSync(built) || newestSource() >= statSync(built).mtimeMs) await build()
}

function newestSource() {
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((path) => join(root, 'src', path))
  // Folders count too: removing a file touches only them.
  return Math.max(...[...sources, join(root, 'src'), join(root, 'tsconfig.json')].map((path) => statSync(path).mtimeMs))
}

/**
 * Compiles src to dist. Throws an Error with the compiler's report, and leaves the old dist as it was, when a type is wrong.
 * The new dist is swapped in at the end, so that nobody who loads it meanwhile sees half of it.
 */
export async function build() {
  const start = new Date()
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const work = mkdtempSync(join(cache, 'session-start-build-'))
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { status, output } = await run(process.execPath, [tsc, '-p', 'src/tsconfig.build.json', '--outDir', join(work, 'dist')])
    if (status !== 0) throw new Error(`The build failed:\n${output}`)
    utimesSync(join(work, 'dist/index.js'), start, start)
    if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), join(work, 'old'))
    renameSync(join(work, 'dist'), join(root, 'dist'))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Runs a program in the repository's root: → { status, output }; with `show` its output goes straight to ours. */
export function run(command, args, { show = false, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const shell = process.platform === 'win32' && command === 'npm'
    const child = spawn(command, args, { cwd: root, env, shell, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.on('error', reject)
    child.on('close', (status) => resolve({ status: status ?? 1, output }))
  })
}

/** The time since `start`, for people: '0.4 s'. */
export function since(start) {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`
}
