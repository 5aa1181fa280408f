import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'

/** Servers and clients on loopback: the same handler behind HTTP/1.1 and HTTP/2. */

export type Handler = (req: IncomingMessage, res: ServerResponse) => void

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface Asking {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  /** When the head is there. */
  readonly onHead?: () => void
}

export interface Served {
  readonly port: number
  /** Rejects when the answer does not come to its proper end. */
  ask(asking?: Asking): Promise<Answer>
  close(): Promise<void>
}

export type Protocol = 'HTTP/1.1' | 'HTTP/2'
export const protocols: readonly Protocol[] = ['HTTP/1.1', 'HTTP/2']

export async function serve(protocol: Protocol, handler: Handler): Promise<Served> {
  const sockets = new Set<Socket>()
  const server = protocol === 'HTTP/2' ? http2.createServer(handler as never) : http.createServer(handler)
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    ask: (asking = {}) => (protocol === 'HTTP/2' ? askHttp2(port, asking) : askHttp1(port, asking)),
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Asks over a connection of its own. Rejects when the answer does not come to its proper end. */
export async function askHttp1(port: number, { method = 'GET', path = '/', headers = {}, onHead }: Asking = {}): Promise<Answer> {
  const sent = http.request({ port, method, path, headers, agent: false })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  onHead?.()
  let body = ''
  for await (const chunk of response.setEncoding('latin1')) body += chunk
  return { status: response.statusCode!, headers: response.headers, body }
}

async function askHttp2(port: number, { method = 'GET', path = '/', headers = {}, onHead }: Asking): Promise<Answer> {
  const client = http2.connect(`http://127.0.0.1:${port}`)
  client.on('error', () => {})
  try {
    const stream = client.request({ ...headers, ':method': method, ':path': path }, { endStream: true })
    const [{ ':status': status, ...received }] = (await once(stream, 'response')) as [
      http2.IncomingHttpHeaders & { ':status': number },
    ]
    onHead?.()
    let body = ''
    for await (const chunk of stream.setEncoding('latin1')) body += chunk
    return { status, headers: received, body }
  } finally {
    client.destroy()
  }
}
