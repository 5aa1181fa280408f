import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuilt, root } from '../support/package.ts'
import { type Example, exampleFile, startExample } from './example.ts'
import { openPhpSite, type PhpSite } from './php-site.ts'

/** The examples that answer HTTP, as the processes people start, beside a real PHP on the same sessions. */

const handlers = (framework: string) => [join(__dirname, 'handlers.mjs'), framework]

const examples: [name: string, args: string[]][] = [
  ['node-http', [exampleFile('node-http/server.mjs')]],
  ['express', [exampleFile('express/server.mjs')]],
  ['fastify', [exampleFile('fastify/server.mjs')]],
  ['koa', [exampleFile('koa/server.mjs')]],
  ['hono', [exampleFile('hono/server.mjs')]],
  ['nestjs', ['--import', join(__dirname, 'typescript.mjs'), exampleFile('nestjs/main.ts')]],
  ['next', handlers('next')],
  ['sveltekit', handlers('sveltekit')],
  ['remix', handlers('remix')],
]

let php: PhpSite

beforeAll(async () => {
  ensureBuilt()
  php = await openPhpSite()
})
afterAll(() => php?.close())

describe.each(examples)('the example %s', (_name, args) => {
  let example: Example

  beforeAll(async () => {
    example = await startExample(args, php.save_path)
  })

  afterAll(async () => {
    expect(await example?.stop()).toEqual({ status: 0, signal: null, stderr: '' })
  })

  it('counts the visits of a stranger, whom PHP then knows', async () => {
    const first = await ask('GET', '/')
    expect(first).toMatchObject({ text: 'Hello stranger, visit 1', setCookie: [expect.stringContaining('; path=/; HttpOnly')] })
    expect(await ask('GET', '/', first.id)).toMatchObject({ text: 'Hello stranger, visit 2', setCookie: [] })
    expect(await php.script("$_SESSION['visits'] += 10;", first.id)).toEqual({ id: first.id, vars: { visits: 12 } })
    expect(await ask('GET', '/', first.id)).toMatchObject({ text: 'Hello stranger, visit 13' })
  })

  it('greets whom PHP logged in, and keeps what else PHP put there', async () => {
    const { id } = await php.script("$_SESSION = ['user' => 'Zoé', 'price' => 10.0, 'cart' => [3 => 'Mug']];")
    expect(await ask('GET', '/', id)).toMatchObject({ text: 'Hello Zoé, visit 1', setCookie: [] })
    const { vars } = await php.script("$_SESSION['bytes'] = session_encode();", id)
    expect(vars['bytes']).toBe('user|s:4:"Zoé";price|d:10;cart|a:1:{i:3;s:3:"Mug";}visits|i:1;')
  })

  it('logs in for PHP too, under a new id, and out', async () => {
    const stranger = await ask('GET', '/')
    const login = await ask('POST', '/login', stranger.id)
    expect(login.status).toBeLessThan(400)
    expect(login.id).not.toBe(stranger.id)
    expect(await php.script('', login.id)).toEqual({ id: login.id, vars: { visits: 1, user: 'Alice' } })
    expect(php.files()).not.toContain(`sess_${stranger.id}`)

    const logout = await ask('POST', '/logout', login.id)
    expect(logout.status).toBeLessThan(400)
    expect(logout.setCookie).toEqual([expect.stringMatching(/^PHPSESSID=deleted; .*Max-Age=0/)])
    const after = await php.script('', login.id)
    expect(after).toEqual({ id: expect.not.stringMatching(login.id), vars: {} })
  })

  it('no longer greets whom PHP logged out', async () => {
    const { id } = await php.script("$_SESSION['user'] = 'Zoé';")
    await php.script('session_destroy();', id)
    const answer = await ask('GET', '/', id)
    expect(answer).toMatchObject({ text: 'Hello stranger, visit 1' })
    expect(answer.id).not.toBe(id)
  })

  async function ask(method: string, path: string, id?: string) {
    const headers = { Connection: 'close', ...(id !== undefined && { Cookie: `PHPSESSID=${id}` }) }
    const response = await fetch(example.url + path, { method, headers, redirect: 'manual' })
    const setCookie = response.headers.getSetCookie()
    const [, sent = ''] = /^PHPSESSID=(\w+)/.exec(setCookie[0] ?? '') ?? []
    return { status: response.status, text: await response.text(), setCookie, id: sent }
  }
})

it('the example nestjs compiles with its own tsconfig.json', () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '--noEmit', '-p', exampleFile('nestjs')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
})
