import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

/** The chromium that CHROMIUM names, or the one on PATH; undefined where there is none. */
const executablePath = process.env['CHROMIUM'] || findOnPath('chromium') || findOnPath('chromium-browser')

/**
 * `describe` where a chromium is installed. Elsewhere the suite is skipped and its title says why; with
 * SESSION_START_REQUIRE_NATIVE=1 it fails instead.
 */
export function describeInBrowser(title: string, suite: () => void): void {
  if (executablePath !== undefined) {
    describe(title, suite)
  } else if (process.env['SESSION_START_REQUIRE_NATIVE'] === '1') {
    test(`${title} (needs chromium on PATH)`, () => {
      throw new Error('SESSION_START_REQUIRE_NATIVE is set, but there is no chromium on PATH')
    })
  } else {
    describe.skip(`${title} (skipped: no chromium on PATH)`, suite)
  }
}

/** @param keepsPages whether it keeps whole pages for Back, as people's browsers do; playwright does not see when it shows one again */
export function launchBrowser(keepsPages = false): Promise<Browser> {
  const switches = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
  return chromium.launch({
    executablePath: executablePath!,
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
