import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Dicer } from '@fastify/busboy'
import { encodeSession } from '../../src/serialize-handlers/session-codec.ts'
import { Upload, type UploadSession } from '../../src/session/upload.ts'
import { asking, boundary, cut, file, multipart, type Recorded, recordedSession } from './support/uploads.ts'

const KEEP = { 'upload_progress.cleanup': false }

/** Gives an upload these chunks, each one when all before is written. */
async function give(upload: Upload, chunks: Iterable<Uint8Array>): Promise<void> {
  for (const chunk of chunks) {
    upload.take(chunk)
    for (let turn = 0; turn < 3; turn++) await setImmediate()
  }
}

function opened(session: UploadSession, contentLength: number): Upload {
  return new Upload('id', session, { boundary, contentLength })
}

/** How much of the body each write knew of. */
function counts({ states }: Recorded): number[] {
  return states.map((state) => Number(/"bytes_processed";i:(\d+)/.exec(state)![1]))
}

/** 2000 bytes, of which the first 200 begin a file. */
const body = (() => {
  const sized = (size: number) => multipart(asking('x'), file('a', Buffer.alloc(size, 'a')))
  return sized(2000 - sized(0).length)
})()

// biome-ignore format: a table
const frequencies: [directives: Record<string, unknown>, counts: number[]][] = [
  [{ 'upload_progress.freq': 0 },                                    [200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000]],
  [{ 'upload_progress.freq': 200 },                                  [200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000]],
  [{ 'upload_progress.freq': 201 },                                  [200, 600, 1000, 1400, 1800, 2000]],
  [{ 'upload_progress.freq': 500 },                                  [200, 800, 1400, 2000]],
  [{ 'upload_progress.freq': '1000000' },                            [200, 2000]],
  [{ 'upload_progress.freq': '0%' },                                 [200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000]],
  [{ 'upload_progress.freq': '10%' },                                [200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000]],
  [{ 'upload_progress.freq': '25%' },                                [200, 800, 1400, 2000]],
  [{ 'upload_progress.freq': '100%' },                               [200, 2000]],
  [{ 'upload_progress.min_freq': 0.4 },                              [200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000]],
  [{ 'upload_progress.min_freq': 1 },                                [200, 800, 1400, 2000]],
  [{ 'upload_progress.min_freq': 60 },                               [200, 2000]],
  [{ 'upload_progress.freq': 700, 'upload_progress.min_freq': 1 },   [200, 1000, 1800, 2000]],
]

describe('the progress of an upload is written', () => {
  afterEach(() => jest.restoreAllMocks())

  it.each(frequencies)('as often as %p', async (directives, expected) => {
    const session = recordedSession({ ...KEEP, ...directives })
    const upload = opened(session, body.length)
    // 200 bytes every 0.4 seconds
    let time = 0
    jest.spyOn(performance, 'now').mockImplementation(() => time)
    for (const chunk of cut(body, 200)) {
      await give(upload, [chunk])
      time += 400
    }
    upload.finish()
    await upload.done
    expect(counts(session)).toEqual(expected)
  })

  it('at whole bytes where a percentage is none, as in PHP', async () => {
    const session = recordedSession({ ...KEEP, 'upload_progress.freq': '10%' })
    const upload = opened(session, 2009)
    await give(upload, cut(body, 200))
    expect(counts(session)).toEqual([200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2009])
  })

  it('as it was when it was put into the session', async () => {
    const kept: unknown[] = []
    const session: UploadSession = {
      ...recordedSession(KEEP),
      async change(_id, change) {
        const $_SESSION: Record<string, unknown> = {}
        change($_SESSION)
        kept.push($_SESSION['upload_progress_x'])
      },
    }
    await give(opened(session, body.length), cut(body, 1000))
    expect(kept).toMatchObject([
      { bytes_processed: 1000, done: false, files: [{ done: false }] },
      { bytes_processed: 2000, done: true, files: [{ done: true }] },
    ])
  })

  it('once at a time, and then as it is then', async () => {
    let release = () => {}
    let running = 0
    let most = 0
    const session = recordedSession(KEEP, async () => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => {
        release = resolve
      })
      running--
    })
    const upload = opened(session, body.length)
    const chunks = cut(body, 200)
    await give(upload, chunks.slice(0, 4))
    release()
    await setImmediate()
    await give(upload, chunks.slice(4, 7))
    release()
    await setImmediate()
    await give(upload, chunks.slice(7))
    upload.finish()
    release()
    await upload.done
    expect(counts(session)).toEqual([800, 1400, 2000])
    expect(most).toBe(1)
  })

  it('once for a body that comes in one piece', async () => {
    const session = recordedSession(KEEP)
    const upload = opened(session, body.length)
    upload.take(body)
    await upload.done
    expect(counts(session)).toEqual([2000])
  })

  it('again after it failed, and removed at the end', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue()
    const session = recordedSession({}, ({ states }) => {
      if (states.length === 2 && failures++ < 2) throw new Error('locked')
    })
    let failures = 0
    const upload = opened(session, body.length)
    await give(upload, cut(body, 200))
    await upload.done
    expect(counts({ ...session, states: session.states.slice(0, 4) })).toEqual([200, 400, 1000, 1200])
    expect(session.$_SESSION).toEqual({})
    expect(warn).toHaveBeenCalledTimes(1)
  })

  it('with the bytes of names in any charset', async () => {
    const named = multipart(asking(), ['name="\xc3\xa9"; filename="\xe9"', 'a'])
    const session = recordedSession(KEEP)
    const latin1: UploadSession = {
      ...session,
      async change(_id, change) {
        change(session.$_SESSION)
        session.states.push(encodeSession(session.$_SESSION, { charset: 'latin1' }).toString('latin1'))
      },
    }
    const upload = opened(latin1, named.length)
    await give(upload, [named])
    expect(session.states.at(-1)).toContain('s:10:"field_name";s:2:"\xc3\xa9";s:4:"name";s:1:"\xe9";')
  })

  it('with at most a thousand files', async () => {
    const many = multipart(asking(), ...Array.from({ length: 1200 }, (_, at) => file(`f${at}`)))
    const session = recordedSession(KEEP)
    const upload = opened(session, many.length)
    await give(upload, cut(many, 10_000))
    const { files, ...progress } = session.$_SESSION['upload_progress_form'] as { files: { done: boolean }[] }
    expect(files.map(({ done }) => done)).toEqual(Array.from({ length: 1000 }, () => true))
    expect(progress).toMatchObject({ bytes_processed: many.length, done: true })
  })

  it('as far as it came when the parser fails', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue()
    const session = recordedSession(KEEP)
    const upload = opened(session, body.length)
    await give(upload, [body.subarray(0, 200)])
    jest.spyOn(Dicer.prototype, 'write').mockImplementation(() => {
      throw new Error('the parser is broken')
    })
    await give(upload, cut(body.subarray(200), 200))
    upload.finish()
    await upload.done
    expect(counts(session)).toEqual([200, 2000])
    expect(warn.mock.calls[0]![0]).toBe('The progress of an upload was not stored: the parser is broken')
  })
})

describe('an upload of 200 MB', () => {
  const megabyte = 2 ** 20

  function* megabytes(count: number): Generator<Buffer> {
    for (let made = 0; made < count; made++) yield Buffer.alloc(megabyte)
  }

  it('is not kept in memory', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const held = () => {
      collect()
      return process.memoryUsage().arrayBuffers
    }
    const start = body.subarray(0, 200)
    const upload = opened(recordedSession(), 200 * megabyte)
    await give(upload, [start])
    const before = held()
    for (let sent = 0; sent < 200; sent += 10) {
      await give(upload, megabytes(10))
      expect(held() - before).toBeLessThan(50 * megabyte)
    }
    upload.finish()
    await upload.done
  })
})
