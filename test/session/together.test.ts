import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeSession, encodeSession } from '../../src/serialize-handlers/session-codec.ts'
import { describeNative, nativePhp } from '../oracle/php.ts'
import { ensureBuilt, root } from '../support/package.ts'

jest.setTimeout(120_000)

const TIMES = 1500
const ids = ['counter0', 'counter1', 'counter2']

describeNative('four PHP and four Node processes that count in the same sessions', () => {
  let folder: string

  beforeAll(ensureBuilt)

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'session-start-together-'))
    for (const id of ids) writeFileSync(join(folder, `sess_${id}`), encodeSession({ user: 'Alice', n: 0, cart: [], total: 10.5 }))
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  it.each([
    ['lose nothing', '0'],
    ['lose nothing while others are made, renewed, destroyed and cleaned up', '1'],
  ])('%s', async (_title, churn) => {
    const node = [join(__dirname, 'support/count.cjs'), join(root, 'dist'), folder, String(TIMES), churn]
    const php = [join(__dirname, 'support/count.php'), folder, String(TIMES), churn]
    const counting = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? run(process.execPath, node) : run(nativePhp!, php)))
    expect(await Promise.all(counting)).toEqual(counting.map(() => ''))

    const left = ids.map((id) => decodeSession(readFileSync(join(folder, `sess_${id}`))))
    expect(left.reduce((sum, { n }) => sum + (n as number), 0)).toBe(8 * TIMES)
    for (const { user, total } of left) expect({ user, total }).toEqual({ user: 'Alice', total: 10.5 })
    // Of a session that regenerate(false) left behind there is one each time in two; it is complete.
    for (const file of readdirSync(folder)) decodeSession(readFileSync(join(folder, file)))
  })
})

/** What it prints on standard error, and how it ended when not well. */
function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => resolve(code === 0 ? errors : `${errors}ended with ${code}`))
  })
}
