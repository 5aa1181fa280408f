'use strict'
/**
 * Another Node process: `node child.cjs <what> <json>` runs one of the programs below on the sources of the save handler.
 * It writes lines to stdout; what it is told comes as lines on stdin.
 */
const { copyFileSync, readFileSync } = require('node:fs')
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

  /** Each time it is told to, says when it has the lock, and gives it back. Ends when nothing is left to do. */
  async read({ id, times, ...where }) {
    const lines = input()
    for (let done = 0; done < times; done++) {
      await lines.next()
      if (done === times - 1) {
        process.stdin.destroy()
      } else {
        process.stdin.unref()
      }
      say('waiting')
      const handle = open(where)
      const bytes = await handle.read(id)
      say(`read ${bytes.toString('latin1')}`)
      handle.close()
      process.stdin.ref()
    }
  },

  /** Holds the lock until told to destroy the session. */
  async destroy({ id, ...where }) {
    const lines = input()
    const handle = open(where)
    await handle.read(id)
    say('held')
    await lines.next()
    await handle.destroy(id)
    process.exit()
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

  /**
   * Again and again makes a process that writes these sessions in turn until it is killed, after a time chosen by chance, and copies
   * what it left. A process is made by fork(2), a hundred times faster than by starting Node; it has no thread but
   * the one that writes, so this must run with --single-threaded.
   */
  async killWriters({ id, lengths, kills, ...where }) {
    const lib = require('koffi').load(null)
    const fork = lib.func('int fork()')
    const kill = lib.func('int kill(int, int)')
    const waitpid = lib.func('int waitpid(int, void *, int)')
    const usleep = lib.func('int usleep(uint32_t)')
    const madvise = lib.func('int madvise(uintptr_t, size_t, int)')
    const MADV_DOFORK = 11
    const SIGKILL = 9
    /** V8 keeps its memory from being copied into a new process: dc, do not copy. */
    const copyAllMemory = () => {
      let found = false
      let [start, end] = [0, 0]
      for (const line of readFileSync('/proc/self/smaps', 'latin1').split('\n')) {
        const range = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line)
        if (range) {
          ;[start, end] = [Number.parseInt(range[1], 16), Number.parseInt(range[2], 16)]
        } else if (/^VmFlags:.* dc/.test(line) && madvise(start, end - start, MADV_DOFORK) === 0) {
          found = true
        }
      }
      return found
    }
    const sessions = lengths.map((length, number) => Buffer.from(sessionOf(length, number)))
    const handle = open(where)
    await handle.read(id)
    for (const session of sessions) {
      handle.write(id, session)
    }
    const status = new Int32Array(1)
    while (copyAllMemory()) {}
    for (let killed = 0, crashed = 0; killed < kills; ) {
      const pid = fork()
      if (pid === 0) {
        for (let turn = 0; ; turn++) {
          handle.write(id, sessions[turn % sessions.length])
        }
      }
      usleep(Math.floor(Math.random() * 2000))
      kill(pid, SIGKILL)
      waitpid(pid, status, 0)
      if (status[0] === SIGKILL) {
        copyFileSync(join(where.save_path, `sess_${id}`), join(where.save_path, `sess_killed${killed}`))
        killed++
        crashed = 0
      } else if (++crashed === 20) {
        throw new Error(`A process made by fork ends by itself, with status ${status[0]}`)
      } else {
        // It found no memory where V8 has taken some more since.
        while (copyAllMemory()) {}
      }
      await handle.read(id)
    }
    say(`killed ${kills}`)
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

  /** Uses a folder that it may not list. */
  async unlistable({ id, uid, ...where }) {
    become(uid)
    const handle = open(where)
    await handle.write(id, Buffer.from('n|i:1;'))
    handle.close()
    const bytes = await handle.read(id)
    handle.close()
    let listed = 0
    for await (const _entry of handle.list()) {
      listed++
    }
    say(`${bytes} listed ${listed} removed ${await handle.gc(-1)}`)
  },

  /** Says what a read is refused with. */
  async refused({ id, uid, ...where }) {
    become(uid)
    try {
      await open(where).read(id)
      say('read')
    } catch (error) {
      say(`${error.code} ${error.message}`)
    }
  },
}

function become(uid) {
  if (uid !== undefined) {
    process.setgid(uid)
    process.setuid(uid)
  }
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
