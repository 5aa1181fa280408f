import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Sending } from './sending.ts'

/**
 * PHP behind FastCGI, which reads a body as it comes. (PHP's own web server, `php -S`, begins when it has all of it.)
 */
export interface PhpFpm {
  /** Begins a POST to the page. */
  send(headers: Readonly<Record<string, string>>): Sending
  close(): Promise<void>
}

/** Where php-fpm is, or undefined. */
export const phpFpm = findPhpFpm()

/** `describe` where php-fpm is, which is not installed with php itself; skipped or failing elsewhere as with `describeNative`. */
export function describePhpFpm(title: string, suite: () => void): void {
  if (phpFpm !== undefined) return describe(title, suite)
  if (process.env['SESSION_START_REQUIRE_NATIVE'] !== '1') return describe.skip(`${title} (skipped: no php-fpm on PATH)`, suite)
  it(`${title} (needs php-fpm on PATH)`, () => {
    throw new Error('SESSION_START_REQUIRE_NATIVE is set, but there is no php-fpm on PATH')
  })
}

/** Starts it in a folder that is removed with it, with one page. */
export async function startPhpFpm(folder: string, page: string, ini: Readonly<Record<string, string>>): Promise<PhpFpm> {
  const socket = join(folder, 'socket')
  const isRoot = userInfo().uid === 0
  const settings = Object.entries(ini).map(([name, value]) => `php_admin_value[${name}] = ${value}`)
  const pool = [`listen = ${socket}`, 'pm = static', 'pm.max_children = 1', ...(isRoot ? ['user = root'] : []), ...settings]
  const config = ['[global]', `error_log = ${join(folder, 'log')}`, `pid = ${join(folder, 'pid')}`, '[page]', ...pool]
  writeFileSync(join(folder, 'config'), `${config.join('\n')}\n`)
  writeFileSync(join(folder, 'page.php'), page)
  const php = spawn(phpFpm!, ['-n', '-F', ...(isRoot ? ['-R'] : []), '-y', join(folder, 'config')], { stdio: 'ignore' })
  await untilListening(php, socket)

  return {
    send(headers) {
      return sendTo(socket, {
        SCRIPT_FILENAME: join(folder, 'page.php'),
        REQUEST_METHOD: 'POST',
        CONTENT_TYPE: headers['content-type'] ?? '',
        CONTENT_LENGTH: headers['content-length'] ?? '',
        HTTP_COOKIE: headers['cookie'] ?? '',
      })
    },
    async close() {
      const exit = once(php, 'exit')
      php.kill('SIGTERM')
      await exit
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function findPhpFpm(): string | undefined {
  // Servers live where only root's PATH looks.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].filter((folder) =>
    existsSync(folder),
  )
  const found = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  return found.find((path) => /\/php-fpm[\d.]*$/.test(path))
}

async function untilListening(php: ChildProcess, socket: string): Promise<void> {
  while (!existsSync(socket)) {
    if (php.exitCode !== null) throw new Error(`php-fpm ended with status ${php.exitCode}`)
    await setTimeout(10)
  }
}

// --- FastCGI 1.0, with one request on each connection ---

const [BEGIN, PARAMS, STDIN, STDOUT] = [1, 4, 5, 6]
const LONGEST = 0xffff

function sendTo(path: string, params: Readonly<Record<string, string>>): Sending {
  const socket = connect(path)
  const received: Buffer[] = []
  socket.on('data', (data) => received.push(data))
  const answer = new Promise<string>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => resolve(bodyOf(Buffer.concat(received))))
  })
  answer.catch(() => {})
  const pairs = Object.entries(params).flatMap(([name, value]) => [lengthOf(name), lengthOf(value), Buffer.from(name + value)])
  socket.write(record(BEGIN, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])))
  socket.write(record(PARAMS, Buffer.concat(pairs)))
  socket.write(record(PARAMS))

  const write = (chunk: Uint8Array) => {
    for (let at = 0; at < chunk.length; at += LONGEST) socket.write(record(STDIN, chunk.subarray(at, at + LONGEST)))
  }
  return {
    answer,
    write,
    end(chunk = new Uint8Array()) {
      write(chunk)
      socket.write(record(STDIN))
    },
    destroy: () => void socket.destroy(),
  }
}

function record(type: number, content: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 0xff, 0, 0])
  return Buffer.concat([head, content])
}

function lengthOf(text: string): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(Buffer.byteLength(text) + 2 ** 31)
  return bytes
}

/** What stands behind the headers of the answer. */
function bodyOf(records: Buffer): string {
  let text = ''
  for (let at = 0; at + 8 <= records.length; ) {
    const length = records.readUInt16BE(at + 4)
    if (records[at + 1] === STDOUT) text += records.toString('latin1', at + 8, at + 8 + length)
    at += 8 + length + records[at + 6]!
  }
  return text.slice(text.indexOf('\r\n\r\n') + 4)
}
