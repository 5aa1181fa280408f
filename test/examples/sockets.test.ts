import { once } from 'node:events'
import { io, type Socket } from 'socket.io-client'
import { WebSocket } from 'ws'
import { SessionManager } from '../../src/session/session-manager.ts'
import { ensureBuilt } from '../support/package.ts'
import { type Example, exampleFile, startExample } from './example.ts'
import { openPhpSite, type PhpSite } from './php-site.ts'

/** The examples with sockets, as the processes people start, beside a real PHP on the same sessions. */

/** A socket that was let in. */
interface Opened {
  /** What it was told first. */
  readonly greeting: string
  /** What it is told when it asks for the visits; undefined when it is closed instead. */
  visits(): Promise<unknown>
  close(): void
}

/** What a browser sends when it opens a socket. */
interface Handshake {
  readonly id?: string
  readonly origin?: string
}

/** For each example how a client opens a socket; → why it was refused, or the socket. */
const clients: [name: string, open: (url: string, handshake: Handshake) => Promise<string | Opened>, refusal: string][] = [
  ['ws', openWebSocket, 'Unexpected server response: 401'],
  ['socket.io', openSocketIo, 'Unauthorized'],
]

let php: PhpSite

beforeAll(async () => {
  ensureBuilt()
  php = await openPhpSite()
})
afterAll(() => php?.close())

describe.each(clients)('the example %s', (name, openSocket, refusal) => {
  let example: Example
  const opened: Opened[] = []

  beforeAll(async () => {
    example = await startExample([exampleFile(`${name}/server.mjs`)], php.save_path)
  })

  afterEach(() => {
    for (const socket of opened.splice(0)) socket.close()
  })

  afterAll(async () => {
    expect(await example?.stop()).toEqual({ status: 0, signal: null, stderr: '' })
  })

  it('lets in whom PHP logged in, and sees what PHP changes', async () => {
    const { id } = await php.script("$_SESSION = ['user' => 'Zoé', 'visits' => 2];")
    const socket = await open({ id })
    expect(socket).toMatchObject({ greeting: 'Hello Zoé' })
    await php.script("$_SESSION['visits']++;", id)
    expect(await (socket as Opened).visits()).toBe(3)
  })

  it('refuses who has no cookie, an unknown one, or a session without a login', async () => {
    const { id } = await php.script("$_SESSION['visits'] = 1;")
    for (const each of [undefined, 'unknown', '../../etc/passwd', id]) {
      expect(await open(each === undefined ? {} : { id: each })).toBe(refusal)
    }
  })

  it('refuses a page of another site, which the browser sends the cookie with', async () => {
    const { id } = await php.script("$_SESSION['user'] = 'Zoé';")
    expect(await open({ id, origin: example.url })).toMatchObject({ greeting: 'Hello Zoé' })
    for (const origin of ['https://evil.example', 'null']) expect(typeof (await open({ id, origin }))).toBe('string')
  })

  it('refuses whom PHP logged out, and closes the socket that was open', async () => {
    const { id } = await php.script("$_SESSION['user'] = 'Zoé';")
    const socket = (await open({ id })) as Opened
    await php.script('session_destroy();', id)
    expect(await open({ id })).toBe(refusal)
    expect(await socket.visits()).toBeUndefined()
  })

  it('needs no lock, and leaves no file', async () => {
    const { id } = await php.script("$_SESSION['user'] = 'Zoé';")
    const files = php.files()
    const directives = { save_path: php.save_path, gc_probability: 0 }
    const held = await new SessionManager(directives).start({ id })
    const impatient = new SessionManager({ ...directives, lockTimeout: 0 })
    await expect(impatient.start({ id })).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' })

    expect(await open({ id })).toMatchObject({ greeting: 'Hello Zoé' })
    expect(await open({ id: 'unknown' })).toBe(refusal)

    expect(held.status).toBe('active')
    await held.commit()
    expect(php.files()).toEqual(files)
  })

  async function open(handshake: Handshake): Promise<string | Opened> {
    const socket = await openSocket(example.url, handshake)
    if (typeof socket !== 'string') opened.push(socket)
    return socket
  }
})

async function openWebSocket(url: string, { id, origin }: Handshake): Promise<string | Opened> {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers: headersOf({ id, origin }) })
  const closed = once(socket, 'close')
  const told = async () => (await Promise.race([once(socket, 'message'), closed.then(() => [])]))[0]?.toString()
  try {
    const greeting: string = await told()
    return {
      greeting,
      async visits() {
        socket.send('')
        const [, visits] = /, visit (\d+)$/.exec((await told()) ?? '') ?? []
        return visits === undefined ? undefined : Number(visits)
      },
      close: () => socket.terminate(),
    }
  } catch (error) {
    return (error as Error).message
  }
}

async function openSocketIo(url: string, { id, origin }: Handshake): Promise<string | Opened> {
  const socket: Socket = io(url, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    extraHeaders: headersOf({ id, origin }),
  })
  const outcome = await new Promise<{ greeting: string } | Error>((resolve) => {
    socket.once('hello', (greeting: string) => resolve({ greeting }))
    socket.once('connect_error', resolve)
  })
  if (outcome instanceof Error) {
    socket.close()
    return outcome.message
  }
  return {
    ...outcome,
    visits: () => new Promise((resolve) => void socket.once('disconnect', () => resolve(undefined)).emit('visits', resolve)),
    close: () => void socket.close(),
  }
}

function headersOf({ id, origin }: { id: string | undefined; origin: string | undefined }): Record<string, string> {
  return { ...(id !== undefined && { Cookie: `PHPSESSID=${id}` }), ...(origin !== undefined && { Origin: origin }) }
}
