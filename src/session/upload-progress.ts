import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { boundaryOf } from './multipart-events.ts'
import { Upload, type UploadSession } from './upload.ts'

export type { UploadSession } from './upload.ts'

/**
 * The progress of uploads in `$_SESSION`, as PHP keeps it (`php_session_rfc1867_callback`): while the body of a multipart POST is
 * received that has the field `upload_progress.name` in front of its files, whoever reads the session can see how far it is.
 * PHP parses the body itself. Here the application does, and each chunk is looked at when the application takes it.
 */

/** An upload on its way. */
export interface TrackedUpload {
  /**
   * Whether the body was taken to its end, or never will be. Nobody may wait for `done` before: the one who waits may be the one who
   * takes the body.
   */
  readonly isComplete: boolean
  /** Fulfilled when the body is complete and all is written. Never rejects: what fails is a warning of the process. */
  readonly done: Promise<void>
}

/**
 * Keeps the progress of this request's upload in the session `id`; undefined is that whose id a field of the form brings. To be called
 * before anybody takes of the body; nothing is taken here. What is no upload, or not to be tracked, is left alone, and complete. Who sets
 * `cancel_upload` to true in the progress ends the upload: the request is destroyed, with an error of the code UPLOAD_CANCELLED.
 */
export function trackUpload(
  request: IncomingMessage | Http2ServerRequest,
  id: string | undefined,
  engine: UploadSession,
): TrackedUpload {
  if (request.readableDidRead || request.destroyed) return NO_UPLOAD
  const { method, headers, emit } = request
  const { 'content-type': type, 'content-length': length } = headers
  const upload = openUpload({ method, type, length }, id, engine)
  if (upload === undefined) return NO_UPLOAD
  let isCancelled = false
  upload.onCancel = (error) => {
    isCancelled = true
    request.destroy(error)
  }

  // In whatever way a chunk is taken (a listener, a pipe, an iterator, read()), the stream says 'data'.
  request.emit = ((event: string, ...args: unknown[]) => {
    if (event === 'data') upload.take(args[0] as Uint8Array | string, request.readableEncoding)
    else if (event === 'end' || event === 'close') upload.finish()
    // Parsers take it for the client's doing, and do not wait for the error that says what it is.
    else if (event === 'aborted' && isCancelled) return false
    return emit.call(request, event, ...args)
  }) as typeof emit
  return upload
}

/**
 * The same for a request of the fetch API. The application goes on with the request that is returned, whose body is looked at when it is
 * read; the body of a cancelled upload fails with the error.
 */
export function trackUploadOf(
  request: Request,
  id: string | undefined,
  engine: UploadSession,
): TrackedUpload & { request: Request } {
  const untracked = { request, isComplete: true, done: NO_UPLOAD.done }
  const { method, headers, body, bodyUsed } = request
  if (body === null || body.locked || bodyUsed) return untracked
  const upload = openUpload({ method, type: headers.get('content-type'), length: headers.get('content-length') }, id, engine)
  if (upload === undefined) return untracked
  const observed = ReadableStream.from(observe(body.getReader(), upload))
  return Object.assign(upload, { request: new Request(request, { body: observed, duplex: 'half' }) })
}

const NO_UPLOAD: TrackedUpload = { isComplete: true, done: Promise.resolve() }

async function* observe(reader: ReadableStreamDefaultReader<Uint8Array>, upload: Upload): AsyncGenerator<Uint8Array, void> {
  let cancelled: Error | undefined
  upload.onCancel = (error) => {
    cancelled = error
    reader.cancel(error).catch(() => {})
  }
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (cancelled !== undefined) throw cancelled
      if (done) return
      upload.take(value)
      yield value
    }
  } finally {
    upload.finish()
    // The reader of the observed body may have had enough of it.
    reader.cancel().catch(() => {})
  }
}

interface Head {
  readonly method: string | undefined
  readonly type: string | null | undefined
  readonly length: string | null | undefined
}

/** Undefined for what PHP would not track either. */
function openUpload({ method, type, length }: Head, id: string | undefined, engine: UploadSession): Upload | undefined {
  if (method !== 'POST' || !engine.directives['upload_progress.enabled']) return undefined
  const boundary = boundaryOf(type ?? '')
  if (boundary === undefined) return undefined
  return new Upload(id, engine, { boundary, contentLength: Number.parseInt(length ?? '', 10) || 0 })
}
