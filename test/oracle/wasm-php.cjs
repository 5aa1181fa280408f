const { fork } = require('node:child_process')
const path = require('node:path')
const { PhpError, stdoutOf } = require('./php-settings.cjs')

const worker = path.join(__dirname, 'php-worker.mjs')

/**
 * A WebAssembly PHP in a process of its own. When it crashes, its run is rejected and the next run gets a new process.
 * A PHP that is idle keeps nobody alive: a script that forgets to close it still ends.
 * @param {string} version
 * @param {{ mounts: string[], ini: Record<string, string> }} options
 */
function wasmRunner(version, options) {
  /** @type {ReturnType<typeof start> | undefined} */
  let current
  let closed = false

  return {
    /** @param {Buffer} code @param {Buffer} input @returns {Promise<Buffer>} */
    async run(code, input) {
      if (closed) throw new PhpError(`PHP ${version} is closed`)
      current = current?.alive() ? current : start(version, options)
      return stdoutOf(await current.run(code, input))
    },
    async close() {
      closed = true
      await current?.kill()
    },
  }
}

function start(version, options) {
  const child = fork(worker, [JSON.stringify({ version, ...options })], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Out of the terminal's reach: Ctrl-C is for us, who end this process; it ends by itself when we are gone.
    detached: true,
  })
  const waiting = new Map()
  let lastId = 0
  let reason = 'ended in the middle of a run'
  let ended = false
  const end = new Promise((resolve) => child.once('exit', resolve))
  const settle = (id) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (waiting.size === 0) release()
    return call
  }
  const hold = () => {
    child.ref()
    child.channel?.ref()
  }
  const release = () => {
    child.unref()
    child.channel?.unref()
  }

  child.on('message', (message) => {
    if (message.crash) reason = `crashed: ${message.crash}`
    if (message.outcome) settle(message.id)?.resolve(message.outcome)
  })
  const fail = () => {
    ended = true
    for (const id of [...waiting.keys()]) settle(id).reject(new PhpError(`PHP ${version} ${reason}`))
  }
  child.once('disconnect', fail)
  child.on('error', (error) => {
    reason = `could not be reached: ${error.message}`
    fail()
  })

  return {
    alive: () => !ended,
    /** @returns {Promise<{ stdout: Uint8Array, stderr: string, exitCode: number }>} */
    run(code, input) {
      hold()
      return new Promise((resolve, reject) => {
        lastId += 1
        waiting.set(lastId, { resolve, reject })
        child.send({ id: lastId, code, input })
      })
    },
    async kill() {
      if (ended) return
      reason = 'was closed'
      hold()
      child.kill('SIGKILL')
      await end
    },
  }
}

module.exports = { wasmRunner }
