import { utimesSync } from 'node:fs'
import { type Case, folder, ini, ownFolder, php, phpSerialize, pool, set, unit } from './case.ts'
import { localDisk, phpUid } from './machines.ts'

/** What can be wrong with folders, users, sessions, disks and clean-up. */
export const brokenMachines: Readonly<Record<string, Case>> = {
  'a folder that is not there': {
    broken: (machine) => ownFolder()(machine).remove('srv/sessions'),
    found: ['folder: problem'],
    mends: 'folder',
  },
  'a file in place of the folder': {
    broken: (machine) => ownFolder()(machine).remove('srv/sessions').file('srv/sessions', ''),
    found: ['folder: problem'],
  },
  'folders of a level that are not there': {
    broken: ownFolder(0o700, '1;'),
    found: ['folder-levels: problem'],
    mends: 'folder-levels',
  },
  'folders of two levels that are not there': {
    broken: (machine) => ownFolder(0o700, '2;0600;')(machine).replace(ini, 'per_character = 5', 'per_character = 4'),
    found: ['folder-levels: problem'],
    mends: 'folder-levels',
  },
  'a folder that PHP may not write to': {
    broken: (machine) =>
      set('session.save_path = /srv/sessions\nsession.gc_probability = 1')(machine).folder('srv/sessions', 0o755),
    found: ['folder-for-php: problem', 'folder-list: warning'],
    mends: 'folder-for-php',
    needsRoot: true,
  },
  'a folder for temporary files that is not for everyone': {
    broken: (machine) => set('session.save_path =\nsession.gc_probability = 1')(machine).folder('tmp', 0o755),
    found: ['save-path-form: note', 'folder-for-php: problem', 'folder-list: note'],
    mends: 'folder-for-php',
    needsRoot: true,
  },
  'a folder on the way that PHP may not pass': {
    broken: (machine) => ownFolder()(machine).folder('srv', 0o700),
    found: ['folder-for-php: problem'],
    mends: 'folder-for-php',
    needsRoot: true,
  },
  'a folder for everyone that is not sticky': {
    broken: ownFolder(0o773),
    found: ['folder-sticky: warning'],
    mends: 'folder-sticky',
  },
  'a folder that everyone can list': { broken: ownFolder(0o755), found: ['folder-list: warning'], mends: 'folder-list' },
  'systemd’s private /tmp, by the unit': {
    broken: (machine) =>
      set('session.save_path = /tmp\nsession.gc_probability = 1')(machine)
        .file(`${unit.replace('lib/', 'etc/')}.d/hardening.conf`, '[Service]\nPrivateTmp=true\n')
        .remove('proc/900'),
    found: ['folder-list: note', 'same-file-system: problem'],
    mends: 'same-file-system',
  },
  'another /tmp, by what runs': {
    broken: (machine) =>
      set('session.save_path = /tmp\nsession.gc_probability = 1')(machine).process(
        ...([900, 'php-fpm: pool www', phpUid] as const),
        `${localDisk}90 25 8:1 /tmp/systemd-private-1-php8.2-fpm.service-2/tmp /tmp rw - ext4 /dev/sda1 rw\n`,
      ),
    found: ['folder-list: note', 'same-file-system: problem'],
    mends: 'same-file-system',
  },
  'a PHP in a container': {
    broken: (machine) => machine.file('proc/900/mountinfo', '80 1 0:55 / / rw - overlay overlay rw\n'),
    found: ['same-file-system: problem'],
  },
  'a Node of another user': {
    broken: (machine) => machine.process(901, 'node /srv/app/server.js', 1234, localDisk),
    found: ['users: problem'],
  },
  'sessions that root has made': {
    broken: (machine) =>
      ownFolder()(machine).session('srv/sessions/sess_a1', php).session('srv/sessions/sess_b2', php, { uid: 0 }),
    found: ['session-owners: problem'],
    mends: 'session-owners',
    needsRoot: true,
  },
  'sessions that root has made, among those of several users': {
    broken: (machine) => machine.session(`${folder}/sess_a1`, php, { uid: 1234 }).session(`${folder}/sess_b2`, php, { uid: 0 }),
    found: ['session-owners: warning'],
    needsRoot: true,
  },
  'sessions that everyone can read': {
    broken: (machine) => ownFolder()(machine).session('srv/sessions/sess_a1', php, { mode: 0o644 }),
    found: ['session-modes: warning'],
    mends: 'session-modes',
  },
  'a save_path that lets everyone read': {
    broken: ownFolder(0o700, '0;0666;'),
    found: ['session-modes: warning'],
    mends: 'session-modes',
  },
  'a save_path that lets not even PHP read': {
    broken: ownFolder(0o700, '0;0;'),
    found: ['session-modes: problem'],
    mends: 'session-modes',
  },
  'sessions in another format': {
    broken: (machine) => ownFolder()(machine).session('srv/sessions/sess_a1', phpSerialize).session('srv/sessions/sess_b2', ''),
    found: ['session-format: problem'],
    mends: 'session-format',
  },
  'a few sessions in another format': {
    broken: (machine) =>
      ['a1', 'b2', 'c3']
        .reduce((made, id) => made.session(`srv/sessions/sess_${id}`, php), ownFolder()(machine))
        .session('srv/sessions/sess_d4', phpSerialize),
    found: ['session-format: problem'],
  },
  'a damaged session': {
    broken: (machine) => ownFolder()(machine).session('srv/sessions/sess_a1', php).session('srv/sessions/sess_b2', `${php}\n`),
    found: ['session-contents: warning'],
  },
  'sessions that nothing can read': {
    broken: (machine) => ownFolder()(machine).session('srv/sessions/sess_a1', '{"user":"Ann"}'),
    found: ['session-contents: problem'],
  },
  'a clock that goes wrong': {
    broken: (machine) => {
      ownFolder()(machine).session('srv/sessions/sess_a1', php)
      const later = Date.now() / 1000 + 7200
      utimesSync(machine.at('srv/sessions/sess_a1'), later, later)
    },
    found: ['clock: warning'],
  },
  'a Node that takes no lock': { broken: () => {}, node: { lock: false }, found: ['lock: problem'], mends: 'lock' },
  'sessions on a file server': {
    broken: (machine) =>
      machine.file('proc/self/mountinfo', `${localDisk}80 25 0:44 / /var/lib/php rw - nfs4 server:/php rw,vers=4.2\n`),
    found: ['file-system: warning'],
  },
  'locks that no other machine sees': {
    broken: (machine) =>
      machine.file('proc/self/mountinfo', `${localDisk}80 25 0:44 / /var/lib/php rw - nfs server:/php rw,nolock\n`),
    found: ['file-system: warning'],
  },
  'a disk that cannot be written to': {
    broken: (machine) => machine.file('proc/self/mountinfo', localDisk.replaceAll('rw', 'ro')),
    found: ['disk: problem'],
  },
  'a Debian without its job': {
    broken: (machine) =>
      machine.remove('etc/cron.d').remove('etc/systemd').folder('etc/cron.d', 0o755).process(70, '/usr/sbin/cron -f', 0),
    found: ['cleaning: warning'],
    mends: 'cleaning',
    needsRoot: true,
  },
  'a Debian in a container, where nothing runs its job': {
    broken: (machine) => machine.remove('run/systemd'),
    found: ['cleaning: warning'],
    needsRoot: true,
  },
  'a folder that Debian’s job does not know': {
    broken: (machine) =>
      machine
        .replace(pool, '[www]', '[www]\nphp_admin_value[session.save_path] = /srv/sessions')
        .folder('srv/sessions', 0o700, 'php'),
    found: ['cleaning: warning'],
    mends: 'cleaning',
  },
  'levels that PHP does not clean': {
    broken: (machine) => {
      machine
        .replace(pool, '[www]', '[www]\nphp_admin_value[session.save_path] = "1;/srv/sessions"')
        .process(70, '/usr/sbin/cron -f', 0)
      for (const level of '0123456789abcdefghijklmnopqrstuv') machine.folder(`srv/sessions/${level}`, 0o700, 'php')
      machine.folder('srv/sessions', 0o700, 'php')
    },
    found: ['cleaning: warning'],
    mends: 'cleaning',
  },
  'a Node that removes sessions early': {
    broken: ownFolder(),
    node: { save_path: '/srv/sessions', gc_maxlifetime: 600 },
    found: ['lifetime: problem'],
    mends: 'lifetime',
  },
  'another PHP with another serialize_handler': {
    broken: (machine) =>
      machine.replace('etc/php/8.2/cli/php.ini', 'serialize_handler = php', 'serialize_handler = php_serialize'),
    found: ['other-phps: warning'],
  },
  'another PHP that removes sessions early': {
    broken: (machine) =>
      machine.replace(
        'etc/php/8.2/cli/php.ini',
        /gc_probability = 0[\s\S]*gc_maxlifetime = 1440/,
        'gc_probability = 1\nsession.gc_maxlifetime = 60',
      ),
    found: ['other-phps: warning'],
  },
}
