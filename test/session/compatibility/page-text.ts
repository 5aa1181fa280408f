import { phpTests } from './php-tests.ts'
import type { Scenario } from './scenario.ts'

/** docs/php-compatibility.md, made of the scenarios that are run. */
export function pageText(scenarios: readonly Scenario[]): string {
  const areas = [...new Set(scenarios.map(({ area }) => area))]
  const differing = scenarios.filter(({ differs }) => differs !== undefined)
  return [
    '# Compatibility with PHP',
    '',
    `Each row below is a scenario: requests of one browser to one application, done by a script on a real PHP and by a handler of`,
    '`node:http` here. What both leave behind is compared: the files and their bytes, which of them were written and which touched, ids,',
    '`$_SESSION`, return values and failures, Set-Cookie and the cache headers. They are run on PHP 7.4, 8.5 and the installed one behind its',
    'web server; rows that need a newer PHP say so. The list is test/session/compatibility/scenarios.ts, and this page is made of it. Thousands',
    'of random sequences of the same operations, and of random changes to `$_SESSION`, are compared too: test/session/random-sequences.test.ts,',
    'test/session/random-edits.test.ts. These are the same in every run of the tests; `npm run fuzz` goes on with others.',
    '',
    `Of ${scenarios.length} scenarios ${scenarios.length - differing.length} are the same to the byte. ${differing.length} differ on purpose, because PHP would lose data, or fail where it need not; they say`,
    'why. What follows from these reasons in general: [where nothing may be lost](#where-php-would-lose-data).',
    '',
    ...areas.flatMap((area) => [
      `## ${area[0]!.toUpperCase()}${area.slice(1)}`,
      '',
      '| scenario | result |',
      '|---|---|',
      ...scenarios.filter((each) => each.area === area).map(row),
      '',
    ]),
    ...closing,
    ...phpTests.map(
      ({ area, names, here }) => `| ${area} | ${names.map((name) => name.replace('*', '\\*')).join(', ')} | ${here} |`,
    ),
    '',
  ].join('\n')
}

function row({ title, differs, since }: Scenario): string {
  const from = since === '7.4' ? '' : ` (PHP ≥ ${since})`
  return `| ${escaped(title)}${from} | ${differs === undefined ? 'the same' : `**differs**: ${escaped(differs.why)}`} |`
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|')
}

const closing = `## Where PHP would lose data

| PHP | here |
|---|---|
| a key with \`\\|\` writes an empty session | the assignment throws INVALID_KEY |
| integer keys of \`$_SESSION\` are dropped | the assignment throws INVALID_KEY |
| bytes that cannot be decoded: the session is deleted | \`start\` rejects with DECODE_FAILED, and nothing is deleted |
| changes after \`session_write_close()\` are lost | they throw SESSION_CLOSED |
| disk full, or killed while writing: the session is cut off or empty | the old session or the new one |
| \`session_regenerate_id(true)\` removes the old session before the new one holds anything | the new one is written first |
| gc removes sessions that are in use | those that somebody has locked stay |
| an object whose class is not loaded loses its integer property keys | bytes preserved |

## What PHP warns of

PHP's functions warn and return false. Here they reject, with a code of [errors](errors.md), or there is nothing to warn of.

| PHP | here |
|---|---|
| Ignoring session_start() because a session is already active | the active session is returned |
| Session cannot be started, cookie or cache limiter cannot be sent, id cannot be regenerated after headers have already been sent | HEADERS_SENT |
| Session id, save path, name … cannot be changed when a session is active | there is nothing that could: they belong to a start |
| Setting option failed; a bad directive; an unknown save or serialize handler | TypeError |
| Session ID is too long or contains illegal characters | from a browser: a new id; from the application: INVALID_ID |
| Failed to initialize storage module; open() failed; data file is not created by your uid | SAVE_PATH |
| Failed to read session data | READ_FAILED |
| Failed to write session data; session object destruction failed | WRITE_FAILED |
| Failed to decode session object. Session has been destroyed | DECODE_FAILED, and it is not |
| Trying to destroy an uninitialized session; id cannot be regenerated, data cannot be decoded when there is no active session; \`session_unset()\` and \`session_reset()\` return false | SESSION_CLOSED, or NO_SESSION where none was started |
| \`session_write_close()\` and \`session_abort()\` return false | nothing to do when the session is closed; NO_SESSION where none was started |
| Cannot encode non-existent session; \`session_encode()\` of an empty one returns false | the bytes of an empty session |
| Session cannot be garbage collected when there is no active session | it can |
| Prefix cannot contain special characters | TypeError |
| Failed to create session ID by collision | SID_COLLISION |
| Skipping numeric key; a key with \`\\|\` | INVALID_KEY, when it is assigned |
| nothing: it waits for the lock as long as it takes | LOCK_TIMEOUT after \`lockTimeout\` |

Before PHP 8.0, bytes behind the last whole variable were ignored, not an error: the rows about stored bytes say so.

## Where JavaScript is another language

| in PHP | here |
|---|---|
| \`$_SESSION['b'] = $_SESSION['a']\` copies an array | it is one array with two names, as a PHP reference. For a copy: \`structuredClone\` or spread |
| 10.0 is not 10 | the place decides: where a float was, 10 is written as \`d:10;\`. In a new place: \`new PhpFloat(10)\` |
| \`$_SESSION = array_merge($_SESSION, ['n' => 1])\` keeps floats and references | a copy has only what JavaScript holds: \`$_SESSION.n = 1\` keeps all |
| a reference inside an array changes all its places at once | a place in \`$_SESSION\` itself too; one in an array when the session is written |
| an element that was removed and added again is the last | so are keys of \`$_SESSION\` and names in arrays; an index key in a nested array goes where it was |
| a reference to an object makes all places where that object stands one variable, when it is written | they stay what they were |
| what \`session_start($options)\` set lasts until the request ends | it lasts for that start |

## What PHP's own tests cover

The tests in ext/session/tests of PHP 8.2's source, each once, and where the same is held here.

| what | PHP's tests | here |
|---|---|---|
`
  .trimEnd()
  .split('\n')
