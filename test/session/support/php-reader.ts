import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { nativePhp } from '../../oracle/php.ts'

/** A PHP process that starts a session whenever it is asked, as a page does that shows a progress bar. */
export interface PhpReader {
  /** The variable as PHP's serialize() writes it, one character per byte. */
  read(variable: string): Promise<string>
  /** Sets `$_SESSION[variable]['cancel_upload']`. */
  cancel(variable: string): Promise<void>
  close(): Promise<void>
}

const script = `
while (($line = fgets(STDIN)) !== false) {
  [$what, $variable] = explode(' ', trim($line), 2);
  session_id($argv[1]);
  session_start();
  if ($what === 'cancel') $_SESSION[$variable]['cancel_upload'] = true;
  echo base64_encode(serialize($_SESSION[$variable] ?? null)), PHP_EOL;
  session_write_close();
}`

export function openReader(save_path: string, id: string): PhpReader {
  const ini = { save_path, use_cookies: '0', use_strict_mode: '0', cache_limiter: '', gc_probability: '0' }
  const flags = Object.entries(ini).flatMap(([name, value]) => ['-d', `session.${name}=${value}`])
  const php = spawn(nativePhp!, ['-n', ...flags, '-r', script, '--', id], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(php.stdout)[Symbol.asyncIterator]()
  const ask = async (what: string, variable: string) => {
    php.stdin.write(`${what} ${variable}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error('PHP ended')
    return Buffer.from(value, 'base64').toString('latin1')
  }

  return {
    read: (variable) => ask('read', variable),
    async cancel(variable) {
      await ask('cancel', variable)
    },
    async close() {
      const exit = once(php, 'exit')
      php.stdin.end()
      await exit
    },
  }
}
