'use strict'
/** `node together.cjs <json>`: what together.php does, with the built package. */
const { join } = require('node:path')
const { SessionManager } = require(join(__dirname, '../../../dist/index.js'))

const { save_path, turns, name, isWild } = JSON.parse(process.argv[2])
const sessions = new SessionManager({ save_path, use_strict_mode: false, gc_probability: 0 })
const done = { errors: [], counted: { a: 0, b: 0 }, own: 0 }
let own = `own-${name}`

const pad = (n) => String(n % 10).repeat((n * 7) % 300)
const random = (limit) => Math.floor(Math.random() * limit)

function countUp($_SESSION) {
  const { n = 0 } = $_SESSION
  if (n > 0 && $_SESSION.pad !== pad(n)) done.errors.push(`torn at ${n}`)
  $_SESSION.n = n + 1
  $_SESSION.pad = pad(n + 1)
}

async function turn(number) {
  const choice = isWild ? random(10) : 0
  if (choice < 5) {
    const id = random(2) === 0 ? 'a' : 'b'
    const session = await sessions.start({ id })
    countUp(session.$_SESSION)
    await session.commit()
    done.counted[id]++
  } else if (choice < 8) {
    const session = await sessions.start({ id: own })
    countUp(session.$_SESSION)
    await session.regenerate(choice === 5)
    await session.commit()
    own = session.id
    done.own++
  } else if (choice === 8) {
    const session = await sessions.start({ id: 'doomed' })
    countUp(session.$_SESSION)
    await session.commit()
    const again = await sessions.start({ id: 'doomed' })
    await again.destroy()
  } else if (number % 10 === 0) {
    await sessions.gc()
  }
}

async function main() {
  process.on('warning', (warning) => done.errors.push(String(warning)))
  for (let number = 0; number < turns; number++) await turn(number).catch((error) => done.errors.push(error.stack))
  done.isOwnRight = ((await sessions.peek({ id: own }))?.n ?? 0) === done.own
  console.log(JSON.stringify(done))
}

main()
