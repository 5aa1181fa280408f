/** What every PHP of the oracle is told before it runs, WebAssembly and native alike. */

/** PHP's versions that exist as WebAssembly builds, oldest first. */
const phpVersions = ['5.2', '7.4', '8.0', '8.1', '8.2', '8.3', '8.4', '8.5']

/**
 * Directives that make runs comparable; all others keep the default of their PHP.
 * Output is held back until the end, so that a script may echo first and call `session_start()` then.
 */
const settings = {
  output_buffering: '1',
  error_reporting: '32767',
  display_errors: '0',
  display_startup_errors: '0',
  html_errors: '0',
  log_errors: '1',
  error_log: '',
  memory_limit: '512M',
  max_execution_time: '0',
  'date.timezone': 'UTC',
  'opcache.enable': '0',
  'opcache.enable_cli': '0',
  'session.gc_probability': '0',
}

/** Runs before each script, from the folder that holds the run's input. */
const prelude = "<?php $input = file_get_contents(dirname(__FILE__) . '/input');"

/** A run that PHP ended with an error. `message` is PHP's own; `stdout` and `stderr` hold what came before it. */
class PhpError extends Error {
  /**
   * @param {string} message
   * @param {{ stdout?: Buffer, stderr?: string, exitCode?: number | null }} [outcome]
   */
  constructor(message, { stdout = Buffer.alloc(0), stderr = '', exitCode = null } = {}) {
    super(message)
    this.name = 'PhpError'
    this.stdout = stdout
    this.stderr = stderr
    this.exitCode = exitCode
  }
}

/**
 * The bytes a finished run printed; throws a PhpError when it did not end with status 0.
 * @param {{ stdout: Uint8Array, stderr: string, exitCode: number | null }} outcome
 * @returns {Buffer}
 */
function stdoutOf({ stdout, stderr, exitCode }) {
  const bytes = Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength)
  if (exitCode === 0) return bytes
  const fatal = /(?:fatal|parse) error: .*/is.exec(stderr)
  throw new PhpError(fatal ? fatal[0].trim() : exitCode === null ? 'PHP was killed' : `PHP exited with status ${exitCode}`, {
    stdout: bytes,
    stderr,
    exitCode,
  })
}

module.exports = { PhpError, phpVersions, prelude, settings, stdoutOf }
