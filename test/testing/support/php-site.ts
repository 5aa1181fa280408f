import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nativePhp } from '../../oracle/php.ts'

/** A site of one PHP page, served by `php -S` on a free port. */
export interface PhpSite {
  /** Without a slash at the end. */
  readonly url: string
  close(): Promise<void>
}

/** Serves the page with these arguments to php. */
export async function servePage(code: string, args: readonly string[]): Promise<PhpSite> {
  const folder = mkdtempSync(join(tmpdir(), 'php-site-'))
  writeFileSync(join(folder, 'index.php'), code)
  const php = spawn(nativePhp!, ['-n', ...args, '-S', '127.0.0.1:0', '-t', folder], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exit = once(php, 'exit')
  return {
    url: await urlOf(php),
    async close() {
      php.kill('SIGKILL')
      await exit
      rmSync(folder, { recursive: true })
    },
  }
}

async function urlOf(php: ChildProcess): Promise<string> {
  let said = ''
  for await (const chunk of php.stderr!) {
    said += chunk
    const [, url] = /\((http:\/\/127\.0\.0\.1:\d+)\) started/.exec(said) ?? []
    if (url === undefined) continue
    php.stderr!.resume() // it logs every request; a full pipe would stop it
    return url
  }
  throw new Error(`the PHP server did not start: ${said}`)
}
