import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import stringWidth from 'string-width'
import { saveHandler } from '../../src/save-handlers/save-handlers.ts'
import { ensureBuilt } from '../support/package.ts'
import { itInTerminal, runCli, runInTerminal, withoutColors } from './support/run-cli.ts'

beforeAll(ensureBuilt)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-stats-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A session that was last used so many seconds ago. */
function write(id: string, bytes: string, age = 0): void {
  const file = join(folder, `sess_${id}`)
  writeFileSync(file, bytes, 'latin1')
  const time = Math.floor(Date.now() / 1000) - age
  utimesSync(file, time, time)
}

function writeSix(): void {
  write('aaa1', 'user|a:1:{s:4:"name";s:5:"Alice";}cart|a:0:{}', 100)
  write('bbb2', 'user|a:1:{s:4:"name";s:5:"Alice";}', 4000)
  write('ccc3', 'a:1:{s:4:"user";a:1:{s:4:"name";s:3:"Bob";}}', 4000)
  write('ddd4', `note|s:2000:"${'x'.repeat(2000)}";`, 200_000)
  write('eee5', '', 4000)
  write('fff6', 'broken|s:9:"secret";', 4000)
}

const json = async (...args: string[]) => JSON.parse((await runCli(['stats', folder, ...args, '--json'])).stdout)

describe('stats', () => {
  it('tells counts, sizes, ages and keys as a chart', async () => {
    writeSix()
    const { status, stdout, stderr } = await runCli(['stats', folder])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const text = stdout.replaceAll(/█+/g, '█').replaceAll(/ {3,}/g, '  ')
    expect(text).toBe(`Sessions in ${folder}
  6 sessions, 2.2 kB
  5 older than gc_maxlifetime, 24 min: gc removes them
  1 damaged: PHP would destroy them
  3 with a user, of 2 users

Written by
  php  █  3  50 %
  php_serialize  █▋  1  16 %
  empty  █▋  1  16 %
  damaged  █▋  1  16 %

Sizes  half up to 34 B, 95 % up to 2.0 kB, the largest 2.0 kB
  empty  █  1  16 %
  < 30 B  █  1  16 %
  30 – 100 B  █  3  50 %
  100 – 300 B  0  0 %
  300 B – 1 kB  0  0 %
  1 – 3 kB  █  1  16 %

Last used  half within 1 h, 95 % within 2 d, the oldest 2 d ago
  1 – 5 min  █▊  1  16 %
  5 – 15 min  0  0 %
  15 min – 1 h  0  0 %
  1 – 4 h  █  4  66 %
  4 – 12 h  0  0 %
  12 h – 1 d  0  0 %
  1 – 3 d  █▊  1  16 %

Keys  in how many sessions, and their bytes
  user  █  3  50 %  106 B
  note  █  1  16 %  2.0 kB
  cart  █  1  16 %  11 B
`)
    const lengths = [...stdout.matchAll(/(█+)▋? +\d+ +(\d+) %$/gm)].map(([, bar, share]) => [bar!.length, Number(share)])
    expect(lengths.slice(0, 2)).toEqual([
      [74, 50],
      [24, 16],
    ])
  })

  it('tells the same as JSON', async () => {
    writeSix()
    const stats = await json()
    expect(stats).toEqual({
      ...{ place: folder, time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), maxLifetime: 1440 },
      ...{ sessions: 6, empty: 1, damaged: 1, unreadable: 0, expired: 5 },
      serializeHandlers: { php: 3, php_serialize: 1 },
      users: { sessions: 3, distinct: 2 },
      sizes: {
        ...{ sum: 2158, median: 34, p95: 2015, largest: 2015 },
        histogram: [
          { from: 0, below: 1, count: 1 },
          { from: 1, below: 30, count: 1 },
          { from: 30, below: 100, count: 3 },
          { from: 100, below: 300, count: 0 },
          { from: 300, below: 1000, count: 0 },
          { from: 1000, below: 3000, count: 1 },
        ],
      },
      ages: {
        ...{ median: 4000, p95: expect.any(Number), largest: expect.any(Number) },
        histogram: [
          { from: 60, below: 300, count: 1 },
          { from: 300, below: 900, count: 0 },
          { from: 900, below: 3600, count: 0 },
          { from: 3600, below: 14_400, count: 4 },
          { from: 14_400, below: 43_200, count: 0 },
          { from: 43_200, below: 86_400, count: 0 },
          { from: 86_400, below: 259_200, count: 1 },
        ],
      },
      distinctKeys: 3,
      keys: [
        { key: 'user', sessions: 3, bytes: 106, missed: 0 },
        { key: 'note', sessions: 1, bytes: 2015, missed: 0 },
        { key: 'cart', sessions: 1, bytes: 11, missed: 0 },
      ],
    })
  })

  it('takes serialize_handler and gc_maxlifetime from a php.ini, and counts as damaged what that PHP would not read', async () => {
    writeSix()
    const ini = join(folder, 'php.ini')
    writeFileSync(
      ini,
      `[Session]\nsession.save_path = "${folder}"\nsession.serialize_handler = php\nsession.gc_maxlifetime = 5000\n`,
    )
    const { stdout } = await runCli(['stats', ini, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ sessions: 6, damaged: 2, expired: 1, maxLifetime: 5000, serializeHandlers: { php: 3, php_serialize: 1 } },
    })
  })

  it('shows as many keys as it is told to', async () => {
    writeSix()
    const { stdout } = await runCli(['stats', folder, '--keys', '1'])
    expect(stdout).toMatch(/^Keys {2}the 1 of 3 that most sessions hold\n {2}user .*\n$/m)
    expect((await json('--keys', '0')).keys).toEqual([])
    expect((await runCli(['stats', folder, '--keys', 'x'])).status).toBe(2)
  })

  it('shows no value of a session, and no key that could do something to the terminal', async () => {
    write('aaa1', 'ke\x1b[31my\n|s:6:"secret";\xe2\x80\xaeexe|s:9:"password1";')
    const { stdout } = await runCli(['stats', folder])
    expect(stdout).toContain('ke\\e[31my\\n')
    expect(stdout).toContain('\\u{202e}exe')
    expect(stdout).not.toMatch(/secret|password1/)
  })

  it('leaves no trace, and does not wait for a session in use', async () => {
    writeSix()
    const file = join(folder, 'sess_aaa1')
    const before = statSync(file)
    const handle = await saveHandler('files').open(folder, 'PHPSESSID', { lock: true, lockTimeout: 0 })
    await handle.read('aaa1')
    await runCli(['stats', folder])
    await handle.close()
    const after = statSync(file)
    expect([after.mtimeMs, after.ctimeMs, after.size]).toEqual([before.mtimeMs, before.ctimeMs, before.size])
  })

  it('has nothing to draw where there are no sessions', async () => {
    const { status, stdout } = await runCli(['stats', folder])
    expect({ status, stdout }).toEqual({ status: 0, stdout: `Sessions in ${folder}\n  0 sessions, 0 B\n` })
  })

  it('fails where there is no such place', async () => {
    const { status, stderr } = await runCli(['stats', join(folder, 'missing')])
    expect(status).toBe(3)
    expect(stderr).toMatch(/There is no folder .*missing$/m)
  })

  for (const columns of [40, 80, 200]) {
    itInTerminal(`fits into a terminal of ${columns} columns, in colours`, async () => {
      writeSix()
      write('ggg7', `${'k'.repeat(90)}|i:1;購物車購物車購物車購物車購物車購物車購物車|i:1;`)
      const { output } = await runInTerminal(['stats', folder], { columns })
      const lines = withoutColors(output).replaceAll(/^.*\r/gm, '').split('\n').slice(1)
      const charts = lines.slice(lines.indexOf(''))
      expect(charts.filter((line) => stringWidth(line) > columns)).toEqual([])
      expect(Math.max(...charts.map((line) => stringWidth(line)))).toBe(Math.min(columns, 100))
      expect(output).toContain('\x1b[36m')
    })
  }

  itInTerminal('has no colours with NO_COLOR', async () => {
    writeSix()
    const { output } = await runInTerminal(['stats', folder], { env: { NO_COLOR: '1' } })
    expect(output.replaceAll('\x1b[K', '')).not.toContain('\x1b')
  })
})

describe('stats --html', () => {
  it('prints the page, or puts it into a file', async () => {
    writeSix()
    const page = join(folder, 'stats.html')
    const { stdout, stderr } = await runCli(['stats', folder, '--html', page])
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: `${page} has the page\n` })
    const withoutTime = (text: string) => text.replace(/<p>At .*/, '')
    const printed = await runCli(['stats', folder, '--html'])
    expect(withoutTime(printed.stdout)).toBe(withoutTime(readFileSync(page, 'utf8')))
  })

  it('goes with --json into a file, not between the JSON', async () => {
    writeSix()
    const page = join(folder, 'stats.html')
    expect(JSON.parse((await runCli(['stats', folder, '--json', '--html', page])).stdout)).toMatchObject({ sessions: 6 })
    expect(existsSync(page)).toBe(true)
    const both = await runCli(['stats', folder, '--json', '--html'])
    expect(both).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('give --html a file') })
  })

  it('counts one user as one', async () => {
    writeFileSync(join(folder, 'sess_one'), 'user_id|i:7;')
    expect((await runCli(['stats', folder, '--html'])).stdout).toContain('<dt>with a user, of 1 user</dt>')
  })

  it('does not take the place for the file to write', async () => {
    const ini = join(folder, 'php.ini')
    writeFileSync(ini, '[Session]\n')
    const { status, stderr } = await runCli(['stats', '--html', ini])
    expect(status).toBe(2)
    expect(stderr).toContain('--html takes the name of an .html file')
    expect(readFileSync(ini, 'utf8')).toBe('[Session]\n')
  })
})
