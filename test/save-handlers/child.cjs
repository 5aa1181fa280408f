'use strict'
/**
 * Another Node process: `node child.cjs <what> <json>` runs one of the programs below on the sources of the save handler.
 * It writes lines to stdout; what it is told comes as lines on stdin.
 */
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { createInterface } = require('node:readline')
const swc = require('@swc/core')

require.extensions['.ts'] = (module, filename) => {
  const options = { filename, jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }
  module._compile(swc.transformSync(readFileSync(filename, 'utf8'), options).code, filename)
}
const { filesSaveHandler } = require(join(__dirname, '../../src/save-handlers/files.ts'))

const open = ({ save_path, lockTimeout = 30_000 }) => filesSaveHandler.open(save_path, 'PHPSESSID', { lock: true, lockTimeout })
const say = (line) => process.stdout.write(`${line}\n`)
const input = () => createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const counterIn = (bytes) => (bytes.length === 0 ? 0 : Number(/^n\|i:(\d+);/.exec(bytes.toString('latin1'))[1]))

const programs = {
  /** Holds the locks on sessions until told to let go. */
  async hold({ ids, ...where }) {
    const lines = input()
    const handles = []
    for (const id of ids) {
      const handle = open(where)
      await handle.read(id)
      handles.push(handle)
    }
    say('held')
    await lines.next()
    for (const handle of handles) {
      handle.close()
    }
    say('released')
    process.exit()
  },

  /** Says when it has the lock and ends. */
  async read({ id, ...where }) {
    say('waiting')
    const handle = open(where)
    const bytes = await handle.read(id)
    say(`read ${bytes.toString('latin1')}`)
    handle.close()
  },

  /** Waits for a lock and ends by process.exit, as a server that shuts down. */
  async exitWhileWaiting({ id, ...where }) {
    open(where).read(id)
    setTimeout(() => process.exit(7), 300)
    say('waiting')
  },

  /** Counts in sessions chosen by chance, and says how often at the end. */
  async count({ ids, times, ...where }) {
    for (let done = 0; done < times; done++) {
      const handle = open(where)
      const id = ids[Math.floor(Math.random() * ids.length)]
      const n = counterIn(await handle.read(id)) + 1
      await handle.write(id, Buffer.from(`n|i:${n};`))
      await handle.close()
    }
    say(`counted ${times}`)
  },

  /** Takes turns on one session until told to stop, and says how many it had. */
  async hammer({ id, ...where }) {
    const lines = input()
    let turns = 0
    let stop = false
    lines.next().then(() => {
      stop = true
    })
    say('hammering')
    while (!stop) {
      const handle = open(where)
      const n = counterIn(await handle.read(id)) + 1
      await handle.write(id, Buffer.from(`n|i:${n};`))
      await handle.close()
      turns++
      await new Promise(setImmediate)
    }
    say(`turns ${turns}`)
    process.exit()
  },

  /** Writes these sessions in turn until it is killed. */
  async writeForEver({ id, lengths, ...where }) {
    const handle = open(where)
    await handle.read(id)
    const sessions = lengths.map((length, number) => Buffer.from(sessionOf(length, number)))
    for (let turn = 0; ; turn++) {
      handle.write(id, sessions[turn % sessions.length])
      if (turn === sessions.length) {
        say('writing')
      }
    }
  },

  /** Writes once and says how that went. */
  async write({ id, length, number, ...where }) {
    const handle = open(where)
    await handle.read(id)
    try {
      await handle.write(id, Buffer.from(sessionOf(length, number)))
      say('written')
    } catch (error) {
      say(`${error.code} ${error.cause?.code}`)
    }
  },

  /** Says what a read is refused with. */
  async refused({ id, uid, ...where }) {
    if (uid !== undefined) {
      process.setgid(uid)
      process.setuid(uid)
    }
    try {
      await open(where).read(id)
      say('read')
    } catch (error) {
      say(`${error.code} ${error.message}`)
    }
  },
}

/** A session that PHP can read, of that many bytes at least, which tells by its number whether all of it belongs together. */
function sessionOf(length, number) {
  const entry = `n|i:${number};`
  let text = entry
  for (let index = 0; text.length < length; index++) {
    text += `v${index}|s:10:"${String(number).repeat(10).slice(0, 10)}";`
  }
  return text
}

if (require.main === module) {
  programs[process.argv[2]](JSON.parse(process.argv[3] ?? '{}')).catch((error) => {
    say(`failed ${error.stack}`)
    process.exit(1)
  })
}

module.exports = { sessionOf }
