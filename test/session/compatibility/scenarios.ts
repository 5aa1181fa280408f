import type { Difference, RequestSpec, Scenario } from './scenario.ts'

type Requests = readonly (string[] | RequestSpec)[]
type More = Partial<Pick<Scenario, 'ini' | 'files' | 'age' | 'since' | 'needsServer' | 'differs'>>

function row(area: string, title: string, requests: Requests, more: More = {}): Scenario {
  return {
    ...{ area, title, ini: {}, files: {}, age: 1000, since: '7.4', needsServer: false, differs: undefined },
    ...more,
    requests: requests.map((request) => (Array.isArray(request) ? { steps: request } : request)),
  }
}

function differs(why: string, php: string[], here: string[], newer?: Difference['newer']): Difference {
  return { why, php, here, ...(newer && { newer }) }
}

/** The releases of 19 November 2026. */
const november2026 = ['8.2.36', '8.3.36', '8.4.28', '8.5.13']

/** A visitor who has the session `given` already. */
function known(...steps: string[]): RequestSpec {
  return { cookies: { PHPSESSID: 'given' }, steps }
}

/** A visitor with that cookie. */
function visitor(PHPSESSID: string, ...steps: string[]): RequestSpec {
  return { cookies: { PHPSESSID }, steps }
}

const files = { given: 'n|i:1;' }

const noSession = differs('no cookie for a session that could not be started', ['set-cookie: PHPSESSID=#1; path=/'], [])

/** PHP looks for the session at the query, too. */
const anywhere = { use_only_cookies: 0 }

const nocache = [
  'cache-control: no-store, no-cache, must-revalidate',
  'expires: Thu, 19 Nov 1981 08:52:00 GMT',
  'pragma: no-cache',
]

const newId = differs(
  'an id that cannot be used is as good as none: a new one',
  ['start → refused'],
  ['start → done', ...nocache, 'set-cookie: PHPSESSID=#1; path=/', 'sess_#1 = '],
)

/** Folders for the first character of every id that can be made. */
const levels = Object.fromEntries([...'0123456789abcdef'].map((digit) => [`${digit}/keep`, '']))

// biome-ignore format: a table
export const scenarios: readonly Scenario[] = [
  row('start', 'a first visit', [['start', 'look']]),
  row('start', 'a second visit', [['start', 'set n 1'], ['start', 'look']]),
  row('start', 'nothing is started', [['look']]),
  row('start', 'started again while it is active', [['start', 'set n 1', 'start', 'look']]),
  row('start', 'read_and_close', [known('start {"read_and_close":true}', 'look')], { files }),
  row('start', 'read_and_close as a text', [known('start {"read_and_close":"1"}', 'look')], { files }),
  row('start', 'read_and_close off', [known('start {"read_and_close":0}', 'set n 2')], { files }),
  row('start', 'read_and_close of a session that is new', [['start {"read_and_close":1}', 'look']]),
  row('start', 'an empty session, and nothing else', [known('start', 'look')], { files: { given: '' }, differs: differs('older PHPs do not touch an empty session, so that gc removes it while it is in use', ['sess_given =  (not touched)'], ['sess_given = '], { since: november2026, difference: undefined }) }),
  row('start', 'read_and_close, then started to write', [known('start {"read_and_close":1}', 'start', 'set n 2', 'look')], { files }),
  row('start', 'directives for this start only', [['start {"name":"SHOP","cookie_lifetime":60,"cookie_path":"/shop","cache_limiter":"private"}', 'look']]),
  row('start', 'another serialize_handler for this start', [['start {"serialize_handler":"php_serialize"}', 'set n 1', 'encode']]),
  row('start', 'another save_path for this start: no such folder', [['start {"save_path":"/nowhere/at/all"}']], { differs: noSession }),
  row('start', 'a value that no directive can have', [['start {"cookie_lifetime":[]}']], { since: '8.0' }),
  row('start', 'a folder that is not there', [['start']], { ini: { save_path: '%/nowhere' }, differs: noSession }),
  row('start', 'too late, the headers are sent', [['output', 'start']]),
  row('start', 'too late for the cache headers', [['output', 'start']], { ini: { use_cookies: 0 }, differs: differs('HEADERS_SENT before a session is made that nobody asks for again', ['sess_#1 = '], []) }),
  row('start', 'not too late without cookies and cache headers', [['output', 'start', 'set n 1', 'look']], { ini: { use_cookies: 0, cache_limiter: '' } }),
  row('again', 'after commit', [['start', 'set n 1', 'commit', 'start', 'set n 2', 'look']]),
  row('again', 'after commit, with the cookie of an earlier visit', [known('start', 'set n 2', 'commit', 'start', 'look')], { files }),
  row('again', 'after abort', [known('start', 'set n 2', 'abort', 'start', 'look')], { files }),
  row('again', 'after destroy, on a first visit', [['start', 'set n 1', 'destroy', 'start', 'look']]),
  row('again', 'after destroy, with the cookie', [known('start', 'destroy', 'start', 'look')], { files }),
  row('again', 'after destroy, with the cookie, in strict mode', [known('start', 'destroy', 'start', 'look')], { files, ini: { use_strict_mode: 1 } }),
  row('again', 'after regenerate and commit', [known('start', 'regenerate', 'commit', 'start', 'look')], { files }),
  row('again', 'after read_and_close and under another id', [known('start {"read_and_close":1}', 'id given2', 'start', 'look')], { files }),

  row('set', 'values of all kinds', [['start', 'set a null', 'set b true', 'set c -5', 'set d 1.5', 'set e "Zoë"', 'set f [1,[2]]', 'set g {"x":{"y":[]}}', 'encode']]),
  row('set', 'a change, an addition, a removal', [known('start', 'set n 2', 'set m [1]', 'look'), ['start', 'delete n', 'look']], { files }),
  row('set', 'a key that is removed and added again', [known('start', 'delete n', 'set n 2')], { files: { given: 'n|i:1;m|i:1;' } }),
  row('set', 'a key that is not there is removed', [known('start', 'delete nobody')], { files }),
  row('set', 'all at once', [known('start', 'assign {"a":1,"b":[]}', 'look')], { files }),
  row('set', 'all at once, to nothing', [known('start', 'assign {}', 'look')], { files }),
  row('set', 'the empty key', [['start', 'set  1', 'encode']]),
  row('set', 'php_binary', [['start', 'set a|b [true]', 'encode'], ['start', 'look']], { ini: { serialize_handler: 'php_binary' } }),
  row('set', 'php_serialize', [['start', 'set a|b 1', 'set 5 2', 'encode'], ['start', 'look']], { ini: { serialize_handler: 'php_serialize' } }),
  row('set', 'an empty session in php_serialize', [['start'], ['start', 'look']], { ini: { serialize_handler: 'php_serialize' } }),
  row('set', 'references and shared objects are kept', [known('start', 'set n 2')], { files: { given: 'n|i:1;a|O:8:"stdClass":0:{}b|R:2;c|r:2;' } }),
  row('set', 'before the session is started', [['set n 1', 'start', 'look']], { differs: differs('`$_SESSION` is not there yet: PHP throws the value away when the session starts', [], ['set n 1 → refused']) }),
  row('set', 'after the session is closed', [known('start', 'commit', 'set n 2', 'look')], { files, differs: differs('nobody would store it: SESSION_CLOSED', ['look → none given a:1:{s:1:"n";i:2;}'], ['set n 2 → refused', 'look → none given a:1:{s:1:"n";i:1;}']) }),
  row('set', 'a key with |', [known('start', 'set a|b 1')], { files, differs: differs('PHP writes an empty session: INVALID_KEY at the assignment', ['sess_given = '], ['set a|b 1 → refused', 'sess_given = n|i:1;']) }),
  row('set', 'an integer key', [known('start', 'set 5 1')], { files, differs: differs('PHP drops it when the session is written: INVALID_KEY at the assignment', [], ['set 5 1 → refused']) }),
  row('set', 'an integer key in php_binary', [known('start', 'set 5 1')], { files: { given: '\x01ni:1;' }, ini: { serialize_handler: 'php_binary' }, differs: differs('PHP drops it when the session is written: INVALID_KEY at the assignment', [], ['set 5 1 → refused']) }),

  row('commit', 'and the session is touched where nothing changed', [known('start')], { files }),
  row('commit', 'and written without lazy_write', [known('start')], { files, ini: { lazy_write: 0 } }),
  row('commit', 'and what is not canonical', [known('start')], { files: { given: 'n|i:007;' }, differs: differs('what nobody changed keeps its bytes', ['sess_given = n|i:7;'], ['sess_given = n|i:007;']) }),
  row('commit', 'before the end', [known('start', 'set n 2', 'commit', 'look')], { files }),
  row('commit', 'without a session', [['commit']]),
  row('commit', 'twice', [known('start', 'commit', 'commit')], { files, differs: differs('all is done already: no error', ['commit → refused'], []) }),
  row('unset', 'all variables', [known('start', 'unset', 'look')], { files }),
  row('unset', 'and new ones', [known('start', 'unset', 'set m 1', 'look')], { files }),
  row('unset', 'without a session', [['unset']]),
  row('unset', 'after commit', [known('start', 'commit', 'unset', 'look')], { files }),
  row('destroy', 'a session', [known('start', 'destroy'), ['start']], { files }),
  row('destroy', 'and look', [known('start', 'set n 2', 'destroy', 'look')], { files, differs: differs('`session.id` still says which session it was', ['look → none  a:1:{s:1:"n";i:2;}'], ['look → none given a:1:{s:1:"n";i:2;}']) }),
  row('destroy', 'a session that is new', [['start', 'set n 1', 'destroy']]),
  row('destroy', 'twice', [known('start', 'destroy', 'destroy')], { files }),
  row('destroy', 'without a session', [['destroy']]),
  row('destroy', 'after commit', [known('start', 'commit', 'destroy')], { files }),
  row('destroy', 'after unset', [known('start', 'unset', 'destroy')], { files }),
  row('abort', 'gives changes up', [known('start', 'set n 2', 'abort', 'look')], { files }),
  row('abort', 'a session that is new', [['start', 'set n 1', 'abort']]),
  row('abort', 'without a session', [['abort']]),
  row('abort', 'twice', [known('start', 'abort', 'abort')], { files, differs: differs('all is done already: no error', ['abort → refused'], []) }),
  row('reset', 'gives changes up and goes on', [known('start', 'set n 2', 'set m 1', 'reset', 'look', 'set o 1')], { files }),
  row('reset', 'a session that is new', [['start', 'set n 1', 'reset', 'look']]),
  row('reset', 'without a session', [['reset']]),
  row('reset', 'after commit', [known('start', 'commit', 'reset')], { files }),

  row('regenerate', 'and the old session stays', [known('start', 'set n 2', 'regenerate', 'set m 1', 'look'), ['start', 'look']], { files }),
  row('regenerate', 'and the old session goes', [known('start', 'set n 2', 'regenerate true', 'set m 1', 'look'), ['start', 'look']], { files }),
  row('regenerate', 'on a first visit', [['start', 'set n 1', 'regenerate'], ['start', 'look']]),
  row('regenerate', 'on a first visit, and the old goes', [['start', 'set n 1', 'regenerate true'], ['start', 'look']]),
  row('regenerate', 'twice', [known('start', 'regenerate', 'regenerate true', 'look')], { files }),
  row('regenerate', 'in strict mode', [known('start', 'regenerate true', 'look'), ['start', 'look']], { files, ini: { use_strict_mode: 1 } }),
  row('regenerate', 'and nothing else', [known('start', 'regenerate')], { files }),
  row('regenerate', 'then unset', [known('start', 'regenerate', 'unset')], { files }),
  row('regenerate', 'then destroy', [known('start', 'regenerate', 'destroy')], { files }),
  row('regenerate', 'then abort', [known('start', 'set n 2', 'regenerate', 'abort')], { files }),
  row('regenerate', 'true, then abort', [known('start', 'set n 2', 'regenerate true', 'abort')], { files, differs: differs('PHP loses all: the new session is written before the old one is removed', ['sess_#1 = '], ['sess_#1 = n|i:2;']) }),
  row('regenerate', 'then reset', [known('start', 'set n 2', 'regenerate', 'reset', 'look')], { files }),
  row('regenerate', 'true, then reset', [known('start', 'set n 2', 'regenerate true', 'reset', 'look')], { files, differs: differs('PHP loses all: the new session is written before the old one is removed', ['look → active #1 a:0:{}', 'sess_#1 = '], ['look → active #1 a:1:{s:1:"n";i:2;}', 'sess_#1 = n|i:2;']) }),
  row('regenerate', 'without a session', [['regenerate']]),
  row('regenerate', 'after commit', [known('start', 'commit', 'regenerate')], { files }),
  row('regenerate', 'too late, the headers are sent', [known('start', 'output', 'regenerate', 'set n 2')], { files }),
  row('regenerate', 'without cookies', [known('id given', 'start', 'regenerate')], { files, ini: { use_cookies: 0 } }),

  row('strict mode', 'an unknown id', [known('start', 'set n 1')], { ini: { use_strict_mode: 1 } }),
  row('strict mode', 'a known id', [known('start', 'look')], { files, ini: { use_strict_mode: 1 } }),
  row('strict mode', 'an unknown id, read_and_close', [known('start {"read_and_close":1}', 'look')], { ini: { use_strict_mode: 1 } }),
  row('strict mode', 'for this start only', [known('start {"use_strict_mode":1}', 'look')]),
  row('strict mode', 'off: an unknown id is taken', [known('start', 'set n 1', 'look')]),

  row('gc', 'counts what it removed', [['start', 'gc']], { files: { given1: 'n|i:1;', given2: '' }, age: 2000 }),
  row('gc', 'leaves what is young', [['start', 'gc']], { files, age: 1000 }),
  row('gc', 'as long as gc_maxlifetime', [['start', 'gc']], { files, age: 100, ini: { gc_maxlifetime: 60 } }),
  row('gc', 'leaves other files', [['start', 'gc']], { files: { '/other': 'x', '/sess_given': 'x' }, age: 2000 }),
  row('gc', 'leaves folders of levels', [visitor('gnew', 'start', 'gc')], { files: { 'g/sess_given': 'x' }, age: 2000, ini: { save_path: '1;%' }, differs: differs('none removed, and no failure', ['gc → refused'], ['gc → 0']) }),
  row('gc', 'by chance, at a start', [['start']], { files: { given1: 'n|i:1;', given2: '' }, age: 2000, ini: { gc_probability: 100 } }),
  row('gc', 'without a session', [['gc']], { files, age: 2000, differs: differs('a manager can clean up at any time', ['gc → refused', 'sess_given = n|i:1; (not touched)'], ['gc → 1']) }),
  row('gc', 'while this session is old itself', [known('start', 'gc', 'set n 2')], { files, age: 2000, differs: differs('PHP removes the session it holds, and with it the changes', ['gc → 1'], ['gc → 0', 'sess_given = n|i:2;']) }),
  row('levels', 'of folders, named by the id', [known('start', 'set n 2', 'look')], { files: { 'g/i/sess_given': 'n|i:1;' }, ini: { save_path: '2;%' } }),
  row('levels', 'that are not there', [known('start')], { ini: { save_path: '2;%' } }),
  row('levels', 'with a mode', [known('start', 'set n 2')], { files: { 'g/sess_given': 'n|i:1;' }, ini: { save_path: '1;640;%' } }),
  row('levels', 'none, with a mode', [['start', 'set n 1']], { ini: { save_path: '0;600;%' } }),

  row('encode', 'what is in $_SESSION now', [known('start', 'set m [1.5]', 'encode')], { files }),
  row('encode', 'nothing', [['start', 'encode']]),
  row('encode', 'after commit', [known('start', 'commit', 'encode')], { files }),
  row('decode', 'adds to the variables', [known('start', 'decode m|i:2;', 'look')], { files }),
  row('decode', 'in place of variables of the same name', [known('start', 'decode m|i:2;n|s:1:"x";', 'look')], { files }),
  row('decode', 'floats', [known('start', 'decode p|d:10;q|d:0.5;', 'look')], { files }),
  row('decode', 'references', [known('start', 'decode a|i:1;b|R:1;o|O:8:"stdClass":0:{}p|r:2;', 'set b 5', 'encode')], { files }),
  row('decode', 'a variable that was a reference', [known('start', 'decode b|i:9;', 'encode')], { files: { given: 'a|i:1;b|R:1;' } }),
  row('decode', 'into an empty session', [['start', 'decode p|d:10;a|i:1;b|R:2;', 'encode']]),
  row('decode', 'nothing', [known('start', 'decode', 'look')], { files }),
  row('decode', 'in php_binary', [known('start', 'decode \x01mi:2;', 'look')], { files: { given: '\x01ni:1;' }, ini: { serialize_handler: 'php_binary' } }),
  row('decode', 'in php_serialize, in place of all variables', [known('start', 'decode a:1:{s:1:"m";d:2;}', 'look')], { files: { given: 'a:1:{s:1:"n";i:1;}' }, ini: { serialize_handler: 'php_serialize' } }),
  row('decode', 'what cannot be decoded', [known('start', 'decode m|i:2;x', 'look')], { since: '8.0', files, differs: differs('DECODE_FAILED: nothing is changed; PHP destroys the session', ['look → none  a:0:{}'], ['look → active given a:1:{s:1:"n";i:1;}', 'sess_given = n|i:1;']) }),
  row('decode', 'without a session', [['decode m|i:2;']]),
  row('decode', 'after commit', [known('start', 'commit', 'decode m|i:2;')], { files }),
  row('stored bytes', 'that cannot be decoded', [known('start')], { since: '8.0', files: { given: 'n|i:1;garbage' }, differs: differs('DECODE_FAILED: the session stays as it is', [], ['sess_given = n|i:1;garbage (not touched)']) }),
  row('stored bytes', 'with a line break at the end', [known('start')], { since: '8.0', files: { given: 'n|i:1;\n' }, differs: differs('DECODE_FAILED: the session stays as it is', [], ['sess_given = n|i:1;\n (not touched)']) }),
  row('stored bytes', 'of which only the beginning is there', [known('start')], { files: { given: 'n|s:5:"ab' }, differs: differs('DECODE_FAILED: the session stays as it is', [], ['sess_given = n|s:5:"ab (not touched)']) }),
  row('stored bytes', 'that cannot be decoded, with onDecodeError: destroy', [known('start', 'set n 1', 'look')], { since: '8.0', files: { given: 'garbage' }, ini: { onDecodeError: 'destroy' }, differs: differs('removed as in PHP, which starts no session then: here it goes on with an empty one', ['start → refused', 'look → none  a:1:{s:1:"n";i:1;}'], ['start → done', 'look → active given a:1:{s:1:"n";i:1;}', ...nocache, 'set-cookie: PHPSESSID=given; path=/', 'sess_given = n|i:1;']) }),
  row('stored bytes', 'of another serialize handler', [known('start')], { since: '8.0', files: { given: 'a:1:{s:1:"n";i:1;}' }, differs: differs('DECODE_FAILED: the session stays as it is', [], ['sess_given = a:1:{s:1:"n";i:1;} (not touched)']) }),

  row('ids', 'from the cookie', [known('start', 'look')], { files }),
  row('ids', 'of the script', [['id given', 'start', 'look']], { files }),
  row('ids', 'of the script, which the browser has too', [known('id given', 'start', 'look')], { files }),
  row('ids', 'of the script, and the browser has another', [known('id given2', 'start', 'look')], { files }),
  row('ids', 'of the script, in strict mode', [['id given', 'start', 'look']], { ini: { use_strict_mode: 1 } }),
  row('ids', 'of the script, not well-formed', [['id a/b', 'start']], { differs: { ...noSession, php: ['set-cookie: PHPSESSID=a%2Fb; path=/'] } }),
  row('ids', 'of all characters that may be', [visitor('given-aZ09,', 'start', 'set n 1')]),
  row('ids', 'of one character', [visitor('a', 'start', 'set n 1')]),
  row('ids', 'of 250 characters', [visitor(`given${'x'.repeat(245)}`, 'start', 'set n 1', 'look')]),
  row('ids', 'of 251 characters, too many for the name of a file', [visitor(`given${'x'.repeat(246)}`, 'start')], { differs: newId }),
  row('ids', 'of 257 characters', [visitor(`given${'x'.repeat(252)}`, 'start')], { differs: newId }),
  row('ids', 'empty', [visitor('', 'start', 'look')]),
  row('ids', '../../etc/passwd', [visitor('../../etc/passwd', 'start')], { differs: newId }),
  row('ids', 'with a slash', [visitor('given/x', 'start')], { differs: newId }),
  row('ids', 'with a dot', [visitor('given.x', 'start')], { differs: newId }),
  row('ids', 'with a NUL', [visitor('given\0x', 'start')], { differs: differs('older PHPs take what stands before the NUL for the id: a new one', ['sess_given = '], ['set-cookie: PHPSESSID=#1; path=/', 'sess_#1 = '], { since: november2026.slice(2), difference: newId }) }),
  row('ids', 'with a letter that is not ASCII', [visitor('givén', 'start')], { differs: newId }),
  row('ids', 'with a percent sign', [visitor('%2e%2e', 'start')], { differs: newId }),
  row('ids', 'with a space', [visitor('given x', 'start')]),
  row('ids', 'with a line break', [visitor('given\r\nx', 'start')]),
  row('ids', 'with a quote', [visitor(`given"x`, 'start')]),
  row('ids', 'with HTML', [visitor('<script>', 'start')]),
  row('ids', 'with a backslash', [visitor('..\\..\\x', 'start')]),
  row('ids', 'too short for the levels of folders', [visitor('a', 'start')], { files: levels, ini: { save_path: '1;%' }, differs: { ...newId, here: newId.here.map((line) => line.replace('sess_', '*/sess_')) } }),
  row('ids', 'of other lengths', [['start', 'shape']], { ini: { sid_length: 48, sid_bits_per_character: 6 } }),
  row('ids', 'as they are by default', [['start', 'shape']]),
  row('ids', 'made with a prefix', [['create_id user-']]),
  row('ids', 'made with a prefix while a session is active', [['start', 'create_id user-']]),
  row('ids', 'made without a prefix', [['create_id']]),
  row('ids', 'made with a bad prefix', [['create_id a/b']]),
  row('ids', 'not from the query', [{ query: 'PHPSESSID=given', steps: ['start', 'look'] }], { files }),
  row('ids', 'from the query', [{ query: 'PHPSESSID=given', steps: ['start', 'look'] }], { files, ini: anywhere }),
  row('ids', 'from the query, in strict mode', [{ query: 'PHPSESSID=given', steps: ['start', 'look'] }], { ini: { ...anywhere, use_strict_mode: 1 } }),
  row('ids', 'from the query, with HTML', [{ query: 'PHPSESSID=%3Cb%3E', steps: ['start'] }], { ini: anywhere }),
  row('ids', 'from the query, a list', [{ query: 'PHPSESSID[]=given', steps: ['start'] }], { files, ini: anywhere }),
  row('ids', 'from the form', [{ form: 'PHPSESSID=given', steps: ['start', 'look'] }], { files, ini: anywhere }),
  row('ids', 'from the cookie before the query before the form', [{ ...known('start', 'look'), query: 'PHPSESSID=given2', form: 'PHPSESSID=given3' }], { files, ini: anywhere }),
  row('ids', 'from the query before the form', [{ query: 'PHPSESSID=given', form: 'PHPSESSID=given3', steps: ['start', 'look'] }], { files, ini: anywhere }),
  row('ids', 'not from the cookie', [known('start', 'look')], { files, ini: { use_cookies: 0 } }),
  row('ids', 'from the query, without cookies', [{ ...known('start', 'look'), query: 'PHPSESSID=given2' }], { files, ini: { ...anywhere, use_cookies: 0 } }),
  row('ids', 'from the query, coming from a page that may link to it', [{ query: 'PHPSESSID=given', referer: 'http://shop.example/', steps: ['start', 'look'] }], { files, ini: { ...anywhere, referer_check: 'shop.example' } }),
  row('ids', 'from the query, coming from a stranger', [{ query: 'PHPSESSID=given', referer: 'http://evil.example/', steps: ['start', 'look'] }], { needsServer: true, files, ini: { ...anywhere, referer_check: 'shop.example' } }),
  row('ids', 'from the query, coming from nowhere', [{ query: 'PHPSESSID=given', steps: ['start', 'look'] }], { files, ini: { ...anywhere, referer_check: 'shop.example' } }),
  row('ids', 'from the cookie, coming from a stranger', [{ ...known('start', 'look'), referer: 'http://evil.example/' }], { files, ini: { referer_check: 'shop.example' } }),

  row('cookie', 'with all attributes', [['start']], { ini: { cookie_lifetime: 3600, cookie_path: '/shop', cookie_domain: 'example.com', cookie_secure: 1, cookie_httponly: 1, cookie_samesite: 'Strict' } }),
  row('cookie', 'with no attributes', [['start']], { ini: { cookie_path: '' } }),
  row('cookie', 'SameSite=None', [['start']], { ini: { cookie_samesite: 'None', cookie_secure: 1 } }),
  row('cookie', 'Partitioned', [['start']], { since: '8.5', ini: { cookie_partitioned: 1, cookie_secure: 1 } }),
  row('cookie', 'of another name', [['start', 'set n 1'], ['start', 'look']], { ini: { name: 'SHOP' } }),
  row('cookie', 'is not sent again, nor does it live longer', [['start'], ['start', 'set n 1']], { ini: { cookie_lifetime: 60 } }),
  row('cookie', 'is not sent by destroy', [known('start', 'destroy')], { files }),
  row('cookie', 'is sent by regenerate with its attributes', [known('start', 'regenerate')], { files, ini: { cookie_lifetime: 60, cookie_httponly: 1 } }),
  row('cookie', 'replaces its own', [['header Set-Cookie: PHPSESSID=old', 'header Set-Cookie: other=1', 'start', 'regenerate']]),
  row('cookie', 'leaves one whose name begins alike', [['header Set-Cookie: PHPSESSID2=old', 'start']]),
  row('cookie', 'is not sent without use_cookies', [['start', 'regenerate']], { ini: { use_cookies: 0 } }),

  row('cache', 'nocache', [['start']], { ini: { cache_limiter: 'nocache' } }),
  row('cache', 'public', [['start']], { ini: { cache_limiter: 'public' } }),
  row('cache', 'private', [['start']], { ini: { cache_limiter: 'private' } }),
  row('cache', 'private_no_expire', [['start']], { ini: { cache_limiter: 'private_no_expire' } }),
  row('cache', 'none', [['start']], { ini: { cache_limiter: '' } }),
  row('cache', 'in capital letters', [['start']], { ini: { cache_limiter: 'PUBLIC' } }),
  row('cache', 'public, for ten minutes', [['start']], { ini: { cache_limiter: 'public', cache_expire: 10 } }),
  row('cache', 'private, for no time', [['start']], { ini: { cache_limiter: 'private', cache_expire: 0 } }),
  row('cache', 'in place of headers of the page', [['header Cache-Control: public', 'header Expires: 0', 'start']]),
  row('cache', 'with read_and_close', [known('start {"read_and_close":1}')], { files }),
]
