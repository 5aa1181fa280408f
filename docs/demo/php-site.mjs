/** The PHP pages behind Node: requests go to PHPs in processes of their own, a PHP that waits for a lock holds up nobody else. */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const pages = fileURLToPath(new URL('php', import.meta.url))
const mostProcesses = 3

/**
 * @param {{ version: string, nativePhp?: string, directives: Record<string, unknown> }} options version: a WebAssembly build, or 'native'
 * @returns `answer(request)` → `{ status, headers, body }`, `close()`; request: `{ script, query, method, headers, body }`
 */
export function openPhpSite({ version, nativePhp, directives }) {
  const session = Object.entries(directives).map(([name, value]) => [`session.${name}`, `${value}`])
  const ini = [['display_errors', '0'], ['log_errors', '1'], ['error_log', ''], ['date.timezone', 'UTC'], ...session]
  const start = () => (version === 'native' ? startNative(nativePhp, ini) : startWasm(version, directives.save_path, ini))

  const processes = new Set()
  const idle = []
  const waiting = []
  let closed = false

  function begin() {
    const php = start()
    php.ready.catch(() => {})
    processes.add(php)
    return php
  }

  /** A PHP that has nothing to do, a new one, or the first one that is done. */
  async function take() {
    return idle.pop() ?? (processes.size < mostProcesses ? begin() : new Promise((resolve) => waiting.push(resolve)))
  }

  function giveBack(php) {
    const next = waiting.shift()
    if (next) next(php)
    else idle.push(php)
  }

  idle.push(begin())
  return {
    async answer(request) {
      let php = await take()
      try {
        return await (await php.ready).answer(request)
      } catch (error) {
        if (closed) throw error
        processes.delete(php)
        php.end()
        php = begin()
        throw error
      } finally {
        giveBack(php)
      }
    },
    async close() {
      closed = true
      await Promise.all([...processes].map((php) => php.end()))
    },
  }
}

function startWasm(version, save_path, ini) {
  const settings = JSON.stringify({ version, folders: [pages, save_path], ini })
  const child = fork(new URL('php-process.mjs', import.meta.url), [settings], { serialization: 'advanced' })
  const gone = exitOf(child)
  const message = async () => (await Promise.race([once(child, 'message'), gone]))[0]
  const answer = async ({ script, query, method, headers, body }) => {
    const uri = `/php/${script}${query}`
    const $_SERVER = { SCRIPT_NAME: `/php/${script}`, PHP_SELF: `/php/${script}` }
    child.send({ scriptPath: join(pages, script), relativeUri: uri, protocol: 'http', method, headers, body, $_SERVER })
    const response = await message()
    if (response.errors) process.stderr.write(response.errors)
    return response
  }
  return { ready: message().then(() => ({ answer })), end: () => end(child) }
}

/** PHP's own web server, for the installed PHP. */
function startNative(nativePhp, ini) {
  const flags = ini.flatMap(([name, value]) => ['-d', `${name}=${value}`])
  const child = spawn(nativePhp, [...flags, '-S', '127.0.0.1:0', '-t', pages], { stdio: ['ignore', 'ignore', 'pipe'] })
  const log = createInterface({ input: child.stderr })
  const listening = new Promise((resolve) => {
    log.on('line', (line) => {
      const [, port] = /Development Server \(http:\/\/127\.0\.0\.1:(\d+)\) started/.exec(line) ?? []
      if (port) resolve(Number(port))
      else if (/PHP .*(error|warning|notice|deprecated)/i.test(line)) process.stderr.write(`${line}\n`)
    })
  })
  const ready = Promise.race([listening, exitOf(child)]).then((port) => ({
    answer: (request) => ask(port, request),
  }))
  return { ready, end: () => end(child) }
}

function ask(port, { script, query, method, headers, body }) {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: `/${script}${query}`, method, headers, agent: false }
    const outgoing = httpRequest(options, async (response) => {
      const { statusCode: status, headersDistinct: headers } = response
      const chunks = await response.toArray().catch(reject)
      resolve({ status, headers, body: Buffer.concat(chunks ?? []) })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** Rejects when the child ends. */
function exitOf(child) {
  const gone = once(child, 'exit').then(([status, signal]) => Promise.reject(new Error(`A PHP ended with ${status ?? signal}`)))
  gone.catch(() => {})
  return gone
}

/** Kills: a PHP may be waiting for a lock and hear nothing else. */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
