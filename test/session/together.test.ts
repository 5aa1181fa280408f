import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { decodeSession } from '../../src/serialize-handlers/session-codec.ts'
import { describeNative, nativePhp } from '../oracle/php.ts'
import { ensureBuilt } from '../support/package.ts'

interface Done {
  readonly errors: readonly string[]
  readonly counted: Readonly<Record<'a' | 'b', number>>
  readonly own: number
  readonly isOwnRight: boolean
}

const run = promisify(execFile)
const support = (name: string) => join(__dirname, 'support', name)

describeNative('4 PHP and 4 Node processes on the same sessions', () => {
  let save_path: string

  beforeAll(() => ensureBuilt())
  beforeEach(() => {
    save_path = mkdtempSync(join(tmpdir(), 'together-'))
  })
  afterEach(() => rmSync(save_path, { recursive: true }))

  it('lose nothing', async () => {
    const all = await together({ turns: 2000, isWild: false })
    expect(all.flatMap(({ errors }) => errors)).toEqual([])
    for (const id of ['a', 'b'] as const) {
      const counted = all.reduce((sum, each) => sum + each.counted[id], 0)
      expect(stored(`sess_${id}`)).toMatchObject({ n: counted })
    }
    expect(all.reduce((sum, { counted }) => sum + counted.a + counted.b, 0)).toBe(8 * 2000)
  })

  it('lose nothing while others regenerate, destroy and clean up', async () => {
    const old = Array.from({ length: 50 }, (_, index) => `sess_old${index}`)
    for (const name of old) {
      writeFileSync(join(save_path, name), 'n|i:1;')
      utimesSync(join(save_path, name), 1e9, 1e9)
    }
    const all = await together({ turns: 1000, isWild: true })
    expect(all.flatMap(({ errors }) => errors)).toEqual([])
    expect(all.map(({ isOwnRight }) => isOwnRight)).toEqual(all.map(() => true))
    for (const id of ['a', 'b'] as const) {
      expect(stored(`sess_${id}`)).toMatchObject({ n: all.reduce((sum, each) => sum + each.counted[id], 0) })
    }
    const left = readdirSync(save_path)
    expect(left.filter((name) => old.includes(name))).toEqual([])
    for (const name of left) expect(() => stored(name)).not.toThrow()
    expect(await phpReads()).toBe(`${left.length}`)
  })

  function together(how: { turns: number; isWild: boolean }): Promise<Done[]> {
    const processes = Array.from({ length: 8 }, async (_, index) => {
      const options = JSON.stringify({ ...how, save_path, name: `p${index}` })
      const command: [string, string[]] =
        index % 2 === 0
          ? [nativePhp!, [support('together.php'), options]]
          : [process.execPath, [support('together.cjs'), options]]
      const { stdout } = await run(...command)
      return JSON.parse(stdout) as Done
    })
    return Promise.all(processes)
  }

  function stored(name: string): Record<string, unknown> {
    return decodeSession(readFileSync(join(save_path, name)))
  }

  /** How many of the sessions PHP can read. */
  async function phpReads(): Promise<string> {
    const code = `ini_set('session.save_path', $argv[1]); ini_set('session.use_cookies', 0); ini_set('session.cache_limiter', ''); ob_start();
      $read = 0;
      foreach (glob($argv[1] . '/sess_*') as $file) {
        session_id(substr(basename($file), 5));
        $read += session_start(['read_and_close' => true]) ? 1 : 0;
      }
      ob_end_clean();
      echo $read;`
    return (await run(nativePhp!, ['-r', code, '--', save_path])).stdout
  }
})
