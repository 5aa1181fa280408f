import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { nativePhp } from '../../oracle/php.ts'

/** The chromium on PATH, or the one that CHROMIUM names. */
export const chromiumPath = process.env['CHROMIUM'] ?? findOnPath('chromium') ?? findOnPath('chromium-browser')

/**
 * `describe` where both a `php` and a chromium are installed; elsewhere the suite is skipped and its title says why. With
 * SESSION_START_REQUIRE_NATIVE=1 it fails instead.
 */
export function describeBrowser(title: string, suite: () => void): void {
  const missing = [nativePhp === undefined && 'php', chromiumPath === undefined && 'chromium'].filter((name) => name !== false)
  if (missing.length === 0) return describe(title, suite)
  if (process.env['SESSION_START_REQUIRE_NATIVE'] !== '1') {
    return describe.skip(`${title} (skipped: no ${missing.join(', no ')} on PATH)`, suite)
  }
  test(`${title} (needs php and chromium on PATH)`, () => {
    throw new Error(`SESSION_START_REQUIRE_NATIVE is set, but there is no ${missing.join(' and no ')} on PATH`)
  })
}

function findOnPath(name: string): string | undefined {
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name))
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
