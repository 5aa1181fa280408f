import { describeNative, openPhp, type Php, type PhpVersion, phpVersions } from '../../oracle/php.ts'

/** The PHPs whose integers and floats are today's: all but 5.2. */
export const modernVersions = phpVersions.filter((version) => version !== '5.2')

/** The oldest of them, the first with enums, the newest. */
export const someVersions: readonly PhpVersion[] = ['7.4', '8.1', '8.5']

/** A describe for each of these PHPs and for the installed one; the suite gets a function, since PHP opens when it starts. */
export function describePhps(
  title: string,
  versions: readonly PhpVersion[],
  suite: (php: () => Php, version: PhpVersion | 'native') => void,
): void {
  const opened = new Map<PhpVersion | 'native', Promise<Php>>()
  const open = (version: PhpVersion | 'native') => {
    const php = opened.get(version) ?? openPhp(version)
    opened.set(version, php)
    return php
  }
  const run = (version: PhpVersion | 'native', next?: PhpVersion) => {
    let php: Php
    beforeAll(async () => {
      php = await open(version)
      // The next one starts while this one works; when it cannot, its own suite will say so.
      if (next !== undefined) open(next).catch(() => {})
    })
    afterAll(() => php.close())
    suite(() => php, version)
  }
  for (const [index, version] of versions.entries())
    describe(`${title} (PHP ${version})`, () => run(version, versions[index + 1]))
  describeNative(`${title} (the installed PHP)`, () => run('native'))
}
