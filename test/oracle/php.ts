/** The oracle, as tests use it: run-php.cjs, and a `describe` for suites that need the installed PHP. */
import { nativePhp } from './run-php.cjs'

export { nativePhp, type OpenPhpOptions, openPhp, type Php, PhpError, type PhpVersion, phpVersions } from './run-php.cjs'

/**
 * `describe` where a `php` is installed. Elsewhere the suite is skipped and its title says why;
 * with SESSION_START_REQUIRE_NATIVE=1 it fails instead, so that a build cannot lose it unseen.
 */
export function describeNative(title: string, suite: () => void): void {
  if (nativePhp !== undefined) {
    describe(title, suite)
  } else if (process.env['SESSION_START_REQUIRE_NATIVE'] === '1') {
    test(`${title} (needs php on PATH)`, () => {
      throw new Error('SESSION_START_REQUIRE_NATIVE is set, but there is no php on PATH')
    })
  } else {
    describe.skip(`${title} (skipped: no php on PATH)`, suite)
  }
}
