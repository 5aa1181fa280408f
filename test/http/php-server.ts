import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nativePhp } from '../oracle/php.ts'

export interface PhpAnswer {
  readonly body: string
  /** Names in lower case, and values as PHP sent them; in its order. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

export interface PhpRequest {
  /** What follows the `?`. */
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as a form, by POST. */
  readonly form?: string
}

export interface PhpServer {
  ask(request?: PhpRequest): Promise<PhpAnswer>
  /** Its folder for sessions. */
  readonly save_path: string
  close(): Promise<void>
}

/** When the page of every such server was changed, as its Last-Modified says. */
export const scriptTime = new Date('2020-02-02T02:02:02Z')

/** The installed PHP's own web server, on a free port, with one page. */
export async function servePhp(code: string): Promise<PhpServer> {
  const folder = mkdtempSync(join(tmpdir(), 'php-server-'))
  const page = join(folder, 'index.php')
  writeFileSync(page, code)
  utimesSync(page, scriptTime, scriptTime)
  const ini = {
    'session.save_path': folder,
    'session.gc_probability': '0',
    display_errors: '0',
    log_errors: '0',
    html_errors: '0',
  }
  const flags = Object.entries(ini).flatMap(([name, value]) => ['-d', `${name}=${value}`])
  const php = spawn(nativePhp!, ['-n', ...flags, '-S', '127.0.0.1:0', '-t', folder], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PHP_CLI_SERVER_WORKERS: '1' },
  })
  const port = await portOf(php)

  return {
    save_path: folder,
    ask: (given) => ask(port, given ?? {}),
    async close() {
      const exit = once(php, 'exit')
      php.kill('SIGKILL')
      await exit
      rmSync(folder, { recursive: true })
    },
  }
}

async function portOf(php: ChildProcess): Promise<number> {
  let said = ''
  for await (const chunk of php.stderr!) {
    said += chunk
    const port = /127\.0\.0\.1:(\d+)\) started/.exec(said)?.[1]
    if (port !== undefined) {
      // It logs every request; a full pipe would stop it.
      php.stderr!.resume()
      return Number(port)
    }
  }
  throw new Error(`the PHP server did not start: ${said}`)
}

function ask(port: number, { query = '', headers = {}, form }: PhpRequest): Promise<PhpAnswer> {
  const type =
    form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': String(form.length) }
  return new Promise((resolve, reject) => {
    const sent = request({
      port,
      path: `/?${query}`,
      method: form === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...type },
      agent: false,
    })
    sent.once('error', reject)
    sent.once('response', async (response) => {
      let body = ''
      for await (const chunk of response.setEncoding('utf8')) body += chunk
      const { rawHeaders: raw } = response
      const pairs = raw.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1]!] as const] : []))
      resolve({ body, headers: pairs })
    })
    sent.end(form)
  })
}
