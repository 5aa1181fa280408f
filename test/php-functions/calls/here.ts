import type { IncomingMessage, ServerResponse } from 'node:http'
import { nodeExchange } from '../../../src/http/node.ts'
import * as functions from '../../../src/php-functions.ts'
import { SessionManager } from '../../../src/session/session-manager.ts'
import { serve } from '../../http/servers.ts'
import { instructions, lastLine, type Side } from '../../session/compatibility/scenario.ts'
import { Calls } from './handlers.ts'
import { inFolder, withoutFolder } from './in-php.ts'

/** Our side of the calls: a `node:http` server that binds its requests, and calls by name. */
export async function here(lastModified: () => Date): Promise<Side & { close(): Promise<void> }> {
  const server = await serve('HTTP/1.1', async (req, res) => {
    nodeExchange(req, res, { lastModified: lastModified() })
    const results = await page(req, res).catch((error: unknown) => [String(error)])
    res.end(`\n${Buffer.from(JSON.stringify(results)).toString('latin1')}`, 'latin1')
  })
  return {
    async ask(request, cookies, ini) {
      const { query, headers } = instructions(inFolder(request, ini), cookies, ini)
      const answer = await server.ask({ path: `/?${query}`, headers })
      const pairs = Object.entries(answer.headers).flatMap(([name, value]) =>
        [value].flat().map((each) => [name, String(each)] as const),
      )
      return { results: withoutFolder(lastLine(Buffer.from(answer.body, 'latin1').toString()), ini), headers: pairs }
    },
    close: () => server.close(),
  }
}

async function page(req: IncomingMessage, res: ServerResponse): Promise<string[]> {
  const { ini, steps } = JSON.parse(Buffer.from(String(req.headers['x-request']), 'base64').toString())
  const sessions = new SessionManager({ gc_probability: 0, phpVersion: '8.2', lockTimeout: 2000, ...ini })
  sessions.bind(req, res)
  const calls = new Calls()
  const results: string[] = []
  for (const [name, given] of steps as [string, string][]) {
    const said: string[] = []
    functions.set_error_handler((errno, errstr) => {
      said.push(` [${errno}] ${errstr}`)
    })
    const returned = await tell(() => call(name, JSON.parse(`[${given.slice(1, -1)}]`), res, calls))
    results.push(`${returned}${functions.session_status() === functions.PHP_SESSION_ACTIVE ? ', active' : ''}${said.join('')}`)
  }
  functions.set_error_handler(null)
  return results
}

async function tell(call: () => unknown): Promise<string> {
  try {
    const returned = await call()
    return JSON.stringify(Buffer.isBuffer(returned) ? returned.toString() : returned) ?? 'null'
  } catch (error) {
    return `throws ${(error as { code?: string }).code ?? (error as Error).name}`
  }
}

function call(name: string, given: unknown[], res: ServerResponse, calls: Calls): unknown {
  const { $_SESSION } = functions
  const [first] = given as [string]
  switch (name) {
    case 'get':
      return Reflect.getOwnPropertyDescriptor($_SESSION, first)?.value
    case 'read':
      return $_SESSION[first]
    case 'put':
      $_SESSION[first] = given[1]
      return given[1]
    case 'keep':
      if (functions.session_status() !== functions.PHP_SESSION_ACTIVE) return
      $_SESSION[first] = given[1]
      return given[1]
    case 'remove':
      delete $_SESSION[first]
      return
    case 'vars':
      return { ...$_SESSION }
    case 'SID':
      return functions.SID
    case 'header':
      return void res.appendHeader(...(first.split(': ') as [string, string]))
    case 'output':
      return void res.write('output')
    case 'handler':
      return functions.session_set_save_handler(calls.handler(first, given.slice(1)))
    case 'functions':
      return (functions.session_set_save_handler as (...given: unknown[]) => boolean)(...calls.functions(first, Number(given[1])))
    case 'method':
      return (new functions.SessionHandler() as unknown as Record<string, (...given: unknown[]) => unknown>)[first]!(
        ...given.slice(1),
      )
    case 'calls':
      return calls.take()
  }
  return (functions as unknown as Record<string, (...given: unknown[]) => unknown>)[name]!(...given)
}
