import type { Sapi } from './facts.ts'

/** What a PHP says about itself beside its settings, in the output of `php -i` or a page of `phpinfo()`. */
export interface PhpInfo {
  readonly version: string
  readonly sapi: Sapi | undefined
  /** Where it looks for its php.ini. */
  readonly folder: string
  readonly scanFolder: string | undefined
  /** The ini files that it read, in their order. */
  readonly files: readonly string[]
  /** Who runs it, where that is shown. */
  readonly user: string | undefined
  /** The local value of a setting; '' where it has none. */
  setting(name: string): string
}

/** Undefined for any other text. */
export function phpInfo(text: string): PhpInfo | undefined {
  const plain = /<td class="[ev]">/.test(text) ? withoutTags(text) : text
  const version = /^PHP Version (?:=> )?([\d.]+)/m.exec(plain)?.[1]
  if (version === undefined || !plain.includes('Server API =>')) return undefined
  const value = (name: string) => {
    const [, found = ''] =
      new RegExp(`^${name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')} => (.*?)(?: => .*)?$`, 'm').exec(plain) ?? []
    return /^(?:\(none\)|no value)$/.test(found) ? '' : found
  }
  const [, more = ''] = /^Additional \.ini files parsed => ((?:.*,\s*)*.*)$/m.exec(plain) ?? []
  const files = [value('Loaded Configuration File'), ...more.split(',')].map((file) => file.trim())
  return {
    version,
    sapi: sapis.find(([name]) => value('Server API').includes(name))?.[1],
    folder: value('Configuration File (php.ini) Path').replace(/(.)\/$/, '$1'),
    scanFolder: value('Scan this dir for additional .ini files') || undefined,
    files: files.filter((file) => file !== '' && file !== '(none)'),
    user: value('User/Group').replace(/\(.*/, '') || value('USER') || undefined,
    setting: value,
  }
}

const sapis: readonly [name: string, sapi: Sapi][] = [
  ['FPM', 'fpm'],
  ['Apache', 'apache2'],
  ['CGI', 'cgi'],
  ['Command Line', 'cli'],
]

function withoutTags(page: string): string {
  return page
    .replace(/\s*<\/td>\s*<td[^>]*>/g, ' => ')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:amp|#38);/g, '&')
    .replace(/[ \t]+$/gm, '')
}
