import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import connect from 'connect'
import express from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import type { AdapterOptions } from '../../../src/adapters/bind.ts'
import * as forExpress from '../../../src/adapters/express.ts'
import * as forFastify from '../../../src/adapters/fastify.ts'
import { withSession } from '../../../src/adapters/fetch.ts'
import * as forKoa from '../../../src/adapters/koa.ts'
import type { StartOptions } from '../../../src/session/options.ts'
import type { Session } from '../../../src/session/session.ts'
import type { SessionManager } from '../../../src/session/session-manager.ts'

/** The same site behind every adapter, each written as its framework's users write. */

/** What a page sees of its request. */
export interface Visit {
  /** The session's variables, as the adapter gives them. */
  // biome-ignore lint/suspicious/noExplicitAny: as in PHP, a variable holds anything
  readonly $_SESSION: Record<string, any>
  /** As the adapter gives it. */
  readonly session: Pick<Session, 'id'> | undefined
  /** Starts the session from within the handler, as the framework's documentation says. */
  start(options?: StartOptions): Promise<Session>
}

/** What a page answers: a text, a way to another page, or chunks that come one after the other. */
export type Reply = string | { readonly location: string } | { readonly chunks: AsyncGenerator<string> }

export interface Page {
  /** Options of this page alone. */
  readonly options?: AdapterOptions
  show(visit: Visit): Reply | Promise<Reply>
}

/** The pages by their path. */
export type Pages = Readonly<Record<string, Page>>

export interface Site {
  readonly port: number
  close(): Promise<void>
}

export interface Framework {
  readonly name: string
  serve(sessions: SessionManager, pages: Pages, options?: AdapterOptions): Promise<Site>
}

export const frameworks: readonly Framework[] = [
  { name: 'Express 5', serve: (...given) => expressSite(express as never, ...given) },
  { name: 'Express 4', serve: (...given) => expressSite(express4 as never, ...given) },
  { name: 'connect', serve: connectSite },
  { name: 'Fastify', serve: fastifySite },
  { name: 'Koa', serve: koaSite },
  { name: 'fetch', serve: fetchSite },
  { name: 'Hono', serve: honoSite },
]

type App = RequestListener & { get(path: string, ...handlers: unknown[]): void; use(handler: unknown): void }

function expressSite(make: () => App, sessions: SessionManager, pages: Pages, options?: AdapterOptions): Promise<Site> {
  const app = make()
  for (const [path, page] of Object.entries(pages)) {
    app.get(path, forExpress.phpSession(sessions, page.options ?? options), async (req: never, res: never, next: never) => {
      try {
        await sendNode(res, await page.show(visitOf(req, (given) => sessions.start(req, res, given))))
      } catch (error) {
        ;(next as (error: unknown) => void)(error)
      }
    })
  }
  app.use(expressError)
  return listen(createServer(app))
}

/** As an application has one: without it, Express prints the error. */
function expressError(_error: unknown, _req: unknown, res: ResponseLike, _next: unknown): void {
  if (res.headersSent) res.destroy()
  else {
    res.statusCode = 500
    res.end('the application’s error page')
  }
}

function connectSite(sessions: SessionManager, pages: Pages, options?: AdapterOptions): Promise<Site> {
  const app = connect()
  for (const [path, page] of Object.entries(pages)) {
    app.use(path, forExpress.phpSession(sessions, page.options ?? options))
    app.use(path, (req, res, next) => {
      Promise.resolve(page.show(visitOf(req as never, (given) => sessions.start(req, res, given))))
        .then((reply) => sendNode(res, reply))
        .catch(next)
    })
  }
  app.use(expressError as never)
  return listen(createServer(app))
}

async function fastifySite(sessions: SessionManager, pages: Pages, options?: AdapterOptions): Promise<Site> {
  const app = fastify()
  await app.register(forFastify.phpSession(sessions, options))
  for (const [path, page] of Object.entries(pages)) {
    const config = page.options === undefined ? {} : { phpSession: page.options }
    app.get(path, { config }, async (request, reply) => {
      const answer = await page.show(visitOf(request, (given) => sessions.start(request, reply, given)))
      if (typeof answer === 'string') return answer
      return 'location' in answer ? reply.redirect(answer.location) : reply.send(Readable.from(answer.chunks))
    })
  }
  app.setErrorHandler((_error, _request, reply) => {
    void reply.code(500).send('the application’s error page')
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return siteOf(app.server, () => app.close())
}

function koaSite(sessions: SessionManager, pages: Pages, options?: AdapterOptions): Promise<Site> {
  const app = new Koa()
  app.silent = true
  for (const [path, page] of Object.entries(pages)) {
    const start = forKoa.phpSession(sessions, page.options ?? options)
    app.use((ctx, next) => {
      if (ctx.path !== path) return next()
      return start(ctx, async () => {
        const answer = await page.show(visitOf(ctx, (given) => sessions.start(ctx.req, ctx.res, given)))
        if (typeof answer === 'string') ctx.body = answer
        else if ('location' in answer) ctx.redirect(answer.location)
        else ctx.body = Readable.from(answer.chunks)
      })
    })
  }
  return listen(createServer(app.callback()))
}

function fetchSite(sessions: SessionManager, pages: Pages, options?: AdapterOptions): Promise<Site> {
  return listen(createServer(getRequestListener(router(sessions, pages, options), { errorHandler: fetchError })))
}

function honoSite(sessions: SessionManager, pages: Pages, options?: AdapterOptions): Promise<Site> {
  const app = new Hono()
  const answer = router(sessions, pages, options)
  app.all('*', (context) => answer(context.req.raw))
  app.onError(fetchError)
  return listen(createServer(getRequestListener(app.fetch)))
}

function router(sessions: SessionManager, pages: Pages, options?: AdapterOptions): (request: Request) => Promise<Response> {
  const handlers = new Map(
    Object.entries(pages).map(([path, page]) => {
      const handler = async (request: Request, session: Session): Promise<Response> => {
        const visit = session ?? undefined
        const started = { $_SESSION: visit?.$_SESSION, session: visit }
        return response(await page.show(visitOf(started as never, (given) => sessions.start(request, given))))
      }
      return [path, withSession(sessions, handler, page.options ?? options)]
    }),
  )
  return async (request) => (await handlers.get(new URL(request.url).pathname)?.(request)) ?? new Response('', { status: 404 })
}

function response(reply: Reply): Response {
  if (typeof reply === 'string') return new Response(reply)
  if ('location' in reply) return new Response(null, { status: 302, headers: { Location: reply.location } })
  return new Response(Readable.toWeb(Readable.from(encoded(reply.chunks))) as ReadableStream)
}

async function* encoded(chunks: AsyncGenerator<string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk)
}

function fetchError(): Response {
  return new Response('the application’s error page', { status: 500 })
}

interface ResponseLike {
  statusCode: number
  readonly headersSent: boolean
  end(text?: string): void
  destroy(): void
}

type NodeResponse = ResponseLike &
  NodeJS.WritableStream & { setHeader(name: string, value: string): void; redirect?(to: string): void }

function sendNode(given: object, reply: Reply): void {
  const res = given as NodeResponse
  if (typeof reply === 'string') res.end(reply)
  else if ('chunks' in reply) {
    const chunks = Readable.from(reply.chunks)
    chunks.on('error', () => res.destroy())
    chunks.pipe(res)
  } else if (res.redirect !== undefined) res.redirect(reply.location)
  else {
    res.statusCode = 302
    res.setHeader('Location', reply.location)
    res.end()
  }
}

/** Reads the properties when they are asked for: a start within the handler makes them. */
function visitOf(request: { $_SESSION: Visit['$_SESSION']; session: unknown }, start: Visit['start']): Visit {
  return {
    get $_SESSION() {
      return request.$_SESSION
    },
    get session() {
      return request.session as Visit['session']
    },
    start,
  }
}

async function listen(server: Server): Promise<Site> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return siteOf(server, () => new Promise((resolve) => server.close(resolve)))
}

function siteOf(server: Server, close: () => Promise<unknown>): Site {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy()
      await close()
    },
  }
}
