import { setImmediate } from 'node:timers/promises'
import { trackUploadOf } from '../../src/session/upload-progress.ts'
import { asking, contentType, cut, file, multipart, recordedSession } from './support/uploads.ts'

const KEEP = { 'upload_progress.cleanup': false }
const body = multipart(asking(), file('a', Buffer.alloc(3000, 'a')), ['name="x"', 'y'])

/** A body of these chunks, and what happened to it. */
function source(
  chunks: readonly Uint8Array[],
  atEnd: (controller: ReadableStreamDefaultController) => void = (each) => each.close(),
) {
  const left = [...chunks]
  const happened = { pulls: 0, cancelled: undefined as unknown }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        happened.pulls++
        const chunk = left.shift()
        if (chunk === undefined) atEnd(controller)
        else controller.enqueue(chunk)
      },
      cancel(reason) {
        happened.cancelled = reason ?? 'for no reason'
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, happened }
}

function post(stream: ReadableStream, init: RequestInit = {}): Request {
  const headers = { 'content-type': contentType, 'content-length': String(body.length), cookie: 'PHPSESSID=id' }
  return new Request('http://localhost/upload?a=b', { method: 'POST', headers, body: stream, duplex: 'half', ...init })
}

describe('a tracked Request', () => {
  it('is what it was', async () => {
    const { signal } = new AbortController()
    const original = post(source(cut(body, 1000)).stream, { signal, redirect: 'manual' })
    const { request } = trackUploadOf(original, 'id', recordedSession())
    expect(request).toBeInstanceOf(Request)
    for (const name of ['method', 'url', 'redirect', 'credentials', 'mode', 'cache', 'integrity', 'referrer'] as const) {
      expect([name, request[name]]).toEqual([name, original[name]])
    }
    expect([...request.headers]).toEqual([...original.headers])
    expect(Buffer.from(await request.arrayBuffer())).toEqual(body)
  })

  it('is aborted with what aborts the first', () => {
    const controller = new AbortController()
    const { request } = trackUploadOf(post(source([]).stream, { signal: controller.signal }), 'id', recordedSession())
    controller.abort()
    expect(request.signal.aborted).toBe(true)
  })

  it('keeps its progress, and is complete when its form is there', async () => {
    const session = recordedSession(KEEP)
    const tracked = trackUploadOf(post(source(cut(body, 500)).stream), 'id', session)
    expect(tracked.isComplete).toBe(false)
    const form = await tracked.request.formData()
    expect(tracked.isComplete).toBe(true)
    await tracked.done
    expect((form.get('a') as File).size).toBe(3000)
    expect(session.$_SESSION).toMatchObject({
      upload_progress_form: { bytes_processed: body.length, done: true, files: [{ bytes_processed: 3000, done: true }] },
    })
  })

  it('takes of the body what is read of it, and no more', async () => {
    const { stream, happened } = source(cut(body, 500))
    const reader = trackUploadOf(post(stream), 'id', recordedSession()).request.body!.getReader()
    await setImmediate()
    expect(happened.pulls).toBe(0)
    await reader.read()
    await reader.read()
    await setImmediate()
    expect(happened.pulls).toBe(2)
  })

  it('is over when nobody wants the rest', async () => {
    const { stream, happened } = source(cut(body, 500))
    const session = recordedSession(KEEP)
    const { request, done } = trackUploadOf(post(stream), 'id', session)
    const reader = request.body!.getReader()
    await reader.read()
    await reader.cancel()
    await done
    expect(happened.cancelled).toBe('for no reason')
    expect(session.$_SESSION).toMatchObject({ upload_progress_form: { bytes_processed: 500, done: true, files: [{ error: 3 }] } })
  })

  it('fails as the body fails', async () => {
    const broken = new Error('the connection is gone')
    const { stream } = source([body.subarray(0, 500)], (controller) => controller.error(broken))
    const session = recordedSession(KEEP)
    const { request, done } = trackUploadOf(post(stream), 'id', session)
    await expect(request.arrayBuffer()).rejects.toBe(broken)
    await done
    expect(session.$_SESSION).toMatchObject({ upload_progress_form: { bytes_processed: 500, done: true, files: [{ error: 3 }] } })
  })

  it('fails when somebody cancels, also while no more comes', async () => {
    const session = recordedSession(KEEP, ({ $_SESSION }) => {
      const progress = $_SESSION['upload_progress_form'] as object | undefined
      if (progress !== undefined) Object.assign(progress, { cancel_upload: true })
    })
    const { stream, happened } = source([body.subarray(0, 500), body.subarray(500, 600)], () => {})
    const { request, done } = trackUploadOf(post(stream), 'id', session)
    await expect(request.arrayBuffer()).rejects.toMatchObject({ code: 'UPLOAD_CANCELLED' })
    await done
    expect(happened.cancelled).toMatchObject({ code: 'UPLOAD_CANCELLED' })
    expect(session.$_SESSION).toMatchObject({ upload_progress_form: { done: true, files: [{ error: 8, done: true }] } })
  })
})

// biome-ignore format: a table
const untracked: [what: string, request: () => Request, directives?: Record<string, unknown>][] = [
  ['another method',  () => post(source([body]).stream, { method: 'PUT' })],
  ['no body',         () => new Request('http://localhost/', { method: 'POST', headers: { 'content-type': contentType } })],
  ['another type',    () => new Request('http://localhost/', { method: 'POST', body: 'text' })],
  ['a locked body',   () => { const request = post(source([body]).stream); request.body!.getReader(); return request }],
  ['a body in use',   () => { const request = post(source([body]).stream); void request.text(); return request }],
  ['enabled being off', () => post(source([body]).stream), { 'upload_progress.enabled': false }],
]

describe('a Request stays itself, and is complete, for', () => {
  it.each(untracked.map(([what, request, directives = {}]) => [what, request, directives] as const))(
    '%s',
    async (_what, make, directives) => {
      const request = make()
      const tracked = trackUploadOf(request, 'id', recordedSession(directives))
      expect(tracked.request).toBe(request)
      expect(tracked.isComplete).toBe(true)
      await tracked.done
    },
  )
})
