import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Machines in folders, with the files, owners and modes that packages of PHP make: for `doctor --root`. */

export const isRoot = process.getuid?.() === 0

/** Who runs PHP on them. Files can be given to another user by root only; else all are ours. */
export const phpUid = isRoot ? 33 : (process.getuid?.() ?? 0)
const phpGid = isRoot ? 33 : (process.getgid?.() ?? 0)

export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), 'doctor-'))

  static readonly #all: Machine[] = []

  constructor() {
    chmodSync(this.root, 0o755)
    Machine.#all.push(this)
  }

  static removeAll(): void {
    for (const machine of Machine.#all.splice(0)) machine.remove()
  }

  at(path: string): string {
    return join(this.root, path)
  }

  file(path: string, text: string): this {
    mkdirSync(dirname(this.at(path)), { recursive: true })
    writeFileSync(this.at(path), text)
    return this
  }

  /** In a file that is there. */
  replace(path: string, from: string | RegExp, to: string): this {
    const text = readFileSync(this.at(path), 'utf8')
    const changed = text.replace(from, to)
    if (changed === text) throw new Error(`${path} has no ${from}`)
    return this.file(path, changed)
  }

  folder(path: string, mode: number, owner?: 'php'): this {
    mkdirSync(this.at(path), { recursive: true })
    chmodSync(this.at(path), mode)
    if (owner === 'php') chownSync(this.at(path), phpUid, phpGid)
    return this
  }

  session(path: string, bytes: string, { mode = 0o600, uid = phpUid } = {}): this {
    this.file(path, bytes)
    chmodSync(this.at(path), mode)
    chownSync(this.at(path), uid, phpGid)
    return this
  }

  process(pid: number, command: string, uid: number, mountinfo?: string, parent = 1): this {
    this.file(`proc/${pid}/status`, `Name:\tx\nPPid:\t${parent}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`)
    this.file(`proc/${pid}/cmdline`, `${command.replaceAll(' ', '\0')}\0`)
    return mountinfo === undefined ? this : this.file(`proc/${pid}/mountinfo`, mountinfo)
  }

  link(path: string, to: string): this {
    mkdirSync(dirname(this.at(path)), { recursive: true })
    symlinkSync(to, this.at(path))
    return this
  }

  remove(path = ''): this {
    rmSync(this.at(path), { recursive: true })
    return this
  }
}

export const localDisk = '25 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n'

function linux(user: string): Machine {
  return new Machine()
    .file(
      'etc/passwd',
      `root:x:0:0::/root:/bin/sh\n${user}:x:${phpUid}:${phpGid}::/var/www:/bin/false\ndeploy:x:1234:1234::/:/bin/sh\n`,
    )
    .file('etc/group', `root:x:0:\n${user}:x:${phpGid}:\n`)
    .file('proc/self/mountinfo', localDisk)
    .process(901, 'node /srv/app/server.js', phpUid, localDisk)
    .folder('tmp', 0o1777)
}

/** As `apt-get install php-fpm` leaves it, with a Node beside it. */
export function debian(): Machine {
  const ini = `[PHP]
sys_temp_dir =
[Session]
session.save_handler = files
session.use_strict_mode = 0
session.use_cookies = 1
session.use_only_cookies = 1
session.name = PHPSESSID
session.cookie_lifetime = 0
session.cookie_path = /
session.cookie_domain =
session.cookie_httponly =
session.cookie_samesite =
session.serialize_handler = php
session.gc_probability = 0
session.gc_divisor = 1000
session.gc_maxlifetime = 1440
session.sid_length = 26
session.sid_bits_per_character = 5
`
  return linux('www-data')
    .file('etc/php/8.2/fpm/php.ini', ini)
    .file('etc/php/8.2/fpm/conf.d/10-opcache.ini', 'zend_extension = opcache.so\n')
    .file(
      'etc/php/8.2/fpm/pool.d/www.conf',
      '[www]\nuser = www-data\ngroup = www-data\nlisten = /run/php/php8.2-fpm.sock\npm = dynamic\n',
    )
    .file('etc/php/8.2/cli/php.ini', ini)
    .file('etc/cron.d/php', '09,39 * * * * root /usr/lib/php/sessionclean\n')
    .link('etc/systemd/system/timers.target.wants/phpsessionclean.timer', '/lib/systemd/system/phpsessionclean.timer')
    .file('lib/systemd/system/phpsessionclean.timer', '[Timer]\nOnCalendar=*-*-* *:09,39:00\n')
    .file('lib/systemd/system/php8.2-fpm.service', '[Service]\nType=notify\nExecStart=/usr/sbin/php-fpm8.2\n')
    .folder('run/systemd/system', 0o755)
    .folder('var/lib/php/sessions', 0o1733)
    .process(900, 'php-fpm: pool www', phpUid, localDisk)
}

/** As `dnf install php-fpm` leaves it. */
export function rhel(): Machine {
  return linux('apache')
    .file('etc/php.ini', '[Session]\nsession.save_handler = files\nsession.gc_probability = 1\nsession.gc_divisor = 1000\n')
    .file('etc/php.d/10-opcache.ini', 'zend_extension=opcache\n')
    .file(
      'etc/php-fpm.d/www.conf',
      '[www]\nuser = apache\npm = dynamic\nphp_value[session.save_handler] = files\nphp_value[session.save_path]    = /var/lib/php/session\n',
    )
    .file('usr/lib/systemd/system/php-fpm.service', '[Service]\nType=notify\nPrivateTmp=true\n')
    .folder('run/systemd/system', 0o755)
    .folder('var/lib/php/session', 0o770, 'php')
}

/** As `docker run php:fpm` has it, with Node in the same container: no php.ini. */
export function docker(): Machine {
  return linux('www-data')
    .file('.dockerenv', '')
    .file('usr/local/etc/php/conf.d/docker-php-ext-sodium.ini', 'extension=sodium.so\n')
    .file('usr/local/etc/php-fpm.d/docker.conf', '[global]\nerror_log = /proc/self/fd/2\n[www]\nclear_env = no\n')
    .file('usr/local/etc/php-fpm.d/www.conf', '[www]\nuser = www-data\ngroup = www-data\nlisten = 127.0.0.1:9000\npm = dynamic\n')
    .file('usr/local/etc/php-fpm.d/zz-docker.conf', '[global]\ndaemonize = no\n[www]\nlisten = 9000\n')
}

/** As `brew install php` leaves it; the pool’s user counts only where PHP-FPM is started by root. */
export function homebrew(): Machine {
  return linux('_www')
    .file('opt/homebrew/etc/php/8.3/php.ini', '[Session]\nsession.save_handler = files\nsession.gc_probability = 1\n')
    .file('opt/homebrew/etc/php/8.3/php-fpm.d/www.conf', '[www]\nuser = _www\ngroup = _www\npm = dynamic\n')
}
