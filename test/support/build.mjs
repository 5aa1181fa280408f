/** `npm run build`: src → dist, as published; says what it made. With --if-stale only when a source is newer. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build, ensureBuilt, ensureInstalled, root, since } from './prepare.mjs'

const start = Date.now()
try {
  await ensureInstalled()
  await (process.argv.includes('--if-stale') ? ensureBuilt() : build())
  console.log(`${contents()} in ${since(start)}`)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

function contents() {
  const files = readdirSync(join(root, 'dist'), { recursive: true }).filter((path) => /\.[a-z]+$/.test(path))
  const size = (suffix) => {
    const chosen = files.filter((path) => path.endsWith(suffix))
    const bytes = chosen.reduce((sum, path) => sum + statSync(join(root, 'dist', path)).size, 0)
    return `${chosen.length} ${suffix} files (${(bytes / 1000).toFixed(1)} kB)`
  }
  return `dist: ${size('.js')}, ${size('.d.ts')}`
}
