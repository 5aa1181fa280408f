import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { nodeExchange } from '../../../src/http/node.ts'
import { detectSerializeHandler } from '../../../src/serialize-handlers/serialize-handlers.ts'
import { decodeSession, encodeSession } from '../../../src/serialize-handlers/session-codec.ts'
import type { StartOptions } from '../../../src/session/options.ts'
import type { Session } from '../../../src/session/session.ts'
import { SessionManager } from '../../../src/session/session-manager.ts'
import { instructions, lastLine, type parseStep, type Scenario, type Side } from './scenario.ts'

/** Our side of the scenarios: a `node:http` server whose handler does the steps. */
export async function here(phpVersion: string, lastModified: () => Date): Promise<Side & { close(): Promise<void> }> {
  const server = createServer(async (req, res) => {
    const results = await handle(req, res, phpVersion, lastModified).catch((error: unknown) => [String(error)])
    res.end(`\n${JSON.stringify(results)}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    async ask(request, cookies, ini) {
      const { query, headers, form } = instructions(request, cookies, ini)
      const method = form === undefined ? 'GET' : 'POST'
      const answer = await fetch(`http://127.0.0.1:${port}/?${query}`, {
        method,
        headers,
        redirect: 'manual',
        ...(form !== undefined && { body: form }),
      })
      // We clean up when the answer is given, PHP before.
      if ('gc_probability' in ini) await setTimeout(100)
      return { results: lastLine(await answer.text()), headers: [...answer.headers] }
    },
    close: () => closed(server),
  }
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

interface Instructions {
  readonly ini: Scenario['ini']
  readonly steps: readonly ReturnType<typeof parseStep>[]
}

async function handle(
  req: IncomingMessage & { body?: unknown },
  res: ServerResponse,
  phpVersion: string,
  lastModified: () => Date,
): Promise<(string | null)[]> {
  const { ini, steps } = JSON.parse(Buffer.from(String(req.headers['x-request']), 'base64').toString()) as Instructions
  if (req.method === 'POST') req.body = Object.fromEntries(new URLSearchParams(Buffer.concat(await req.toArray()).toString()))
  const sessions = new SessionManager({ gc_probability: 0, phpVersion, lockTimeout: 2000, ...ini })
  const page = new Page(
    sessions,
    (options) => sessions.startExchange(nodeExchange(req, res, { lastModified: lastModified() }), options),
    res,
  )
  const results: (string | null)[] = []
  for (const step of steps) {
    results.push(
      await page.step(...step).catch((error: unknown) => {
        if (error instanceof ReferenceError) throw error
        return 'refused'
      }),
    )
  }
  return results
}

/** The steps of one request. */
class Page {
  readonly #sessions: SessionManager
  readonly #start: (options: StartOptions) => Promise<Session>
  readonly #res: ServerResponse
  #session: Session | undefined
  #nextId: { id?: string } = {}

  constructor(sessions: SessionManager, start: (options: StartOptions) => Promise<Session>, res: ServerResponse) {
    this.#sessions = sessions
    this.#start = start
    this.#res = res
  }

  async step(name: string, given?: unknown, value?: unknown): Promise<string | null> {
    switch (name) {
      case 'start':
        this.#session = await this.#start({ ...this.#nextId, ...(given as StartOptions) })
        this.#nextId = {}
        return 'done'
      case 'id':
        this.#nextId = { id: String(given) }
        return null
      case 'set':
        this.#vars[String(given)] = value
        return null
      case 'delete':
        delete this.#vars[String(given)]
        return null
      case 'assign':
        this.#sessions.$_SESSION = given as Session['$_SESSION']
        return null
      case 'unset':
      case 'destroy':
      case 'abort':
      case 'reset':
      case 'commit':
        await this.#sessions[name]()
        return 'done'
      case 'regenerate':
        await this.#sessions.regenerate(Boolean(given))
        return 'done'
      case 'gc':
        return String(await this.#sessions.gc())
      case 'create_id':
        return this.#sessions.createId(given as string | undefined)
      case 'shape': {
        const { id } = this.#sessions.current!
        return `${id.length}${/^[\da-f]+$/.test(id) ? ' hexadecimal' : ''}`
      }
      case 'encode':
        return this.#session!.encode().toString('latin1')
      case 'decode':
        this.#session!.decode(Buffer.from(String(given ?? ''), 'latin1'))
        return 'done'
      case 'header': {
        const [header = '', text = ''] = String(given).split(': ')
        this.#res.appendHeader(header, text)
        return null
      }
      case 'output':
        this.#res.write('output')
        return null
      case 'look':
        return this.#look()
    }
    throw new ReferenceError(`no step ${name}`)
  }

  get #vars(): Session['$_SESSION'] {
    return this.#sessions.$_SESSION
  }

  #look(): string {
    const session = this.#session
    if (session === undefined) return 'none  null'
    // As bytes and back: a copy of $_SESSION would not know what is a float.
    const bytes = session.encode()
    const vars = decodeSession(bytes, { serialize_handler: detectSerializeHandler(bytes) })
    const shown = encodeSession(vars, { serialize_handler: 'php_serialize' }).toString('latin1')
    return `${session.status === 'active' ? 'active' : 'none'} ${session.id} ${shown}`
  }
}
