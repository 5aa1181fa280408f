/**
 * Runs PHP code in real PHPs: the WebAssembly builds from npm, which every machine has, and the installed `php`.
 * CommonJS, so that jest and plain node scripts can both load it; run-php.d.cts says what is promised.
 */
const { mapCases } = require('./batch.cjs')
const { nativePhp, nativeRunner } = require('./native-php.cjs')
const { PhpError, phpVersions, settings } = require('./php-settings.cjs')
const { wasmRunner } = require('./wasm-php.cjs')

async function openPhp(version, { mounts = [], ini = {} } = {}) {
  if (version !== 'native' && !phpVersions.includes(version)) throw new TypeError(`no PHP ${version} here`)
  const options = { mounts, ini: { ...settings, ...ini } }
  const runner = version === 'native' ? nativeRunner(options) : wasmRunner(version, options)
  const run = (code, input = Buffer.alloc(0)) => runner.run(withOpenTag(code), input)

  return {
    version: (await run('echo PHP_VERSION;')).toString(),
    run,
    map: (body, inputs, { setup = '' } = {}) => mapCases(run, body, inputs, setup),
    close: runner.close,
  }
}

function withOpenTag(code) {
  const bytes = Buffer.from(code)
  return bytes.subarray(0, 5).toString('latin1') === '<?php' ? bytes : Buffer.concat([Buffer.from('<?php '), bytes])
}

module.exports = { PhpError, nativePhp, openPhp, phpVersions }
