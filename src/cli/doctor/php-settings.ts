import { readFileSync } from 'node:fs'
import { serializeHandlerNames } from '../../serialize-handlers/serialize-handlers.ts'
import { retiredDirectives } from '../../session/directive-names.ts'
import { type DirectiveName, type Directives, directiveNames, resolveDirectives } from '../../session/directives.ts'
import { phpIniOptions, readPhpSettings } from '../../session/php-ini.ts'
import type { PhpSetting } from '../../session/php-settings.ts'
import { CommandError } from '../exit-status.ts'
import type { Refusal, Setting } from './facts.ts'
import type { Setup } from './setups.ts'

export interface SessionSettings {
  /** Undefined where nothing says which PHP this is. */
  readonly version: string | undefined
  readonly settings: readonly Setting[]
  readonly directives: Directives
  readonly refusals: readonly Refusal[]
}

/** The newest PHP there is: older ones have the same defaults. */
const USUAL_VERSION = '8.5'

/** What a PHP's session.* settings are. @throws CommandError for files that cannot be read */
export function sessionSettings({ files, version, info }: Setup): SessionSettings {
  const { phpVersion, settings } = reading(() => readPhpSettings(files))
  const phpsVersion = version ?? phpVersion
  const refusals = refusalsOf(files, settings)
  const refused = new Set(refusals.map(({ name }) => name))
  const good = settings.filter(({ name, value }) => {
    const isKnown =
      name === 'serialize_handler' ? serializeHandlerNames.includes(value) : directiveNames.includes(name as DirectiveName)
    return isKnown && !refused.has(name)
  })
  const all: PhpSetting[] = [...settings]
  const builtIn = info?.setting('session.save_path')
  if (builtIn && !settings.some(({ name }) => name === 'save_path')) {
    all.push({ name: 'save_path', value: builtIn, file: 'built into PHP', line: 0, problem: undefined })
  }
  return {
    version: phpsVersion,
    settings: all.map((setting) => ({ ...setting, text: textOf(setting) })),
    directives: resolveDirectives({
      phpVersion: phpsVersion ?? USUAL_VERSION,
      ...Object.fromEntries(good.map(({ name, value }) => [name, value])),
    }),
    refusals,
  }
}

/** All that `SessionManager.fromPhpIni` would throw, one after the other. */
function refusalsOf(files: readonly string[], settings: readonly PhpSetting[]): Refusal[] {
  // These may be known to PHP and not here: no mistake of php.ini.
  const passed: Record<string, unknown> = { save_handler: 'files', serialize_handler: 'php' }
  const refusals: Refusal[] = []
  for (;;) {
    try {
      phpIniOptions(files, passed)
      return refusals
    } catch (error) {
      const { message } = error as Error
      const setting = settings.find(
        ({ name, file, line }) => !Object.hasOwn(passed, name) && message.startsWith(`${file}:${line}: `),
      )
      if (setting === undefined || retiredDirectives.has(setting.name)) throw error
      refusals.push({ name: setting.name, message })
      passed[setting.name] = ''
    }
  }
}

/** What stands behind the = of a line that is this setting and nothing else: of php.ini, or of a pool. */
function textOf({ name, file, line }: PhpSetting): string | undefined {
  if (line === 0) return undefined
  const text = reading(() => readFileSync(file, 'utf8')).split('\n')[line - 1] ?? ''
  if ((text.match(/"/g)?.length ?? 0) % 2 === 1) return undefined
  const [, pool, ini, value] =
    /^\s*(?:php_(?:admin_)?(?:value|flag)\s*\[\s*session\.(\S+?)\s*\]|session\.(\S+?))\s*=(?!>)\s*(.*?)\s*$/.exec(text) ?? []
  return (pool ?? ini) === name ? value : undefined
}

function reading<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    const { message, cause } = error as Error
    const more = cause instanceof Error ? `: ${cause.message}` : ''
    throw new CommandError(`Cannot read PHP’s settings: ${message}${more}`)
  }
}
