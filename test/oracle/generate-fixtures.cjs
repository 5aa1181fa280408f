/** Writes the fixture files anew: `node test/oracle/generate-fixtures.cjs`. */
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { openPhp } = require('./run-php.cjs')

const fixturesFolder = path.resolve(__dirname, '../../fixtures')

/** Old and new, each for a reason: fixtures/README.md names it. */
const fixtureVersions = ['5.2', '7.4', '8.1', '8.5']

/**
 * What fixtures/generate.php writes in one PHP.
 * @param {import('./run-php.cjs').PhpVersion} version
 * @returns {Promise<Map<string, Buffer>>} the bytes by path, such as `php_binary/sess_login`
 */
async function generateFixtures(version) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fixtures-'))
  const php = await openPhp(version, { mounts: [folder, fixturesFolder] })
  try {
    await php.run(`$argv = array('generate.php', '${folder}'); require '${fixturesFolder}/generate.php';`)
    return readFiles(folder)
  } finally {
    await php.close()
    fs.rmSync(folder, { recursive: true })
  }
}

/** Every file below a folder, its bytes by its path inside. */
function readFiles(folder) {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const files = entries.map((entry) => path.join(entry.parentPath, entry.name)).sort()
  return new Map(files.map((file) => [path.relative(folder, file), fs.readFileSync(file)]))
}

async function main() {
  for (const version of fixtureVersions) {
    const folder = path.join(fixturesFolder, version)
    fs.rmSync(folder, { recursive: true, force: true })
    const files = await generateFixtures(version)
    for (const [name, bytes] of files) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
      fs.writeFileSync(path.join(folder, name), bytes)
    }
    console.log(`fixtures/${version}: ${files.size} files`)
  }
}

if (require.main === module) main()

module.exports = { fixturesFolder, fixtureVersions, generateFixtures, readFiles }
