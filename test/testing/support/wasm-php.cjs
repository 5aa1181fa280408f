/** A `php` that needs no installation: `node wasm-php.cjs 8.4 … < script`. Its other arguments are passed over. */
const { readFileSync } = require('node:fs')
const { openPhp } = require('../../oracle/run-php.cjs')

async function main() {
  const php = await openPhp(process.argv[2])
  process.stdout.write(await php.run(readFileSync(0)))
  await php.close()
}

main()
