import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPhp, phpVersions } from '../oracle/php.ts'

/** A PHP site without pages: what its scripts would do to the sessions. */
export interface PhpSite {
  readonly save_path: string
  /** Runs a script with an active session, a new one without `id`; → its id and its variables at the end. */
  script(code: string, id?: string): Promise<{ id: string; vars: Record<string, unknown> }>
  /** The names of the session files, sorted. */
  files(): string[]
  close(): Promise<void>
}

/** The newest PHP, as WebAssembly, with a folder for sessions. */
export async function openPhpSite(): Promise<PhpSite> {
  const save_path = realpathSync(mkdtempSync(join(tmpdir(), 'examples-')))
  const directives = { save_path, use_strict_mode: '1', use_cookies: '0', cache_limiter: '', gc_probability: '0' }
  const ini = Object.fromEntries(Object.entries(directives).map(([name, value]) => [`session.${name}`, value]))
  const php = await openPhp(phpVersions.at(-1)!, { mounts: [save_path], ini })
  return {
    save_path,
    async script(code, id = '') {
      const body = `if ($input !== '') session_id($input);
        session_start();
        ${code}
        echo json_encode(['id' => session_id(), 'vars' => (object) $_SESSION]);`
      return JSON.parse((await php.run(body, Buffer.from(id))).toString())
    },
    files: () => readdirSync(save_path).sort(),
    async close() {
      await php.close()
      rmSync(save_path, { recursive: true })
    },
  }
}
