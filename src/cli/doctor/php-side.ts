import { tmpdir } from 'node:os'
import { posix } from 'node:path'
import type { OtherPhp, PhpSide, Sapi, Setting, User } from './facts.ts'
import { folderIn } from './folder.ts'
import { iniValue } from './ini-value.ts'
import type { Look } from './look.ts'
import { mountOf } from './mounts.ts'
import { sessionSettings } from './php-settings.ts'
import { privateTmpUnit } from './services.ts'
import type { Setup } from './setups.ts'
import type { Users } from './users.ts'

/** A PHP by its set-up and what runs. @throws CommandError for settings that cannot be read */
export function phpSide(
  { look, users }: { look: Look; users: Users },
  setup: Setup,
  user: User | undefined,
  others: readonly OtherPhp[],
): PhpSide {
  const { files, pool, addTo, process } = setup
  const { version, settings, directives, refusals } = sessionSettings(setup)
  const sapi = setup.sapi
  const chroot = pool?.settings.get('chroot') || undefined
  const savePath = savePathOf(setup, settings, directives.save_handler)
  return {
    label: labelOf(setup, version),
    ...{ version, sapi, files, settings, directives, refusals, savePath: outside(savePath, chroot), addTo, others },
    root: look.isHere ? '' : look.at('/').replace(/\/$/, ''),
    openBasedir: otherSetting(setup, 'open_basedir'),
    chroot,
    user: user ?? userOf(look, users, setup),
    // Below a changed root, a process sees mounts in another way.
    mount: chroot === undefined && process !== undefined ? mountOf(look, process.pid, folderIn(savePath)) : undefined,
    privateTmp: privateTmpUnit(look, sapi, version),
  }
}

/** What matters of a PHP that is not the one in question. @throws CommandError for settings that cannot be read */
export function otherPhp(setup: Setup): OtherPhp {
  const { version, directives, settings } = sessionSettings(setup)
  return {
    label: labelOf(setup, version),
    files: setup.files,
    savePath: savePathOf(setup, settings, directives.save_handler),
    serializeHandler: settings.find(({ name }) => name === 'serialize_handler')?.value ?? directives.serialize_handler,
    gcMaxlifetime: directives.gc_maxlifetime,
    collects: directives.gc_probability > 0,
  }
}

const names: Readonly<Record<Sapi, string>> = { fpm: 'php-fpm', apache2: 'Apache', cgi: 'CGI', cli: 'command line' }

function labelOf({ sapi, pool }: Setup, version: string | undefined): string {
  const parts = [`PHP${version === undefined ? '' : ` ${version}`}`, sapi && names[sapi], pool && `pool ${pool.name}`]
  return parts.filter((part) => part !== undefined).join(', ')
}

/** `php_get_temporary_directory`, where the setting is empty. PHP-FPM clears the environment of its workers. */
function savePathOf(setup: Setup, settings: readonly Setting[], saveHandler: string): string {
  const savePath = settings.find(({ name }) => name === 'save_path')?.value ?? ''
  if (savePath !== '' || saveHandler !== 'files') return savePath
  if (process.platform === 'win32') return tmpdir()
  const given = setup.sapi === 'cli' ? process.env['TMPDIR'] : setup.pool?.settings.get('env[TMPDIR]')
  const usual = process.platform === 'darwin' ? '/var/tmp' : '/tmp'
  return (otherSetting(setup, 'sys_temp_dir') || given || usual).replace(/(.)\/$/, '$1')
}

/** Of PHP in a changed root, the path from outside. */
function outside(savePath: string, chroot: string | undefined): string {
  if (chroot === undefined) return savePath
  const at = savePath.lastIndexOf(';') + 1
  return savePath.slice(0, at) + posix.join(chroot, savePath.slice(at))
}

function otherSetting({ files, pool, info }: Setup, name: string): string {
  return pool?.settings.get(name) ?? info?.setting(name) ?? iniValue(files, name) ?? ''
}

function userOf(look: Look, users: Users, { sapi, pool, info, process }: Setup): User | undefined {
  if (process !== undefined) return users.find(String(process.uid))
  const apache = /^\s*export APACHE_RUN_USER=['"]?(\w[\w.-]*)/m.exec(look.text('/etc/apache2/envvars') ?? '')?.[1]
  const named = info?.user ?? (sapi === 'apache2' ? apache : pool?.settings.get('user'))
  if (named !== undefined) return users.find(named)
  return sapi === 'cli' ? users.own : undefined
}
