import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { servePhp } from '../../http/php-server.ts'
import { nativePhp, openPhp, type PhpVersion } from '../../oracle/php.ts'
import { instructions, lastLine, parseStep, type Side } from './scenario.ts'

/** PHP's side of the scenarios. */
export interface PhpSide extends Side {
  /** Such as '8.2.36'. */
  readonly version: string
  close(): Promise<void>
}

/** '8.2.36' and the like; undefined where no PHP is installed. */
export const nativeVersion = nativePhp && execFileSync(nativePhp, ['-n', '-r', 'echo PHP_VERSION;'], { encoding: 'utf8' })

const steps = readFileSync(join(__dirname, 'page.php'), 'utf8').replace('<?php', '')

/** The installed PHP, behind its own web server. */
export async function nativeSide(): Promise<PhpSide> {
  const server = await servePhp(`<?php $request = json_decode(base64_decode($_SERVER['HTTP_X_REQUEST']), true);
    ${steps}
    echo "\\n", json_encode($results);`)
  return {
    version: nativeVersion!,
    async ask(request, cookies, ini) {
      const { form, ...sent } = instructions(request, cookies, ini)
      const { body, headers } = await server.ask({ ...sent, ...(form !== undefined && { form }) })
      return { results: lastLine(body), headers }
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
    $_SERVER['HTTP_REFERER'] = $request['referer'];
    parse_str($request['query'], $_GET);
    parse_str($request['form'], $_POST);
    ${steps}
    echo "\\n", json_encode(array($results, headers_list()));`
  return {
    version: php.version,
    async ask({ steps, query = '', form = '', referer = '' }, cookies, ini) {
      const request = { ini, steps: steps.map(parseStep), cookies, query, form, referer }
      const output = (await php.run(code, Buffer.from(JSON.stringify(request)))).toString()
      const [results, headers] = lastLine(output) as unknown as [(string | null)[], string[]]
      return {
        results,
        headers: headers.map((header) => [header.slice(0, header.indexOf(':')).toLowerCase(), header.replace(/^.*?: ?/, '')]),
      }
    },
    close: () => php.close(),
  }
}
