/**
 * `npm test`: set-up, build, then jest with the arguments given (`npm test -- test/oracle.test.ts`).
 * The last line counts the tests for machines that read logs: `N passed, N failed, N skipped`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
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
const resultFile = join(folder, 'jest.json')
const jest = join(root, 'node_modules/jest/bin/jest.js')
const { status } = await run(process.execPath, [jest, '--json', `--outputFile=${resultFile}`, ...process.argv.slice(2)], {
  show: true,
})
report(readResult())
rmSync(folder, { recursive: true })
process.exitCode = built ? status : status || 1

function readResult() {
  try {
    return JSON.parse(readFileSync(resultFile, 'utf8'))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return undefined // jest ended before it ran anything, such as for --help or a wrong argument
  }
}

function report(result) {
  if (!result) return
  for (const { name, assertionResults } of result.testResults) {
    const skipped = assertionResults.filter(({ status }) => status === 'pending' || status === 'todo')
    for (const { fullName } of skipped) console.log(`skipped: ${relative(root, name)}: ${fullName}`)
  }
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites
  console.log(`${result.numPassedTests} passed, ${failed} failed, ${result.numPendingTests + result.numTodoTests} skipped`)
}
