import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesSaveHandler } from '../../src/save-handlers/files.ts'
import type { SaveHandle } from '../../src/save-handlers/save-handler.ts'
import { sessionOf } from './child.cjs'
import { describeWithPhp, phpSays, runNode, sessionFolder } from './processes.ts'

const heavy = process.env['SESSION_START_HEAVY'] === '1'
const ID = 'abc'

/** child.cjs makes its processes as only Linux lets it. */
const describeKills = process.platform === 'linux' ? describeWithPhp : describe.skip

describeKills('a process that is killed while it writes', () => {
  const kills = heavy ? 5000 : 400

  test.each([
    ['of one length', [173, 173]],
    ['that become longer and shorter', [173, 400, 90, 4000, 160]],
    ['that cross the end of a page', [4000, 4200, 4090, 8300, 8100]],
    ['of many pages and one length', [114_000, 114_000]],
    ['of many pages that become longer and shorter', [114_000, 60_000, 9000, 300, 113_000]],
  ])(
    'leaves PHP the old or the new session: sessions %s',
    async (_what, lengths) => {
      const folder = sessionFolder()
      const writers = runNode('killWriters', { save_path: folder, id: ID, lengths, kills }, { flags: ['--single-threaded'] })
      expect(await writers.line()).toBe(`killed ${kills}`)
      lengths.forEach((length, number) => {
        writeFileSync(join(folder, `sess_written${number}`), sessionOf(length, number))
      })
      const code = `
        $read = function ($id) { session_id($id); session_start(); session_abort(); return $_SESSION; };
        for ($i = 0; $i < ${lengths.length}; $i++) { $written[] = $read("written$i"); }
        $found = array_fill(0, ${lengths.length}, 0);
        for ($i = 0; $i < ${kills}; $i++) {
          $session = $read("killed$i"); $which = array_search($session, $written, true);
          if ($which === false) { echo "killed$i is none of them: ", substr(json_encode($session), 0, 200), "\\n"; } else { $found[$which]++; }
        }
        echo json_encode($found);`
      const found = JSON.parse(await phpSays(folder, code)) as number[]
      // The processes did write: not all were killed at the same session.
      expect(found.filter((times) => times > 0).length).toBeGreaterThan(1)
    },
    120_000,
  )
})

describe('when the file may not grow', () => {
  // ulimit counts in blocks of 512 bytes.
  test.each([
    [300, 600, 1],
    [500, 512 + 30, 1],
    [5000, 20_000, 16],
    [12_000, 30_000, 24],
    [0, 20_000, 16],
  ])('%i bytes stay as they are when %i cannot be written', async (length, longer, blocks) => {
    const folder = sessionFolder()
    const old = length === 0 ? '' : sessionOf(length, 1)
    writeFileSync(join(folder, `sess_${ID}`), old)
    const where = { save_path: folder, id: ID, length: longer, number: 2 }
    expect(await runNode('write', where, { shell: `ulimit -f ${blocks}` }).line()).toBe('WRITE_FAILED EFBIG')
    expect(readFileSync(join(folder, `sess_${ID}`), 'latin1')).toBe(old)
  })
})

const canMount = mount(sessionFolder(), true)
const describeOnSmallDisk = canMount ? describe : describe.skip

describeOnSmallDisk(`on a full disk${canMount ? '' : ' (skipped: a tmpfs cannot be mounted)'}`, () => {
  const disk = sessionFolder()
  beforeAll(() => mount(disk))
  afterAll(() => unmount(disk))

  const path = (id: string) => join(disk, `sess_${id}`)
  const fill = () => {
    try {
      writeFileSync(join(disk, 'filler'), Buffer.alloc(1 << 20))
    } catch {
      // That was the aim.
    }
  }
  const content = (length: number, number: number) => Buffer.from(sessionOf(length, number))

  let handle: SaveHandle
  beforeEach(() => {
    handle = filesSaveHandler.open(disk, 'PHPSESSID', { lock: true, lockTimeout: 1000 }) as SaveHandle
    rmSync(join(disk, 'filler'), { force: true })
  })
  afterEach(() => handle.destroy(ID))

  test.each([
    [0, 200],
    [200, 5000],
    [5000, 20_000],
    [4060, 4200],
    [100_000, 110_000],
  ])('%i bytes stay as they are when %i cannot be written', async (length, longer) => {
    await handle.read(ID)
    const old = length === 0 ? Buffer.alloc(0) : content(length, 1)
    await handle.write(ID, old)
    fill()
    const { ino } = statSync(path(ID))
    await expect(async () => handle.write(ID, content(longer, 2))).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      cause: { code: 'ENOSPC' },
    })
    expect(readFileSync(path(ID)).equals(old)).toBe(true)
    expect(statSync(path(ID)).ino).toBe(ino)
  })

  test.each([
    [200, 200],
    [200, 300],
    [4000, 150],
    [5000, 4500],
    [20_000, 20_000],
    [100_000, 50_000],
    [100_000, 300],
  ])('of %i bytes, %i are written, which need no more room', async (length, shorter) => {
    await handle.read(ID)
    await handle.write(ID, content(length, 1))
    fill()
    await handle.write(ID, content(shorter, 2))
    expect(readFileSync(path(ID)).equals(content(shorter, 2))).toBe(true)
  })
})

/** Puts a disk of 256 KB on the folder; whether that could be done. */
function mount(folder: string, onlyTry = false): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return false
  }
  const done = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]).status === 0
  if (done && onlyTry) {
    unmount(folder)
  }
  return done
}

function unmount(folder: string): void {
  spawnSync('umount', ['-l', folder])
}
