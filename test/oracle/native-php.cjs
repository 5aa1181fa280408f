const { spawn } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { PhpError, prelude, stdoutOf } = require('./php-settings.cjs')

/** The `php` found on PATH, or undefined. */
const nativePhp = findOnPath('php')

/**
 * The PHP installed on this machine; every run is a process of its own, several may run at once.
 * @param {{ ini: Record<string, string> }} options
 */
function nativeRunner({ ini }) {
  if (nativePhp === undefined) throw new Error('no php on PATH')
  const running = new Set()
  let closed = false

  return {
    /** @param {Buffer} code @param {Buffer} input @returns {Promise<Buffer>} */
    async run(code, input) {
      if (closed) throw new PhpError('the native PHP is closed')
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'oracle-'))
      try {
        fs.writeFileSync(path.join(folder, 'prelude.php'), prelude)
        fs.writeFileSync(path.join(folder, 'code.php'), code)
        fs.writeFileSync(path.join(folder, 'input'), input)
        const settings = Object.entries({ ...ini, auto_prepend_file: path.join(folder, 'prelude.php') })
        const flags = settings.flatMap(([name, value]) => ['-d', `${name}=${value}`])
        const child = spawn(nativePhp, [...flags, path.join(folder, 'code.php')], { stdio: ['ignore', 'pipe', 'pipe'] })
        running.add(child)
        try {
          return stdoutOf(await outcomeOf(child))
        } finally {
          running.delete(child)
        }
      } finally {
        fs.rmSync(folder, { recursive: true, force: true })
      }
    },
    async close() {
      closed = true
      for (const child of running) child.kill('SIGKILL')
    },
  }
}

/** @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} child */
function outcomeOf(child) {
  return new Promise((resolve, reject) => {
    const stdout = []
    const stderr = []
    child.stdout.on('data', (chunk) => stdout.push(chunk))
    child.stderr.on('data', (chunk) => stderr.push(chunk))
    child.once('error', reject)
    child.once('close', (exitCode) =>
      resolve({ stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString(), exitCode }),
    )
  })
}

function findOnPath(name) {
  const candidates = (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, name))
  return candidates.find((file) => {
    try {
      fs.accessSync(file, fs.constants.X_OK)
      return fs.statSync(file).isFile()
    } catch {
      return false
    }
  })
}

module.exports = { nativePhp, nativeRunner }
