/** `npm run check`: everything that is wrong without running the code. Every step runs; the exit status says whether one failed. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, ensureInstalled, root, run, since } from './prepare.mjs'

await ensureInstalled()
const folder = mkdtempSync(join(tmpdir(), 'session-start-check-'))
const tarball = () => join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'no tarball')

const steps = [
  // Fails when package-lock.json lacks a package, also one for another platform.
  ['lock file', () => succeed('npm', ['ci', '--dry-run', '--prefer-offline'])],
  ['types', () => tool('typescript/bin/tsc', '--noEmit')],
  ['lint and format', () => tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings')],
  ['build', build],
  ['pack', () => succeed('npm', ['pack', '--ignore-scripts', '--pack-destination', folder])],
  ['publint', () => tool('publint/src/cli.js', 'run', tarball(), '--strict')],
  // Every resolution that Node 20 and a bundler use; node10 knows no export map.
  ['are the types wrong', () => tool('@arethetypeswrong/cli/dist/index.js', tarball(), '--profile', 'node16', '--no-emoji')],
]

let failures = 0
for (const [name, step] of steps) {
  const start = Date.now()
  try {
    await step()
    console.log(`ok      ${name} (${since(start)})`)
  } catch (error) {
    failures += 1
    console.log(`FAILED  ${name} (${since(start)})\n${error.message.trim().replace(/^/gm, '        ')}`)
  }
}
rmSync(folder, { recursive: true })
console.log(failures === 0 ? 'Everything is in order.' : `${failures} of ${steps.length} steps failed.`)
process.exitCode = failures === 0 ? 0 : 1

async function tool(path, ...args) {
  await succeed(process.execPath, [join(root, 'node_modules', path), ...args])
}

async function succeed(command, args) {
  const { status, output } = await run(command, args)
  if (status !== 0) throw new Error(output)
}
