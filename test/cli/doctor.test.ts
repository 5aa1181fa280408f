import { spawnSync } from 'node:child_process'
import { statSync, utimesSync } from 'node:fs'
import { findSessions } from '../../src/cli/doctor/mend.ts'
import { ensureBuilt } from '../support/package.ts'
import { brokenMachines } from './doctor/broken-machines.ts'
import { brokenSettings } from './doctor/broken-settings.ts'
import { ownFolder, php } from './doctor/case.ts'
import { debian, docker, homebrew, isRoot, Machine, rhel } from './doctor/machines.ts'
import { type Report, report, wrong } from './doctor/run.ts'

/** The doctor, on machines that lie in folders. */

/** What Node’s SessionManager has by the php.ini of the Debian here; a case says only what differs. */
const usual = { phpVersion: '8.2', save_path: '/var/lib/php/sessions', sid_length: 26, sid_bits_per_character: 5 }
const cases = Object.entries({ ...brokenSettings, ...brokenMachines })

beforeAll(ensureBuilt)
afterAll(() => Machine.removeAll())

describe('doctor', () => {
  // biome-ignore format: a table
  it.each([
    ['Debian',         debian,   'PHP 8.2, php-fpm, pool www', []],
    ['RHEL',           rhel,     'PHP, php-fpm, pool www',     []],
    ['Docker’s image', docker,   'PHP, php-fpm, pool www',     ['save-path-form: note', 'folder-list: note']],
    ['Homebrew',       homebrew, 'PHP 8.3, php-fpm, pool www', ['save-path-form: note', 'folder-list: note']],
  ] as const)('finds nothing wrong with PHP as %s installs it', async (_what, make, label, expected) => {
    const result = await report(['--root', make().root])
    expect([result.php['label'], ...wrong(result)]).toEqual([label, ...expected])
    expect(result.canShare).toBe(true)
  })

  it('finds nothing wrong with a Node that has PHP’s settings', async () => {
    const result = await report(['--root', debian().root, '--node', JSON.stringify(usual)])
    expect(wrong(result)).toEqual([])
    const found = cases.flatMap(([, each]) => each.found.map((one) => one.replace(/:.*/, '')))
    const neverFound = result.findings.map(({ id }) => id).filter((id) => !found.includes(id))
    // Root can list every folder: it is in doctor-facts.test.ts.
    expect(neverFound).toEqual(['session-list'])
  })
})

for (const [what, { broken, found, node, mends, needsRoot }] of cases) {
  const isSkipped = needsRoot === true && !isRoot
  const suite = isSkipped ? describe.skip : describe
  suite(`doctor finds ${what}${isSkipped ? ' (skipped: only root can give files away)' : ''}`, () => {
    let machine: Machine
    let result: Report
    const look = (better: object = {}): Promise<Report> => {
      const options = node && JSON.stringify({ ...usual, ...node, ...better })
      return report(['--root', machine.root, ...(options === undefined ? [] : ['--node', options])])
    }

    beforeAll(async () => {
      machine = debian()
      broken(machine)
      result = await look()
    })

    it('and nothing else', () => {
      expect(wrong(result)).toEqual(found)
      expect(result.canShare).toBe(!found.some((each) => each.endsWith('problem')))
    })

    if (mends === undefined) return
    it('and how to mend it', async () => {
      const { severity, mend, nodeOptions } = result.findings.find(({ id }) => id === mends)!
      if (nodeOptions == null) expect(run(mend!)).toBe('')
      expect(wrong(await look(nodeOptions ?? {}))).not.toContain(`${mends}: ${severity}`)
    })
  })
}

it('doctor mends no sessions but those where PHP looks for them', async () => {
  const machine = debian()
  ownFolder()(machine).session('srv/sessions/sess_a1', php, { mode: 0o644 }).folder('srv/sessions/other', 0o700)
  machine.session('srv/sessions/other/sess_a1', php, { mode: 0o644 })
  const { findings } = await report(['--root', machine.root])
  expect(run(findings.find(({ id }) => id === 'session-modes')!.mend!)).toBe('')
  const modeOf = (file: string) => statSync(machine.at(file)).mode & 0o777
  expect([modeOf('srv/sessions/sess_a1'), modeOf('srv/sessions/other/sess_a1')]).toEqual([0o640, 0o644])
  utimesSync(machine.at('srv/sessions/sess_a1'), 4e9, 4e9)
  const future = (await report(['--root', machine.root])).findings.find(({ id }) => id === 'clock')
  expect(future!.mend).toContain(`${findSessions(machine.at('srv/sessions'), 0)} -newermt now -exec touch {} +`)
  expect(findSessions('/srv/sessions', 2)).toBe("find /srv/sessions -mindepth 3 -maxdepth 3 -name 'sess_*' -type f")
})

/** Runs a line of sh. → what it complains about */
function run(line: string): string {
  const { status, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' })
  return status === 0 ? stderr : `${line}: status ${status}: ${stderr}`
}
