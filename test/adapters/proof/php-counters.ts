import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nativePhp, openPhp, type Php, phpVersions } from '../../oracle/php.ts'

/** PHP processes that keep counting in sessions: the installed PHP, or WebAssembly ones where there is none. */
export interface PhpCounters {
  /** They have all begun when it resolves. `variable` is one of the sessions' that holds a number. */
  begin(save_path: string, ids: readonly string[], variable: string): Promise<Counting>
  /** How many of the sessions nobody has locked. */
  free(save_path: string, ids: readonly string[]): Promise<number>
  close(): Promise<void>
}

export interface Counting {
  /** Ends it; → how often they added to each session, by its id. */
  end(): Promise<Map<string, number>>
}

/** Sessions are kept in folders below `root`. */
export async function openPhpCounters(count: number, root: string): Promise<PhpCounters> {
  const version = nativePhp === undefined ? phpVersions.at(-1)! : 'native'
  const ini = { 'session.use_cookies': '0', 'session.cache_limiter': '', 'session.use_strict_mode': '1' }
  const phps = await Promise.all(Array.from({ length: count }, () => openPhp(version, { mounts: [root], ini })))
  const ask = async (php: Php, code: string, input: object) =>
    JSON.parse((await php.run(`$in = json_decode($input, true); ${code}`, Buffer.from(JSON.stringify(input)))).toString())

  return {
    async begin(save_path, ids, variable) {
      const stop = join(save_path, 'stop')
      const begun = phps.map((_php, at) => join(save_path, `begun${at}`))
      const counts = Promise.all(phps.map((php, at) => ask(php, counter, { save_path, ids, variable, stop, begun: begun[at] })))
      counts.catch(() => {})
      while (!begun.every((file) => existsSync(file))) await Promise.race([counts, sleep(5)])
      return {
        async end() {
          writeFileSync(stop, '')
          const all: Record<string, number>[] = await counts
          return new Map(ids.map((id) => [id, all.reduce((sum, each) => sum + each[id]!, 0)]))
        },
      }
    },
    free: (save_path, ids) => ask(phps[0]!, probe, { save_path, ids }),
    async close() {
      await Promise.all(phps.map((php) => php.close()))
    },
  }
}

/** It does not outlive a test that died. */
const counter = `
  session_save_path($in['save_path']);
  $counts = array_fill_keys($in['ids'], 0);
  touch($in['begun']);
  for ($end = time() + 60; !file_exists($in['stop']) && time() < $end; usleep(mt_rand(0, 200))) {
    $id = $in['ids'][array_rand($in['ids'])];
    session_id($id);
    session_start();
    $_SESSION[$in['variable']]++;
    usleep(mt_rand(0, 200));
    session_write_close();
    $counts[$id]++;
  }
  echo json_encode($counts);`

const probe = `
  $free = 0;
  foreach ($in['ids'] as $id) $free += flock(fopen($in['save_path'] . '/sess_' . $id, 'r+'), LOCK_EX | LOCK_NB) ? 1 : 0;
  echo $free;`
