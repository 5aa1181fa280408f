import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser } from '../support/chromium.ts'
import { ensureBuilt, root } from '../support/package.ts'
import { runCli } from './support/run-cli.ts'

/** The page in a real browser: the chromium on PATH, or the one that CHROMIUM names. */

const paleTexts = readFileSync(join(root, 'test/support/pale-texts.js'), 'utf8')

describeInBrowser('the page of stats in a browser', () => {
  let folder: string
  let file: string
  let browser: Browser
  let page: Page
  const requests: string[] = []

  beforeAll(async () => {
    ensureBuilt()
    folder = mkdtempSync(join(tmpdir(), 'cli-stats-page-'))
    const long = 'a_key_that_is_much_longer_than_those_that_people_type_into_their_applications'
    const hostile = '<img src=x onerror=alert(1)>'
    for (let id = 0; id < 30; id++) {
      const rows = [
        `user|s:5:"Alice";`,
        `pad|s:${id * 40}:"${'x'.repeat(id * 40)}";`,
        `${long}|i:1;`,
        `${hostile}|i:2;`,
        'secret|s:7:"hunter2";',
      ]
      writeFileSync(join(folder, `sess_${id}aaaaaaaa`), rows.slice(0, (id % 5) + 1).join(''))
    }
    writeFileSync(join(folder, 'sess_empty'), '')
    writeFileSync(join(folder, 'sess_broken'), 'broken|s:9:"x";')
    file = join(folder, 'stats.html')
    await runCli(['stats', folder, '--html', file])
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  afterEach(() => page.context().close())

  async function open(options: BrowserContextOptions = {}): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options })
    page = await context.newPage()
    requests.length = 0
    page.on('request', (request) => requests.push(request.url()))
    page.on('console', (message) => requests.push(message.text()))
    await page.goto(`file://${file}`)
  }

  it('needs nothing besides itself, no script either', async () => {
    await open({ javaScriptEnabled: false })
    expect(requests).toEqual([`file://${file}`])
    const html = readFileSync(file, 'utf8')
    expect(html).not.toMatch(/<script|\bon\w+=(?!alert)|https?:|url\(|@import/)
  })

  it('shows keys for text, and no value', async () => {
    await open()
    expect(await page.getByRole('rowheader', { name: '<img src=x onerror=alert(1)>' }).count()).toBe(1)
    expect(await page.locator('img').count()).toBe(0)
    expect(readFileSync(file, 'utf8')).not.toMatch(/hunter2|Alice/)
  })

  it('is a page of tables to those who do not see the charts', async () => {
    await open()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    const regions = await page.getByRole('region').all()
    expect(await Promise.all(regions.map((each) => each.locator('h2').innerText()))).toEqual([
      'Written by',
      'Sizes',
      'Last used',
      'Keys',
    ])
    const keys = page.getByRole('region', { name: 'Keys' })
    expect(await keys.getByRole('columnheader').allInnerTexts()).toEqual(['Key', 'Sessions', 'Share', 'Bytes'])
    expect(await keys.getByRole('row').filter({ hasText: 'user' }).getByRole('cell').allInnerTexts()).toEqual([
      '',
      '30',
      '93 %',
      '510 B',
    ])
    expect(await page.locator('svg:not([aria-hidden=true])').count()).toBe(0)
  })

  it('draws bars as long as the numbers say', async () => {
    await open()
    const bars = page.getByRole('region', { name: 'Keys' }).locator('rect')
    const widths = await bars.evaluateAll((all) =>
      all.map((each) => (each as unknown as { getBoundingClientRect(): { width: number } }).getBoundingClientRect().width),
    )
    expect(widths.map((width) => Math.round((width / widths[0]!) * 30))).toEqual([30, 24, 18, 12, 6])
  })

  it.each([
    ['light', 1200],
    ['dark', 1200],
    ['light', 320],
    ['dark', 320],
  ] as const)('is readable in %s colours on %d pixels', async (colorScheme, width) => {
    await open({ colorScheme, viewport: { width, height: 900 } })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    // Nothing sticks out of its card.
    const overflows = `[...document.querySelectorAll('section, dl > div')].filter((each) => each.scrollWidth > each.clientWidth + 1).length`
    expect(await page.evaluate(overflows)).toBe(0)
    expect(await page.evaluate(paleTexts)).toEqual([])
  })
})
