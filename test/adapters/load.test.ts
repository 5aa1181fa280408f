import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { decodeSession } from '../../src/serialize-handlers/session-codec.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { crowd } from './proof/crowd.ts'
import { heapInUse } from './proof/heap.ts'
import { openPhpCounters, type PhpCounters } from './proof/php-counters.ts'
import { frameworks, type Pages, type Site } from './support/frameworks.ts'

/** Every adapter under load, while two PHP processes write to the same sessions: nothing is lost, and nothing stays behind. */

const CONNECTIONS = 50
const WARM_UP = 500
const REQUESTS = 1000
/** What a request may leave behind, in bytes; a session that is not let go, is many times as much. */
const REMAINS = 1024
const ids = Array.from({ length: 20 }, (_, at) => `session${at}`)

const pages: Pages = {
  '/count': {
    async show({ $_SESSION }) {
      const { node } = $_SESSION
      await turn()
      $_SESSION['node'] = node + 1
      return `${node + 1}`
    },
  },
}

let root: string
let php: PhpCounters

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'load-')))
  php = await openPhpCounters(2, root)
})

afterAll(async () => {
  await php?.close()
  rmSync(root, { recursive: true })
})

describe.each(frameworks)('under load, the adapter for $name', ({ name, serve }) => {
  let save_path: string
  let site: Site
  let numbers: Map<string, number[]>
  let countsOfPhp: Map<string, number>
  let connections: number
  let growth: number

  beforeAll(async () => {
    save_path = join(root, name)
    mkdirSync(save_path)
    for (const id of ids) writeFileSync(join(save_path, `sess_${id}`), 'node|i:0;php|i:0;')
    site = await serve(new SessionManager({ save_path, gc_probability: 0 }), pages)
    const browsers = crowd(
      site.port,
      CONNECTIONS,
      ids.map((id) => `PHPSESSID=${id}`),
    )
    const counting = await php.begin(save_path, ids, 'php')

    const rounds: Map<string, number[]>[] = []
    try {
      rounds.push(await browsers.ask('/count', WARM_UP))
      await heapInUse()
      rounds.push(await browsers.ask('/count', REQUESTS / 2))
      const middle = await heapInUse()
      rounds.push(await browsers.ask('/count', REQUESTS / 2))
      growth = (await heapInUse()) - middle
    } finally {
      countsOfPhp = await counting.end()
    }
    connections = browsers.connections
    browsers.close()
    numbers = new Map(ids.map((id) => [id, rounds.flatMap((each) => each.get(`PHPSESSID=${id}`)!)]))
  })

  afterAll(() => site?.close())

  it('answers all requests, over the connections it has', () => {
    expect([...numbers.values()].flat()).toHaveLength(WARM_UP + REQUESTS)
    expect(connections).toBe(CONNECTIONS)
  })

  it('counts each of them, and leaves what PHP counts meanwhile', () => {
    for (const id of ids) {
      const shown = numbers.get(id)!
      expect(shown.toSorted((a, b) => a - b)).toEqual(shown.map((_, at) => at + 1))
      const stored = decodeSession(readFileSync(join(save_path, `sess_${id}`)))
      expect({ id, ...stored }).toEqual({ id, node: shown.length, php: countsOfPhp.get(id) })
    }
    expect([...countsOfPhp.values()].every((count) => count > 0)).toBe(true)
  })

  it('leaves no session locked', async () => {
    expect(await php.free(save_path, ids)).toBe(ids.length)
    const sessions = new SessionManager({ save_path, gc_probability: 0, lockTimeout: 0 })
    for (const id of ids) await (await sessions.start({ id })).abort()
  })

  it('keeps nothing of a request in memory', () => {
    expect(growth).toBeLessThan((REQUESTS / 2) * REMAINS)
  })
})
