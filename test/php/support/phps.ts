import { describeNative, openPhp, type Php, type PhpVersion, phpVersions } from '../../oracle/php.ts'

/** A PHP takes half a second to start, on a busy machine several. */
jest.setTimeout(60_000)

/** The PHPs whose integers and floats are today's: all but 5.2. */
export const modernVersions = phpVersions.filter((version) => version !== '5.2')

/** A describe for each of these PHPs and for the installed one; the suite gets a function, since PHP opens when it starts. */
export function describePhps(
  title: string,
  versions: readonly PhpVersion[],
  suite: (php: () => Php, version: PhpVersion | 'native') => void,
): void {
  for (const version of versions) describe(`${title} (PHP ${version})`, () => withPhp(version, suite))
  describeNative(`${title} (the installed PHP)`, () => withPhp('native', suite))
}

function withPhp(version: PhpVersion | 'native', suite: (php: () => Php, version: PhpVersion | 'native') => void): void {
  let php: Php
  beforeAll(async () => {
    php = await openPhp(version)
  })
  afterAll(() => php.close())
  suite(() => php, version)
}
