import { type ChildProcess, execFileSync, fork, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../../support/package.ts'

/** The command line: what is built, so call `ensureBuilt` of test/support/package.ts before. */

const main = join(root, 'dist/cli/main.js')
const commandLines = join(__dirname, 'command-lines.mjs')

export interface RunOptions {
  /** Standard input; nothing if not given. */
  readonly input?: string | Uint8Array
  readonly cwd?: string
  /** Undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Runs as this user, which only root can. */
  readonly uid?: number
  /** Stops to read stdout after so many bytes, as `head` does. */
  readonly closeAfter?: number
}

export interface Result {
  readonly status: number
  /** A terminal's `\r\n` is `\n` here. */
  readonly stdout: string
  readonly stderr: string
  /** What stdout is made of: session bytes need not be text. */
  readonly bytes: Buffer
}

/**
 * Runs `npx session-start <args>` without a terminal, as a script does. Unless it is to be another user's or its reader goes away, it has no
 * process of its own: one runs all of a test file, one after the other.
 */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  if (options.uid !== undefined || options.closeAfter !== undefined) return spawnCli(args, options)
  const result = lastRun.then(() => runNext(args, options))
  lastRun = result.catch(() => {})
  return result
}

/** The same in a process of its own. */
export async function spawnCli(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const live = startCli(args, options)
  live.process.stdin?.end(options.input)
  return live.ended
}

/** A command that goes on until it is interrupted. */
export interface LiveCli {
  readonly process: ChildProcess
  readonly ended: Promise<Result>
  /** Resolves to all of stdout so far, once it matches; rejects when the process ends before. */
  printed(pattern: RegExp): Promise<string>
  /** Sends SIGINT, as Ctrl+C does. */
  interrupt(): Promise<Result>
}

/** Starts `npx session-start <args>` with pipes. */
export function startCli(args: readonly string[], options: RunOptions = {}): LiveCli {
  return started(process.execPath, [main, ...args], options)
}

export interface TerminalOptions extends RunOptions {
  /** Default 80. */
  readonly columns?: number
}

/** Runs `npx session-start <args>` in a terminal of its own: stdin, stdout and stderr are one. */
export async function runInTerminal(
  args: readonly string[],
  options: TerminalOptions = {},
): Promise<{ status: number; output: string }> {
  const { status, stdout } = await startInTerminal(args, options).ended
  return { status, output: stdout }
}

/** The same for a command that goes on. `interrupt` presses Ctrl+C. */
export function startInTerminal(args: readonly string[], { columns = 80, ...options }: TerminalOptions = {}): LiveCli {
  if (terminal === undefined) throw new Error(noTerminal)
  const command = [
    'stty',
    'cols',
    String(columns),
    'rows',
    '24',
    '-echo',
    '&&',
    'exec',
    ...[process.execPath, main, ...args].map(quoted),
  ]
  const [program, before] = terminal
  const env = { TERM: 'xterm-256color', ...options.env }
  const live = started(program, before(command.join(' ')), { ...options, env })
  // Its end is kept open: the terminal would take the end of input for Ctrl+D.
  const press = () => {
    live.process.stdin?.write('\x03')
    return live.ended
  }
  return { ...live, interrupt: press }
}

/** `it` where a terminal can be had; elsewhere the test is skipped and its title says why. */
export function itInTerminal(title: string, run: () => Promise<void>): void {
  if (terminal !== undefined) it(title, run)
  else it.skip(`${title} (skipped: ${noTerminal})`, run)
}

/** `it` with the options that make a command run as a user who is not root; `uid` is undefined where this one is not. */
export function itAsUser(title: string, run: (user: Pick<RunOptions, 'uid'>) => Promise<void>): void {
  const uid = process.getuid?.() === 0 ? NOBODY : undefined
  const reason = process.platform === 'win32' ? 'there are no such users' : 'nobody else may run it'
  const test = () => run(uid === undefined ? {} : { uid })
  if (process.platform !== 'win32' && (uid === undefined || mayRun(uid))) it(title, test)
  else it.skip(`${title} (skipped: ${reason})`, test)
}

/** Without colours and the other commands to a terminal. */
export function withoutColors(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
  return text.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '')
}

const NOBODY = 65_534

/** Whether the folders on the way to this file are open to others. */
function mayRun(uid: number): boolean {
  return spawnSync(process.execPath, ['-e', 'fs.readFileSync(process.argv[1])', __filename], { uid, gid: uid }).status === 0
}

const noTerminal = 'neither util-linux’s script nor python3 to make a terminal with'
const terminal = findTerminal()

type Terminal = readonly [program: string, args: (shellCommand: string) => string[]]

const running = new Set<ChildProcess>()
// A test that failed leaves no process behind.
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

function findTerminal(): Terminal | undefined {
  if (outputOf('script', ['--version']).includes('util-linux')) return ['script', (command) => ['-qec', command, '/dev/null']]
  const spawnInPty = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(["sh", "-c", sys.argv[1]])))'
  if (outputOf('python3', ['-c', 'import pty, termios; print("pty")']) === 'pty\n') {
    return ['python3', (command) => ['-c', spawnInPty, command]]
  }
  return undefined
}

function outputOf(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}

let lastRun: Promise<unknown> = Promise.resolve()
let runner: ChildProcess | undefined

async function runNext(args: readonly string[], { input, cwd = process.cwd(), env }: RunOptions): Promise<Result> {
  runner ??= fork(commandLines, { serialization: 'advanced', execArgv: [] })
  const child = runner
  running.add(child)
  child.send({ args, input, cwd, env: environment(env) })
  const [status, stdout, stderr] = await new Promise<[status: number, stdout: Uint8Array, stderr: Uint8Array]>(
    (resolve, reject) => {
      const died = (status: number) => reject(new Error(`session-start ${args.join(' ')} ended the process with ${status}`))
      child.once('exit', died)
      child.once('message', (message) => {
        child.off('exit', died)
        resolve(message as [number, Uint8Array, Uint8Array])
      })
    },
  )
  return { status, stdout: text(stdout), stderr: text(stderr), bytes: Buffer.from(stdout) }
}

/** Nothing that decides about colours but what the test says. */
function environment(env: RunOptions['env']): NodeJS.ProcessEnv {
  const { NO_COLOR, FORCE_COLOR, NODE_OPTIONS, TERM, ...inherited } = process.env
  return { ...inherited, ...env }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString().replaceAll('\r\n', '\n')
}

function started(program: string, args: readonly string[], { cwd, env, uid, closeAfter = Infinity }: RunOptions): LiveCli {
  const child = spawn(program, args, { cwd, uid, gid: uid, env: environment(env), stdio: 'pipe' })
  running.add(child)
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  const waiting = new Set<() => void>()
  let length = 0
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.push(chunk)
    length += chunk.length
    if (length > closeAfter) child.stdout.destroy()
    for (const look of waiting) look()
  })
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  // A command may end before it has read its input.
  child.stdin.on('error', () => {})
  const ended = new Promise<Result>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => {
      running.delete(child)
      resolve({
        status: status ?? -1,
        stdout: text(Buffer.concat(stdout)),
        stderr: text(Buffer.concat(stderr)),
        bytes: Buffer.concat(stdout),
      })
    })
  })
  const printed = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const printed = text(Buffer.concat(stdout))
        if (!pattern.test(printed)) return
        waiting.delete(look)
        resolve(printed)
      }
      waiting.add(look)
      look()
      void ended.then((result) => reject(new Error(`It ended before it printed ${pattern}: ${JSON.stringify(result)}`)))
    })
  const interrupt = () => {
    child.kill('SIGINT')
    return ended
  }
  return { process: child, ended, printed, interrupt }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
