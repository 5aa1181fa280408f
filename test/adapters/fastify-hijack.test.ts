import fastify from 'fastify'
import { phpSession } from '../../src/adapters/fastify.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { askHttp1 } from '../http/servers.ts'

/** `reply.hijack()`: the application answers by `reply.raw`, and Fastify sends nothing any more, no error either. */

describe('a reply that was hijacked', () => {
  const app = fastify()
  const sessions = new SessionManager({ save_handler: memorySaveHandler(), gc_probability: 0 })
  let port: number

  beforeAll(async () => {
    app.register(phpSession(sessions))
    app.get('/', ({ $_SESSION, query }, reply) => {
      reply.hijack()
      $_SESSION['vars'] = { n: 1 }
      // Found when the session is stored.
      if ((query as { bad?: string }).bad) $_SESSION['vars'].bad = () => {}
      reply.raw.end('hello')
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    port = (app.server.address() as { port: number }).port
  })
  afterAll(() => app.close())

  it('is stored as any other', async () => {
    const { status, headers, body } = await askHttp1(port)
    expect([status, body]).toEqual([200, 'hello'])
    const [, id = ''] = /^PHPSESSID=(\w+)/.exec(headers['set-cookie']![0]!)!
    expect(await sessions.peek({ id })).toEqual({ vars: { n: 1 } })
  })

  it('is a 500, and no wait without end, when its session cannot be stored', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    expect(await askHttp1(port, { path: '/?bad=1' })).toMatchObject({ status: 500, body: 'Internal Server Error' })
    expect(warn.mock.calls).toEqual([[expect.stringContaining('vars.bad: PHP has no function')]])
    warn.mockRestore()
  })
})
