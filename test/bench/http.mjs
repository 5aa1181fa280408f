import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadGenerator } from './load.mjs'
import { median, micros, table, times } from './measure.mjs'
import { startPhpFpm } from './php-fpm.mjs'
import { findProgram, processorTime, removeFolder, roomForManyFiles, start, stop, temporaryFolder } from './processes.mjs'

export const ROUNDS = 3
const SECONDS = 1

/** A login page, each time for a visitor without a cookie, so that each request makes a session. */
export async function benchHttp() {
  const load = loadGenerator()
  const sites = []
  try {
    sites.push(await site('session-start, node:http', nodeServer('session-start.mjs')))
    sites.push(await site('node:http without a session', { ...nodeServer('no-session.mjs'), hasSession: false }))
    sites.push(await site('session-file-store, express-session', nodeServer('file-store.mjs')))
    const fpm = findProgram('php-fpm')
    const nginx = findProgram('nginx')
    if (fpm && nginx) {
      const php = await site('PHP: php-fpm, nginx', phpServer(fpm, nginx)).catch((error) => console.log(`\n${error.message}`))
      if (php !== undefined) sites.push(php)
    } else console.log('\nphp-fpm and nginx are not both installed here: no comparison with them.')

    for (const { warmUp } of sites) await warmUp(load)
    for (let round = 0; round < ROUNDS; round++) for (const { turn } of sites) await turn(load)
    for (const { check } of sites) await check()
  } finally {
    for (const { end } of sites) await end()
  }

  const [ours] = sites
  const rate = ({ rates }) => median(rates)
  const row = (each) => [
    each.name,
    rate(each).toFixed(0),
    times(rate(ours) / rate(each)),
    each.processes,
    micros(each.cpuPerRequest()),
  ]
  console.log(
    `\nA login page that makes a session: requests per second over ${load.connections} connections, by ${load.name}, sessions in ${roomForManyFiles()}.\n`,
  )
  console.log(table(['', 'requests/s', 'ours to it', 'processes', 'CPU µs each'], sites.map(row)))
}

/** `launch` starts a server that keeps its sessions in a folder: → { port, children, stop }; without `hasSession` it does not keep any. */
export async function site(name, { launch, processes, hasSession = true }) {
  const folder = temporaryFolder('http', roomForManyFiles())
  const sessions = join(folder, 'sessions')
  mkdirSync(sessions, { mode: 0o700 })
  const server = await launch(folder, sessions)
  const url = `http://127.0.0.1:${server.port}/`
  const rates = []
  let requests = 0
  const counted = { requests: 0, seconds: 0 }

  const run = async (load) => {
    const result = await load.run(url, SECONDS)
    requests += result.requests
    return result
  }
  const cpu = () => server.children.reduce((sum, child) => sum + processorTime(child), 0)
  return {
    name,
    processes,
    rates,
    cpuPerRequest: () => (counted.seconds / counted.requests) * 1e6,
    async warmUp(load) {
      await checkPage(name, url, hasSession && sessions)
      await run(load)
    },
    async turn(load) {
      const before = cpu()
      const result = await run(load)
      rates.push(result.perSecond)
      counted.requests += result.requests
      counted.seconds += cpu() - before
    },
    async check() {
      const stored = readdirSync(sessions).length
      if (hasSession && stored < requests) throw new Error(`${name} answered ${requests} requests, but stored ${stored} sessions`)
      await checkPage(name, url, hasSession && sessions)
    },
    async end() {
      await server.stop()
      removeFolder(folder)
    },
  }
}

/** The page shows a token, and the session that the cookie names holds it, if there shall be any. */
async function checkPage(name, url, sessions) {
  const response = await fetch(url)
  const body = await response.text()
  const token = /<form method="post" action="\/login">\n<input type="hidden" name="csrf_token" value="([0-9a-f]{32})">/.exec(
    body,
  )?.[1]
  const [cookie] = response.headers.getSetCookie()
  // PHPSESSID=id, or connect.sid=s:id.signature
  const id = /^[\w.]+=(?:s%3A)?([\w-]+)/.exec(cookie ?? '')?.[1]
  const file = sessions && readdirSync(sessions).find((each) => id !== undefined && each.includes(id))
  const isStored = file && readFileSync(join(sessions, file), 'utf8').includes(token)
  const isRight = response.status === 200 && token && (isStored || !sessions)
  if (!isRight) throw new Error(`${name} answered ${response.status}, cookie ${cookie}:\n${body}`)
}

/** A server in servers/, started with the folder and what else it takes. */
export function nodeServer(script, ...args) {
  const path = fileURLToPath(new URL(`servers/${script}`, import.meta.url))
  return {
    processes: '1',
    async launch(_folder, sessions) {
      const child = start(process.execPath, [path, sessions, ...args], { env: { ...process.env, NODE_ENV: 'production' } })
      const port = await new Promise((resolve, reject) => {
        child.stdout.once('data', (text) => resolve(Number(text)))
        child.once('close', () => reject(new Error(`${script} does not start\n${child.errors}`)))
      })
      return { port, children: [child], stop: () => stop(child) }
    },
  }
}

function phpServer(fpm, nginx) {
  const script = fileURLToPath(new URL('servers/login.php', import.meta.url))
  return {
    processes: '1 + 4',
    launch: (folder, sessions) => startPhpFpm({ fpm, nginx, folder, script, sessions }),
  }
}
