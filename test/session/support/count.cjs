/**
 * Counts in sessions that others count in too: `node count.cjs <dist> <save_path> <times> <churn>`.
 * With churn it also makes, renews, destroys and cleans up sessions of its own in the same folder.
 */
const { join } = require('node:path')

const [dist, save_path, times, churn] = process.argv.slice(2)
const { SessionManager } = require(join(dist, 'index.js'))
const sessions = new SessionManager({ save_path, lockTimeout: 60_000, gc_probability: 0 })

async function main() {
  for (let i = 0; i < Number(times); i++) {
    const session = await sessions.start({ id: `counter${i % 3}` })
    session.$_SESSION.n++
    session.$_SESSION.cart.push({ node: i, price: 1.0 })
    if (session.$_SESSION.cart.length > 20) session.$_SESSION.cart = []
    await session.commit()
    if (churn === '1' && i % 5 === 0) await churnOnce(i)
  }
}

async function churnOnce(i) {
  const session = await sessions.start()
  session.$_SESSION.mine = i
  await session.regenerate(i % 2 === 0)
  await session.commit()
  const again = await sessions.start({ id: session.id })
  if (again.$_SESSION.mine !== i) throw new Error(`lost ${i}`)
  await again.destroy()
  await sessions.gc()
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
