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
    'web server; rows that need a newer PHP say so. The list is test/session/compatibility/scenarios.ts, and this page is made of it.',
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

## What PHP's own tests cover

The areas of \`ext/session/tests\` in PHP's source, and where they are held here.

| area | here |
|---|---|
| \`session_*\` functions, their order and their return values | the scenarios above; test/session |
| encode and decode, all three serialize handlers, references and objects | test/serialize-handlers, test/session/random-edits.test.ts, test/php |
| ids: length, characters, creation, strict mode, hostile ones | the scenarios; test/session-id.test.ts, test/http/find-id.test.ts |
| cookies, cache limiters, headers already sent | the scenarios; test/http |
| directives and their checks | test/session/directives.test.ts, on every PHP |
| the files save handler: paths, levels, modes, gc, locking | test/save-handlers, with real PHP processes |
| save handlers of the application | the conformance suite, see [save handlers](save-handlers.md) |
| \`session_start()\` options, \`read_and_close\`, \`lazy_write\` | the scenarios |
| URL ids (\`use_trans_sid\`), upload progress, \`session_set_save_handler()\` with functions | not here |
| \`session_module_name()\`, \`register_globals\` of old PHPs, the mm save handler | not here |
`
  .trimEnd()
  .split('\n')
  .concat('')
