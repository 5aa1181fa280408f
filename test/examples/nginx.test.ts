import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { SessionManager } from '../../src/session/session-manager.ts'
import { codeBlocks } from '../support/markdown.ts'
import { ensureBuilt, root } from '../support/package.ts'
import { type Example, exampleFile, startExample } from './example.ts'

/** The nginx configuration of docs/migrating-from-php.md, as it stands there, with PHP-FPM and Node behind it. */

const fpm = ['php-fpm', 'php-fpm8.2', 'php-fpm8.3', 'php-fpm8.4'].find((name) => canRun(name, '-v'))
const hasBoth = fpm !== undefined && canRun('nginx', '-v')
const isRequired = process.env['SESSION_START_REQUIRE_NATIVE'] === '1'
const describeProxy = hasBoth || isRequired ? describe : describe.skip

describeProxy(`a site that moves${hasBoth || isRequired ? '' : ' (skipped: no nginx and php-fpm on PATH)'}`, () => {
  let folder: string
  let node: Server
  let sockets: Example
  let url: string
  const children: ChildProcess[] = []

  beforeAll(async () => {
    ensureBuilt()
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'moving-')))
    mkdirSync(join(folder, 'www'))
    const sessions = new SessionManager({ save_path: folder, phpVersion: '8.2', gc_probability: 0 })
    node = createServer(async (req, res) => {
      const { $_SESSION } = await sessions.start(req, res)
      $_SESSION['node'] = ($_SESSION['node'] ?? 0) + 1
      res.end(JSON.stringify({ by: `Node ${req.url} for ${req.headers.host}`, ...$_SESSION }))
    })
    await once(node.listen(0, '127.0.0.1'), 'listening')
    sockets = await startExample([exampleFile('ws/server.mjs')], folder)
    await startPhp()
    url = await startNginx((node.address() as AddressInfo).port, Number(new URL(sockets.url).port))
  })

  afterAll(async () => {
    for (const child of children) {
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    await sockets?.stop()
    node?.close()
    node?.closeAllConnections()
    rmSync(folder, { recursive: true })
  })

  it('sends each page to its side, with one session for both', async () => {
    const { cookie, ...first } = await ask('/index.php')
    expect(first.page).toEqual({ by: 'PHP /index.php', php: 1 })
    expect((await ask('/account.php', cookie)).page).toEqual({
      by: `Node /account.php for ${new URL(url).host}`,
      php: 1,
      node: 1,
    })
    expect((await ask('/', cookie)).page).toEqual({ by: 'PHP /', php: 2, node: 1 })
    expect((await ask('/api/old.php?a=1', cookie)).page).toMatchObject({
      by: expect.stringContaining('Node /api/old.php?a=1 for'),
    })
    expect((await ask('/shop/mug', cookie)).page).toEqual({ by: 'PHP /shop/mug', php: 3, node: 2 })
    expect((await fetch(`${url}/none.php`)).status).toBe(404)
  })

  it('lets a socket of its own pages through, to who is logged in', async () => {
    const { cookie } = await ask('/index.php?login=Alice')
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket`, { headers: { Cookie: cookie, Origin: url } })
    expect(String((await once(socket, 'message'))[0])).toBe('Hello Alice')
    socket.close()
    await once(socket, 'close')
  })

  async function ask(path: string, sent = '') {
    const response = await fetch(url + path, { headers: sent === '' ? {} : { Cookie: sent } })
    const [cookie = ''] = response.headers.getSetCookie()[0]?.split(';') ?? []
    return { page: await response.json(), cookie }
  }

  async function startPhp(): Promise<void> {
    writeFileSync(
      join(folder, 'www/index.php'),
      `<?php session_start();
      if (isset($_GET['login'])) $_SESSION['user'] = $_GET['login'];
      $_SESSION['php'] = ($_SESSION['php'] ?? 0) + 1;
      echo json_encode(['by' => "PHP $_SERVER[REQUEST_URI]"] + $_SESSION);`,
    )
    const pool = [
      '[global]',
      `error_log = ${folder}/fpm.log`,
      '[www]',
      `listen = ${folder}/fpm.sock`,
      'pm = static',
      'pm.max_children = 2',
    ]
    // Who is root has to say as whom PHP shall run; here, as everybody else here.
    const isRoot = process.getuid?.() === 0
    writeFileSync(join(folder, 'fpm.conf'), [...pool, ...(isRoot ? ['user = root', 'group = root'] : [])].join('\n'))
    const directives = ['-d', `session.save_path=${folder}`, '-d', 'session.gc_probability=0']
    const php = start(fpm!, ['-n', '-F', ...(isRoot ? ['-R'] : []), ...directives, '-y', join(folder, 'fpm.conf')])
    while (!(await isListening(join(folder, 'fpm.sock')))) {
      if (php.exitCode !== null) throw new Error(readFileSync(join(folder, 'fpm.log'), 'utf8'))
      await sleep(20)
    }
  }

  /** Retried on another port when somebody else took the one that was free. */
  async function startNginx(nodePort: number, socketPort: number): Promise<string> {
    for (;;) {
      const port = await freePort()
      writeFileSync(join(folder, 'nginx.conf'), configuration(port, nodePort, socketPort))
      const nginx = start('nginx', ['-p', folder, '-e', join(folder, 'nginx.log'), '-c', join(folder, 'nginx.conf')])
      while (nginx.exitCode === null) {
        // It writes that file when the port is its own.
        if (existsSync(join(folder, 'nginx.pid'))) return `http://127.0.0.1:${port}`
        await sleep(20)
      }
      const log = readFileSync(join(folder, 'nginx.log'), 'utf8')
      if (!log.includes('Address already in use')) throw new Error(log)
    }
  }

  function configuration(port: number, nodePort: number, socketPort: number): string {
    const page = readFileSync(join(root, 'docs/migrating-from-php.md'), 'utf8')
    const block = codeBlocks(page, 'migrating-from-php.md').find(({ code }) => code[0] === 'server {')!
    const [before, after] = block.code.join('\n').split('location = /socket')
    const server = [before!.replaceAll('127.0.0.1:8080', `127.0.0.1:${nodePort}`), after!.replace(':8080', `:${socketPort}`)]
      .join('location = /socket')
      .replace('listen 80;', `listen 127.0.0.1:${port};`)
      .replace('root /srv/shop;', `root ${folder}/www;`)
      .replace('include fastcgi_params;', `include ${folder}/fastcgi_params;`)
      .replace('unix:/run/php/php8.2-fpm.sock', `unix:${folder}/fpm.sock`)
    // What Debian's fastcgi_params has, as far as PHP needs it.
    const params = [
      'REQUEST_METHOD $request_method',
      'QUERY_STRING $query_string',
      'REQUEST_URI $request_uri',
      'CONTENT_LENGTH $content_length',
    ]
    writeFileSync(join(folder, 'fastcgi_params'), params.map((param) => `fastcgi_param ${param};\n`).join(''))
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`)
    // Who is root is made nobody otherwise, who cannot reach the folder.
    const user = process.getuid?.() === 0 ? 'user root;' : ''
    return `${user} pid ${folder}/nginx.pid; daemon off; events {} http { access_log off; ${temporary.join(' ')}\n${server}\n}`
  }

  function start(command: string, args: readonly string[]): ChildProcess {
    const child = spawn(command, args, { stdio: 'ignore' })
    children.push(child)
    return child
  }
})

function canRun(command: string, argument: string): boolean {
  try {
    execFileSync(command, [argument], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
