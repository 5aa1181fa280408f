import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import connect from 'connect'
import express from 'express'
import { phpSession, type RequestSession } from '../../../src/adapters/express.ts'
import { SessionManager } from '../../../src/session/session-manager.ts'
import { type Asking, type Handler, serve } from '../../http/servers.ts'

/**
 * The same pages behind express-session and behind `phpSession`, asked by the same browser. Pages are written in what Express 4,
 * Express 5 and connect have in common.
 */

// Its way of doing without a word is asked for in some scenarios.
process.env['NO_DEPRECATION'] = 'express-session'
const express4 = require('express4') as () => unknown
const expressSession = require('express-session') as (options: object) => Middleware

// biome-ignore lint/suspicious/noExplicitAny: what express-session shows has no types here, and a variable holds anything
export type AnySession = RequestSession & Record<string, any>
export type PageRequest = IncomingMessage & {
  session: AnySession
  sessionID: string
  // biome-ignore lint/suspicious/noExplicitAny: as in PHP
  $_SESSION: Record<string, any>
}
// biome-ignore lint/suspicious/noExplicitAny: an Error, or what is thrown instead
export type Next = (error?: any) => void
type Middleware = (req: PageRequest, res: ServerResponse, next: Next) => unknown
/** Answers with what it returns, as JSON; undefined: it answers itself. */
export type Page = (req: PageRequest, res: ServerResponse, next: Next) => unknown

export interface App {
  use(path: string, middleware: Middleware): unknown
  use(middleware: Middleware): unknown
  use(middleware: (error: Error, req: PageRequest, res: ServerResponse, next: Next) => unknown): unknown
}

export const frameworks: Readonly<Record<string, () => App>> = {
  'Express 5': () => express() as unknown as App,
  'Express 4': () => express4() as App,
  connect: () => connect() as unknown as App,
}

export interface Settings {
  /** In seconds. */
  readonly lifetime?: number
  readonly saveUninitialized?: boolean
}

export interface Side {
  /** The name of the cookie. */
  readonly name: string
  readonly middleware: Middleware
  /** How many sessions are stored. */
  count(): number
  close(): void
}

export const sides = { theirs, ours }

function theirs({ lifetime, saveUninitialized = true }: Settings): Side {
  const { MemoryStore } = expressSession as unknown as { MemoryStore: new () => { sessions: object } }
  const store = new MemoryStore()
  const cookie = { sameSite: 'lax', secure: false, partitioned: false, maxAge: lifetime === undefined ? null : lifetime * 1000 }
  return {
    name: 'connect.sid',
    middleware: expressSession({ secret: 'a secret', resave: false, saveUninitialized, store, cookie }),
    count: () => Object.keys(store.sessions).length,
    close() {},
  }
}

export interface OurSide extends Side {
  readonly save_path: string
  /** The bytes of the only session. */
  bytes(): string
}

export function ours({ lifetime = 0, saveUninitialized = true }: Settings = {}): OurSide {
  const save_path = mkdtempSync(join(tmpdir(), 'express-session-'))
  const sessions = new SessionManager({ save_path, gc_probability: 0, cookie_lifetime: lifetime, lockTimeout: 2000 })
  return {
    name: 'PHPSESSID',
    middleware: phpSession(sessions, { saveUninitialized }) as unknown as Middleware,
    save_path,
    count: () => readdirSync(save_path).length,
    bytes() {
      const [file, ...others] = readdirSync(save_path)
      if (file === undefined || others.length > 0) throw new Error('There is not one session')
      return readFileSync(join(save_path, file), 'utf8')
    },
    close: () => rmSync(save_path, { recursive: true }),
  }
}

/** What a browser sees of an answer. */
export interface Seen {
  readonly status: number
  /** As JSON, where it is. */
  readonly body: unknown
  readonly location?: string
  /** What became of the session's cookie. */
  readonly cookie: 'not sent' | 'new id' | 'same id' | 'forgotten'
  readonly attributes?: Readonly<Record<string, unknown>>
}

export interface Browser {
  /** `cookie` instead of the one it has. */
  visit(path: string, cookie?: string, asking?: Asking): Promise<Seen>
  /** The session's cookie, '' if it has none. */
  readonly cookie: string
  close(): Promise<void>
}

/** Serves the pages of an application, and the errors that come to it as status 500. */
export async function openBrowser(app: App, name: string, pages: Readonly<Record<string, Page>>): Promise<Browser> {
  for (const [path, page] of Object.entries(pages)) {
    app.use(path, (req, res, next) => {
      const answer = page(req, res, next)
      if (answer instanceof Promise) answer.then((later) => send(res, later), next)
      else send(res, answer)
    })
  }
  app.use((error: Error, _req: PageRequest, res: ServerResponse, _next: Next) => {
    res.statusCode = 500
    res.end(JSON.stringify({ error: error.name }))
  })
  const served = await serve('HTTP/1.1', app as unknown as Handler)
  let jar = ''
  return {
    close: served.close,
    get cookie() {
      return jar
    },
    async visit(path, cookie = jar, { headers, ...asking } = {}) {
      const answer = await served.ask({ ...asking, path, headers: { ...headers, ...(cookie !== '' && { cookie }) } })
      const [sent, ...others] = [answer.headers['set-cookie'] ?? []].flat().filter((each) => each.startsWith(`${name}=`))
      if (others.length > 0) throw new Error(`${path} sent its cookie twice`)
      const { location } = answer.headers
      const seen = { status: answer.status, body: parsed(answer.body), ...(location && { location: String(location) }) }
      if (sent === undefined) return { ...seen, cookie: 'not sent' }
      const { pair, isOver, attributes } = readCookie(sent)
      const before = jar
      jar = isOver ? '' : pair
      if (jar === '') return { ...seen, cookie: 'forgotten' }
      return { ...seen, cookie: idIn(jar) === idIn(before) ? 'same id' : 'new id', attributes }
    },
  }
}

function send(res: ServerResponse, answer: unknown): void {
  if (answer !== undefined) res.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer))
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(Buffer.from(body, 'latin1').toString())
  } catch {
    return body
  }
}

function readCookie(cookie: string): { pair: string; isOver: boolean; attributes: Record<string, unknown> } {
  const [pair = '', ...rest] = cookie.split('; ')
  const given = Object.fromEntries(rest.map((each) => [each.split('=')[0]!.toLowerCase(), each.split('=')[1] ?? true]))
  // PHP tells the lifetime twice, express-session once.
  const { expires, 'max-age': maxAge, ...attributes } = given
  if (expires === undefined) return { pair, isOver: false, attributes }
  const seconds = maxAge === undefined ? (Date.parse(String(expires)) - Date.now()) / 1000 : Number(maxAge)
  return { pair, isOver: seconds <= 0, attributes: { ...attributes, lifetime: Math.round(seconds / 10) * 10 } }
}

/** Theirs is `s:` id `.` signature. */
export function idIn(cookie: string): string {
  const value = decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1))
  return value.startsWith('s:') ? value.slice(2, value.lastIndexOf('.')) : value
}
