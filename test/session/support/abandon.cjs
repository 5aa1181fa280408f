'use strict'
/**
 * `node --expose-gc abandon.cjs <save_path>`: drops sessions in several ways, with the built package, and prints the warnings and whether
 * the locks are free as JSON. A process of its own, because collecting garbage on demand needs a flag.
 */
const { once } = require('node:events')
const http = require('node:http')
const { join } = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const { SessionManager, userSaveHandler } = require(join(__dirname, '../../../dist/index.js'))

const sessions = new SessionManager({ save_path: process.argv[2], use_strict_mode: false, gc_probability: 0, lockTimeout: 50 })
const warnings = []
process.on('warning', ({ name, code, message }) => warnings.push({ name, code, message }))

/** Does something in a context of its own, which ends with it: the context holds its current session. */
const aside = (work) => new Promise((resolve, reject) => setTimeout(() => work().then(resolve, reject)))

async function collect() {
  for (let turn = 0; turn < 20; turn++) {
    global.gc()
    await sleep(5)
  }
}

/** An application's save handler, whose `close` counts. */
function application(closed) {
  return {
    open: () => true,
    close: () => {
      closed.count++
      return closed.count % 2 === 0 ? Promise.reject(new Error('Oh')) : true
    },
    read: async () => '',
    write: () => true,
    destroy: () => true,
    gc: () => 0,
  }
}

/** Drops four sessions, and how many of them were closed then. */
async function dropOf(save_handler, closed) {
  const sessions = new SessionManager({ save_handler, use_strict_mode: false, gc_probability: 0 })
  for (let n = 0; n < 4; n++) {
    await aside(async () => {
      const session = await sessions.start({ id: `user${n}` })
      if (n === 0) await session.regenerate()
    })
  }
  const before = closed.count
  await collect()
  return closed.count - before
}

async function isFree(id) {
  const session = await sessions.start({ id }).catch(() => undefined)
  await session?.abort()
  return session !== undefined
}

async function main() {
  await aside(async () => {
    const session = await sessions.start({ id: 'dropped-and-secret' })
    session.$_SESSION.n = 1
  })
  await aside(async () => {
    const session = await sessions.start({ id: 'renamed' })
    await session.regenerate()
    globalThis.renamed = session.id
  })
  for (const how of ['commit', 'abort', 'destroy']) {
    await aside(async () => {
      const session = await sessions.start({ id: `ended-${how}` })
      await session[how]()
    })
  }
  let vars
  await aside(async () => {
    vars = (await sessions.start({ id: 'held' })).$_SESSION
  })
  await aside(async () => {
    await sessions.start({ id: 'replaced' })
    await sessions.start({ id: 'current' })
    // Whatever this calls finds `sessions.current`.
    setInterval(() => {}, 1000)
  })
  const server = http.createServer(async (req, res) => {
    await sessions.start(req, res)
    await sleep(100)
    res.end()
  })
  await once(server.listen(0), 'listening')
  const sent = http.get({ port: server.address().port, headers: { Cookie: 'PHPSESSID=answered' } })
  const answer = once(sent, 'response')

  await collect()
  const [response] = await answer
  response.resume()
  server.close()
  const free = { 'new id': await isFree(globalThis.renamed) }
  for (const id of ['dropped-and-secret', 'held', 'replaced', 'current', 'answered']) free[id] = await isFree(id)
  vars.n = 1
  const seen = { warnings: [...warnings], free }
  const [each, one] = [{ count: 0 }, { count: 0 }]
  seen.each = await dropOf(
    userSaveHandler(() => application(each)),
    each,
  )
  seen.one = await dropOf(userSaveHandler(application(one)), one)
  seen.failed = warnings.filter(({ message }) => message.endsWith('failed')).length
  console.log(JSON.stringify(seen))
  process.exit()
}

main()
