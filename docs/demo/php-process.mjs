/**
 * A process that holds one WebAssembly PHP and answers the requests its parent sends, one after the other.
 * A process of its own, because PHP's flock() blocks whoever runs it.
 */
import { createNodeFsMountHandler, loadNodeRuntime } from '@php-wasm/node'
import { PHP } from '@php-wasm/universal'

const { version, folders, ini } = JSON.parse(process.argv[2])

const php = new PHP(await loadNodeRuntime(version, { emscriptenOptions: { processId: process.pid } }))
php.writeFile('/internal/shared/php.ini', ini.map(([name, value]) => `${name} = "${value}"\n`).join(''))
for (const folder of folders) {
  php.mkdir(folder)
  await php.mount(folder, createNodeFsMountHandler(folder))
}

process.on('message', async (request) => {
  // PHP answers a fatal error too; all else means that this PHP is broken, and the process ends with the unhandled rejection.
  const { httpStatusCode, headers, bytes, errors } = await php
    .run(request)
    .catch((error) => error.response ?? Promise.reject(error))
  process.send({ status: httpStatusCode, headers, body: bytes, errors })
})
process.on('disconnect', () => process.exit())
process.on('error', () => process.exit()) // the parent is gone
process.send('ready')
