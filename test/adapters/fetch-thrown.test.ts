import { withSession } from '../../src/adapters/fetch.ts'
import { SessionError } from '../../src/errors.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { spySaveHandler } from '../session/support/spy-save-handler.ts'

/** What a handler of the Fetch API throws: an error, or, as in Remix and React Router, its answer. */

async function login(thrown: unknown, failure?: Error) {
  const save_handler = spySaveHandler(memorySaveHandler())
  const sessions = new SessionManager({ save_handler, gc_probability: 0 })
  const handler = withSession(sessions, async (_request, session) => {
    session.$_SESSION['user'] = 'Alice'
    save_handler.failure = failure
    throw thrown
  })
  const reason: unknown = await handler(new Request('http://localhost/login')).then(
    () => 'nothing was thrown',
    (error) => error,
  )
  const cookies = reason instanceof Response ? reason.headers.getSetCookie() : []
  const [, id = ''] = /^PHPSESSID=(\w+)/.exec(cookies[0] ?? '') ?? []
  return { reason, cookies, stored: await sessions.peek({ id }) }
}

describe('a handler that throws', () => {
  it('a redirect: it carries the cookie of the session, which is stored', async () => {
    const { reason, cookies, stored } = await login(new Response(null, { status: 303, headers: { Location: '/' } }))
    expect(reason).toMatchObject({ status: 303 })
    expect((reason as Response).headers.get('Location')).toBe('/')
    expect(cookies).toEqual([expect.stringContaining('; path=/; HttpOnly; SameSite=Lax')])
    expect(stored).toEqual({ user: 'Alice' })
  })

  it('a page that says what is wrong: its body stays', async () => {
    const { reason, stored } = await login(new Response('Not here', { status: 404, statusText: 'Gone fishing' }))
    expect(reason).toMatchObject({ status: 404, statusText: 'Gone fishing' })
    expect(await (reason as Response).text()).toBe('Not here')
    expect(stored).toEqual({ user: 'Alice' })
  })

  it('an answer of another implementation: it carries the cookie, too', async () => {
    const { status, statusText, headers, body } = new Response('Not here', { status: 404 })
    const { reason, cookies, stored } = await login({ status, statusText, headers, body, text: async () => 'Not here' })
    expect(reason).toMatchObject({ status: 404 })
    expect(await (reason as Response).text()).toBe('Not here')
    expect(cookies).toHaveLength(1)
    expect(stored).toEqual({ user: 'Alice' })
  })

  it.each([
    ['an error', new Error('oh')],
    [
      'an error that tells of the answer to another request',
      Object.assign(new Error('oh'), { status: 429, headers: new Headers() }),
    ],
    ['a string', 'oh'],
    ['null', null],
    ['undefined', undefined],
  ])('%s: it is the same one', async (_what, thrown) => {
    expect((await login(thrown)).reason).toBe(thrown)
  })

  describe('while its session cannot be stored', () => {
    const full = new SessionError('WRITE_FAILED', 'the disk is full')
    let warn: jest.SpyInstance
    beforeEach(() => {
      warn = jest.spyOn(process, 'emitWarning').mockReturnValue()
    })
    afterEach(() => warn.mockRestore())

    it('an error: it is the same one, and the other is a process warning', async () => {
      const error = new Error('oh')
      expect((await login(error, full)).reason).toBe(error)
      expect(warn.mock.calls).toEqual([['the disk is full', { type: 'SessionWarning' }]])
    })

    it('a redirect: nobody is told that all went well', async () => {
      const { reason } = await login(new Response(null, { status: 303, headers: { Location: '/' } }), full)
      expect(reason).toBe(full)
      expect(warn).not.toHaveBeenCalled()
    })
  })
})
