import type { Browser, BrowserContext, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser } from '../support/chromium.ts'
import { openShop, type Shop } from './proof/shop.ts'

/** What a real browser makes of the cookie and the cache headers of a session: a shop on Express, and people who press Back. */

describeInBrowser('a shop on Express, in Chromium', () => {
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let shop: Shop

  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())
  afterEach(async () => {
    await context?.close()
    await shop?.close()
  })

  /** A shop that opens, and a browser that was never there. */
  async function visit(cache_limiter?: string, by = browser): Promise<void> {
    shop = await openShop(cache_limiter)
    context = await by.newContext({ baseURL: shop.url })
    page = await context.newPage()
    await page.goto('/')
  }

  /** Until the next page is there. */
  const click = (name: string, on = page) =>
    Promise.all([on.waitForEvent('domcontentloaded'), on.getByRole('button', { name, exact: true }).click()])
  const text = (on = page) => on.locator('p').innerText()
  const logIn = async () => {
    await page.getByLabel('Name').fill('Alice')
    await click('Log in')
  }
  const asked = (what: string) => shop.asked.filter((each) => each === what).length

  describe('when Back is pressed after the logout', () => {
    const goBack = async () => {
      await logIn()
      expect(await text()).toBe('Alice has 0 in the cart')
      await click('Add a mug')
      expect(await text()).toBe('Alice has 1 in the cart')
      await click('Log out')
      expect(await text()).toBe('Good bye')
      const before = asked('GET /cart')
      await page.goBack({ timeout: 10_000 })
      expect(page.url()).toBe(`${shop.url}/cart`)
      return asked('GET /cart') - before
    }

    it.each([
      ['nocache', 'asks the shop again, which knows nobody', 1, 'Please log in'],
      ['private', 'shows the old page, and asks nobody', 0, 'Alice has 1 in the cart'],
      ['private_no_expire', 'shows the old page, and asks nobody', 0, 'Alice has 1 in the cart'],
      ['public', 'shows the old page, and asks nobody', 0, 'Alice has 1 in the cart'],
      ['', 'shows the old page, and asks nobody', 0, 'Alice has 1 in the cart'],
    ])('with the cache limiter "%s" it %s', async (cache_limiter, _does, times, shown) => {
      await visit(cache_limiter)
      expect(await goBack()).toBe(times)
      expect(await text()).toBe(shown)
      await page.reload()
      expect(await text()).toBe('Please log in')
    })

    it('a browser that keeps whole pages asks again too', async () => {
      const keeper = await launchBrowser(true)
      try {
        await visit('nocache', keeper)
        expect(await goBack()).toBe(1)
        expect(await text()).toBe('Please log in')
      } finally {
        await keeper.close()
      }
    })
  })

  it('keeps the cookie from scripts, and only until the browser is closed or somebody logs out', async () => {
    await visit()
    const [stranger] = await context.cookies()
    await logIn()
    expect(await page.evaluate('document.cookie')).toBe('')
    const cookies = await context.cookies()
    expect(cookies).toEqual([
      {
        name: 'PHPSESSID',
        value: expect.stringMatching(/^[\da-f]{32}$/),
        domain: '127.0.0.1',
        path: '/',
        expires: -1,
        httpOnly: true,
        secure: false,
        sameSite: 'Lax',
      },
    ])
    expect(cookies[0]?.value).not.toBe(stranger?.value)
    await click('Log out')
    expect(await text()).toBe('Good bye')
    expect(await context.cookies()).toEqual([])
  })

  it('sends the cookie along when somebody follows a link from another site, and with nothing else from there', async () => {
    await visit()
    await logIn()
    await page.goto(`${shop.url.replace('127.0.0.1', 'localhost')}/elsewhere`)
    await page.evaluate(`fetch('${shop.url}/add', { method: 'POST', mode: 'no-cors', credentials: 'include' })`)
    expect(asked('POST /add')).toBe(1)
    await Promise.all([page.waitForEvent('domcontentloaded'), page.getByRole('link').click()])
    expect(await text()).toBe('Alice has 0 in the cart')
  })

  it('loses nothing of what two tabs do at the same time', async () => {
    await visit()
    await logIn()
    const other = await context.newPage()
    await other.goto('/cart')
    const addFive = `Promise.all(Array.from({ length: 5 }, () => fetch('/add', { method: 'POST' })))`
    await Promise.all([page, other].map((tab) => tab.evaluate(addFive)))
    await Promise.all([page, other].map((tab) => click('Add a mug', tab)))
    await page.goto('/cart')
    expect(await text()).toBe('Alice has 12 in the cart')
    expect(shop.mostAtOnce).toBeGreaterThan(3)
  })
})
