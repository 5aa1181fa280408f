import http, { type IncomingMessage } from 'node:http'
import http2 from 'node:http2'
import type { Duplex, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Protocol } from '../../http/servers.ts'

/** A request on its way: its body is sent piece by piece. */
export interface Sending {
  write(chunk: Uint8Array): void
  end(chunk?: Uint8Array): void
  /** Breaks it off. */
  destroy(): void
  /** The text of the answer; rejects when the connection breaks. */
  readonly answer: Promise<string>
}

export interface Head {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Begins a request to a server on this machine. */
export function send(port: number, { method = 'POST', headers = {} }: Head = {}, protocol: Protocol = 'HTTP/1.1'): Sending {
  return protocol === 'HTTP/2' ? sendHttp2(port, method, headers) : sendHttp1(port, method, headers)
}

function sendHttp1(port: number, method: string, headers: Readonly<Record<string, string>>): Sending {
  const sent = http.request({ port, method, headers, agent: false })
  sent.flushHeaders()
  const answer = new Promise<string>((resolve, reject) => {
    sent.once('response', (response: IncomingMessage) => text(response).then(resolve, reject))
    sent.on('error', reject)
  })
  return sending(sent, answer)
}

function sendHttp2(port: number, method: string, headers: Readonly<Record<string, string>>): Sending {
  const client = http2.connect(`http://127.0.0.1:${port}`)
  client.on('error', () => {})
  const stream: Duplex = client.request({ ...headers, ':method': method }, { endStream: false })
  return sending(
    stream,
    text(stream).finally(() => client.destroy()),
  )
}

function sending(sent: Writable, answer: Promise<string>): Sending {
  answer.catch(() => {})
  return {
    answer,
    write: (chunk) => void sent.write(chunk),
    end: (chunk) => void sent.end(chunk),
    destroy: () => void sent.destroy(),
  }
}
