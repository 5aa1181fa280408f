/**
 * `npm test`: set-up, build, then jest with the arguments given (`npm test -- test/oracle.test.ts`).
 * The last line counts the tests for machines that read logs: `N passed, N failed, N skipped`.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { ensureBuilt, ensureInstalled, root, run } from './prepare.mjs'

await ensureInstalled()
const built = await ensureBuilt().then(
  () => true,
  (error) => {
    console.error(`${error.message}\nThe tests go on with the sources; those that need dist will fail.\n`)
    return false
  },
)

const folder = mkdtempSync(join(tmpdir(), 'session-start-tests-'))
const resultFile = join(folder, 'result.json')
const jest = join(root, 'node_modules/jest/bin/jest.js')
const reporters = ['--reporters=default', `--reporters=${join(root, 'test/support/result-reporter.mjs')}`]
const env = { ...process.env, RESULT_FILE: resultFile }
const { status } = await run(process.execPath, [jest, ...process.argv.slice(2), ...reporters], { show: true, env })

if (existsSync(resultFile)) report(JSON.parse(readFileSync(resultFile, 'utf8')))
else if (status !== 0) report({ passed: 0, failed: 1, skipped: [] }) // jest did not even start
rmSync(folder, { recursive: true })
process.exitCode = built ? status : status || 1

function report({ passed, failed, skipped }) {
  for (const { path, fullName } of skipped) console.log(`skipped: ${relative(root, path)}: ${fullName}`)
  // A failed build is a failure too, though no test of its own.
  console.log(`${passed} passed, ${failed + (built ? 0 : 1)} failed, ${skipped.length} skipped`)
}
