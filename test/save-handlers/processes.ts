import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Other processes for the tests of the lock: native PHP, and Node with child.cjs. All of them end with the test. */

const php = process.env['PHP_BINARY'] ?? 'php'
const phpVersion = spawnSync(php, ['-r', 'echo PHP_VERSION;'], { encoding: 'utf8' }).stdout ?? ''

if (phpVersion === '' && process.env['SESSION_START_REQUIRE_NATIVE'] === '1') {
  throw new Error('SESSION_START_REQUIRE_NATIVE is set, and there is no native php')
}

/** `describe`, or `describe.skip` with the reason in the title when there is no native PHP. */
export function describeWithPhp(title: string, suite: () => void): void {
  if (phpVersion === '') {
    describe.skip(`${title} (skipped: no native php)`, suite)
  } else {
    describe(title, suite)
  }
}

export interface Process {
  readonly child: ChildProcess
  /** The next line it writes; rejects when it ends without one. */
  line(): Promise<string>
  tell(line: string): void
  /** Its exit status, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

const running = new Set<ChildProcess>()

afterEach(() => {
  for (const child of running) {
    child.kill('SIGKILL')
  }
})

/** Runs PHP code with `$save_path` and the session directives that suit a command line. */
export function runPhp(save_path: string, code: string): Process {
  const directives = { save_path, use_cookies: 0, cache_limiter: '', gc_probability: 0, serialize_handler: 'php' }
  const args = Object.entries(directives).flatMap(([name, value]) => ['-d', `session.${name}="${value}"`])
  return run(php, ['-d', 'display_errors=1', '-d', 'output_buffering=0', ...args, '-r', code])
}

/** PHP code's whole output. */
export function phpSays(save_path: string, code: string): Promise<string> {
  const { child } = runPhp(save_path, code)
  let output = ''
  child.stdout?.on('data', (text) => {
    output += text
  })
  return once(child, 'close').then(() => output)
}

/** Runs one of the programs in child.cjs. `shell` is run before it, to set limits; `flags` are for node. */
export function runNode(program: string, options: object, { shell = '', flags = [] as string[] } = {}): Process {
  const args = [...flags, join(__dirname, 'child.cjs'), program, JSON.stringify(options)]
  return shell === '' ? run(process.execPath, args) : run('sh', ['-c', `${shell}; exec "$@"`, 'sh', process.execPath, ...args])
}

function run(command: string, args: readonly string[]): Process {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  running.add(child)
  child.stdin?.on('error', () => {})
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const ended = once(child, 'close').then(([status, signal]) => {
    running.delete(child)
    return status ?? signal
  })
  return {
    child,
    async line() {
      const { value, done } = await lines.next()
      if (done) {
        throw new Error(`${command} ended without another line`)
      }
      return value
    },
    tell: (line) => child.stdin?.write(`${line}\n`),
    ended,
  }
}

/** A folder for sessions, gone after the tests of the file. */
export function sessionFolder(parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, 'session-start-'))
  folders.push(folder)
  return folder
}

const folders: string[] = []

afterAll(() => {
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true })
  }
})
