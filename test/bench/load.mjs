import { Agent, get } from 'node:http'
import { findProgram, start } from './processes.mjs'

const CONNECTIONS = 8
const MOST_REQUESTS = 1_000_000

/**
 * What makes requests: wrk where it is installed, else this process, which takes a good part of the machine for itself.
 * `run` gets a page for some seconds over a few connections: → { requests, perSecond }. @throws when an answer is not a 200
 */
export function loadGenerator() {
  const wrk = findProgram('wrk')
  return wrk === undefined
    ? { name: 'Node itself, for want of wrk', connections: CONNECTIONS, run: loadByNode }
    : { name: 'wrk', connections: CONNECTIONS, run: (url, seconds) => loadByWrk(wrk, url, seconds) }
}

async function loadByWrk(wrk, url, seconds) {
  const child = start(wrk, ['-t', '1', '-c', String(CONNECTIONS), '-d', `${seconds}s`, url])
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1])
  const requests = Number(/(\d+) requests in/.exec(output)?.[1])
  if (!(perSecond > 0) || /Non-2xx|Socket errors/.test(output)) throw new Error(`wrk reports:\n${output}${child.errors}`)
  return { requests, perSecond }
}

async function loadByNode(url, seconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const begin = performance.now()
  const deadline = begin + seconds * 1000
  let requests = 0
  const client = async () => {
    while (performance.now() < deadline && requests < MOST_REQUESTS) {
      await getPage(url, agent)
      requests++
    }
  }
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, client))
  } finally {
    agent.destroy()
  }
  return { requests, perSecond: (requests / (performance.now() - begin)) * 1000 }
}

function getPage(url, agent) {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, timeout: 5000 }, (response) => {
      response
        .resume()
        .on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${url} gave ${response.statusCode}`))))
    })
    request.on('timeout', () => request.destroy(new Error(`${url} took more than 5 s`))).on('error', reject)
  })
}
