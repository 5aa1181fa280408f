import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(__dirname, '../..')

export interface Manifest {
  readonly name: string
  readonly main: string
  readonly types: string
  readonly exports: Readonly<Record<string, ExportTarget>>
  readonly bin?: Readonly<Record<string, string>>
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

export type ExportTarget = string | { readonly [condition: string]: ExportTarget }

export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest

/** Builds dist unless it is newer than its sources: for a test that is started without `npm test`. */
export function ensureBuilt(): void {
  execFileSync(process.execPath, [join(root, 'test/support/build.mjs'), '--if-stale'], { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** What `npm pack` made: sizes in bytes, paths as in the package. */
export interface Tarball {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

/** Packs the package into `folder`, as `npm publish` would. */
export function pack(folder: string): Tarball {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const output = execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return (JSON.parse(output) as [Tarball])[0]
}
