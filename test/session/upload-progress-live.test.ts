import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastifyMultipart from '@fastify/multipart'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import fastify from 'fastify'
import Koa from 'koa'
import multer from 'multer'
import { type TrackedUpload, trackUpload, trackUploadOf, type UploadSession } from '../../src/session/upload-progress.ts'
import { describeNative } from '../oracle/php.ts'
import { describePhpFpm, type PhpFpm, startPhpFpm } from './support/php-fpm.ts'
import { openReader, type PhpReader } from './support/php-reader.ts'
import { type Sending, send } from './support/sending.ts'
import { asking, comparable, contentType, file, filesSession, multipart, uncounted } from './support/uploads.ts'

/** One slow upload to PHP and to each framework, while PHP reads the session: it sees the same. */

const id = 'shared'
const variable = 'upload_progress_form'
const body = multipart(asking(), file('a', Buffer.alloc(30_000, 'a')), ['name="x"', 'y'], file('b', Buffer.alloc(20_000, 'b')))
const headers = { 'content-type': contentType, 'content-length': String(body.length), cookie: `PHPSESSID=${id}` }
/** What each application answers: what its own parser found. */
const found = JSON.stringify({ a: 30_000, b: 20_000 })

/** Where the sender stops and looks: in each of the files. */
const inFirst = body.indexOf('aaa') + 20_000
const inSecond = body.indexOf('bbb') + 12_000

const fileState = (name: string, isDone: boolean, count: number | string) =>
  `a:7:{s:10:"field_name";s:1:"${name}";s:4:"name";s:5:"${name}.txt";s:8:"tmp_name";NAME;s:5:"error";i:0;` +
  `s:4:"done";b:${Number(isDone)};s:10:"start_time";i:TIME;s:15:"bytes_processed";i:${count};}`
const state = (isDone: boolean, count: number | string, ...files: readonly string[]) =>
  `a:5:{s:10:"start_time";i:TIME;s:14:"content_length";i:${body.length};s:15:"bytes_processed";i:${count};` +
  `s:4:"done";b:${Number(isDone)};s:5:"files";a:${files.length}:{${files.map((text, at) => `i:${at};${text}`).join('')}}}`

/** The states in the first file, in the second one, and after the upload. */
const expected: readonly string[] = [
  state(false, inFirst, fileState('a', false, 20_000)),
  state(false, inSecond, fileState('a', true, 30_000), fileState('b', false, 12_000)),
  state(true, body.length, fileState('a', true, 30_000), fileState('b', true, 20_000)),
]

/** An application: receives the upload with a parser of its own, answers what it found, and tells what goes wrong. */
type Application = (session: UploadSession, onError: (error: unknown) => void) => Promise<Server>

const applications: Readonly<Record<string, Application>> = {
  async 'Express with multer'(session, onError) {
    const app = express()
    app.use(tracking(session))
    app.post('/', multer().any(), async (req, res) => {
      const files = req.files as Express.Multer.File[]
      res.send(await whenWritten(req, Object.fromEntries(files.map(({ fieldname, size }) => [fieldname, size]))))
    })
    app.use(((error, _req, _res, _next) => onError(error)) as express.ErrorRequestHandler)
    return app.listen(0)
  },
  async 'Fastify with @fastify/multipart'(session, onError) {
    const app = fastify()
    await app.register(fastifyMultipart)
    app.addHook('onRequest', (request, _reply, done) => tracking(session)(request.raw, undefined, done))
    app.setErrorHandler(onError)
    app.post('/', async (request) => {
      const sizes: Record<string, number> = {}
      for await (const part of request.parts()) if (part.type === 'file') sizes[part.fieldname] = (await part.toBuffer()).length
      return whenWritten(request.raw, sizes)
    })
    await app.listen()
    return app.server
  },
  async 'Koa with @koa/multer'(session, onError) {
    const app = new Koa()
    app.on('error', onError)
    app.use((ctx, next) => tracking(session)(ctx.req, undefined, next))
    // It has no types.
    app.use(require('@koa/multer')().any())
    app.use(async (ctx) => {
      const files = (ctx as unknown as { files: Express.Multer.File[] }).files
      ctx.body = await whenWritten(ctx.req, Object.fromEntries(files.map(({ fieldname, size }) => [fieldname, size])))
    })
    return app.listen(0)
  },
  async 'the Fetch API'(session, onError) {
    const server = createAdaptorServer({
      async fetch(received) {
        const { request, ...tracked } = trackUploadOf(received, id, session)
        const sizes: Record<string, number> = {}
        const form = await request.formData().catch((error) => {
          onError(error)
          throw error
        })
        for (const [name, value] of form) if (value instanceof Blob) sizes[name] = value.size
        await tracked.done
        return new Response(JSON.stringify(sizes))
      },
    }) as Server
    return server.listen(0)
  },
}

const uploads = new WeakMap<IncomingMessage, TrackedUpload>()

function tracking(session: UploadSession) {
  return <R>(req: IncomingMessage, _res: unknown, next: () => R): R => {
    uploads.set(req, trackUpload(req, id, session))
    return next()
  }
}

/** A handler that has the upload, may wait for the session: it is complete. */
async function whenWritten(req: IncomingMessage, sizes: Record<string, number>): Promise<string> {
  const { isComplete, done } = uploads.get(req)!
  if (!isComplete) return 'not complete'
  await done
  return JSON.stringify(sizes)
}

describeNative('while an upload is received, PHP reads in the session', () => {
  let folder: string
  let reader: PhpReader

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'upload-progress-'))
    reader = openReader(folder, id)
  })

  afterEach(async () => {
    await reader.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(Object.entries(applications))('how far it is in %s', async (_name, start) => {
    const server = await start(filesSession({ save_path: folder, 'upload_progress.cleanup': false }), console.error)
    try {
      const sent = send((server.address() as AddressInfo).port, { headers })
      expect(await statesDuring(sent, reader, 0)).toEqual(expected)
      expect(await sent.answer).toBe(found)
    } finally {
      server.close()
    }
  })

  it.each(Object.entries(applications))('that it was cancelled in %s', async (_name, start) => {
    let failed = (_error: unknown) => {}
    const failure = new Promise<unknown>((resolve) => {
      failed = resolve
    })
    const server = await start(filesSession({ save_path: folder, 'upload_progress.cleanup': false }), failed)
    try {
      const sent = send((server.address() as AddressInfo).port, { headers })
      sent.write(body.subarray(0, inFirst))
      await stateAt(reader, inFirst)
      await reader.cancel(variable)
      sent.write(body.subarray(inFirst, inFirst + 5))
      expect(await failure).toMatchObject({ code: 'UPLOAD_CANCELLED' })
      await stateWhere(reader, (state) => /"done";b:1;s:5:"files".*"error";i:8;s:4:"done";b:1;/.test(state))
    } finally {
      server.close()
    }
  })
})

describePhpFpm('PHP itself, behind FastCGI,', () => {
  let folder: string
  let reader: PhpReader
  let php: PhpFpm

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'upload-progress-'))
    reader = openReader(folder, id)
    const ini = {
      save_path: folder,
      'upload_progress.enabled': '1',
      'upload_progress.cleanup': '0',
      'upload_progress.freq': '0',
      'upload_progress.min_freq': '0',
    }
    const page = "<?php echo json_encode(array_map(fn ($file) => $file['size'], $_FILES));"
    php = await startPhpFpm(
      folder,
      page,
      Object.fromEntries(Object.entries(ini).map(([name, value]) => [`session.${name}`, value])),
    )
  })

  afterEach(async () => {
    await reader.close()
    await php.close()
  })

  it('tells the same', async () => {
    const sent = php.send(headers)
    const states = await statesDuring(sent, reader, FILLUNIT)
    expect(uncounted(states)).toEqual(uncounted(expected))
    expect(states[2]).toBe(expected[2])
    expect(await sent.answer).toBe(found)
  })

  it('ends an upload that is broken off in the same way', async () => {
    const sent = php.send(headers)
    sent.write(body.subarray(0, inFirst))
    await stateAt(reader, inFirst - FILLUNIT)
    sent.destroy()
    await stateWhere(reader, (state) => /"done";b:1;s:5:"files".*"error";i:3;s:4:"done";b:1;/.test(state))
  })
})

/** PHP fills its buffer before it looks at what is in it. */
const FILLUNIT = 5120

/** Sends the body and stops twice, until so much was told but for `behind` bytes. */
async function statesDuring(sent: Sending, reader: PhpReader, behind: number): Promise<string[]> {
  sent.write(body.subarray(0, inFirst))
  const first = await stateAt(reader, inFirst - behind)
  sent.write(body.subarray(inFirst, inSecond))
  const second = await stateAt(reader, inSecond - behind)
  sent.end(body.subarray(inSecond))
  await sent.answer
  return [first, second, comparable(await reader.read(variable))]
}

function stateAt(reader: PhpReader, count: number): Promise<string> {
  return stateWhere(reader, (state) => Number(/"bytes_processed";i:(\d+)/.exec(state)?.[1]) >= count)
}

async function stateWhere(reader: PhpReader, isIt: (state: string) => boolean): Promise<string> {
  for (;;) {
    const state = await reader.read(variable)
    if (isIt(state)) return comparable(state)
  }
}
