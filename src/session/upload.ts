import { isValidSid } from '../session-id.ts'
import type { Directives } from './directives.ts'
import { multipartEvents } from './multipart-events.ts'

/** What tracking needs of the engine. */
export interface UploadSession {
  readonly directives: Directives
  /** Opens the session of this id (no cookie, no new id), lets change it, and commits. */
  change(id: string, change: ($_SESSION: Record<string, unknown>) => void): Promise<void>
}

/** What stands in `$_SESSION`, keys in PHP's order. Names are the bytes that came. */
interface Progress {
  /** When the request came; as all times in seconds since 1970. */
  readonly start_time: number
  /** As the header says; 0 without one. */
  readonly content_length: number
  /** Of the body. */
  bytes_processed: number
  done: boolean
  readonly files: FileProgress[]
}

interface FileProgress {
  readonly field_name: Buffer
  readonly name: Buffer
  /** PHP's temporary file. Where the application puts the file, is not known here. */
  readonly tmp_name: null
  error: number
  done: boolean
  readonly start_time: number
  /** Of the file; until its first byte is there, of the body. */
  bytes_processed: number
}

/** PHP's UPLOAD_ERR_… that can be seen from here. */
const PARTIAL = 3
const NO_FILE = 4
const EXTENSION = 8

/** Files beyond are not listed, since all are written every time. PHP takes so many parts (max_multipart_body_parts), and 20 files. */
const MOST_FILES = 1000

/**
 * One upload: `php_session_rfc1867_progress`. It is given the body and keeps `$_SESSION` up to date: at each event of the body, but not
 * before `upload_progress.freq` more bytes and `upload_progress.min_freq` seconds. One write at a time; what happens meanwhile, the
 * next one has. Nothing here throws.
 */
export class Upload {
  /** Fulfilled when the body is complete and all is written. */
  readonly done: Promise<void>
  /** Called when the session says `cancel_upload`, unless the body is complete: ends its reception. */
  onCancel: (error: Error) => void = () => {}
  #id: string | undefined
  readonly #session: UploadSession
  readonly #contentLength: number
  readonly #step: number
  readonly #startTime = now()
  #parse: ((chunk: Buffer) => void) | undefined
  #isComplete = false
  #bytes = 0
  #key: string | undefined
  #progress: Progress | undefined
  #file: FileProgress | undefined
  #fileBytes = 0
  #nextUpdate = 0
  #nextUpdateTime = 0
  #isDue = false
  #isWriting = false
  #isCancelled = false
  #hasFailed = false
  #resolve!: () => void

  /** `id`: undefined where a field of the form is to tell it. */
  constructor(
    id: string | undefined,
    session: UploadSession,
    body: { readonly boundary: string; readonly contentLength: number },
  ) {
    const { 'upload_progress.name': name, 'upload_progress.freq': freq } = session.directives
    const fields = [Buffer.from(name).toString('latin1'), ...(id === undefined ? [session.directives.name] : [])]
    this.#id = id
    this.#session = session
    this.#contentLength = body.contentLength
    this.#step = typeof freq === 'number' ? freq : Math.trunc((body.contentLength * Number.parseInt(freq, 10)) / 100)
    this.#parse = multipartEvents(body.boundary, fields, {
      field: (name, value) => this.#onField(name, value),
      fileStart: (fieldName, fileName) => this.#onFileStart(fieldName, fileName),
      fileData: (length) => this.#onFileData(length),
      fileEnd: () => this.#onFileEnd(0),
      close: () => this.#onClose(),
    })
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  get isComplete(): boolean {
    return this.#isComplete
  }

  /** The next chunk of the body; a string is in `encoding`. */
  take(chunk: Uint8Array | string, encoding?: BufferEncoding | null): void {
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk, encoding ?? 'utf8')
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    this.#bytes += bytes.length
    try {
      this.#parse?.(bytes)
    } catch (error) {
      // The body is the application's to judge.
      this.#parse = undefined
      this.#report(error)
    }
  }

  /** The body has no more, or nobody takes more (MULTIPART_EVENT_END). */
  finish(): void {
    if (this.#isComplete) return
    this.#isComplete = true
    this.#parse = undefined
    if (this.#progress === undefined) return this.#resolve()
    this.#endFile(PARTIAL)
    this.#progress.bytes_processed = this.#bytes
    this.#progress.done = true
    void this.#write()
  }

  // --- The events of the body ---

  /** Until there are both, an id and a key, the last of each counts. */
  #onField(name: string, value: string): void {
    if (value === '' || (this.#id !== undefined && this.#key !== undefined)) return
    const { name: idName, 'upload_progress.prefix': prefix } = this.#session.directives
    if (name !== idName) this.#key = prefix + Buffer.from(value, 'latin1').toString()
    else if (isValidSid(value)) this.#id = value
  }

  #onFileStart(fieldName: string, fileName: string): void {
    if (this.#id === undefined || this.#key === undefined) return
    this.#progress ??= {
      start_time: this.#startTime,
      content_length: this.#contentLength,
      bytes_processed: this.#bytes,
      done: false,
      files: [],
    }
    if (this.#progress.files.length === MOST_FILES) return
    this.#file = {
      field_name: Buffer.from(fieldName, 'latin1'),
      name: Buffer.from(fileName, 'latin1'),
      tmp_name: null,
      error: 0,
      done: false,
      start_time: now(),
      bytes_processed: this.#bytes,
    }
    this.#fileBytes = 0
    this.#progress.files.push(this.#file)
    this.#update()
    if (fileName === '') this.#onFileEnd(NO_FILE)
  }

  #onFileData(length: number): void {
    if (this.#progress === undefined) return
    this.#fileBytes += length
    if (this.#file !== undefined) this.#file.bytes_processed = this.#fileBytes
    this.#progress.bytes_processed = this.#bytes
    this.#update()
  }

  #onFileEnd(error: number): void {
    if (this.#progress === undefined || this.#file === undefined) return
    this.#endFile(error)
    this.#progress.bytes_processed = this.#bytes
    this.#update()
  }

  #onClose(): void {
    // PHP reads to the end of the body, of which nobody need take more.
    this.#bytes = Math.max(this.#bytes, this.#contentLength)
    this.finish()
  }

  #endFile(error: number): void {
    if (this.#file === undefined) return
    this.#file.error = error
    this.#file.done = true
    this.#file = undefined
  }

  // --- The session ---

  /** `php_session_rfc1867_update` */
  #update(): void {
    const { bytes_processed } = this.#progress!
    if (bytes_processed < this.#nextUpdate) return
    const time = performance.now()
    if (time < this.#nextUpdateTime) return
    this.#nextUpdateTime = time + this.#session.directives['upload_progress.min_freq'] * 1000
    this.#nextUpdate = bytes_processed + this.#step
    void this.#write()
  }

  async #write(): Promise<void> {
    this.#isDue = true
    if (this.#isWriting) return
    this.#isWriting = true
    // Not at once: the whole chunk is one write, and what the engine does to the asynchronous context is not done to the application's.
    await undefined
    while (this.#isDue) {
      this.#isDue = false
      try {
        await this.#session.change(this.#id!, ($_SESSION) => this.#change($_SESSION))
      } catch (error) {
        this.#report(error)
      }
      if (this.#isCancelled && !this.#isComplete) this.#cancel()
    }
    this.#isWriting = false
    if (this.#isComplete) this.#resolve()
  }

  #change($_SESSION: Record<string, unknown>): void {
    this.#isDue = false
    const key = this.#key!
    const progress = this.#progress!
    if (saysCancel($_SESSION[key])) this.#isCancelled = true
    if (this.#isComplete && this.#session.directives['upload_progress.cleanup']) delete $_SESSION[key]
    else $_SESSION[key] = { ...progress, files: progress.files.map((file) => ({ ...file })) }
  }

  #cancel(): void {
    this.#endFile(EXTENSION)
    this.finish()
    const message = `The upload was cancelled: somebody set cancel_upload in its progress in $_SESSION`
    this.onCancel(Object.assign(new Error(message), { code: 'UPLOAD_CANCELLED' }))
  }

  /** The first failure only: the next write may fail for the same reason, or succeed. */
  #report(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    const reason = error instanceof Error ? error.message : String(error)
    process.emitWarning(`The progress of an upload was not stored: ${reason}`, { type: 'SessionWarning' })
  }
}

/** `php_check_cancel_upload` */
function saysCancel(stored: unknown): boolean {
  return typeof stored === 'object' && stored !== null && 'cancel_upload' in stored && stored.cancel_upload === true
}

/** In PHP's seconds. */
function now(): number {
  return Math.floor(Date.now() / 1000)
}
