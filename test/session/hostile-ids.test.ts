import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesSaveHandler } from '../../src/save-handlers/files.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { type Served, serve } from '../http/servers.ts'
import { type SpySaveHandler, spySaveHandler } from './support/spy-save-handler.ts'

/** Ids as attackers send them. None of them may come near the file system. */

const long = (length: number) => 'a'.repeat(length)

// biome-ignore format: a table
const hostile: [what: string, id: string][] = [
  ['a path upwards', '../../etc/passwd'],
  ['a path upwards, percent-encoded', '%2e%2e%2f%2e%2e%2fetc%2fpasswd'],
  ['a path upwards, encoded twice', '%252e%252e%252f'],
  ['an absolute path', '/etc/passwd'],
  ['a path of another system', '..\\..\\boot.ini'],
  ['a dot', '.'],
  ['a NUL', 'abc%00'],
  ['a NUL before more', 'abc%00/../x'],
  ['a line break', 'abc%0d%0aSet-Cookie:%20a=b'],
  ['HTML', '%3Cscript%3E'],
  ['quotes', `abc'"`],
  ['spaces', ' abc '],
  ['a wildcard', '*'],
  ['a shell command', '$(reboot)'],
  ['a stream wrapper', 'php://input'],
  ['300 characters', long(300)],
  ['257 characters', long(257)],
  ['a megabyte, as far as headers go', long(12_000)],
  ['letters that look like ASCII', '%ef%bd%81%ef%bd%82'],
  ['an underscore', 'abc_def'],
  ['nothing', ''],
  ['JSON', '{"id":"abc"}'],
  ['a number', '1e3.5'],
]

let outside: string
let save_path: string
let store: SpySaveHandler
let sessions: SessionManager
let served: Served

beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), 'hostile-'))
  save_path = join(outside, 'sessions')
  mkdirSync(save_path)
  store = spySaveHandler(filesSaveHandler)
  sessions = new SessionManager({
    save_path,
    save_handler: store,
    use_strict_mode: false,
    use_only_cookies: false,
    gc_probability: 0,
  })
  served = await serve('HTTP/1.1', async (req, res) => {
    Object.assign(req, { body: Object.fromEntries(new URLSearchParams(await text(req))) })
    const session = await sessions.start(req, res).catch((error) => error)
    res.end(session.id ?? String(session))
  })
})

beforeEach(() => {
  store.calls.length = 0
})

afterAll(async () => {
  await served.close()
  rmSync(outside, { recursive: true })
})

async function text(stream: AsyncIterable<unknown>): Promise<string> {
  let all = ''
  for await (const chunk of stream) all += chunk
  return all
}

/** The id of the session that the server started. */
function ask(path: string, headers: Record<string, string>, form?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = form === undefined ? 'GET' : 'POST'
    const sent = request({ port: served.port, host: '127.0.0.1', path, headers, method, agent: false })
    sent.once('error', reject)
    sent.once('response', (response) => void text(response.setEncoding('utf8')).then(resolve))
    sent.end(form)
  })
}

describe.each(hostile)('an id that is %s', (_what, id) => {
  const ways: [where: string, ask: () => Promise<string>][] = [
    ['the cookie', () => ask('/', { Cookie: `PHPSESSID=${id}` })],
    ['the query', () => ask(`/?PHPSESSID=${encodeURI(id)}`, {})],
    ['the form', () => ask('/', {}, `PHPSESSID=${id}`)],
  ]

  it.each(ways)('in %s is answered with a new one, and no file is named by it', async (_where, send) => {
    const given = await send()
    expect(given).toMatch(/^[0-9a-f]{32}$/)
    const ids = store.calls.flatMap((call) => call.split(' ').slice(1))
    expect(new Set(ids)).toEqual(new Set([given]))
    expect(readdirSync(outside)).toEqual(['sessions'])
    expect(readdirSync(save_path).every((name) => /^sess_[0-9a-f]{32}$/.test(name))).toBe(true)
  })

  it('is not taken from the application either', async () => {
    for (const plain of new Set([id, decodeURIComponent(id)])) {
      await expect(sessions.start({ id: plain })).rejects.toMatchObject({ code: 'INVALID_ID' })
      expect(await sessions.peek({ id: plain })).toBeNull()
    }
    expect(store.calls.filter((call) => call.includes(' '))).toEqual([])
  })
})

describe('an id that is no text', () => {
  it.each(['PHPSESSID[]=abc', 'PHPSESSID[a]=abc', 'PHPSESSID[a][b]=abc'])('is not looked for: %s', async (variable) => {
    const ids = [await ask('/', { Cookie: variable }), await ask(`/?${variable}`, {}), await ask('/', {}, variable)]
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
  })

  it.each([[['abc']], [{ toString: () => 'abc' }], [7], [null], [true]])('is not taken from the application: %j', async (id) => {
    store.calls.length = 0
    await expect(sessions.start({ id } as never)).rejects.toMatchObject({ code: 'INVALID_ID' })
    expect(store.calls.filter((call) => call.includes(' '))).toEqual([])
  })
})

describe('a file that an attacker laid there', () => {
  it('is not followed when it is a symbolic link', async () => {
    const target = join(outside, 'target')
    writeFileSync(target, 'n|i:1;')
    symlinkSync(target, join(save_path, 'sess_link'))
    await expect(sessions.start({ id: 'link' })).rejects.toMatchObject({ code: 'SAVE_PATH' })
    rmSync(target)
    rmSync(join(save_path, 'sess_link'))
  })
})
