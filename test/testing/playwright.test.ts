import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { SessionManager } from '../../src/session/session-manager.ts'
import { type BrowserCookie, logIn } from '../../src/testing/playwright.ts'
import { createTestSessions, type TestSessionsOptions } from '../../src/testing/test-sessions.ts'
import { chromiumPath, describeInBrowser } from '../support/chromium.ts'
import { type PhpSite, servePage } from './support/php-site.ts'

/** What a browser gets with these directives, from this address. */
// biome-ignore format: a table
const cookies: [what: string, url: string, options: TestSessionsOptions, cookie: Partial<BrowserCookie>][] = [
  ['PHP’s newest defaults', 'https://shop.example/cart/list.php', {}, { name: 'PHPSESSID', domain: 'shop.example', path: '/', httpOnly: true, secure: false, sameSite: 'Lax' }],
  ['PHP 8.2’s defaults', 'https://shop.example/', { phpVersion: '8.2' }, { httpOnly: false, secure: false }],
  ['another name', 'http://localhost:8080/', { name: 'SID' }, { name: 'SID', domain: 'localhost' }],
  ['a domain', 'http://www.shop.example/', { cookie_domain: 'shop.example' }, { domain: '.shop.example' }],
  ['a domain with a dot', 'http://shop.example/', { cookie_domain: '.shop.example' }, { domain: '.shop.example' }],
  ['a path', 'http://shop.example/', { cookie_path: '/cart' }, { path: '/cart' }],
  ['no path', 'http://shop.example/cart/list.php', { cookie_path: '' }, { path: '/cart' }],
  ['no path, at the top', 'http://shop.example/list.php', { cookie_path: '' }, { path: '/' }],
  ['a secure cookie', 'https://shop.example/', { cookie_secure: true, cookie_samesite: 'None' }, { secure: true, sameSite: 'None' }],
  ['a secure cookie of this machine', 'http://127.0.0.1:8080/', { cookie_secure: true, cookie_samesite: 'Strict' }, { secure: true, sameSite: 'Strict' }],
]

describe('logIn', () => {
  /** A browser context that only takes down what it is given. */
  const jar = () => {
    const added: BrowserCookie[] = []
    return { added, addCookies: async (given: readonly BrowserCookie[]) => void added.push(...given) }
  }

  it.each(cookies)('gives the browser the cookie that PHP would send with %s', async (_what, url, options, cookie) => {
    const sessions = createTestSessions(options)
    const { added, ...context } = jar()
    const session = await logIn(context, { user: 'alice' }, { url, sessions })
    expect(added).toEqual([{ ...added[0], ...cookie, value: session.id }])
    expect(added[0]).not.toHaveProperty('expires')
    expect('sameSite' in added[0]!).toBe(sessions.sessions.directives.cookie_samesite !== '')
    expect(await sessions.read(session)).toEqual({ user: 'alice' })
  })

  it('gives it a cookie that lasts, with a lifetime', async () => {
    const { added, ...context } = jar()
    const from = Math.floor(Date.now() / 1000)
    await logIn(context, {}, { url: 'http://localhost/', sessions: createTestSessions({ cookie_lifetime: 3600 }) })
    const { expires = 0 } = added[0]!
    expect(expires).toBeGreaterThanOrEqual(from + 3600)
    expect(expires).toBeLessThanOrEqual(Math.floor(Date.now() / 1000) + 3600)
  })

  it('takes a session that there is already', async () => {
    const sessions = createTestSessions()
    const { added, ...context } = jar()
    const alice = await sessions.as('alice')
    expect(await logIn(context, alice, { url: 'http://localhost/', sessions })).toBe(alice)
    expect(added[0]?.value).toBe(alice.id)
    expect(await sessions.read(alice)).toEqual({ user: 'alice' })
  })

  it('takes no open session for variables, nor for one that is stored', async () => {
    const sessions = createTestSessions()
    await using session = await sessions.sessions.start()
    const { added, ...context } = jar()
    const given = logIn(context, session as never, { url: 'http://localhost/', sessions })
    await expect(given).rejects.toThrow(
      new TypeError('logIn takes variables or what `seed` and `as` return: give it session.$_SESSION'),
    )
    expect(added).toEqual([])
  })

  it('stores the session where a SessionManager keeps its own, under an id that nobody can guess', async () => {
    const { save_path } = createTestSessions()
    const sessions = new SessionManager({ save_path, name: 'SHOP' })
    const { added, ...context } = jar()
    const [one, two] = [1, 2].map(() => logIn(context, { user: 'alice' }, { url: 'http://localhost/', sessions }))
    expect((await one)!.id).not.toBe((await two)!.id)
    expect(added.map(({ name }) => name)).toEqual(['SHOP', 'SHOP'])
    expect(await sessions.peek((await one)!)).toEqual({ user: 'alice' })
  })

  it.each([
    [
      'a cookie_domain of another site',
      'http://example.org/',
      { cookie_domain: 'shop.example' },
      'cookie_domain is shop.example: no browser takes its cookie from example.org',
    ],
    [
      'a secure cookie without HTTPS',
      'http://shop.example/',
      { cookie_secure: true },
      'cookie_secure is on: no browser takes its cookie from http://shop.example',
    ],
    [
      'a cookie that browsers refuse',
      'https://shop.example/',
      { cookie_samesite: 'None' },
      'cookie_samesite is None and cookie_secure is off: Chromium and Firefox take no such cookie',
    ],
    ['no address', '/login', {}, 'logIn needs the `url` of a page'],
  ])('refuses %s, and stores nothing', async (_what, url, options, message) => {
    const sessions = createTestSessions(options)
    const { added, ...context } = jar()
    await expect(logIn(context, {}, { url, sessions })).rejects.toThrow(message)
    expect(added).toEqual([])
    expect(await sessions.sessions.gc()).toBe(0)
  })
})

it.each([
  [undefined, 'logIn needs the `url` of a page'],
  [{ sessions: createTestSessions() }, 'logIn needs the `url` of a page'],
  [{ url: 'http://localhost/' }, 'logIn needs `sessions`'],
])('says what is missing, given %s', async (options, message) => {
  await expect(logIn({ addCookies: async () => {} }, {}, options as never)).rejects.toThrow(message)
})

describeInBrowser(
  'a real browser that logIn logged in',
  () => {
    const sessions = createTestSessions({ name: 'SHOP' })
    let site: PhpSite
    let browser: Browser
    let context: BrowserContext

    beforeAll(async () => {
      const page = `<?php session_start();
      if (isset($_GET['add'])) $_SESSION['cart'][] = $_GET['add'];
      if (isset($_GET['leave'])) session_destroy();
      echo '<h1>Hello ', htmlspecialchars($_SESSION['user'] ?? 'stranger'), '</h1>';`
      site = await servePage(page, sessions.phpArgs)
      browser = await chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox', '--disable-gpu'] })
    })

    beforeEach(async () => {
      context = await browser.newContext()
    })

    afterEach(() => context?.close())

    afterAll(async () => {
      await browser?.close()
      await site?.close()
    })

    const visit = async (path: string) => {
      const page = await context.newPage()
      await page.goto(site.url + path)
      return page.locator('h1').innerText()
    }

    it('is known to the PHP site, which goes on with the session', async () => {
      const alice = await logIn(context, { user: 'Alice' }, { url: site.url, sessions })
      expect(await visit('/?add=Mug')).toBe('Hello Alice')
      expect(await sessions.read(alice)).toEqual({ user: 'Alice', cart: ['Mug'] })
      expect(await visit('/?leave')).toBe('Hello Alice')
      expect(await sessions.read(alice)).toBeNull()
    })

    it('keeps the cookie from scripts, as the settings say', async () => {
      await logIn(context, { user: 'Alice' }, { url: site.url, sessions })
      const page = await context.newPage()
      await page.goto(site.url)
      expect(await page.evaluate('document.cookie')).toBe('')
      expect(await context.cookies()).toMatchObject([{ name: 'SHOP', httpOnly: true, sameSite: 'Lax', expires: -1 }])
    })

    it('is another one without logIn', async () => {
      expect(await visit('/')).toBe('Hello stranger')
    })
  },
  { needsPhp: true },
)
