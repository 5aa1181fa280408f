import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { withSession } from '../../src/adapters/fetch.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'

/** Answers with `Transfer-Encoding: chunked`: the streams of Hono say so, and what comes from another server and is handed on. */

const sessions = new SessionManager({ save_handler: memorySaveHandler() })
const headers = { 'Transfer-Encoding': 'chunked' }

async function visit(body: () => ReadableStream) {
  const server = createAdaptorServer({ fetch: withSession(sessions, () => new Response(body(), { headers })) })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { headers: { connection: 'close' } })
    return {
      text: await answer.text(),
      encoding: answer.headers.get('Transfer-Encoding'),
      length: answer.headers.get('Content-Length'),
    }
  } finally {
    server.close()
  }
}

describe('an answer in chunks', () => {
  it('has a length, and that only, when all of it was there at once: clients refuse both', async () => {
    expect(await visit(() => ReadableStream.from([Buffer.from('a'), Buffer.from('b')]))).toEqual({
      text: 'ab',
      encoding: null,
      length: '2',
    })
  })

  it('stays one when it takes its time', async () => {
    async function* late() {
      await new Promise((resolve) => setTimeout(resolve, 20))
      yield Buffer.from('late')
    }
    expect(await visit(() => ReadableStream.from(late()))).toEqual({ text: 'late', encoding: 'chunked', length: null })
  })

  it('is bytes also where the handler gives text, which the servers take', async () => {
    const { text, length } = await visit(() => ReadableStream.from(['naïve', Buffer.from('ab')]))
    expect([text, length]).toEqual(['naïveab', '8'])
  })
})
