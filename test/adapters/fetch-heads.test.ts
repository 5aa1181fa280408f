import { withSession } from '../../src/adapters/fetch.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'

/** Answers of which a client needs no more than the head, although a body comes slowly behind it. */

const sessions = new SessionManager({ save_handler: memorySaveHandler(), gc_probability: 0, lockTimeout: 200 })

function slow(init: ResponseInit) {
  let id = ''
  const handler = withSession(sessions, (_request, session) => {
    id = session.id
    session.$_SESSION['seen'] = true
    const body = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        controller.enqueue(Buffer.from('late'))
        controller.close()
      },
    })
    return new Response(body, init)
  })
  const stored = async () => {
    const session = await sessions.start({ id })
    await session.abort()
    return session.$_SESSION
  }
  return { handler, stored }
}

describe('a stream that nobody may read', () => {
  it('leaves no lock behind in the answer to HEAD', async () => {
    const { handler, stored } = slow({ headers: { ETag: '"1"' } })
    const answer = await handler(new Request('http://localhost/', { method: 'HEAD' }))
    expect(await stored()).toEqual({ seen: true })
    expect([answer.status, answer.headers.get('ETag'), answer.headers.getSetCookie().length]).toEqual([200, '"1"', 1])
  })

  it.each([302, 303, 307])('leaves no lock behind in a redirect (%i), which clients follow at its head', async (status) => {
    const { handler, stored } = slow({ status, headers: { Location: '/' } })
    const answer = await handler(new Request('http://localhost/'))
    expect(await stored()).toEqual({ seen: true })
    expect(await answer.text()).toBe('late')
  })
})
