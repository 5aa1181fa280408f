import path from 'node:path'
import { fixturesFolder, fixtureVersions, readFiles } from './generate-fixtures.cjs'
import type { PhpVersion } from './run-php.cjs'

export interface Fixture {
  /** The kind of session, such as `login` or `references-across-keys`. */
  readonly name: string
  /** The PHP that wrote it. */
  readonly php: PhpVersion
  readonly handler: 'php' | 'php_binary' | 'php_serialize'
  readonly bytes: Buffer
}

/** The committed session files, fixtures/<php>/<handler>/sess_<name>, oldest PHP first. */
export function fixtures(): Fixture[] {
  return fixtureVersions.flatMap((php) =>
    [...readFiles(path.join(fixturesFolder, php))].map(([file, bytes]) => {
      const [handler, name] = file.split('/sess_') as [Fixture['handler'], string]
      return { name, php, handler, bytes }
    }),
  )
}
