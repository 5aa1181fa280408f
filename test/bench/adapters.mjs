import { nodeServer, ROUNDS, site } from './http.mjs'
import { loadGenerator } from './load.mjs'
import { median, micros, table } from './measure.mjs'
import { roomForManyFiles } from './processes.mjs'

/** What is put before the page, by framework: the first is no session, with which the others are compared. */
const contestants = {
  Express: ['no session', 'phpSession', 'express-session, MemoryStore', 'express-session, session-file-store'],
  Fastify: ['no session', 'phpSession'],
  Koa: ['no session', 'phpSession'],
  Hono: ['no session', 'withSession'],
}

/** The login page of `http`, each time for a visitor without a cookie, behind every adapter. */
export async function benchAdapters() {
  const load = loadGenerator()
  const groups = []
  try {
    for (const [framework, sessions] of Object.entries(contestants)) {
      const group = []
      groups.push(group)
      for (const session of sessions) group.push(await adapterSite(framework, session))
    }
    const sites = groups.flat()
    for (const { warmUp } of sites) await warmUp(load)
    for (let round = 0; round < ROUNDS; round++) for (const { turn } of sites) await turn(load)
    for (const { check } of sites) await check()
  } finally {
    for (const { end } of groups.flat()) await end()
  }

  const rate = ({ rates }) => median(rates)
  const rows = groups.flatMap((group) => {
    const [without] = group
    return group.map((each) => [
      each.name,
      rate(each).toFixed(0),
      `${((100 * rate(each)) / rate(without)).toFixed(0)} %`,
      micros(each.cpuPerRequest()),
      each === without ? '' : micros(each.cpuPerRequest() - without.cpuPerRequest()),
    ])
  })
  console.log(
    `\nA login page that makes a session: requests per second over ${load.connections} connections, by ${load.name}, sessions in ${roomForManyFiles()}.\n`,
  )
  console.log(table(['', 'requests/s', 'of no session', 'CPU µs each', 'for the session'], rows))
}

function adapterSite(framework, session) {
  const hasSession = session !== 'no session' && !session.endsWith('MemoryStore')
  return site(`${framework}, ${session}`, { ...nodeServer('framework.mjs', framework, session), hasSession })
}
