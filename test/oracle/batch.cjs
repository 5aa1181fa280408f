const { PhpError } = require('./php-settings.cjs')

/** One PHP run takes at most so many cases and so many bytes of input, so that neither side holds too much at once. */
const chunkCases = 20_000
const chunkBytes = 8 * 1024 * 1024

/**
 * Calls a PHP function on each input, many inputs per run.
 * @param {(code: Buffer, input: Buffer) => Promise<Buffer>} run
 * @param {string} body
 * @param {readonly Uint8Array[]} inputs
 * @param {string} setup
 * @returns {Promise<(Buffer | PhpError)[]>}
 */
async function mapCases(run, body, inputs, setup) {
  const code = Buffer.from(script(body, setup))
  const results = []
  while (results.length < inputs.length) {
    results.push(...(await someCases(run, code, chunk(inputs, results.length))))
  }
  return results
}

/**
 * The results of the first cases, at least of one. A case that ends the whole run (a fatal error, `exit`) is marked,
 * and the caller goes on behind it. When PHP crashed and could not tell how far it came, fewer cases are tried.
 * Code that does not even get to the first case is the caller's error and is thrown.
 */
async function someCases(run, code, inputs) {
  let stdout
  let failure
  try {
    stdout = await run(code, frame(inputs))
    failure = new PhpError('the case ended the script')
  } catch (error) {
    if (!(error instanceof PhpError)) throw error
    stdout = error.stdout
    failure = error
  }
  const results = unframe(stdout)
  if (results?.length === inputs.length) return results
  if (results !== undefined) return [...results, failure]
  if (failure.exitCode !== null) throw failure
  return inputs.length === 1 ? [failure] : someCases(run, code, inputs.slice(0, Math.ceil(inputs.length / 2)))
}

function chunk(inputs, from) {
  let bytes = 0
  let to = from
  while (to < inputs.length && to - from < chunkCases) {
    bytes += inputs[to].length
    if (bytes > chunkBytes && to > from) break
    to += 1
  }
  return inputs.slice(from, to)
}

/** Each input behind its length in ten digits. */
function frame(inputs) {
  return Buffer.concat(inputs.flatMap((input) => [Buffer.from(String(input.length).padStart(10, '0')), input]))
}

/** `frames`, then for each case `=` or `!`, the length in ten digits, the bytes; undefined when PHP did not get to print it. */
function unframe(stdout) {
  if (stdout.subarray(0, 6).toString() !== 'frames') return undefined
  const results = []
  let at = 6
  while (at < stdout.length) {
    const start = at + 11
    const end = start + Number(stdout.toString('latin1', at + 1, start))
    const bytes = Buffer.from(stdout.subarray(start, end))
    results.push(stdout[at] === 0x3d ? bytes : new PhpError(bytes.toString()))
    at = end
  }
  return results
}

/** Runs in every PHP since 5.2, so no closures and no namespaces. The results are printed by a shutdown function, which PHP calls after a fatal error too. */
function script(body, setup) {
  return `<?php
error_reporting(E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR);
${setup}
function oracle_case($in) {
${body}
}
function oracle_finish() {
  while (ob_get_level() > 0 && ob_end_clean()) {}
  echo 'frames', implode('', $GLOBALS['oracle_frames']);
}
function oracle_frame($mark, $bytes) {
  return $mark . sprintf('%010d', strlen($bytes)) . $bytes;
}
function oracle_run($input) {
  for ($at = 0; $at < strlen($input); $at += 10 + $length) {
    $length = (int) substr($input, $at, 10);
    $level = ob_get_level();
    ob_start();
    try {
      $out = oracle_case((string) substr($input, $at + 10, $length));
      $frame = is_string($out) ? oracle_frame('=', $out) : oracle_frame('!', 'the case returned ' . gettype($out));
    } catch (Throwable $e) {
      $frame = oracle_frame('!', get_class($e) . ': ' . $e->getMessage());
    } catch (Exception $e) {
      $frame = oracle_frame('!', get_class($e) . ': ' . $e->getMessage());
    }
    while (ob_get_level() > $level && ob_end_clean()) {}
    $GLOBALS['oracle_frames'][] = $frame;
  }
}
$oracle_frames = array();
register_shutdown_function('oracle_finish');
oracle_run($input);
`
}

module.exports = { mapCases }
