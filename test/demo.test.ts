import { describeNative } from './oracle/php.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { ensureBuilt, root } from './support/package.ts'

/** The demo as people start it: the real process, its exit status, what it prints and what it leaves behind. */

let demo: Demo | undefined

beforeAll(ensureBuilt)

afterEach(async () => {
  const left = await demo?.remains()
  demo = undefined
  expect(left).toEqual({ files: [], processes: [] })
})

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  demo = startDemo(args, env)
  return demo.ended
}

describe('npm run demo', () => {
  it('tells the story and visits the shop with --check', async () => {
    const { status, stdout, stderr } = await run(['--check'])
    expect({ status, stderr, wrong: linesWith(stdout, '✗') }).toEqual({ status: 0, stderr: '', wrong: [] })
    expect(stdout).toMatch(/One \$_SESSION for PHP 8\.\d+\.\d+ \(WebAssembly\) and Node \d+/)
    expect(linesWith(stdout, '✓')).toEqual(
      expect.arrayContaining([
        "✓ PHP's session_start() waits",
        '✓ PHP gets through, and sees the crêpe',
        '✓ the page is made by Node and knows both',
        '✓ 20 croissants in 20 clicks at once: nothing is lost',
        '✓ no difference in 17 steps, 34 checks',
      ]),
    )
    expect(stdout).toMatch(/sess_[0-9a-f]{6}…/)
    expect(stdout).not.toMatch(/[0-9a-f]{20}/) // a whole id has 32
  })

  it('tells only the story with --story', async () => {
    const { status, stdout, stderr } = await run(['--story'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('user|s:5:"Alice";cart|a:2:{s:8:"Espresso";i:2;s:6:"Crêpe";i:1;}total|d:7;')
    expect(stdout).toContain("PHP   ['user' => 'Alice', 'cart' => ['Espresso' => 2, 'Crêpe' => 1], 'total' => 7.0]")
    expect(stdout).toContain("Node  { user: 'Alice', cart: { Espresso: 2, 'Crêpe': 1 }, total: 7 }")
    expect(linesWith(stdout, '✓').at(-1)).toBe('✓ no difference in 9 steps, 16 checks')
    expect(stdout).not.toContain('http')
  })

  it('has colours where they are wanted', async () => {
    expect((await run(['--story'], { FORCE_COLOR: '1' })).stdout).toContain('\u001b[32m✓\u001b[39m both see the same')
  })

  it('keeps the shop open until Ctrl-C', async () => {
    demo = startDemo(['--port', '0'])
    const url = await demo.url()
    const pages = await Promise.all(['/php/', '/node/'].map(async (path) => (await fetch(url + path)).text()))
    expect(pages.map((page) => /made by <strong>(\w+)/.exec(page)?.[1])).toEqual(['PHP', 'Node'])
    demo.interrupt()
    expect(await demo.ended).toMatchObject({ status: 0, stderr: '' })
    await expect(fetch(url)).rejects.toThrow()
  })

  it.each([
    ['at the beginning', 'One $_SESSION'],
    ['while PHP waits for the lock', 'somebody holds the file'],
    ['while the shop is opened', 'no file is left'],
  ])('cleans up when Ctrl-C comes %s', async (_when, text) => {
    demo = startDemo([])
    await demo.says(text)
    demo.interrupt()
    expect(await demo.ended).toMatchObject({ stderr: '', stdout: expect.not.stringContaining('✗') })
  })

  it('says what differs, and ends with status 1, where Node loses what it wrote', async () => {
    const { status, stdout } = await run(['--story'], { NODE_OPTIONS: `--import=data:text/javascript,${forgetful}` })
    expect(status).toBe(1)
    expect(stdout).toContain(
      '✗ PHP gets through, and sees the crêpe\n          Crêpe: expected 1\n           but got undefined\n',
    )
    expect(stdout).toMatch(/✗ \d+ different in \d+ steps, \d+ checks\n$/)
  })

  it('opens the shop all the same then, and ends with status 1 at Ctrl-C', async () => {
    demo = startDemo([], { NODE_OPTIONS: `--import=data:text/javascript,${wasteful}` })
    await demo.url()
    demo.interrupt()
    expect(await demo.ended).toMatchObject({ status: 1, stdout: expect.stringContaining('✗ 4 different in 9 steps') })
  })

  it.each([
    ['--fly', "Unknown option '--fly'"],
    ['--php=4.4', "--php is one of native, 7.4, 8.0, 8.1, 8.2, 8.3, 8.4, 8.5, not '4.4'"],
    ['--port=http', "--port is 0 to 65535, not 'http'"],
    ['story', "Unexpected argument 'story'"],
  ])('refuses %s with status 2, and tells what there is', async (argument, message) => {
    const { status, stdout, stderr } = await run([argument])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toContain('--check        the story, then the shop without a browser')
  })

  it('tells what there is with --help', async () => {
    expect(await run(['--help'])).toEqual({ status: 0, stderr: '', stdout: expect.stringContaining('npm run demo -- [options]') })
  })
})

describeNative('npm run demo -- --php native', () => {
  it('tells the same story with the installed PHP', async () => {
    const { status, stdout, stderr } = await run(['--check', '--php', 'native'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/One \$_SESSION for PHP \d+\.\d+\S* and Node/)
    expect(linesWith(stdout, '✓').at(-1)).toBe('✓ no difference in 17 steps, 34 checks')
  })

  it('keeps the shop open until Ctrl-C', async () => {
    demo = startDemo(['--php', 'native'])
    expect(await (await fetch(`${await demo.url()}/php/`)).text()).toContain('This page was made by <strong>PHP')
    demo.interrupt()
    expect(await demo.ended).toMatchObject({ status: 0, stderr: '' })
  })
})

function linesWith(text: string, sign: string): string[] {
  const lines = text.split('\n').map((line) => line.trim())
  return lines.filter((line) => line.startsWith(sign))
}

/** A session manager that forgets what it should write. */
const forgetful = changed('session.commit = session.abort')
/** One whose sessions have a variable that nobody asked for. */
const wasteful = changed('session.$_SESSION.junk = 1')

/** A module to load before the demo, which does something to every session that is started in Node. */
function changed(statement: string): string {
  return encodeURIComponent(`
    import { createRequire } from 'node:module'
    if (process.argv[1]?.endsWith('run.mjs')) {
      const { SessionManager } = createRequire(${JSON.stringify(`${root}/package.json`)})('./dist/index.js')
      const { start } = SessionManager.prototype
      SessionManager.prototype.start = async function (...given) {
        const session = await start.apply(this, given)
        ${statement}
        return session
      }
    }`)
}
