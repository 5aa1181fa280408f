/**
 * Playwright, with node:test: `node --test docs/examples/testing/playwright/log-in.test.mjs`. It starts the browser that
 * CHROMIUM=/usr/bin/chromium names, or else that of `npx playwright install`. With Playwright's own runner, see docs/testing.md.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { PhpFloat } from 'session-start'
import { logIn } from 'session-start/playwright'
import { createTestSessions } from 'session-start/testing'

const sessions = createTestSessions()
const folder = fileURLToPath(new URL('..', import.meta.url))
let php
let browser
let url

before(async () => {
  php = spawn('php', ['-n', ...sessions.phpArgs, '-S', '127.0.0.1:0', '-t', folder])
  const [line] = await once(php.stderr.setEncoding('utf8'), 'data')
  url = /http:\S+\d/.exec(line)[0]
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] })
})

after(async () => {
  await browser?.close()
  php.kill()
})

test('a customer with a cart logs out', async () => {
  const page = await browser.newPage()
  const alice = await logIn(page.context(), { user: 'Alice', cart: [{ price: new PhpFloat(12.5) }] }, { url, sessions })

  await page.goto(url)
  assert.equal(await page.innerText('h1'), 'Hello Alice')
  assert.equal(await page.innerText('p'), 'Your cart: 12.5 €')

  await page.click('text=Log out')
  assert.equal(await sessions.read(alice), null)
})
