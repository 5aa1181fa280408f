import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { nativePhp } from '../oracle/php.ts'

/** The chromium that CHROMIUM names, or the one on PATH; undefined where there is none. */
export const chromiumPath = process.env['CHROMIUM'] || findOnPath('chromium') || findOnPath('chromium-browser')

/**
 * `describe` where a chromium is installed, and a `php` if that is needed too. Elsewhere the suite is skipped and its title says why; with
 * SESSION_START_REQUIRE_NATIVE=1 it fails instead.
 */
export function describeInBrowser(title: string, suite: () => void, { needsPhp = false } = {}): void {
  const missing = [needsPhp && nativePhp === undefined && 'php', chromiumPath === undefined && 'chromium'].filter(Boolean)
  if (missing.length === 0) return describe(title, suite)
  if (process.env['SESSION_START_REQUIRE_NATIVE'] !== '1') {
    return describe.skip(`${title} (skipped: no ${missing.join(', no ')} on PATH)`, suite)
  }
  test(`${title} (needs ${missing.join(' and ')} on PATH)`, () => {
    throw new Error(`SESSION_START_REQUIRE_NATIVE is set, but there is no ${missing.join(' and no ')} on PATH`)
  })
}

/** @param keepsPages whether it keeps whole pages for Back, as people's browsers do; playwright does not see when it shows one again */
export function launchBrowser(keepsPages = false): Promise<Browser> {
  const switches = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
  return chromium.launch({
    executablePath: chromiumPath!,
    args: [...switches, '--disable-component-update', '--disable-sync'],
    ignoreDefaultArgs: keepsPages ? ['--disable-back-forward-cache'] : [],
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
