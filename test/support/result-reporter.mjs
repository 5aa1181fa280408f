import { writeFileSync } from 'node:fs'

/** A jest reporter that prints nothing: it leaves the counts for run-tests.mjs, which prints them last. */
export default class ResultReporter {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults }) {
    const skipped = testResults.flatMap(({ testFilePath, testResults }) =>
      testResults
        .filter(({ status }) => status === 'pending' || status === 'todo')
        .map(({ fullName }) => ({ path: testFilePath, fullName })),
    )
    // A file that could not be loaded holds tests nobody counted: it is one failure.
    writeFileSync(
      process.env.RESULT_FILE,
      JSON.stringify({ passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites, skipped }),
    )
  }
}
