/** The login page behind a framework, with a session or without: the arguments are the folder, the framework, the session. */
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import expressSession from 'express-session'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import fileStore from 'session-file-store'
import { loginPage, serve } from './login-page.mjs'

const [folder, framework, session] = process.argv.slice(2)
const ours = session === 'phpSession' || session === 'withSession'

const require = createRequire(import.meta.url)
const { SessionManager } = require('../../../dist/index.js')
const adapter = (name) => require(`../../../dist/adapters/${name}.js`)
const sessions = new SessionManager({ save_path: folder, gc_probability: 0, use_strict_mode: true })

const frameworks = {
  Express() {
    const app = express()
    if (ours) app.use(adapter('express').phpSession(sessions))
    else if (session !== 'no session') app.use(theirs())
    app.get('/', (req, res) => {
      res.type('html').send(page(ours ? req.$_SESSION : req.session))
    })
    return app
  },

  async Fastify() {
    const app = fastify()
    if (ours) app.register(adapter('fastify').phpSession(sessions))
    app.get('/', (request, reply) => reply.type('text/html; charset=utf-8').send(page(request.$_SESSION)))
    await app.ready()
    return app.routing
  },

  Koa() {
    const app = new Koa()
    if (ours) app.use(adapter('koa').phpSession(sessions))
    app.use((ctx) => {
      ctx.type = 'html'
      ctx.body = page(ctx.$_SESSION)
    })
    return app.callback()
  },

  Hono() {
    const app = new Hono()
    const answer = (vars) => new Response(page(vars), { headers: { 'Content-Type': 'text/html; charset=utf-8' } })
    const handler = ours ? adapter('fetch').withSession(sessions, (_request, { $_SESSION }) => answer($_SESSION)) : () => answer()
    app.get('/', (context) => handler(context.req.raw))
    return getRequestListener(app.fetch)
  },
}

serve(await frameworks[framework]())

/** Without a session it does the same. */
function page(vars = {}) {
  vars.csrf_token = randomBytes(16).toString('hex')
  vars.return_to = '/account'
  vars.attempts = 0
  return loginPage(vars.csrf_token)
}

function theirs() {
  const store = session.endsWith('MemoryStore')
    ? new expressSession.MemoryStore()
    : new (fileStore(expressSession))({ path: folder, reapInterval: -1, logFn: () => {} })
  return expressSession({ store, secret: 'not a secret', resave: false, saveUninitialized: false })
}
