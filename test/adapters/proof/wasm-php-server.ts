import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PhpServer } from '../../http/php-server.ts'
import { type Answer, serve } from '../../http/servers.ts'
import { openPhp, type PhpVersion } from '../../oracle/php.ts'

/** What `servePhp` does, by a WebAssembly PHP behind a server of ours, for every machine. It knows the cookies and the query. */
export async function serveWasmPhp(version: PhpVersion, page: string): Promise<PhpServer> {
  const save_path = realpathSync(mkdtempSync(join(tmpdir(), 'wasm-php-server-')))
  const php = await openPhp(version, { mounts: [save_path], ini: { 'session.save_path': save_path } })
  const code = request + page.replace(/^<\?php/, '') + answer
  const server = await serve('HTTP/1.1', async ({ url, headers }, res) => {
    const input = JSON.stringify({ query: url!.slice(2), cookie: headers.cookie ?? '' })
    try {
      const said = JSON.parse((await php.run(code, Buffer.from(input))).toString()) as { headers: string[]; body: string }
      for (const header of said.headers) res.appendHeader(...split(header, ': '))
      res.end(said.body)
    } catch (error) {
      res.writeHead(500).end(String(error))
    }
  })
  return {
    save_path,
    ask: async ({ query = '', headers = {} } = {}) => {
      const answer = await server.ask({ path: `/?${query}`, headers })
      return { body: Buffer.from(answer.body, 'latin1').toString(), headers: pairs(answer) }
    },
    async close() {
      await server.close()
      await php.close()
      rmSync(save_path, { recursive: true })
    },
  }
}

const request = `
  $input = json_decode($input, true);
  parse_str($input['query'], $_GET);
  parse_str(strtr($input['cookie'], array(';' => '&', ' ' => '')), $_COOKIE);
  ob_start();`

const answer = `
  echo json_encode(array('body' => ob_get_clean(), 'headers' => headers_list()));`

function split(text: string, by: string): [string, string] {
  const at = text.indexOf(by)
  return [text.slice(0, at), text.slice(at + by.length)]
}

function pairs({ headers }: Answer): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((each): [string, string] => [name, each]))
}
