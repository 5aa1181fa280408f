import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import type { SessionManagerOptions } from '../../src/session/options.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { serve } from '../http/servers.ts'

/** When links get the id; where in them it goes, is in ../http/trans-sid.test.ts. */

const on = { use_trans_sid: true, use_only_cookies: false }
const id = 'a'.repeat(32)

async function linksOf(options: SessionManagerOptions, request: { path?: string; cookie?: string } = {}): Promise<string[]> {
  const sessions = new SessionManager({
    save_handler: memorySaveHandler(),
    use_strict_mode: false,
    gc_probability: 0,
    ...options,
  })
  const served = await serve('HTTP/1.1', async (req, res) => {
    const session = await sessions.start(req, res)
    res.end(JSON.stringify([session.url('/cart?x=1#top'), session.url('/a', 'form'), session.hiddenField('/pay')]))
  })
  const headers = request.cookie === undefined ? {} : { headers: { Cookie: request.cookie } }
  const { body } = await served.ask({ path: request.path ?? `/?PHPSESSID=${id}`, ...headers })
  await served.close()
  return JSON.parse(body)
}

describe('session.url', () => {
  it('puts the id into links of who sent no cookie', async () => {
    expect(await linksOf({ ...on, trans_sid_tags: 'a=href,form=' })).toEqual([
      `/cart?x=1&PHPSESSID=${id}#top`,
      '/a',
      `<input type="hidden" name="PHPSESSID" value="${id}" />`,
    ])
  })

  it.each([
    ['it is off, as it is by default', {}, {}],
    ['ids come by cookie only', { use_trans_sid: true }, {}],
    ['a cookie came', on, { cookie: `PHPSESSID=${id}` }],
    ['a cookie came, though an array', on, { cookie: 'PHPSESSID[]=x' }],
  ] as const)('leaves links alone when %s', async (_why, options, request) => {
    expect(await linksOf(options, request)).toEqual(['/cart?x=1#top', '/a', ''])
  })

  it('leaves links alone without a request', async () => {
    const session = await new SessionManager({ ...on, save_handler: memorySaveHandler() }).start()
    expect(session.url('/cart')).toBe('/cart')
    await session.abort()
  })
})
