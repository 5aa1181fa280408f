import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { decodeSession } from '../../src/serialize-handlers/session-codec.ts'
import { type TrackedUpload, trackUpload, type UploadSession } from '../../src/session/upload-progress.ts'
import { type Protocol, protocols, type Served, serve } from '../http/servers.ts'
import { type Head, type Sending, send } from './support/sending.ts'
import { asking, contentType, cut, file, multipart, type Recorded, recordedSession } from './support/uploads.ts'

const KEEP = { 'upload_progress.cleanup': false }
const twoFiles = multipart(asking(), file('a', Buffer.alloc(5000, 'a')), ['name="x"', 'y'], file('b', 'bbb'))

const multipartHeaders = { 'content-type': contentType, 'content-length': String(twoFiles.length) }

/** All ways to take a body. */
const ways: Readonly<Record<string, (req: IncomingMessage) => Promise<Buffer>>> = {
  async 'a listener of data'(req) {
    const chunks: Buffer[] = []
    req.on('data', (chunk) => chunks.push(chunk))
    await once(req, 'end')
    return Buffer.concat(chunks)
  },
  async 'for await'(req) {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    return Buffer.concat(chunks)
  },
  async 'readable and read()'(req) {
    const chunks: Buffer[] = []
    req.on('readable', () => {
      for (let chunk = req.read(); chunk !== null; chunk = req.read()) chunks.push(chunk)
    })
    await once(req, 'end')
    return Buffer.concat(chunks)
  },
  async 'read(size)'(req) {
    const chunks: Buffer[] = []
    req.on('readable', () => {
      for (let chunk = req.read(7) ?? req.read(); chunk !== null; chunk = req.read(7) ?? req.read()) chunks.push(chunk)
    })
    await once(req, 'end')
    return Buffer.concat(chunks)
  },
  async 'a pipe'(req) {
    const [writable, taken] = collector()
    req.pipe(writable)
    await once(writable, 'finish')
    return Buffer.concat(taken)
  },
  async 'a slow pipeline'(req) {
    const [writable, taken] = collector(() => setImmediate())
    await pipeline(req, writable)
    return Buffer.concat(taken)
  },
  async 'a web stream'(req) {
    return Buffer.from(await new Response(Readable.toWeb(req) as ReadableStream).arrayBuffer())
  },
  async 'text in latin1'(req) {
    let text = ''
    for await (const chunk of req.setEncoding('latin1')) text += chunk
    return Buffer.from(text, 'latin1')
  },
  async 'text in base64'(req) {
    let text = ''
    for await (const chunk of req.setEncoding('base64')) text += chunk
    return Buffer.from(text, 'base64')
  },
  'stream/consumers': buffer,
}

function collector(wait: () => Promise<unknown> = async () => {}): [Writable, Buffer[]] {
  const taken: Buffer[] = []
  const writable = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      taken.push(chunk)
      void wait().then(() => done())
    },
  })
  return [writable, taken]
}

type Handle = (req: IncomingMessage, tracked: TrackedUpload, res: ServerResponse) => Promise<string>

let server: Served | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
  jest.restoreAllMocks()
})

/** Starts an upload to a server that tracks it and answers what `handle` returns, or the code of what it throws. */
async function upload(
  session: UploadSession,
  handle: Handle,
  head: Head = {},
  protocol: Protocol = 'HTTP/1.1',
): Promise<Sending> {
  server = await serve(protocol, async (req, res) => {
    const tracked = trackUpload(req, 'id', session)
    const answer = await handle(req, tracked, res).catch((error) => String(error.code))
    if (!res.destroyed) res.end(answer)
  })
  return send(server.port, { headers: multipartHeaders, ...head }, protocol)
}

/** Takes the body as it comes, and waits until all is written. */
async function takeAll(req: IncomingMessage, tracked: TrackedUpload): Promise<string> {
  await buffer(req)
  await tracked.done
  return 'taken'
}

/** Sends the body in these pieces, each one when all before is written. */
async function slowly(sent: Sending, session: Recorded, ...chunks: readonly Uint8Array[]): Promise<void> {
  for (const chunk of chunks) {
    const before = session.states.length
    sent.write(chunk)
    await until(() => session.states.length > before)
  }
}

/** As it was written last. */
function progress({ states }: Recorded): unknown {
  return decodeSession(Buffer.from(states.at(-1)!, 'latin1'))['upload_progress_form']
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(1)
}

describe('an upload', () => {
  const each = protocols.flatMap((protocol) => Object.keys(ways).map((way) => [protocol, way] as const))

  it.each(each)('over %s is tracked, and comes as it was sent, by %s', async (protocol, way) => {
    const session = recordedSession(KEEP)
    const handle: Handle = async (req, { done }) => {
      const taken = await ways[way]!(req)
      await done
      return String(taken.equals(twoFiles))
    }
    const sent = await upload(session, handle, {}, protocol)
    for (const chunk of cut(twoFiles, 97)) {
      sent.write(chunk)
      await setImmediate()
    }
    sent.end()
    expect(await sent.answer).toBe('true')
    expect(progress(session)).toMatchObject({
      bytes_processed: twoFiles.length,
      done: true,
      files: [
        { bytes_processed: 5000, done: true },
        { bytes_processed: 3, done: true },
      ],
    })
  })

  it.each(protocols)('that somebody cancels fails where it is read, over %s', async (protocol) => {
    const session = recordedSession(KEEP, ({ $_SESSION, states }) => {
      if (states.length === 1) Object.assign($_SESSION['upload_progress_form'] as object, { cancel_upload: true })
    })
    let failed: unknown
    const handle: Handle = async (req, { done }) => {
      failed = await buffer(req).catch((error) => error)
      await done
      return 'failed'
    }
    const sent = await upload(session, handle, {}, protocol)
    await slowly(sent, session, twoFiles.subarray(0, 300), twoFiles.subarray(300, 400))
    await until(() => failed !== undefined)
    expect(failed).toMatchObject({ code: 'UPLOAD_CANCELLED', message: /cancel_upload/ })
    expect(progress(session)).toMatchObject({ done: true, files: [{ error: 8, done: true }] })
    expect(progress(session)).not.toHaveProperty('cancel_upload')
  })

  it.each([
    [{ 'upload_progress.cleanup': true }, undefined],
    [KEEP, { bytes_processed: 400, done: true, files: [{ name: 'a.txt', error: 3, done: true }] }],
  ])('that is broken off is over: %p', async (directives, expected) => {
    const session = recordedSession(directives)
    let tracked: TrackedUpload | undefined
    const sent = await upload(session, async (req, given) => {
      tracked = given
      await buffer(req)
      return ''
    })
    await slowly(sent, session, twoFiles.subarray(0, 400))
    expect(tracked).toMatchObject({ isComplete: false })
    sent.destroy()
    await until(() => tracked!.isComplete)
    await tracked!.done
    if (expected === undefined) expect(session.$_SESSION).toEqual({})
    else expect(progress(session)).toMatchObject(expected)
  })

  it('is complete as soon as its last part was taken, before the end of the body', async () => {
    const session = recordedSession(KEEP)
    const seen: unknown[] = []
    const sent = await upload(session, async (req, tracked) => {
      for await (const _chunk of req) seen.push(tracked.isComplete)
      await tracked.done
      return ''
    })
    await slowly(sent, session, twoFiles.subarray(0, 400), twoFiles.subarray(400, twoFiles.length - 2))
    expect(progress(session)).toMatchObject({ bytes_processed: twoFiles.length, done: true })
    sent.end(twoFiles.subarray(-2))
    await sent.answer
    expect(seen).toEqual([false, true, true])
  })

  it('is complete at the end of a body that has no proper end', async () => {
    const session = recordedSession(KEEP)
    const sent = await upload(session, (req, tracked) => {
      req.resume()
      return new Promise((resolve) => req.once('end', () => resolve(String(tracked.isComplete))))
    })
    sent.end(Buffer.concat([twoFiles.subarray(0, 400), Buffer.alloc(twoFiles.length - 400)]))
    expect(await sent.answer).toBe('true')
  })

  it('is complete when the request is over and nobody took its body', async () => {
    let tracked: TrackedUpload | undefined
    const sent = await upload(recordedSession(), async (_req, given) => {
      tracked = given
      return String(given.isComplete)
    })
    sent.end(twoFiles)
    expect(await sent.answer).toBe('false')
    await until(() => tracked!.isComplete)
    await tracked!.done
  })

  it('has the content length 0 when its header says none', async () => {
    const session = recordedSession({ ...KEEP, 'upload_progress.freq': '50%' })
    const sent = await upload(session, takeAll, { headers: { 'content-type': contentType } })
    sent.end(twoFiles)
    await sent.answer
    expect(progress(session)).toMatchObject({ content_length: 0, bytes_processed: twoFiles.length, done: true })
  })

  it('is left alone by what does not take it: nothing is read before', async () => {
    const session = recordedSession()
    const sent = await upload(session, async (req) => {
      await setTimeout(20)
      return JSON.stringify([req.readableFlowing, req.readableDidRead, req.listenerCount('data'), req.listenerCount('end')])
    })
    sent.end(twoFiles)
    expect(await sent.answer).toBe('[null,false,0,0]')
  })

  it('goes on when the session cannot be written, with one warning', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue()
    const session = { ...recordedSession(), change: () => Promise.reject(new Error('no room')) }
    const sent = await upload(session, takeAll)
    for (const chunk of cut(twoFiles, 1000)) {
      sent.write(chunk)
      await setTimeout(2)
    }
    expect(await sent.answer).toBe('taken')
    expect(warn.mock.calls).toEqual([['The progress of an upload was not stored: no room', { type: 'SessionWarning' }]])
  })

  it('does not touch the asynchronous context of who takes it', async () => {
    const context = new AsyncLocalStorage<string>()
    const recorded = recordedSession()
    const session: UploadSession = {
      ...recorded,
      change(id, change) {
        context.enterWith('the engine')
        return recorded.change(id, change)
      },
    }
    const seen = new Set<string | undefined>()
    const sent = await upload(session, (req, tracked) =>
      context.run('the application', async () => {
        req.on('data', () => seen.add(context.getStore()))
        await once(req, 'end')
        seen.add(context.getStore())
        await tracked.done
        seen.add(context.getStore())
        return ''
      }),
    )
    for (const chunk of cut(twoFiles, 500)) {
      sent.write(chunk)
      await setTimeout(2)
    }
    await sent.answer
    expect([...seen].filter((each) => each === 'the engine')).toEqual([])
    expect(recorded.states.length).toBeGreaterThan(1)
  })
})

// biome-ignore format: a table
const untracked: [what: string, head: Head, directives: Record<string, unknown>][] = [
  ['another method',        { method: 'PUT' }, {}],
  ['another type',          { headers: { 'content-type': 'application/octet-stream' } }, {}],
  ['no boundary',           { headers: { 'content-type': 'multipart/form-data' } }, {}],
  ['no type',               { headers: {} }, {}],
  ['enabled being off',     {}, { 'upload_progress.enabled': false }],
]

describe('a request is left alone, and is complete, for', () => {
  const untouched = async (req: IncomingMessage, { isComplete, done }: TrackedUpload) => {
    await done
    return `${Object.hasOwn(req, 'emit')} ${isComplete}`
  }

  it.each(untracked)('%s', async (_what, head, directives) => {
    const sent = await upload(recordedSession(directives), untouched, head)
    sent.end(twoFiles)
    expect(await sent.answer).toBe('false true')
  })

  it('a body that somebody began to take', async () => {
    const session = recordedSession()
    server = await serve('HTTP/1.1', async (req, res) => {
      await once(req, 'data')
      const tracked = trackUpload(req, 'id', session)
      res.end(await untouched(req, tracked))
    })
    const sent = send(server.port, { headers: multipartHeaders })
    sent.end(twoFiles)
    expect(await sent.answer).toBe('false true')
  })
})
