import { type Case, folder, pool, set } from './case.ts'

/** What can be wrong with settings and cookies. */
export const brokenSettings: Readonly<Record<string, Case>> = {
  'a save_path with a ; outside of quotes': {
    broken: set(`session.save_path = 0;600;/${folder}`),
    found: ['php-settings: problem', 'save-path-form: problem'],
    mends: 'php-settings',
  },
  'a value that PHP refuses': { broken: set('session.cookie_samesite = Loose'), found: ['php-settings: problem'] },
  'a directive that does not exist': { broken: set('session.cookie_lifetme = 60'), found: ['php-settings: problem'] },
  'two pools with other users': {
    broken: (machine) => machine.file('etc/php/8.2/fpm/pool.d/shop.conf', '[shop]\nuser = deploy\npm = static\n'),
    found: ['php: note'],
  },
  'a save handler that Node has not': {
    broken: set('session.save_handler = sqlite'),
    found: ['save-handler: problem'],
    mends: 'save-handler',
  },
  'sessions in Redis': {
    broken: set('session.save_handler = redis\nsession.save_path = "tcp://127.0.0.1:6379?auth=secret"'),
    found: ['save-handler: note'],
  },
  'a Node with its sessions in memory': {
    broken: () => {},
    node: { save_handler: 'memory' },
    found: ['save-handler: problem'],
    mends: 'save-handler',
  },
  'a relative save_path': {
    broken: set('session.save_path = sessions'),
    found: ['save-path-form: problem'],
    mends: 'save-path-form',
  },
  'a save_path with too many levels': {
    broken: set('session.save_path = "999;/srv/sessions"'),
    found: ['save-path-form: problem'],
    mends: 'save-path-form',
  },
  'an empty save_path': {
    broken: set('session.save_path =\nsession.gc_probability = 1'),
    found: ['save-path-form: note', 'folder-list: note'],
    mends: 'save-path-form',
  },
  'an empty save_path that leads Node elsewhere': {
    broken: (machine) =>
      set('session.save_path =\nsession.gc_probability = 1\nsys_temp_dir = /srv/tmp')(machine).folder('srv/tmp', 0o700, 'php'),
    found: ['save-path-form: note', 'save-path: problem'],
    mends: 'save-path-form',
  },
  'a Node with another save_path': {
    broken: () => {},
    node: { save_path: '/srv/sessions' },
    found: ['save-path: problem'],
    mends: 'save-path',
  },
  'a pool in a changed root': {
    broken: (machine) => machine.replace(pool, '[www]', '[www]\nchroot = /srv/www').folder(`srv/www/${folder}`, 0o700, 'php'),
    node: {},
    found: ['save-path: problem'],
    mends: 'save-path',
  },
  'open_basedir that keeps PHP from temporary files': {
    broken: set('session.save_path =\nsession.gc_probability = 1\nopen_basedir = /srv/www:/srv/shared'),
    found: ['save-path-form: note', 'open-basedir: problem', 'folder-list: note'],
    mends: 'open-basedir',
  },
  'open_basedir of a pool, around other folders': {
    broken: (machine) => machine.replace(pool, '[www]', '[www]\nphp_admin_value[open_basedir] = /srv/www'),
    found: ['open-basedir: note'],
  },
  'a serialize_handler that Node has not': {
    broken: set('session.serialize_handler = wddx'),
    found: ['serialize-handler: problem'],
    mends: 'serialize-handler',
  },
  'a Node with another serialize_handler': {
    broken: () => {},
    node: { serialize_handler: 'php_serialize' },
    found: ['serialize-handler: problem'],
    mends: 'serialize-handler',
  },
  'cookies that live longer than sessions': {
    broken: set('session.cookie_lifetime = 604800'),
    found: ['cookie-lifetime: warning'],
    mends: 'cookie-lifetime',
  },
  'a PHP that sets no cookie': {
    broken: set('session.use_cookies = 0'),
    found: ['cookies-used: problem'],
    mends: 'cookies-used',
  },
  'a Node that sets no cookie': {
    broken: () => {},
    node: { use_cookies: false },
    found: ['cookies-used: problem'],
    mends: 'cookies-used',
  },
  'SameSite=None without quotes': {
    broken: set('session.cookie_samesite = None\nsession.cookie_secure = 1'),
    found: ['cookie-samesite-quotes: warning'],
    mends: 'cookie-samesite-quotes',
  },
  'SameSite=None without Secure': {
    broken: set('session.cookie_samesite = "None"'),
    found: ['cookie-samesite-none: problem'],
    mends: 'cookie-samesite-none',
  },
  'SameSite=None without Secure, of Node': {
    broken: () => {},
    node: { cookie_samesite: 'None' },
    found: ['cookie-samesite-none: problem', 'same-cookie-samesite: warning'],
    mends: 'cookie-samesite-none',
  },
  'a cookie that begins with __Host- and is not Secure': {
    broken: set('session.name = __Host-SID'),
    found: ['cookie-name-prefix: problem'],
    mends: 'cookie-name-prefix',
  },
  'a cookie that begins with __Host- and has a domain': {
    broken: set('session.name = __Host-SID\nsession.cookie_secure = 1\nsession.cookie_domain = example.com'),
    found: ['cookie-name-prefix: problem'],
    mends: 'cookie-name-prefix',
  },
  'a Node with another cookie': { broken: () => {}, node: { name: 'SID' }, found: ['same-name: problem'], mends: 'same-name' },
  'a Node with another path': {
    broken: () => {},
    node: { cookie_path: '/app' },
    found: ['same-cookie-path: problem'],
    mends: 'same-cookie-path',
  },
  'a Node with another domain': {
    broken: set('session.cookie_domain = .example.com'),
    node: { cookie_domain: '' },
    found: ['same-cookie-domain: problem'],
    mends: 'same-cookie-domain',
  },
  'a Node with partitioned cookies': {
    broken: set('session.cookie_secure = 1'),
    node: { cookie_secure: true, cookie_partitioned: true },
    found: ['same-cookie-partitioned: problem'],
    mends: 'same-cookie-partitioned',
  },
  'a Node with a safer SameSite': {
    broken: () => {},
    node: { cookie_samesite: 'Lax' },
    found: ['same-cookie-samesite: warning'],
    mends: 'same-cookie-samesite',
  },
  'a Node without Secure': {
    broken: set('session.cookie_secure = 1'),
    node: { cookie_secure: false },
    found: ['same-cookie-secure: warning'],
    mends: 'same-cookie-secure',
  },
  'a Node with HttpOnly': {
    broken: () => {},
    node: { cookie_httponly: true },
    found: ['same-cookie-httponly: warning'],
    mends: 'same-cookie-httponly',
  },
  'a Node with another cookie_lifetime': {
    broken: () => {},
    node: { cookie_lifetime: 60 },
    found: ['same-cookie-lifetime: warning'],
    mends: 'same-cookie-lifetime',
  },
  'a Node in strict mode': {
    broken: () => {},
    node: { use_strict_mode: true },
    found: ['same-use-strict-mode: note'],
    mends: 'same-use-strict-mode',
  },
  'a Node that takes ids from URLs': {
    broken: () => {},
    node: { use_only_cookies: false },
    found: ['same-use-only-cookies: warning'],
    mends: 'same-use-only-cookies',
  },
}
