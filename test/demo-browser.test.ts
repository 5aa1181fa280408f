import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser } from './support/chromium.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { ensureBuilt, root } from './support/package.ts'

/**
 * A visit to the shop of the demo with a real browser: the chromium on PATH, or the one that CHROMIUM names.
 * With SESSION_START_SCREENSHOT=1 it takes the picture that the README shows.
 */

const paleTexts = readFileSync(join(root, 'test/support/pale-texts.js'), 'utf8')

describeInBrowser('the shop in a browser', () => {
  let demo: Demo
  let browser: Browser
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    ensureBuilt()
    demo = startDemo([])
    browser = await launchBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    demo?.interrupt()
    await demo?.remains()
  })

  afterEach(() => page?.context().close())

  /** Opens the shop in a browser that was never there. */
  async function visit(path: string, options: BrowserContextOptions = {}): Promise<void> {
    const viewport = { width: 1200, height: 1050 }
    const context = await browser.newContext({ viewport, reducedMotion: 'reduce', baseURL: await demo.url(), ...options })
    page = await context.newPage()
    complaints = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    await page.goto(path)
  }

  const click = (name: string) => page.getByRole('button', { name, exact: true }).click()
  const goTo = (name: string) => page.getByRole('link', { name, exact: true }).click()
  const text = (selector: string) => page.locator(selector).innerText()
  const cart = () => page.locator('.cart li span:first-child').allInnerTexts()
  const logIn = async (name: string) => {
    await page.getByLabel('Your name').fill(name)
    await click('Log in')
  }
  /** What the panel marks as new. */
  const marks = async (id: string) => (await page.locator(`#${id} mark`).allInnerTexts()).map((mark) => mark.trim())
  /** The panel follows within half a second. */
  const shows = (id: string, part: string) => page.locator(`#${id}`, { hasText: part }).waitFor()

  it('logs in on the PHP page, goes on in Node, and logs out', async () => {
    await visit('/php/', { deviceScaleFactor: 1.5 })
    expect(await text('.badge')).toMatch(/^This page was made by PHP 8/)
    await logIn('Alice')
    await click('Add Espresso')
    await click('Add Croissant')
    await shows('php', 'croissant')

    await goTo('Node')
    expect(await text('.badge')).toMatch(/^This page was made by Node /)
    expect(await text('.account')).toMatch(/Hello, Alice\s+logged in at \d\d:\d\d UTC/)
    expect(await cart()).toEqual(['1 × Espresso', '1 × Croissant'])
    await click('Add Café crème')
    expect(await cart()).toEqual(['1 × Espresso', '1 × Croissant', '1 × Café crème'])

    await shows('php', 'creme')
    expect(await marks('bytes')).toEqual(['a:3:{', 's:5:"creme";a:2:{s:5:"price";d:3;s:8:"quantity";i:1;}'])
    expect(await marks('php')).toEqual(["'creme' => ['price' => 3.0, 'quantity' => 1],"])
    expect(await marks('node')).toEqual(['creme: { price: 3, quantity: 1 }'])
    if (process.env['SESSION_START_SCREENSHOT'] === '1') await page.screenshot({ path: join(root, 'docs/images/demo.png') })

    await goTo('PHP')
    expect(await cart()).toEqual(['1 × Espresso', '1 × Croissant', '1 × Café crème'])
    await click('One Espresso more')
    await click('One Café crème less')
    expect(await cart()).toEqual(['2 × Espresso', '1 × Croissant'])
    expect(await text('.total')).toMatch(/€ 6\.90/)

    await click('Log out')
    await page.getByLabel('Your name').waitFor()
    await goTo('Node')
    expect(await text('aside')).toMatch(/Log in on the PHP page\s+Your cart\s+Nothing in it yet\./)
    expect(complaints).toEqual([])
  })

  it('logs out on the Node page too', async () => {
    await visit('/php/')
    await logIn('Bob')
    await goTo('Node')
    await click('Log out')
    expect(await text('aside')).toContain('Log in on the PHP page')
    await goTo('PHP')
    expect(await page.getByLabel('Your name').isVisible()).toBe(true)
  })

  it('shows at once what another window does', async () => {
    await visit('/php/')
    await shows('php', "'cart' => []")
    const other = await page.context().newPage()
    await other.goto('/node/')
    await other.getByRole('button', { name: 'Add Cheesecake' }).click()
    await shows('php', "'cart' => ['cake' => ['price' => 4.2, 'quantity' => 1]]")
    expect(await cart()).toEqual([])
    expect(complaints).toEqual([])
  })

  it('works without JavaScript', async () => {
    await visit('/php/', { javaScriptEnabled: false })
    await logIn('Carol')
    await click('Add Croissant')
    await goTo('Node')
    await click('Add Croissant')
    expect(await text('.account')).toContain('Hello, Carol')
    expect(await cart()).toEqual(['2 × Croissant'])
    expect(await text('.session')).toContain('The shop works without JavaScript')
  })

  it('takes a name for text, whatever it is', async () => {
    const name = '<img src=x onerror=alert(1)>"\'&'
    await visit('/php/')
    await logIn(name)
    expect(await text('.account strong')).toBe(name)
    await goTo('Node')
    expect(await text('.account strong')).toBe(name)
    await shows('node', 'name:')
    for (const id of ['bytes', 'php', 'node']) expect(await text(`#${id}`)).toContain('<img src=x onerror=alert(1)>')
    expect(complaints).toEqual([])
  })

  it.each([
    ['light', 1200],
    ['dark', 1200],
    ['light', 320],
    ['dark', 320],
  ] as const)('is readable in %s colours on %d pixels', async (colorScheme, width) => {
    await visit('/php/', { colorScheme, viewport: { width, height: 900 } })
    await logIn('Alice')
    await click('Add Espresso')
    for (const runtime of ['PHP', 'Node']) {
      await goTo(runtime)
      await shows('php', 'espresso')
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      expect(await page.evaluate(paleTexts)).toEqual([])
    }
  })
})
