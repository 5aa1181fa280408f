/**
 * A process that holds one WebAssembly PHP and runs the scripts its parent sends, one after the other.
 * A process, not a thread: PHP's `flock` blocks whoever runs it, and a blocked process can still be killed.
 */
import { createNodeFsMountHandler, loadNodeRuntime } from '@php-wasm/node'
import { PHP, PHPExecutionFailureError } from '@php-wasm/universal'
import { prelude } from './php-settings.cjs'

const { version, mounts, ini } = JSON.parse(process.argv[2])
const folder = '/oracle'

const php = new PHP(await loadNodeRuntime(version, { emscriptenOptions: { processId: process.pid } }))
php.mkdir(folder)
php.writeFile(`${folder}/prelude.php`, prelude)
php.writeFile('/internal/shared/php.ini', iniFile({ ...ini, auto_prepend_file: `${folder}/prelude.php` }))
for (const mount of mounts) {
  php.mkdir(mount)
  await php.mount(mount, createNodeFsMountHandler(mount))
}

let queue = Promise.resolve()
// Whoever started this is gone: nobody reads the answer.
process.on('error', () => process.exit())
process.on('message', ({ id, code, input }) => {
  queue = queue.then(async () => process.send({ id, outcome: await run(code, input) })).catch(die)
})
process.on('disconnect', () => process.exit())
process.send({ ready: true })

async function run(code, input) {
  php.writeFile(`${folder}/input`, input)
  php.writeFile(`${folder}/code.php`, code)
  const { bytes, errors, exitCode } = await php.run({ scriptPath: `${folder}/code.php` }).catch(endedByPhp)
  return { stdout: bytes, stderr: errors, exitCode }
}

/** A status other than 0 is an answer; anything else means that this PHP is broken and its memory not to be trusted. */
function endedByPhp(error) {
  if (error instanceof PHPExecutionFailureError && error.source === 'request') return error.response
  throw error
}

function die(error) {
  process.send({ crash: String(error) }, () => process.exit(1))
}

function iniFile(entries) {
  return Object.entries(entries)
    .map(([name, value]) => `${name} = "${value}"\n`)
    .join('')
}
