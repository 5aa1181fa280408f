import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { servePhp } from '../../http/php-server.ts'
import { openPhp, type PhpVersion } from '../../oracle/php.ts'
import {
  instructions,
  lastLine,
  parseStep,
  type RequestSpec,
  type Scenario,
  type Side,
} from '../../session/compatibility/scenario.ts'

/** PHP's side of the calls. */
export interface PhpSide extends Side {
  close(): Promise<void>
}

const page = readFileSync(join(__dirname, 'page.php'), 'utf8').replace('<?php', '')

/** The installed PHP, behind its own web server. */
export async function nativeSide(): Promise<PhpSide> {
  const server = await servePhp(`<?php $request = json_decode(base64_decode($_SERVER['HTTP_X_REQUEST']), true);
    ${page}
    echo "\\n", json_encode($results, JSON_UNESCAPED_UNICODE);`)
  return {
    async ask(request, cookies, ini) {
      const { query, headers } = instructions(inFolder(request, ini), cookies, ini)
      const answer = await server.ask({ query, headers })
      return { results: withoutFolder(lastLine(answer.body), ini), headers: answer.headers }
    },
    close: () => server.close(),
  }
}

/** A PHP in WebAssembly, which has no web server: it is given what a web server makes of a request, and asked for its headers. */
export async function wasmSide(version: PhpVersion, folder: string): Promise<PhpSide> {
  const php = await openPhp(version, { mounts: [folder] })
  const code = `
    $request = json_decode($input, true);
    $_COOKIE = $request['cookies'];
    parse_str($request['query'], $_GET);
    ${page}
    echo "\\n", json_encode([$results, headers_list()], JSON_UNESCAPED_UNICODE);`
  return {
    async ask(asked, cookies, ini) {
      const { steps, query = '' } = inFolder(asked, ini)
      const request = { ini, steps: steps.map(parseStep), cookies, query }
      const output = (await php.run(code, Buffer.from(JSON.stringify(request)))).toString()
      const [results, headers] = lastLine(output) as unknown as [string[], string[]]
      const pairs = headers.map(
        (header) => [header.slice(0, header.indexOf(':')).toLowerCase(), header.replace(/^.*?: ?/, '')] as const,
      )
      return { results: withoutFolder(results, ini), headers: pairs }
    },
    close: () => php.close(),
  }
}

/** A request whose steps may name the folder of the sessions, by `%`. */
export function inFolder(request: RequestSpec, { save_path }: Scenario['ini']): RequestSpec {
  return { ...request, steps: request.steps.map((step) => step.replaceAll('%', String(save_path))) }
}

/** The results of a request, whatever the folder of the sessions is. */
export function withoutFolder(results: readonly (string | null)[], { save_path }: Scenario['ini']): (string | null)[] {
  return results.map((result) => result?.replaceAll(String(save_path), '%') ?? null)
}
