import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { trackUploadOf } from '../../src/session/upload-progress.ts'
import type { PhpVersion } from '../oracle/php.ts'
import {
  asking,
  comparable,
  contentType,
  cut,
  eachEvent,
  file,
  multipart,
  type Part,
  recordedSession,
  uncounted,
} from './support/uploads.ts'

/** Every state that the session has while an upload is received, in PHP and here. */

type Ini = Readonly<Record<string, string | number>>

interface Case {
  readonly parts: readonly Part[]
  readonly type?: string
  readonly directives?: Ini
  /** The session that a field of the form names, where no cookie does. */
  readonly formId?: string
  /** So many bytes are missing at the end. */
  readonly missing?: number
  /** After so many states another script cancels. */
  readonly cancelAt?: number
}

// biome-ignore format: a table
const cases: Readonly<Record<string, Case>> = {
  'a file':                        { parts: [asking(), file('a')] },
  'several files':                 { parts: [asking(), file('a[]'), file('a[]', 'other'), file('b')] },
  'a large file':                  { parts: [asking(), file('a', Buffer.alloc(9000, 'a')), file('b', Buffer.alloc(6000, 'b'))] },
  'an empty file':                 { parts: [asking(), file('a', ''), file('b')] },
  'no file chosen':                { parts: [asking(), ['name="a"; filename=""'], ['name="b"; filename=""'], file('c')] },
  'fields between the files':      { parts: [asking(), ['name="x"', '1'], file('a'), ['name="y"', '2'], file('b'), ['name="z"', '3']] },
  'a file before the field':       { parts: [file('a'), asking(), file('b')] },
  'the field after the files':     { parts: [file('a'), file('b'), asking()] },
  'no field':                      { parts: [file('a')] },
  'an empty field':                { parts: [asking(''), file('a')] },
  'two fields':                    { parts: [asking(''), asking('one'), asking('two'), file('a'), asking('three')] },
  'the field as a file':           { parts: [['name="PHP_SESSION_UPLOAD_PROGRESS"; filename="a"', 'a'], file('b')] },
  'a field of another case':       { parts: [['name="php_session_upload_progress"', 'a'], file('b')] },
  'a name with a path':            { parts: [asking(), ['name="a"; filename="C:\\dir\\x.txt"', '1'], ['name="b"; filename="/x/y.txt"', '1']] },
  'names with quotes':             { parts: [asking(), ['name="a\\"b"; filename="c\\"d"', '1'], ["name='a'; filename='x.txt'", '1'], ['name=b; filename=y', '2']] },
  'names in UTF-8 and not':        { parts: [asking(), ['name="\xc3\xa4"; filename="\xe4\xff"', '1']] },
  'a file without a field':        { parts: [asking(), ['filename="a"', '1'], ['filename="b"', '2']] },
  'filename*':                     { parts: [asking(), ["name=\"a\"; filename*=UTF-8''x", '1'], file('b')] },
  'a type without a file name':    { parts: [asking(), ['name="a"', '1', 'Content-Type: application/octet-stream\r\n'], file('b')] },
  'another header first':          { parts: [asking(), file('a')].map(([disposition, contents]) => [disposition, contents!, 'X-A: b; name="c"\r\n']) },
  'a key with dots and spaces':    { parts: [asking('my form.1'), file('a')] },
  'another field, another prefix': { parts: [['name="up[x]"', 'it'], file('a')], directives: { 'upload_progress.name': 'up[x]', 'upload_progress.prefix': 'p.' } },
  'the id in the form':            { parts: [bringing('one'), bringing('two'), asking(), file('a')], formId: 'two' },
  'the id behind the field':       { parts: [asking('a'), asking('b'), bringing(''), bringing('one'), bringing('two'), asking('c'), file('a')], formId: 'one' },
  'the id behind a file':          { parts: [asking(), file('a'), bringing('late'), file('b')], formId: 'late' },
  'off':                           { parts: [asking(), file('a')], directives: { 'upload_progress.enabled': 0 } },
  'a boundary in quotes':          { parts: [asking(), file('a')], type: contentType.replace(/=(.*)/, '="$1"') },
  'a type with more to it':        { parts: [asking(), file('a')], type: contentType.replace(';', '; charset=utf-8;') },
  'no multipart/form-data':        { parts: [asking(), file('a')], type: contentType.replace('form-data', 'mixed') },
  'an end in the first file':      { parts: [asking(), file('a'), file('b')], missing: 130 },
  'an end in the last file':       { parts: [asking(), file('a'), file('b')], missing: 25 },
  'an end in a header':            { parts: [asking(), file('a'), file('b')], missing: 60 },
  'no closing delimiter':          { parts: [asking(), file('a'), file('b')], missing: 18 },
  'cancelled':                     { parts: [asking(), file('a', Buffer.alloc(9000, 'a'))], cancelAt: 1 },
  'another end':                   { parts: [asking(), file('a')], missing: 2 },
}

interface Upload {
  readonly body: Buffer
  readonly contentType: string
  readonly ini: Ini
  readonly cancelAt: number | undefined
  readonly formId: string | undefined
}

const uploads = Object.values(cases).map(
  ({ parts, type = contentType, directives = {}, missing = 0, cancelAt, formId }): Upload => {
    const whole = multipart(...parts)
    const body = whole.subarray(0, whole.length - missing)
    return { body, contentType: type, ini: directives, cancelAt, formId }
  },
)
const names = Object.keys(cases).map((name, at) => [name, at] as const)
const versions = ['7.4', '8.2', '8.5'] as const
const KEEP: Ini = { 'upload_progress.cleanup': 0 }

describe.each(versions)('the states of a session during an upload, as in PHP %s:', (version) => {
  let kept: readonly string[][]
  let removed: readonly string[][]

  beforeAll(async () => {
    const all = await inPhp(version, [
      ...uploads.map(({ ini, ...upload }) => ({ ...upload, ini: { ...ini, ...KEEP } })),
      ...uploads,
    ])
    kept = all.slice(0, uploads.length)
    removed = all.slice(uploads.length)
  })

  it.each(names)('%s', async (_name, at) => {
    expect(uncounted(await here(uploads[at]!, 1, KEEP))).toEqual(uncounted(kept[at]!))
  })

  it.each(names)('%s, removed at the end', async (_name, at) => {
    expect(uncounted(await here(uploads[at]!, 1))).toEqual(uncounted(removed[at]!))
  })

  it.each(names.filter(([name]) => name !== 'cancelled'))('%s, all at once: the last one with its counts', async (_name, at) => {
    const states = await here(uploads[at]!, Number.POSITIVE_INFINITY, KEEP)
    expect(states.slice(-1).map(comparable)).toEqual(kept[at]!.slice(-1).map(comparable))
  })
})

async function inPhp(version: PhpVersion, uploads: readonly Upload[]): Promise<string[][]> {
  const child = fork(join(__dirname, 'support/upload-in-php.mjs'), [version], { execArgv: [], serialization: 'advanced' })
  child.send(uploads.map(({ ini, ...upload }) => ({ ...upload, ini: prefixed({ ...eachEvent, ...ini }) })))
  const [answers] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (!Array.isArray(answers)) throw new Error(`PHP ${version} ended with ${answers}`)
  return answers
}

/** `size`: so many bytes come at a time. */
async function here({ body, contentType, ini, cancelAt, formId }: Upload, size: number, more: Ini = {}): Promise<string[]> {
  const session = recordedSession({ ...ini, ...more }, ({ $_SESSION, states }, id) => {
    expect(id).toBe(formId ?? 'id')
    if (states.length === cancelAt) Object.assign($_SESSION['upload_progress_form'] as object, { cancel_upload: true })
  })
  const headers = { 'content-type': contentType, 'content-length': String(body.length) }
  const stream = ReadableStream.from(cut(body, size))
  const sent = new Request('http://localhost/', { method: 'POST', headers, body: stream, duplex: 'half' })
  const { request, done } = trackUploadOf(sent, formId === undefined ? 'id' : undefined, session)
  const reading = async () => {
    for await (const _chunk of request.body!) await setImmediate()
  }
  if (cancelAt === undefined) await reading()
  else await expect(reading()).rejects.toMatchObject({ code: 'UPLOAD_CANCELLED' })
  await done
  return session.states
}

/** The field that says whose session it is. */
function bringing(id: string): Part {
  return ['name="PHPSESSID"', id]
}

function prefixed({ phpVersion, ...ini }: Ini): Record<string, string> {
  const all = { use_strict_mode: 0, ...ini }
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [`session.${name}`, String(value)]))
}
