import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

/** A program, or a program and its arguments: `/usr/bin/php8.4`, `['docker', 'run', '--rm', '-i', 'php:8.4-cli', 'php']`. */
export type PhpCommand = string | readonly string[]

/** What a PHP says of a session. */
export interface PhpAnswer {
  /** Its version. */
  readonly version: string
  /** Whether it read the session. */
  readonly isReadable: boolean
  /** What it warned of meanwhile. */
  readonly warnings: readonly string[]
}

/**
 * Lets a real PHP read a session: session_decode() in a process of its own, without its php.ini (-n). Of which PHP: `php`, or else
 * the environment's SESSION_START_PHP, a path or a command line, or else the `php` on PATH. Nothing is stored.
 * @throws Error when there is no such PHP or it cannot do this
 */
export async function askPhp(bytes: Uint8Array, serialize_handler: string, php?: PhpCommand): Promise<PhpAnswer> {
  const [program, ...args] = commandOf(php ?? (process.env['SESSION_START_PHP'] || 'php'))
  const { stdout, stderr } = await run(program, [...args, ...SETTINGS], script(bytes, serialize_handler))
  const answer = lastLine(stdout)
  if (answer === undefined) throw new Error(`${program} did not answer: ${said(stderr) || said(stdout) || 'it said nothing'}`)
  if (answer.problem !== undefined) throw new Error(`PHP ${answer.version} cannot be asked: ${answer.problem}`)
  return answer
}

function commandOf(given: PhpCommand): readonly [program: string, ...args: string[]] {
  const words = typeof given === 'string' && !existsSync(given) ? given.trim().split(/\s+/) : [given].flat()
  const [program, ...args] = words
  if (typeof program !== 'string' || program === '')
    throw new TypeError('`php` is a program, or an array of a program and its arguments')
  return [program, ...args]
}

/** Without a file, so that it may run in a container; from stdin, so that an auto_prepend_file is obeyed. */
const SETTINGS = ['-n', '-d', 'display_errors=stderr', '-d', 'log_errors=0', '-d', 'output_buffering=1', '-d', 'memory_limit=-1']

/** For PHP 7 and 8. Its session is kept nowhere. */
function script(bytes: Uint8Array, serialize_handler: string): string {
  const text = (given: Uint8Array | string) => `base64_decode('${Buffer.from(given).toString('base64')}')`
  return `<?php
class SessionStartNowhere implements SessionHandlerInterface {
  #[\\ReturnTypeWillChange]
  function open($path, $name) { return true; }
  #[\\ReturnTypeWillChange]
  function close() { return true; }
  #[\\ReturnTypeWillChange]
  function read($id) { return ''; }
  #[\\ReturnTypeWillChange]
  function write($id, $data) { return true; }
  #[\\ReturnTypeWillChange]
  function destroy($id) { return true; }
  #[\\ReturnTypeWillChange]
  function gc($max) { return 0; }
}
function session_start_answer($answer) {
  echo "\\n", json_encode(['version' => PHP_VERSION] + $answer, JSON_PARTIAL_OUTPUT_ON_ERROR), "\\n";
  exit;
}
if (!function_exists('session_decode')) session_start_answer(['problem' => 'it has no session extension, with -n']);
$handler = ${text(serialize_handler)};
if (@ini_set('session.serialize_handler', $handler) === false) session_start_answer(['problem' => "it has no serialize_handler $handler"]);
session_set_save_handler(new SessionStartNowhere, false);
session_start(['use_cookies' => 0, 'cache_limiter' => '']);
$warnings = [];
set_error_handler(function ($level, $message) use (&$warnings) { $warnings[] = $message; return true; });
session_start_answer(['isReadable' => session_decode(${text(bytes)}), 'warnings' => $warnings]);
`
}

/** Runs a program; what it says. */
async function run(program: string, args: readonly string[], input: string): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'pipe' })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? noPhp(program) : error))
    child.once('close', () => resolve({ stdout, stderr }))
    child.stdin.on('error', () => {}) // it may end before it has read all
    child.stdin.end(input)
  })
}

function noPhp(program: string): Error {
  return new Error(`There is no PHP to ask: ${program} was not found.
Install PHP (apt install php-cli, brew install php), or say where one is:
  SESSION_START_PHP=/opt/php/bin/php
  SESSION_START_PHP="docker run --rm -i php:8.4-cli php"`)
}

/** After whatever an auto_prepend_file had to say. */
function lastLine(stdout: string): (PhpAnswer & { readonly problem?: string }) | undefined {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  } catch {
    return undefined
  }
}

function said(output: string): string {
  return output.trim().slice(0, 1000)
}
