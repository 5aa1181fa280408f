import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'
import { phpSession } from '../../../src/adapters/express.ts'
import { SessionManager } from '../../../src/session/session-manager.ts'

/** A small shop on Express: who has logged in has a cart. */
export interface Shop {
  readonly url: string
  /** What browsers asked for, in order: method and path. */
  readonly asked: readonly string[]
  /** How many requests there were at most at the same time. */
  readonly mostAtOnce: number
  close(): Promise<void>
}

export async function openShop(cache_limiter = 'nocache'): Promise<Shop> {
  const save_path = mkdtempSync(join(tmpdir(), 'shop-'))
  const sessions = new SessionManager({ save_path, gc_probability: 0, cache_limiter })
  const asked: string[] = []
  let atOnce = 0
  let mostAtOnce = 0

  const app = express()
  app.use((req, res, next) => {
    asked.push(`${req.method} ${req.path}`)
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    res.once('close', () => atOnce--)
    next()
  })
  // Another site's page: browsers take localhost and 127.0.0.1 for two.
  app.get('/elsewhere', (_req, res) => {
    res.send(html(`<a href="${url}/cart">To the shop</a>`))
  })
  // Has no session.
  app.get('/bye', (_req, res) => {
    res.send(html('<p>Good bye'))
  })
  app.use(phpSession(sessions), express.urlencoded())

  app.post('/log-in', async (req, res) => {
    await sessions.regenerate(true)
    req.$_SESSION = { user: req.body.name, cart: [] }
    res.redirect(303, '/welcome')
  })
  app.post('/add', async ({ $_SESSION }, res) => {
    const { cart } = $_SESSION
    // As long as a database needs.
    await sleep(10)
    cart?.push('mug')
    res.redirect(303, '/cart')
  })
  app.post('/log-out', async (_req, res) => {
    sessions.current?.cookie.expire()
    await sessions.destroy()
    res.redirect(303, '/bye')
  })
  app.get(['/', '/welcome', '/cart'], ({ $_SESSION }, res) => {
    const { user, cart } = $_SESSION
    res.send(html(user === undefined ? loginForm : `<p>${user} has ${cart.length} in the cart${cartForms}`))
  })

  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    asked,
    get mostAtOnce() {
      return mostAtOnce
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      rmSync(save_path, { recursive: true })
    },
  }
}

const loginForm =
  '<p>Please log in<form action="/log-in" method="post"><input name="name" aria-label="Name"><button>Log in</button></form>'
const cartForms = `<form action="/add" method="post"><button>Add a mug</button></form>
  <form action="/log-out" method="post"><button>Log out</button></form>`

function html(body: string): string {
  return `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">${body}</html>`
}
