import type { PhpVersion } from './run-php.cjs'

/** The folder that holds them: fixtures/<version>/<handler>/sess_<kind>. */
export declare const fixturesFolder: string

/** The PHPs that write them: fixtures/README.md says why these. */
export declare const fixtureVersions: readonly PhpVersion[]

/** What fixtures/generate.php writes in one PHP: the bytes by path, such as `php_binary/sess_login`. */
export declare function generateFixtures(version: PhpVersion): Promise<Map<string, Buffer>>

/** Every file below a folder: the bytes by path inside it. */
export declare function readFiles(folder: string): Map<string, Buffer>
