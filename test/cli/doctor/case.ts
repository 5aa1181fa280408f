import type { Machine } from './machines.ts'

/** A way to break the Debian of the tests, and what the doctor says then. */
export interface Case {
  readonly broken: (machine: Machine) => unknown
  /** `id: severity` of all that is wrong then. */
  readonly found: readonly string[]
  /** The options of Node’s SessionManager, beside PHP’s. */
  readonly node?: Readonly<Record<string, unknown>>
  /** A finding whose command, or whose options for Node, mend it. */
  readonly mends?: string
  readonly needsRoot?: true
}

export const ini = 'etc/php/8.2/fpm/php.ini'
export const pool = 'etc/php/8.2/fpm/pool.d/www.conf'
export const unit = 'lib/systemd/system/php8.2-fpm.service'
export const folder = 'var/lib/php/sessions'
/** A session in two formats. */
export const php = 'n|i:5;user|s:3:"Ann";'
export const phpSerialize = 'a:2:{s:1:"n";i:5;s:4:"user";s:3:"Ann";}'

/** Settings that Debian’s php.ini has not. */
export function set(lines: string): (machine: Machine) => Machine {
  return (machine) => machine.file('etc/php/8.2/fpm/conf.d/20-shop.ini', `; of the shop\n${lines}\n`)
}

/** A folder of PHP’s own, which PHP cleans. */
export function ownFolder(mode = 0o700, levels = ''): (machine: Machine) => Machine {
  return (machine) =>
    set(`session.save_path = "${levels}/srv/sessions"\nsession.gc_probability = 1`)(machine).folder('srv/sessions', mode, 'php')
}
